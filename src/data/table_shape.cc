#include "data/table_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/column_names.h"

namespace palate {
namespace {

// So many columns show that a table is a matrix; more of them are not looked at.
constexpr std::size_t kEnoughColumns = 4096;

std::span<const std::string> enough_of(std::span<const std::string> cells) {
  return cells.first(std::min(cells.size(), kEnoughColumns));
}

bool is_named(std::span<const std::string> columns, Names names) {
  return std::ranges::any_of(columns, [&](const auto& name) { return is_one_of(name, names); });
}

bool is_integer(std::string_view cell) {
  return parse_canonical_integer(trim_spaces(cell)).has_value();
}

// How many different cells a column has.
std::size_t num_distinct(std::span<const Row> rows, std::size_t column) {
  std::set<std::string_view> cells;
  for (const Row& row : rows) cells.insert(row[column]);
  return cells.size();
}

// Lists

// "1 5 7 9" below "2 3": most rows have another number of cells than most others, and the cells
// behind the first are ids.
bool are_ragged_lists(std::span<const Row> rows) {
  std::map<std::size_t, std::size_t> widths;
  std::size_t several = 0;
  for (const Row& row : rows) {
    ++widths[row.size()];
    several += row.size() > 2 ? 1 : 0;
    const auto is_id = [](std::string_view cell) {
      return cell.find_first_of("0123456789") != std::string_view::npos &&
             trim_spaces(cell).find(' ') == std::string_view::npos;
    };
    if (row.empty() || !std::ranges::all_of(std::span(row).subspan(1), is_id)) return false;
  }
  std::size_t most = 0;
  for (const auto& [width, count] : widths) most = std::max(most, count);
  return rows.size() >= 3 && most * 5 < rows.size() * 3 && several * 2 >= rows.size();
}

// "1 5 7 9 12" in every row: integers behind the first that rise in each row.
bool are_rising_lists(std::span<const Row> rows) {
  const auto rises = [](const Row& row) {
    std::int64_t before = -1;
    for (const std::string& cell : std::span(row).subspan(1)) {
      const auto id = parse_canonical_integer(cell);
      if (!id || *id <= before) return false;
      before = *id;
    }
    return true;
  };
  return rows.size() >= 5 && rows.front().size() >= 5 && std::ranges::all_of(rows, rises);
}

// "1:5,7,9": the user and the first item in one cell, which other delimiters set apart; "1: 5 7".
bool are_lists_behind_users(std::span<const Row> rows) {
  if (rows.size() < 3 || rows.front().size() < 2) return false;
  const auto begins_list = [](const Row& row) {
    const std::string_view front = trim_spaces(row.front());
    const std::size_t apart = front.find_first_of("\t:;| ");
    const std::string_view behind = apart == front.npos ? "" : front.substr(apart + 1);
    return apart != front.npos && is_integer(front.substr(0, apart)) &&
           (is_integer(behind) || behind.empty()) &&
           std::ranges::all_of(std::span(row).subspan(1), is_integer);
  };
  return std::ranges::all_of(rows, begins_list);
}

std::vector<std::string_view> parts_of(std::string_view cell, char separator) {
  std::vector<std::string_view> parts;
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find(separator), cell.size());
    if (const auto part = trim_spaces(cell.substr(0, end)); !part.empty()) parts.push_back(part);
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
  return parts;
}

// Lists of integers in most cells, or of texts that return in other rows, which titles with commas
// do only where they return as a whole.
bool are_lists_between(std::span<const Row> rows, std::size_t column, char separator) {
  std::size_t lists = 0;
  std::size_t longest = 0;
  std::size_t all_parts = 0;
  bool integers = true;
  std::set<std::string_view> distinct;
  for (const Row& row : rows) {
    const std::vector<std::string_view> parts = parts_of(row[column], separator);
    lists += parts.size() >= 2 ? 1 : 0;
    longest = std::max(longest, parts.size());
    all_parts += parts.size();
    distinct.insert(parts.begin(), parts.end());
    integers = integers && std::ranges::all_of(parts, is_integer);
  }
  const bool all_pairs = longest == 2 && lists == rows.size() && rows.size() >= 3;
  if (lists * 2 < rows.size() || (longest < 3 && !all_pairs)) return false;
  if (integers) return true;
  return separator != ' ' && rows.size() >= 3 && num_distinct(rows, 0) == rows.size() &&
         num_distinct(rows, column) * 2 > rows.size() && all_parts * 2 >= distinct.size() * 3;
}

// A cell with the whole list, in the column of items.
bool are_lists_in_cells(const TextLayout& layout, std::span<const Row> rows) {
  const std::size_t width = layout.columns.size();
  if (width < 2 || rows.empty()) return false;
  std::size_t column = width;
  for (std::size_t c = 0; layout.header && c < std::min(width, kEnoughColumns); ++c) {
    if (column == width && is_one_of(layout.columns[c], kItemNames)) column = c;
  }
  if (column == width) column = 1;
  if (column == 1 && width > 2 && layout.header && !is_one_of(layout.columns[1], kItemNames))
    return false;
  const auto in_brackets = [&](const Row& row) {
    const std::string_view cell = trim_spaces(row[column]);
    return (cell.starts_with('[') && cell.ends_with(']')) ||
           (cell.starts_with('{') && cell.ends_with('}') && cell.find(',') != cell.npos);
  };
  if (std::ranges::all_of(rows, in_brackets)) return true;
  return std::ranges::any_of(std::string_view(",;| "), [&](char separator) {
    return are_lists_between(rows, column, separator);
  });
}

// Matrices

bool is_gap(std::string_view cell) {
  constexpr std::array<std::string_view, 8> kGaps = {"",     "nan",  "na", "n/a",
                                                     "null", "none", "-",  "?"};
  return std::ranges::find(kGaps, ascii_lower(trim_spaces(cell))) != kGaps.end();
}

std::optional<double> number_of(std::string cell) {
  std::ranges::replace(cell, ',', '.');
  const ParsedNumber number = parse_number(cell);
  return number.error == NumberError::none ? std::optional(number.value) : std::nullopt;
}

// What the sample says of a column.
struct NumberColumn {
  bool is_numeric = true;  // numbers and gaps alone
  std::size_t gaps = 0;    // and zeros
  double largest = 0;      // the absolute value; 99 aside, which stands for no rating
  bool has_ids = true;     // whole numbers from 0 on in every row
};

NumberColumn number_column(std::span<const Row> rows, std::size_t column) {
  NumberColumn found;
  for (const Row& row : rows) {
    const auto number = number_of(row[column]);
    const bool gap = is_gap(row[column]);
    found.is_numeric = found.is_numeric && (number || gap);
    found.has_ids = found.has_ids && is_integer(row[column]) && number.value_or(-1) >= 0;
    const double size = std::abs(number.value_or(0));
    if (size == 0) ++found.gaps;
    if (size != 99) found.largest = std::max(found.largest, size);
  }
  return found;
}

// Names that are different numbers: "", 1, 2, 3, or "userId", 10, 11, 12.
bool are_ids_of_columns(std::span<const std::string> names) {
  std::set<double> distinct;
  for (const std::string& name : names) {
    const auto number = number_of(name);
    if (!number || std::trunc(*number) != *number) return false;
    distinct.insert(*number);
  }
  return names.size() >= 3 && distinct.size() == names.size();
}

// The columns of one scale: none has numbers of another size than the others.
bool are_of_one_scale(std::span<const NumberColumn> columns) {
  std::vector<double> largest;
  for (const NumberColumn& column : columns) {
    if (column.largest > 0) largest.push_back(column.largest);
  }
  if (largest.size() * 2 < columns.size()) return false;
  std::ranges::sort(largest);
  const double median = largest[largest.size() / 2];
  const auto alike = std::ranges::count_if(
      largest, [&](double size) { return size * 2 >= median && size <= median * 2; });
  const bool few = columns.size() < 10;
  return largest.back() <= 10 * median &&
         static_cast<std::size_t>(alike) * 5 >= largest.size() * (few ? 5 : 4);
}

std::vector<NumberColumn> number_columns(std::span<const Row> rows, std::size_t width) {
  std::vector<NumberColumn> columns;
  for (std::size_t c = 0; c < width; ++c) columns.push_back(number_column(rows, c));
  return columns;
}

// 1, 2, 3, and on.
bool count_up(std::span<const std::string> cells) {
  for (std::size_t c = 1; c < cells.size(); ++c) {
    if (number_of(cells[c]).value_or(0) != number_of(cells[c - 1]).value_or(0) + 1) return false;
  }
  return cells.size() >= 6;
}

// A row of names above a matrix that was taken for a row of the table: ids are numbers, and titles
// stand above columns that are numbers but for gaps.
bool are_names_on_top(std::span<const Row> rows) {
  if (rows.size() < 2) return false;
  const std::span<const std::string> top = enough_of(rows.front());
  const std::vector<NumberColumn> below = number_columns(rows.subspan(1), top.size());
  const bool other_corner =
      top[0].empty() || is_known_name(top[0]) ||
      (below[0].is_numeric && !number_of(top[0]) && are_of_one_scale(std::span(below).subspan(1)));
  if (count_up(top) || (other_corner && are_ids_of_columns(top.subspan(is_known_name(top[1]) + 1))))
    return true;
  const auto is_text = [](const std::string& cell) { return !number_of(cell) && !is_gap(cell); };
  return std::ranges::all_of(top.subspan(1), is_text) &&
         std::ranges::all_of(std::span(below).subspan(1), &NumberColumn::is_numeric);
}

// Whether the first two columns have the same cells in several rows.
bool pairs_return(std::span<const Row> rows) {
  std::set<std::pair<std::string_view, std::string_view>> pairs;
  for (const Row& row : rows) pairs.emplace(row[0], row[1]);
  return pairs.size() < rows.size();
}

// "1 5 7 9 12" in every row: integers behind the first of which none returns in its row.
bool are_distinct_in_rows(std::span<const Row> rows, std::size_t first) {
  return rows.size() >= 5 && std::ranges::all_of(rows, [&](const Row& row) {
           const std::span<const std::string> cells = enough_of(row).subspan(first);
           const std::set<std::string_view> distinct(cells.begin(), cells.end());
           return cells.size() >= 4 && distinct.size() == cells.size() &&
                  std::ranges::all_of(cells, is_integer);
         });
}

// The first column of items where the table is a matrix.
std::optional<std::size_t> first_of_matrix(const TextLayout& layout, std::span<const Row> rows) {
  const std::size_t width = layout.columns.size();
  if (width < 4) return std::nullopt;
  std::span<const std::string> names;
  if (layout.header) {
    names = enough_of(layout.columns);
  } else if (are_names_on_top(rows)) {
    names = enough_of(rows.front());
    rows = rows.subspan(1);
  }
  const std::array roles = {is_named(names, kUserNames), is_named(names, kItemNames),
                            is_named(names, kValueNames), is_named(names, kTimeNames)};
  if ((roles[0] && roles[1]) || (width < 20 && (roles[2] || std::ranges::count(roles, true) >= 2)))
    return std::nullopt;
  const std::vector<NumberColumn> columns = number_columns(rows, std::min(width, kEnoughColumns));
  // behind an index, the ids and the titles of the rows
  std::size_t first = 1;
  while (first < 3 &&
         (!columns[first].is_numeric || (!names.empty() && is_known_name(names[first]))))
    ++first;
  const std::span<const NumberColumn> items = std::span(columns).subspan(first);
  constexpr std::size_t kFewest = 3;  // items: two numbers behind other columns are no matrix
  if (items.size() < kFewest || !std::ranges::all_of(items, &NumberColumn::is_numeric))
    return std::nullopt;
  if (!names.empty() && are_ids_of_columns(names.subspan(first))) return first;
  if (rows.empty()) return width > 1000 ? std::optional(first) : std::nullopt;

  const bool own_lines =
      rows.size() >= (names.empty() ? 5 : 3) && num_distinct(rows, 0) == rows.size();
  const bool no_ids = !items.front().has_ids;  // where an item's would be
  const bool one_scale = are_of_one_scale(items);
  if (width == 4)
    return !names.empty() && no_ids && one_scale ? std::optional(first) : std::nullopt;
  if (one_scale &&
      (own_lines || (no_ids && first == 1) || (are_of_one_scale(columns) && pairs_return(rows))))
    return first;
  std::size_t gaps = 0;
  for (const NumberColumn& column : items) gaps += column.gaps;
  const bool sparse = gaps * 10 >= rows.size() * items.size() * 3;
  return !names.empty() && items.size() >= 8 && sparse && own_lines ? std::optional(first)
                                                                    : std::nullopt;
}

void refuse_matrix(const TextLayout& layout, std::span<const Row> rows, const std::string& name) {
  const auto first = first_of_matrix(layout, rows);
  if (!first) return;
  if (are_distinct_in_rows(rows, *first)) refuse_list(name);
  const std::size_t count = layout.columns.size() - *first;
  fail(ErrorCode::bad_data,
       "{} looks like a matrix of users x items, with one column per item: {} columns of ratings "
       "from column {} on; a table of ratings has a row for each rating, as pandas' "
       "df.melt(id_vars=df.columns[{}], var_name=\"item\", value_name=\"rating\").dropna() makes "
       "them (rows with 0 or 99 where nothing was rated are to be dropped as well); "
       "`user_column`, `item_column` and `value_column` tell the columns of what is no matrix",
       name, count, *first + 1, *first - 1);
}

}  // namespace

