#include <algorithm>
#include <numeric>

#include "palate/evaluate/metrics.h"

namespace palate {

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> ascending(p_values.size());
  std::iota(ascending.begin(), ascending.end(), std::size_t{0});
  std::ranges::sort(ascending, {}, [&](std::size_t t) { return p_values[t]; });
  std::vector<double> adjusted(p_values.size());
  double greatest = 0;
  // tests that are not less likely to be rejected, this one among them
  auto left = static_cast<double>(p_values.size());
  for (const std::size_t t : ascending) {
    greatest = std::max(greatest, std::min(left * p_values[t], 1.0));
    adjusted[t] = greatest;
    --left;
  }
  return adjusted;
}

}  // namespace palate
