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
  const auto best = std::ranges::min_element(
      models, [&](double value, double other) { return is_better(metric, value, other); },
      [&](const ModelResult& model) { return measured(model).interval.value; });
  std::vector<ModelResult*> others;
  std::vector<double> p_values;
  for (auto model = models.begin(); model != models.end(); ++model) {
    if (model == best) continue;
    model->difference_to_best = difference(measured(*model), measured(*best));
    others.push_back(&*model);
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
