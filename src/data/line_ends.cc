#include "data/line_ends.h"

#include <algorithm>

namespace palate {

void LineEnds::look_at(std::string_view front) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = std::min(front.find_first_not_of(kSpaces), front.size());
  const std::size_t second = front.find_first_not_of(kSpaces, first + 1);
  if (front.substr(first).starts_with('[') && second != std::string_view::npos &&
      front[second] == '{') {
    rows_ = Rows::objects;
  } else if (front.find('\n') == std::string_view::npos &&
             front.find('\r') != std::string_view::npos) {
    rows_ = Rows::carriage_returns;
  }
}

void LineEnds::mend(std::span<char> bytes) {
  if (rows_ == Rows::carriage_returns) std::ranges::replace(bytes, '\r', '\n');
  if (rows_ == Rows::objects) part_objects(bytes);
}

void LineEnds::part_objects(std::span<char> bytes) {
  for (char& c : bytes) {
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '[' || c == '{') {
      if (depth_++ == 0) c = ' ';
    } else if ((c == ']' || c == '}') && depth_ > 0) {
      if (--depth_ == 0) c = ' ';
    } else if (depth_ == 1 && c == ',') {
      c = '\n';
    } else if (depth_ > 0 && (c == '\n' || c == '\r')) {
      c = ' ';
    }
  }
}

}  // namespace palate
