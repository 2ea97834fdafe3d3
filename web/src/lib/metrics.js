// The metrics of a comparison by their names, and the models in order of the one that they are
// compared by.

// RMSE of rmse, NDCG@10 of ndcg@10.
export const label = (name) => name.toUpperCase();

export const primary_of = ({ metrics, primary }) => metrics.find(({ name }) => name === primary);

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
