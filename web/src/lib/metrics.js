// The tasks of a comparison, its metrics by their names, and the models in order of the one that
// they are compared by.

const kAcronyms = ['rmse', 'mae', 'mse', 'ndcg', 'map', 'mrr'];

// RMSE of rmse, NDCG@10 of ndcg@10, Hit rate@10 of hit_rate@10.
export function label(name) {
  const kind = name.split('@', 1)[0];
  const capitals = kAcronyms.includes(kind) ? kind.length : 1;
  return (name.slice(0, capitals).toUpperCase() + name.slice(capitals)).replaceAll('_', ' ');
}

// [[name, block]]: what was measured for each task, ratings before lists.
export const tasks_of = ({ ratings, lists }) =>
  [
    ['ratings', ratings],
    ['lists', lists],
  ].filter(([, block]) => block);

export const primary_of = ({ metrics, primary }) => metrics.find(({ name }) => name === primary);

// Whether the models of a task have figures: lists have none where no user has anything relevant in
// the test part.
export const is_measured = ({ split, models }) => models.length === 0 || split.tested_users !== 0;

// Whether the others are compared with this one. A model that started from one that may have seen
// test ratings is not compared.
export const is_best = ({ difference_to_best, seen }) =>
  difference_to_best === null && seen === undefined;

// [{model, model_index}], best first; as given where neither direction is better.
export function best_first(comparison) {
  const { name, better } = primary_of(comparison);
  const sign = { lower: 1, higher: -1, neither: 0 }[better];
  return comparison.models
    .map((model, model_index) => ({ model, model_index }))
    .sort((a, b) => sign * (a.model.metrics[name].value - b.model.metrics[name].value));
}

const parsed = ({ name }) => {
  const [kind, cutoff] = name.split('@');
  return { name, kind, cutoff: Number(cutoff) };
};

// The metrics of lists that were measured at several cutoffs: [{kind, at: [{name, cutoff}]}], the
// shortest lists first.
export function by_cutoff(metrics) {
  const kinds = new Map();
  for (const one of metrics.map(parsed).filter(({ cutoff }) => cutoff > 0))
    kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
  return [...kinds]
    .filter(([, at]) => at.length > 1)
    .map(([kind, at]) => ({ kind, at: at.toSorted((a, b) => a.cutoff - b.cutoff) }));
}

// The metrics that the table of lists shows beside the primary one, as the terminal does: recall at
// the second cutoff; and those that stand in a table of their own: all others at the first cutoff.
export function table_metrics({ metrics, primary }) {
  const recalls = metrics.filter(({ name }) => name.startsWith('recall@'));
  const recall = recalls[1] ?? recalls[0];
  const beside = recall && recall.name !== primary ? recall : metrics[0];
  const { cutoff } = parsed(metrics[0]);
  return {
    beside: beside.name === primary ? [] : [beside],
    others: metrics.filter(
      (other) => parsed(other).cutoff === cutoff && other.name !== primary && other !== beside,
    ),
  };
}
