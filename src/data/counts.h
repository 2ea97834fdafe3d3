// How often each index occurs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/base/index.h"

namespace palate {

// `size` counts; every one of `indices` is below `size`.
inline std::vector<std::uint64_t> counts_of(std::span<const Index> indices, Index size) {
  std::vector<std::uint64_t> counts(size);
  for (const Index i : indices) ++counts[i];
  return counts;
}

}  // namespace palate
