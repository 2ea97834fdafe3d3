// Quantiles of samples. Layer: base.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace palate {

// Between two of the ascending values, of which there is one at least, linearly, as numpy.quantile
// does.
template <class T>
double quantile(std::span<const T> ascending, double share) {
  const double place = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(static_cast<double>(ascending[below]), static_cast<double>(ascending[above]),
                   place - static_cast<double>(below));
}

}  // namespace palate
