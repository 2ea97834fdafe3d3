#include "data/text_sample.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/column_names.h"
#include "data/json_rows.h"
#include "data/table_shape.h"

namespace palate {
namespace {

constexpr std::array<std::string_view, 5> kDelimiters = {"\t", "::", ",", ";", "|"};

// Rows with as many cells as the first, then their number of cells; nothing where the first row is
// not cut at all.
std::pair<std::size_t, std::size_t> agreement(std::span<const Row> rows) {
  if (rows.empty() || rows.front().size() < 2) return {0, 0};
  const std::size_t cells = rows.front().size();
  return {static_cast<std::size_t>(std::ranges::count(rows, cells, &Row::size)), cells};
}

// "3 17 4.5": LIBMF's triplets.
bool has_numbers_between_spaces(const Sample& sample) {
  const std::vector<Row> rows = first_rows(sample, {" ", false});
  const auto all_numbers = [](const Row& row) { return std::ranges::all_of(row, is_number); };
  return agreement(rows).first == rows.size() && std::ranges::all_of(rows, all_numbers);
}

}  // namespace

std::string_view without_line_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::vector<Row> first_rows(const Sample& sample, const Dialect& dialect, std::size_t most) {
  std::vector<Row> rows;
  std::vector<std::string_view> cells;
  constexpr std::size_t kMostCells = std::size_t{1} << 18;
  constexpr std::size_t kFewRows = 6;  // are enough to guess by
  std::size_t left = kMostCells;
  with_row_parser(sample.text, dialect, sample.is_whole_file, [&](auto& parser) {
    while (rows.size() < most && (left > 0 || rows.size() < kFewRows) && parser.next(cells)) {
      rows.emplace_back(cells.begin(), cells.end());
      left -= std::min(left, cells.size());
    }
  });
  return rows;
}

Dialect dialect_of(std::string_view delimiter) {
  return {.delimiter = std::string(delimiter), .quotes = delimiter != "::" && delimiter != "|"};
}

bool first_row_is_header(const std::vector<Row>& rows) {
  const auto first = std::span(rows.front()).first(std::min(rows.front().size(), kGuessedColumns));
  if (std::ranges::any_of(first, is_number)) return false;
  if (std::ranges::any_of(first, is_known_name)) return true;
  const auto below = std::span(rows).subspan(1);
  if (below.empty()) return first.size() > 2;
  for (std::size_t column = 0; column < first.size(); ++column) {
    if (column_is_numeric(below, column)) return true;
  }
  return false;
}

Agreement best_agreement(const Sample& sample, const std::optional<std::string>& told) {
  Agreement best;
  const auto try_delimiter = [&](const std::string& delimiter) {
    const std::vector<Row> rows = first_rows(sample, dialect_of(delimiter));
    const auto [alike, cells] = agreement(rows);
    if (std::pair(alike, cells) > std::pair(best.alike, best.cells))
      best = {delimiter, rows.size(), alike, cells};
    if (!best.delimiter) best.rows = std::max(best.rows, rows.size());
  };
  if (told) {
    try_delimiter(*told);
    return best;
  }
  for (const std::string_view delimiter : kDelimiters) try_delimiter(std::string(delimiter));
  if (!best.delimiter && has_numbers_between_spaces(sample)) {
    try_delimiter(" ");
    best.delimiter.emplace(" ");
  }
  return best;
}

std::string guessed_delimiter(const RestOfText& rest) {
  if (auto delimiter = best_agreement(rest.sample, std::nullopt).delimiter)
    return *std::move(delimiter);
  const std::string& name = rest.sample.name;
  refuse_lists(first_rows(rest.sample, {" ", false}), name);
  fail(ErrorCode::bad_data, "{}:{}: no tab, ::, comma, semicolon or | sets columns apart in {}{}",
       name, rest.lines + 1, excerpt(without_line_end(rest.line())),
       rest.lines == 0 ? "" : "; `skip_lines` tells how many lines stand above the table");
}

}  // namespace palate
