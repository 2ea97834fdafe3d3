// A comparison whose test part has a single user.

// The block of a task without what cannot be said of one user: how much the figures would change
// with other users, and so whether any model is better than another.
export function without_intervals(block) {
  if (block?.split.tested_users !== 1) return block;
  const value_of = ({ value }) => ({ value });
  return {
    ...block,
    models: block.models.map(({ p_value, p_value_holm, ...model }) => ({
      ...model,
      metrics: Object.fromEntries(
        Object.entries(model.metrics).map(([name, figure]) => [name, value_of(figure)]),
      ),
      difference_to_best: model.difference_to_best && value_of(model.difference_to_best),
      same_as_best: true,
    })),
  };
}

// Whether the figures of a task have intervals.
export const has_intervals = ({ models }) =>
  models.some(({ metrics }) => Object.values(metrics).some(({ low }) => low !== undefined));
