#include "experiment/compare_with_best.h"

#include <algorithm>

namespace palate {

void compare_with_best(Comparison& comparison) {
  std::vector<ModelResult>& models = comparison.models;
  const Metric& metric = comparison.metrics[comparison.primary];
  if (metric.better == Metric::Better::neither) return;
  const auto measured = [&](const ModelResult& model) -> const Measured& {
    return model.metrics[comparison.primary];
  };
  std::vector<ModelResult*> others;
  for (ModelResult& model : models) {
    if (!model.is_optimistic()) others.push_back(&model);
  }
  if (others.empty()) return;
  const auto place = std::ranges::min_element(
      others, [&](double value, double other) { return is_better(metric, value, other); },
      [&](const ModelResult* model) { return measured(*model).interval.value; });
  ModelResult* const best = *place;
  others.erase(place);
  std::vector<double> p_values;
  for (ModelResult* const model : others) {
    model->difference_to_best = difference(measured(*model), measured(*best));
    p_values.push_back(p_value(measured(*model), measured(*best)));
  }
  best->same_as_best = true;
  const std::vector<double> adjusted = holm_adjusted(p_values);
  constexpr double kLevel = 0.05;
  for (std::size_t m = 0; m < others.size(); ++m) {
    others[m]->p_value = p_values[m];
    others[m]->p_value_holm = adjusted[m];
    others[m]->same_as_best = adjusted[m] >= kLevel;
  }
}

}  // namespace palate
