// The first rows of a text, while it is guessed how they are laid out. Layer: data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/cell_formats.h"
#include "data/row_parser.h"
#include "data/text_window.h"

namespace palate {

// The first rows of a file.
struct Sample {
  std::string_view text;
  bool is_whole_file = false;
  const std::string& name;  // of the file, for messages
};

// As long as a row may be, as guesses need no more.
inline Sample sample_of(const TextWindow& window, const std::string& name) {
  return {window.text().substr(0, kLongestRow),
          window.file_ends() && window.text().size() <= kLongestRow, name};
}

// The text behind the lines that are passed over.
struct RestOfText {
  Sample sample;
  std::size_t bytes = 0;    // of those lines
  std::uint64_t lines = 0;  // and their number

  // With its line end; all of the text where that has none.
  std::string_view line() const {
    const std::size_t end = sample.text.find('\n');
    return sample.text.substr(0, end == std::string_view::npos ? end : end + 1);
  }
  void pass_line() {
    bytes += line().size();
    sample.text.remove_prefix(line().size());
    ++lines;
  }
  void pass_to(const RestOfText& below) {
    sample.text = below.sample.text;
    bytes = below.bytes;
    lines = below.lines;
  }
};

std::string_view without_line_end(std::string_view line);
bool is_blank(std::string_view text);

constexpr std::size_t kSampleRows = 100;
constexpr std::size_t kGuessedColumns = 10'000;  // others are there, and can be told

// Up to a bad row, if there is one: reading will say where it is. Of a wide table fewer rows, as
// hardly more than a quarter of a million cells are looked at.
std::vector<Row> first_rows(const Sample& sample, const Dialect& dialect,
                            std::size_t most = kSampleRows);
Dialect dialect_of(std::string_view delimiter);

// The first row is a header when none of its cells is a number and either a column below holds
// numbers only or a name is one that is known.
bool first_row_is_header(const std::vector<Row>& rows);

// How many rows of the sample have as many cells as the first, by the delimiter for which that are
// most.
struct Agreement {
  std::optional<std::string> delimiter;
  std::size_t rows = 0;   // of the sample
  std::size_t alike = 0;  // of them
  std::size_t cells = 0;  // of each of those
};

// By the delimiter that is told, else by one of tab :: , ; |, and by spaces where none of them is
// found and all cells are numbers.
Agreement best_agreement(const Sample& sample, const std::optional<std::string>& told);

// The delimiter of the best agreement. Throws Error(bad_data) where there is none.
std::string guessed_delimiter(const RestOfText& rest);

}  // namespace palate
