// Where in a text a byte stands, in a plain loop.
#pragma once

#include <cstdint>
#include <string_view>

namespace palate::scalar {

inline void mark_bytes(std::string_view text, char byte, std::uint64_t* marks) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i % 64 == 0) marks[i / 64] = 0;
    marks[i / 64] |= std::uint64_t{text[i] == byte} << (i % 64);
  }
}

}  // namespace palate::scalar
