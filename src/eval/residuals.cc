#include <algorithm>

#include "base/quantile.h"
#include "palate/evaluate/breakdown.h"

namespace palate {
namespace {

constexpr std::size_t kBinsEachSide = 20;

}  // namespace

Residuals residuals(std::span<const float> predicted, std::span<const float> actual) {
  Residuals residuals{.counts = std::vector<std::uint64_t>(2 * kBinsEachSide + 1)};
  actual = actual.first(predicted.size());
  if (actual.empty()) return {.low = -0.5, .width = 1, .counts = {0}};
  const auto [lowest, highest] = std::ranges::minmax(actual);
  const double range = static_cast<double>(highest) - static_cast<double>(lowest);
  residuals.width = (range > 0 ? range : 1) / kBinsEachSide;
  residuals.low = -residuals.width * (kBinsEachSide + 0.5);
  for (std::size_t t = 0; t < predicted.size(); ++t) {
    const double residual = static_cast<double>(predicted[t]) - static_cast<double>(actual[t]);
    const double place = (residual - residuals.low) / residuals.width;
    const double last = 2 * kBinsEachSide;
    ++residuals.counts[static_cast<std::size_t>(std::clamp(place, 0.0, last))];
  }
  return residuals;
}

std::vector<GroupPredictions> predictions_by_group(const Grouping& grouping,
                                                   std::span<const float> predicted) {
  std::vector<std::vector<double>> of_group(grouping.groups.size());
  for (std::size_t t = 0; t < predicted.size(); ++t)
    of_group[grouping.of[t]].push_back(static_cast<double>(predicted[t]));
  std::vector<GroupPredictions> result;
  for (std::size_t k = 0; k < of_group.size(); ++k) {
    std::vector<double>& values = of_group[k];
    if (values.empty()) continue;
    std::ranges::sort(values);
    double sum = 0;
    for (const double value : values) sum += value;
    result.push_back({.group = grouping.groups[k],
                      .ratings = values.size(),
                      .mean = sum / static_cast<double>(values.size()),
                      .lower = quantile<double>(values, 0.1),
                      .median = quantile<double>(values, 0.5),
                      .upper = quantile<double>(values, 0.9)});
  }
  return result;
}

}  // namespace palate
