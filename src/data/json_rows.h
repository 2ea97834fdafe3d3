// JSON lines, cut into rows and cells. Layer: data.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/row_parser.h"

namespace palate {

// RowParser's way through text whose lines are objects: a row's cells are the values of the
// dialect's keys, numbers as they are written, "" where the object has no such key or null. What is
// no text or number under a key, and other keys, are passed over.
class JsonRows {
 public:
  JsonRows(std::string_view text, const Dialect& dialect, bool file_ends);

  bool append_next(std::vector<std::string_view>& cells);
  // No row is plain.
  static std::size_t cut_plain_rows(std::span<std::string_view>, std::span<CutRow>) { return 0; }
  bool next(std::vector<std::string_view>& cells) {
    cells.clear();
    texts_.clear();
    return append_next(cells);
  }
  const std::optional<RowError>& error() const { return error_; }
  void skip_line();
  std::string_view row() const { return row_; }
  std::uint64_t line() const { return line_; }
  std::uint64_t lines_passed() const { return next_line_; }
  std::size_t consumed() const { return consumed_; }

 private:
  std::optional<std::size_t> place_of(const std::string& key) const;

  std::string_view text_;
  bool file_ends_;
  const Dialect& dialect_;
  std::size_t consumed_ = 0;
  std::string_view row_;
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 0;
  std::deque<std::string> texts_;     // of the cells
  std::vector<std::size_t> by_name_;  // the places of the keys, in the order of their names
  std::optional<RowError> error_;
};

// The keys of texts and numbers in the first lines, in order of first appearance, up to a line that
// is no object.
std::vector<std::string> keys_of_json_lines(std::string_view text, bool file_ends,
                                            std::size_t most_lines);

// Calls visit with the parser of such text.
template <class Visitor>
decltype(auto) with_row_parser(std::string_view text, const Dialect& dialect, bool file_ends,
                               Visitor&& visit) {
  if (!dialect.keys.empty()) {
    JsonRows rows(text, dialect, file_ends);
    return visit(rows);
  }
  RowParser rows(text, dialect, file_ends);
  return visit(rows);
}

}  // namespace palate
