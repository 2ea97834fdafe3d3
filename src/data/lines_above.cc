#include "data/lines_above.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/column_names.h"

namespace palate {
namespace {

constexpr std::size_t kMostLinesAbove = 20;  // apart from comments

// The delimiter of a first line "sep=;", as spreadsheets write and understand it.
std::optional<std::string> delimiter_of_sep_line(std::string_view line) {
  std::string_view text = without_line_end(line);
  if (text.size() > 2 && text.starts_with('"') && text.ends_with('"'))
    text = text.substr(1, text.size() - 2);
  if (ascii_lower(text.substr(0, 4)) != "sep=") return std::nullopt;
  const std::string_view delimiter = text.substr(4);
  if (delimiter == "\\t") return "\t";
  if (delimiter.empty() || delimiter.find_first_not_of("\t:,;| ") != std::string_view::npos)
    return std::nullopt;
  return std::string(delimiter == "::" ? delimiter : delimiter.substr(0, 1));
}

// Users or items, and something else that is known.
bool names_columns(const Row& row) {
  const auto cells = std::span(row).first(std::min(row.size(), kGuessedColumns));
  const auto names_one = [&](Names names) {
    return std::ranges::any_of(cells,
                               [&](std::string_view cell) { return is_one_of(cell, names); });
  };
  const std::array known = {names_one(kUserNames), names_one(kItemNames), names_one(kValueNames),
                            names_one(kTimeNames)};
  return (known[0] || known[1]) && std::ranges::count(known, true) >= 2;
}

// Of a line that begins as a comment and is cut into as many cells as the rows below: whether it is
// one of them, whose first id begins so.
bool is_row_like(const Row& cells, std::span<const Row> below) {
  for (std::size_t column = 1; column < cells.size(); ++column) {
    if (column_is_numeric(below, column) && !is_number(cells[column])) return false;
  }
  return cells.size() == below.front().size();
}

Row row_of(std::string_view line, const Dialect& dialect) {
  static const std::string kNoName;
  const std::vector<Row> rows = first_rows({line, true, kNoName}, dialect, 1);
  return rows.empty() ? Row{} : rows.front();
}

// The words of a line, whatever sets them apart.
Row words_of(std::string_view line) {
  Row words;
  constexpr std::string_view kBetween = "\t,;| \"";
  for (std::size_t begin = 0; (begin = line.find_first_not_of(kBetween, begin)) != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(kBetween, begin), line.size());
    words.emplace_back(line.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

bool are_integers(const Row& cells) {
  return std::ranges::all_of(cells, [](std::string_view cell) {
    return parse_canonical_integer(trim_spaces(cell)).has_value();
  });
}

// How many rows there are, and different cells in the first and the second column.
struct Sizes {
  std::size_t rows = 0;
  std::size_t fewer = 0;
  std::size_t more = 0;
};
Sizes sizes_of(std::span<const Row> rows) {
  std::array<std::set<std::string_view>, 2> ids;
  for (const Row& row : rows) {
    for (std::size_t side = 0; side < 2 && row.size() >= 2; ++side) ids[side].insert(row[side]);
  }
  const auto [fewer, more] = std::minmax({ids[0].size(), ids[1].size()});
  return {rows.size(), fewer, more};
}

constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

// Whether integers may be the numbers of users, of items or of rows below. What is left of a row
// that was torn is smaller, or larger.
bool are_sizes(const Row& cells, const Sample& below, const Dialect& dialect) {
  if (!below.is_whole_file) return false;
  const Sizes sizes = sizes_of(first_rows(below, dialect, kAllRows));
  return std::ranges::all_of(cells, [&](std::string_view cell) {
    const std::int64_t size = parse_canonical_integer(trim_spaces(cell)).value_or(0);
    return size > 0 && static_cast<std::size_t>(size) >= sizes.fewer &&
           static_cast<std::size_t>(size) <= sizes.rows;
  });
}

}  // namespace

bool begins_as_comment(std::string_view line) {
  const std::string_view text = trim_spaces(line);
  return text.starts_with('#') || text.starts_with('%');
}

void pass_told_lines(RestOfText& rest, std::uint64_t count) {
  for (std::uint64_t n = 0; n < count; ++n) {
    if (rest.line().ends_with('\n')) {
      rest.pass_line();
    } else if (!rest.sample.is_whole_file) {
      fail(ErrorCode::bad_data, "{}: its first {} bytes hold {} lines, fewer than `skip_lines={}`",
           rest.sample.name, rest.bytes + rest.sample.text.size(), n, count);
    } else {
      rest.sample.text = {};
    }
  }
  if (count > 0 && is_blank(rest.sample.text)) {
    fail(ErrorCode::bad_data, "{}: `skip_lines={}` leaves none of its {} lines", rest.sample.name,
         count, rest.lines);
  }
}

void pass_sep_line(RestOfText& rest, std::optional<std::string>& delimiter) {
  const auto said = delimiter_of_sep_line(rest.line());
  if (!said || !rest.line().ends_with('\n')) return;
  rest.pass_line();
  if (!delimiter && best_agreement(rest.sample, said).alike > 0) delimiter = said;
}

void pass_odd_lines(RestOfText& rest, const std::optional<std::string>& told) {
  const Agreement whole = best_agreement(rest.sample, told);
  if (whole.alike * 2 >= whole.rows) return;
  RestOfText below = rest;
  std::vector<std::string_view> passed;
  while (passed.size() < kMostLinesAbove && below.line().ends_with('\n')) {
    passed.push_back(without_line_end(below.line()));
    below.pass_line();
    if (is_blank(below.line()) || begins_as_comment(below.line())) continue;
    const Agreement found = best_agreement(below.sample, told);
    if (!found.delimiter) continue;
    const Dialect dialect = dialect_of(*found.delimiter);
    const std::vector<Row> rows = first_rows(below.sample, dialect);
    // The last row may be another one: a total.
    const bool but_one = rows.size() > 5 && rows.back().size() != found.cells;
    const bool all_alike = found.alike + (but_one ? 1 : 0) == rows.size();
    const bool has_header = found.alike >= 2 && names_columns(row_of(below.line(), dialect));
    const bool is_most = found.rows >= 5 && found.rows * 5 >= (found.rows + passed.size()) * 3;
    if (!all_alike || !(has_header || is_most)) continue;
    Row words;  // of the titles
    bool fits = true;
    for (const std::string_view line : passed) {
      if (is_blank(line) || begins_as_comment(line)) continue;
      const Row cells = row_of(line, dialect);
      if (names_columns(cells)) return;  // reading says that the rows have other columns
      if (has_header) continue;
      const bool counts = are_integers(cells);
      if (cells.size() > 1 && !counts) return;
      if (counts)
        fits = fits && cells.size() <= found.cells && are_sizes(cells, below.sample, dialect);
      if (!counts) std::ranges::move(words_of(line), std::back_inserter(words));
    }
    if (!fits || names_columns(words)) {
      fail(ErrorCode::bad_data,
           "{}:{}: {} is no row of the table that begins in line {}: `skip_lines={}` passes over "
           "what stands above",
           rest.sample.name, rest.lines + 1, excerpt(without_line_end(rest.line())),
           below.lines + 1, below.lines);
    }
    rest.pass_to(below);
    return;
  }
}

std::optional<Row> pass_comments(RestOfText& rest, const std::optional<std::string>& told) {
  if (!begins_as_comment(rest.line())) return std::nullopt;
  RestOfText below = rest;
  while (!below.sample.text.empty() && (is_blank(below.line()) || begins_as_comment(below.line())))
    below.pass_line();
  if (is_blank(below.sample.text)) return std::nullopt;  // every id may begin so
  pass_odd_lines(below, told);
  const std::string delimiter = told ? *told : guessed_delimiter(below);
  const Dialect dialect = dialect_of(delimiter);
  const std::vector<Row> rows = first_rows(below.sample, dialect);
  if (rows.empty()) return std::nullopt;
  const bool has_header = first_row_is_header(rows);
  std::optional<Row> names;
  for (; rest.lines < below.lines; rest.pass_line()) {
    const std::string_view line = without_line_end(rest.line());
    if (has_header || !begins_as_comment(line)) continue;
    const std::string_view text =
        line.substr(std::min(line.find_first_not_of("#% \t"), line.size()));
    Row found = row_of(text, dialect);
    if (found.size() != rows.front().size()) found = words_of(text);
    if (found.size() == rows.front().size() && names_columns(found)) {
      names = std::move(found);
      continue;
    }
    const std::string_view behind = line.substr(line.find_first_of("#%") + 1).substr(0, 1);
    const bool stands_alone = behind.find_first_not_of(" \t#%!") == std::string_view::npos;
    if (stands_alone || !is_row_like(row_of(line, dialect), rows)) continue;
    if (rows.front().size() > 1 && column_is_numeric(rows, 0)) {
      fail(ErrorCode::bad_data,
           "{}:{}: {} is a comment, or a row whose id begins with {}: `skip_lines={}` passes over "
           "it, `skip_lines={}` reads it as a row",
           rest.sample.name, rest.lines + 1, excerpt(line), trim_spaces(line).substr(0, 1),
           rest.lines + 1, rest.lines);
    }
    return std::nullopt;
  }
  return names;
}

void pass_to_header(RestOfText& rest, const Dialect& dialect) {
  constexpr std::size_t kMost = 10;
  RestOfText below = rest;
  std::vector<Row> above;
  for (std::size_t n = 0; n < kMost && !below.sample.text.empty(); ++n) {
    const Row row = row_of(below.line(), dialect);
    if (names_columns(row)) {
      const auto rows = first_rows(below.sample, dialect);
      const std::span<const Row> data =
          std::span(rows).subspan(std::min<std::size_t>(1, rows.size()));
      const auto is_data = [&](const Row& other) {
        return data.empty() || is_row_like(other, data);
      };
      if (std::ranges::none_of(above, is_data)) rest.pass_to(below);
      return;
    }
    if (!row.empty()) above.push_back(row);
    below.pass_line();
  }
}

void pass_counts(RestOfText& rest, const Dialect& dialect) {
  constexpr std::int64_t kLeastRows = 10;
  std::vector<Row> rows = first_rows(rest.sample, dialect);
  if (rows.empty() || rows.front().size() != 3) return;
  std::vector<std::int64_t> counts;
  for (const std::string& cell : rows.front()) {
    counts.push_back(parse_canonical_integer(trim_spaces(cell)).value_or(0));
  }
  const auto last = static_cast<double>(counts.back());
  std::ranges::sort(counts, std::greater{});
  if (counts.back() < 1 || counts.front() < kLeastRows) return;
  const auto largest_value = [&] {
    double largest = 0;
    for (const Row& row : std::span(rows).subspan(1)) {
      if (row.size() == 3) largest = std::max(largest, parse_number_as({}, row[2]).value);
    }
    return largest;
  };
  if (last <= largest_value()) return;
  if (!rest.sample.is_whole_file) {
    if (counts.front() < std::ranges::count(rest.sample.text, '\n') || last < 10 * largest_value())
      return;
    fail(ErrorCode::bad_data,
         "{}:{}: {} looks like the numbers of users, items and rows: `skip_lines={}` passes over "
         "it, `skip_lines={}` reads it as a row",
         rest.sample.name, rest.lines + 1, excerpt(without_line_end(rest.line())), rest.lines + 1,
         rest.lines);
  }
  rows = first_rows(rest.sample, dialect, kAllRows);
  const Sizes sizes = sizes_of(std::span(rows).subspan(1));
  const bool fits = static_cast<std::size_t>(counts[0]) == sizes.rows &&
                    static_cast<std::size_t>(counts[1]) >= sizes.more &&
                    static_cast<std::size_t>(counts[2]) >= sizes.fewer && last > largest_value();
  if (fits) rest.pass_line();
}

}  // namespace palate
