// Every row of a short table, one after another. Layer: data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "data/json_rows.h"
#include "data/text_layout.h"
#include "data/text_window.h"

namespace palate {

inline constexpr std::size_t kTableWindowBytes = std::size_t{4} << 20;

// Calls visit(line, cells) for every row of the window's file, its header among them; lines count
// from 0. `name` is the file's, for messages.
template <class Visitor>
void for_each_row(TextWindow& window, const TextLayout& layout, const std::string& name,
                  Visitor&& visit) {
  std::vector<std::string_view> cells;
  std::uint64_t lines = layout.preamble_lines;  // and those of the windows before
  window.consume(layout.preamble_bytes);
  const auto fail_for_length = [&](std::uint64_t line) {
    fail(ErrorCode::bad_data, "{}:{}: a row of more than {} bytes", name, line + 1, kLongestRow);
  };
  for (;;) {
    with_row_parser(window.text(), layout.dialect, window.file_ends(), [&](auto& parser) {
      while (parser.next(cells)) {
        if (parser.row().size() > kLongestRow) fail_for_length(lines + parser.line());
        visit(lines + parser.line(), cells);
      }
      if (const auto& error = parser.error())
        fail(ErrorCode::bad_data, "{}:{}: {}", name, lines + error->line + 1, error->reason);
      lines += parser.lines_passed();
      window.consume(parser.consumed());
    });
    if (window.file_ends()) break;
    if (window.text().size() > kLongestRow) fail_for_length(lines);
    window.read_ahead();
    window.turn();
  }
  if (window.array_is_open()) fail(ErrorCode::bad_data, "{}: {}", name, kOpenArray);
}

}  // namespace palate
