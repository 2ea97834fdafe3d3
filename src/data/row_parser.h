// Delimited text, cut into rows and cells: the one parser of every text that is read. Layer: data.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace palate {

// How cells are set apart. With quotes, a cell that begins with " ends with one, "" in it stands
// for ", and it may hold delimiters and line ends (RFC 4180); without, " is a character like any
// other.
struct Dialect {
  std::string delimiter = ",";  // one or two characters; a space is as many as stand together
  bool quotes = true;
  std::vector<std::string> keys =
      // Where there are any, a line is an object in JSON, and its cells are these keys' values.
      {};
};

// No row is longer. More text without a line end, or in quotes, is no table.
constexpr std::size_t kLongestRow = std::size_t{1} << 20;

// What is wrong with a row.
struct RowError {
  std::uint64_t line = 0;  // from 0, in the text of the parser
  // "is not a number", of a cell; "2 columns where the header has 3", of the row
  std::string_view reason;
  std::optional<std::size_t> column;  // of the cell, from 0
  std::string cell;                   // what stands there
};

// The text of a row, with its line end, and the line where it begins, from 0.
struct CutRow {
  std::string_view text;
  std::uint64_t line = 0;
};

// Where in a text delimiters and line feeds stand. Marks are made for a block at a time: it is in
// the nearest cache when it is parsed.
class Marks {
 public:
  Marks(std::string_view text, char delimiter)
      : block_(text.data()), end_(block_ + text.size()), delimiter_(delimiter) {}

  // Bit i says what byte i from some place on is. So many bits are known, 57 to 64; no other is
  // set, and none behind the text.
  struct Window {
    std::uint64_t delimiters;
    std::uint64_t line_feeds;
    std::ptrdiff_t size;
  };
  Window from(const char* at) {
    if (at < block_ || at > last_) mark_block(at);
    const auto place = static_cast<std::size_t>(at - block_);
    return {bits_from(delimiters_, place), bits_from(line_feeds_, place),
            static_cast<std::ptrdiff_t>(64 - place % 8)};
  }

  // The first of both at or behind `at`, the text's end where there is none.
  const char* next(const char* at) {
    for (;;) {
      const Window window = from(at);
      const std::uint64_t both = window.delimiters | window.line_feeds;
      if (both != 0) return at + std::countr_zero(both);
      if (end_ - at <= window.size) return end_;
      at += window.size;
    }
  }

 private:
  static constexpr std::size_t kBlock = 4096;
  using Bits = std::array<std::uint64_t, kBlock / 64 + 1>;  // of the block; the last word is 0

  static std::uint64_t bits_from(const Bits& bits, std::size_t place) {
    std::uint64_t word;
    std::memcpy(&word, reinterpret_cast<const char*>(bits.data()) + place / 8,
                sizeof word);  // little-endian, as all targets are
    return word >> place % 8;
  }
  void mark_block(const char* begin);

  Bits delimiters_;
  Bits line_feeds_;
  const char* block_;
  const char* last_ = nullptr;  // the last place in the block with a window of its own
  const char* end_;
  char delimiter_;
};

class RowParser {
 public:
  // `text` begins with a row. It ends with the file, or else where it happens to: then a last row
  // without its line end is left alone.
  RowParser(std::string_view text, const Dialect& dialect, bool file_ends)
      : begin_(text.data()),
        at_(begin_),
        end_(begin_ + text.size()),
        file_ends_(file_ends),
        dialect_(dialect),
        quotes_(dialect.quotes),
        first_(dialect.delimiter[0]),
        delimiter_size_(dialect.delimiter.size()),
        runs_(dialect.delimiter == " "),
        marks_(text, first_) {}

  // Puts the next row's cells behind those in `cells`; they are valid as long as the parser.
  // Sixteen bytes behind a cell can be read where they can behind the text. Empty lines are passed
  // over; a carriage return before the line feed belongs to the line end. False, and nothing is
  // added, when no whole row is left or when its quotes are misplaced: then there is an error().
  bool append_next(std::vector<std::string_view>& cells);

