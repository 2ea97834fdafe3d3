#include "palate/evaluate/scale.h"

#include <algorithm>
#include <cmath>

namespace palate {

Scale scale_of(std::span<const float> values) {
  if (values.empty()) return {};
  const auto [low, high] = std::ranges::minmax(values);
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  const auto n = static_cast<double>(values.size());
  Scale scale{.low = low, .high = high, .mean = sum / n};
  double squares = 0;
  for (const float value : values) {
    const double apart = static_cast<double>(value) - scale.mean;
    squares += apart * apart;
  }
  scale.standard_deviation = std::sqrt(squares / n);
  return scale;
}

bool ScaleMatch::in_doubt() const {
  constexpr std::uint64_t kFew = 20;
  const bool is_far = std::abs(test.mean - train.mean) > train.standard_deviation;
  return outside > 0 || (ratings >= kFew && train.standard_deviation > 0 && is_far);
}

ScaleMatch match_scale(const Scale& train, std::span<const float> test) {
  const auto is_outside = [&](float value) { return value < train.low || value > train.high; };
  return {.train = train,
          .test = scale_of(test),
          .ratings = test.size(),
          .outside = static_cast<std::uint64_t>(std::ranges::count_if(test, is_outside))};
}

}  // namespace palate
