// Text from elsewhere (a library, a server), made fit for a message, which is one line on a
// terminal.
#pragma once

#include <algorithm>
#include <string>

namespace palate {

// Without the white space at its end; any other control character is '?'.
inline std::string one_line(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  std::ranges::replace_if(text, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; }, '?');
  return text;
}

}  // namespace palate