  // Most rows, many at a time: as append_next() would cut them, up to one that has more or fewer
  // cells than each row has room for, quotes, or a delimiter of more than one character, and up to
  // the end; none where a row is one cell. Row r's cells are cells[r * width] and those behind,
  // with as many for each of `rows`. Returns how many rows it were.
  std::size_t cut_plain_rows(std::span<std::string_view> cells, std::span<CutRow> rows);

  // The next row's cells alone, valid until the next call.
  bool next(std::vector<std::string_view>& cells) {
    cells.clear();
    unescaped_.clear();
    return append_next(cells);
  }

  // What is wrong with the row that append_next did not add, and how to go on behind the line where
  // it begins.
  const std::optional<RowError>& error() const { return error_; }
  void skip_line();

  // The text of the row, or of the line that was skipped, with its line end.
  std::string_view row() const { return row_; }
  std::uint64_t line() const { return line_; }  // where the row began, from 0
  // Lines of the text before consumed().
  std::uint64_t lines_passed() const { return next_line_; }
  // Bytes of the rows so far.
  std::size_t consumed() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  enum class CellEnd { delimiter, line, unfinished, wrong };
  struct Cell {
    const char* begin;
    const char* end;
    const char* next;  // where the next one begins
    CellEnd kind;
  };
  const char* cut_long_row(const char* row, char odd, std::span<std::string_view> cells);
  Cell plain_cell(const char* at);
  Cell quoted_cell(const char* at);
  Cell wrong_cell(std::string_view reason);
  void pass_over_empty_lines();

  const char* begin_;
  const char* at_;  // where the next row begins
  const char* end_;
  bool file_ends_;
  const Dialect& dialect_;
  // Of the dialect: the first character of the delimiter, how many it has, whether several are one.
  bool quotes_;
  char first_;
  std::size_t delimiter_size_;
  bool runs_;
  Marks marks_;
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 0;
  std::uint64_t inner_lines_ = 0;  // line ends within the row's quotes
  std::string_view row_;
  std::optional<RowError> error_;
  std::deque<std::string> unescaped_;
};

inline RowParser::Cell RowParser::plain_cell(const char* at) {
  const char* stop = marks_.next(at);
  if (delimiter_size_ > 1) {
    while (stop != end_ && *stop == first_ &&
           (stop + 1 == end_ || stop[1] != dialect_.delimiter[1]))
      stop = marks_.next(stop + 1);
  }
  if (stop != end_ && *stop != '\n') return {at, stop, stop + delimiter_size_, CellEnd::delimiter};
  if (stop == end_ && !file_ends_) return {at, stop, stop, CellEnd::unfinished};
  const bool carriage_return = stop != at && stop[-1] == '\r';
  return {at, stop - carriage_return, stop == end_ ? stop : stop + 1, CellEnd::line};
}

inline bool RowParser::append_next(std::vector<std::string_view>& cells) {
  if (at_ != end_ && (*at_ == '\n' || *at_ == '\r')) pass_over_empty_lines();
  line_ = next_line_;
  if (at_ == end_) return false;
  inner_lines_ = 0;
  const std::size_t before = cells.size();
  const char* at = at_;
  for (;;) {
    const Cell cell = quotes_ && at != end_ && *at == '"' ? quoted_cell(at) : plain_cell(at);
    if (cell.kind == CellEnd::unfinished || cell.kind == CellEnd::wrong) {
      cells.resize(before);
      return false;
    }
    if (cell.begin != cell.end || !runs_)
      cells.emplace_back(cell.begin, static_cast<std::size_t>(cell.end - cell.begin));
    at = cell.next;
    if (cell.kind == CellEnd::line) break;
  }
  row_ = {at_, static_cast<std::size_t>(at - at_)};
  at_ = at;
  next_line_ = line_ + inner_lines_ + 1;
  return true;
}

}  // namespace palate
