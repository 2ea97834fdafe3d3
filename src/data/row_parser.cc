#include "data/row_parser.h"

#include <algorithm>

namespace palate {

RowParser::CellEnd RowParser::next_quoted_cell(const char*& at, std::string_view& cell) {
  const char* const begin = at + 1;
  const char* stop = begin;
  bool escapes = false;
  for (;;) {
    stop = std::find(stop, end_, '"');
    if (stop == end_) {
      if (!file_ends_) return CellEnd::unfinished;
      throw RowError{line_ + inner_lines_, "a quote is opened and never closed"};
    }
    if (stop + 1 == end_ || stop[1] != '"') break;
    escapes = true;
    stop += 2;
  }
  cell = {begin, static_cast<std::size_t>(stop - begin)};
  inner_lines_ += static_cast<std::uint64_t>(std::ranges::count(cell, '\n'));
  if (escapes) {
    std::string& text = unescaped_.emplace_back();
    for (std::size_t i = 0; i < cell.size(); i += cell[i] == '"' ? 2 : 1) text += cell[i];
    cell = text;
  }
  const std::string_view rest(stop + 1, static_cast<std::size_t>(end_ - stop - 1));
  if (rest.starts_with(dialect_.delimiter)) {
    at = stop + 1 + dialect_.delimiter.size();
    return CellEnd::delimiter;
  }
  for (const std::string_view line_end : {"\n", "\r\n"}) {
    if (!rest.starts_with(line_end)) continue;
    at = stop + 1 + line_end.size();
    return CellEnd::line;
  }
  if (rest.empty() || rest == "\r" || (!file_ends_ && dialect_.delimiter.starts_with(rest))) {
    if (!file_ends_) return CellEnd::unfinished;
    at = end_;
    return CellEnd::line;
  }
  throw RowError{line_ + inner_lines_, "text follows a closing quote"};
}

}  // namespace palate
