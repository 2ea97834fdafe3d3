// Text by its characters.
#pragma once

#include <cstddef>
#include <string_view>

namespace palate {

// The length of the UTF-8 character at the front of `text`, which is not empty; 0 where there is
// none (Unicode 15, table 3-7).
inline std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    return continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(2) ? 3
                                                                                                : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    return continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(2) &&
                   continues(3)
               ? 4
               : 0;
  }
  return 0;
}

// The character that valid UTF-8 of one character is.
inline char32_t character_of(std::string_view utf8) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  char32_t character = utf8.size() == 1 ? byte(0) : byte(0) & (0x7FU >> utf8.size());
  for (std::size_t i = 1; i < utf8.size(); ++i) character = (character << 6) | (byte(i) & 0x3FU);
  return character;
}

}  // namespace palate
