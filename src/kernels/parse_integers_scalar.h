// Integers out of cells, in a plain loop.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/parse.h"

namespace palate::scalar {

inline bool parse_integers(const std::string_view* cells, std::size_t stride, std::size_t count,
                           std::int64_t* numbers) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!parse_plain_integer(cells[i * stride], numbers[i])) return false;
  }
  return true;
}

}  // namespace palate::scalar
