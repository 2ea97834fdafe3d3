// Asking for memory before it is read.
#pragma once

#include <cstddef>
#include <span>

namespace palate {

// Has a row fetched to the cache.
inline void prefetch(std::span<const float> row) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t f = 0; f < row.size(); f += kLine) __builtin_prefetch(row.data() + f);
}

}  // namespace palate
