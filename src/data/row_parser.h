// Delimited text, cut into rows and cells: the one parser of every text that is read. Layer: data.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace palate {

// How cells are set apart. With quotes, a cell that begins with " ends with one, "" in it stands for ", and it may hold
// delimiters and line ends (RFC 4180); without, " is a character like any other.
struct Dialect {
  std::string delimiter = ",";  // one or two characters
  bool quotes = true;
};

// What is wrong with a row; the reader puts the name of the file in front.
struct RowError {
  std::uint64_t line = 0;  // from 0, in the text of the parser
  std::string message;
};

// The first byte of [at, end) that is `a` or a line feed, or `end`: eight bytes at a time.
inline const char* find_cell_end(const char* at, const char* end, char a) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kTops = 0x8080808080808080U;
  const std::uint64_t delimiter = kOnes * static_cast<unsigned char>(a);
  constexpr std::uint64_t kLineFeed = kOnes * std::uint64_t{'\n'};
  for (; end - at >= 8; at += 8) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, 8);
    // x - 1 borrows into the top bit of a byte that is zero; a false borrow is only ever above a true one.
    const std::uint64_t x = bytes ^ delimiter;
    const std::uint64_t y = bytes ^ kLineFeed;
    const std::uint64_t zeros = (((x - kOnes) & ~x) | ((y - kOnes) & ~y)) & kTops;
    if (zeros != 0) return at + (std::countr_zero(zeros) >> 3);
  }
  while (at != end && *at != a && *at != '\n') ++at;
  return at;
}

class RowParser {
 public:
  // `text` begins with a row. It ends with the file, or else where it happens to: then a last row without its line end is
  // left alone.
  RowParser(std::string_view text, const Dialect& dialect, bool file_ends)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), dialect_(dialect), file_ends_(file_ends) {}

  // The next row's cells, valid until the next call. Empty lines are passed over; a carriage return before the line feed
  // belongs to the line end. False when no whole row is left. Throws RowError for misplaced quotes.
  bool next(std::vector<std::string_view>& cells);

  std::uint64_t line() const { return line_; }                                     // where the row began, from 0
  std::uint64_t lines_passed() const { return next_line_; }                        // in the text before consumed()
  std::size_t consumed() const { return static_cast<std::size_t>(at_ - begin_); }  // bytes of the rows so far

 private:
  enum class CellEnd { delimiter, line, unfinished };
  CellEnd next_cell(const char*& at, std::string_view& cell);
  CellEnd next_quoted_cell(const char*& at, std::string_view& cell);

  const char* begin_;
  const char* at_;  // where the next row begins
  const char* end_;
  const Dialect& dialect_;
  bool file_ends_;
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 0;
  std::uint64_t inner_lines_ = 0;  // line ends within the row's quotes
  std::deque<std::string> unescaped_;
};

inline RowParser::CellEnd RowParser::next_cell(const char*& at, std::string_view& cell) {
  if (dialect_.quotes && at != end_ && *at == '"') return next_quoted_cell(at, cell);
  const char first = dialect_.delimiter[0];
  const char* stop = find_cell_end(at, end_, first);
  if (dialect_.delimiter.size() > 1) {
    while (stop != end_ && *stop == first && (stop + 1 == end_ || stop[1] != dialect_.delimiter[1])) {
      stop = find_cell_end(stop + 1, end_, first);
    }
  }
  cell = {at, static_cast<std::size_t>(stop - at)};
  if (stop != end_ && *stop != '\n') {
    at = stop + dialect_.delimiter.size();
    return CellEnd::delimiter;
  }
  if (stop == end_ && !file_ends_) return CellEnd::unfinished;
  if (!cell.empty() && cell.back() == '\r') cell.remove_suffix(1);
  at = stop == end_ ? stop : stop + 1;
  return CellEnd::line;
}

inline bool RowParser::next(std::vector<std::string_view>& cells) {
  cells.clear();
  if (!unescaped_.empty()) unescaped_.clear();
  const char* at = at_;
  while (at != end_ && (*at == '\n' || (*at == '\r' && (at + 1 != end_ ? at[1] == '\n' : file_ends_)))) {
    at += *at == '\r' && at + 1 != end_ ? 2 : 1;
    ++next_line_;
  }
  at_ = at;
  line_ = next_line_;
  if (at == end_) return false;
  inner_lines_ = 0;
  for (;;) {
    std::string_view cell;
    const CellEnd cell_end = next_cell(at, cell);
    if (cell_end == CellEnd::unfinished) return false;
    cells.push_back(cell);
    if (cell_end == CellEnd::line) break;
  }
  at_ = at;
  next_line_ = line_ + inner_lines_ + 1;
  return true;
}

}  // namespace palate