void refuse_list(const std::string& name) {
  fail(ErrorCode::bad_data,
       "{} looks like a line per user with a list of items: a table of ratings has a row for each "
       "user and item, as pandas' df.explode(\"items\") makes them of a column of lists; "
       "`user_column` and `item_column` tell the columns of what is no list",
       name);
}

void refuse_lists(std::span<const Row> rows, const std::string& name) {
  if (std::ranges::any_of(rows, &Row::empty)) return;
  if (are_ragged_lists(rows) || are_rising_lists(rows) || are_lists_behind_users(rows))
    refuse_list(name);
}

void refuse_other_shapes(const TextLayout& layout, const std::string& name) {
  if (!layout.dialect.keys.empty() || layout.size) return;  // JSON lines, MatrixMarket
  const std::size_t width = layout.columns.size();
  const std::span<const std::string> names = enough_of(layout.columns);
  const bool known =
      layout.header && is_named(names, kUserNames) && is_named(names, kItemNames) && width > 2;
  if (!known) refuse_lists(layout.rows, name);
  const auto is_as_wide = [&](const Row& row) { return row.size() == width; };
  std::vector<Row> as_wide;
  std::span<const Row> rows = layout.rows;
  if (!std::ranges::all_of(rows, is_as_wide)) {
    std::ranges::copy_if(layout.rows, std::back_inserter(as_wide), is_as_wide);
    rows = as_wide;
  }
  if (rows.size() * 10 < layout.rows.size() * 9) return;  // reading says what is wrong with them
  if (are_lists_in_cells(layout, rows)) refuse_list(name);
  refuse_matrix(layout, rows, name);
}

}  // namespace palate
