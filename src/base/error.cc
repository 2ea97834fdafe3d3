#include "palate/base/error.h"

#include <algorithm>

namespace palate {

std::string one_line(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  std::ranges::replace_if(text, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; }, '?');
  return text;
}

}  // namespace palate
