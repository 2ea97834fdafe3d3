// Whether all numbers of a vector are 0. Layer: linalg.
#pragma once

#include <algorithm>
#include <span>

namespace palate {

inline bool is_zero(std::span<const float> vector) {
  return std::ranges::all_of(vector, [](float value) { return value == 0; });
}

}  // namespace palate
