// Text as a cell of a CSV file (RFC 4180).
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace palate {

// In quotes where it has to be, those within it doubled.
inline void append_csv_cell(std::string& line, std::string_view text) {
  const auto is_special = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  if (std::ranges::none_of(text, is_special) && !text.starts_with(' ') && !text.ends_with(' ')) {
    line += text;
    return;
  }
  line += '"';
  for (std::size_t quote; (quote = text.find('"')) != std::string_view::npos;
       text.remove_prefix(quote + 1)) {
    line.append(text.substr(0, quote + 1)) += '"';
  }
  line.append(text) += '"';
}

inline std::string csv_cell(std::string_view text) {
  std::string cell;
  append_csv_cell(cell, text);
  return cell;
}

}  // namespace palate
