#include "data/table_format.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/json_rows.h"

namespace palate {
namespace {

using Row = std::vector<std::string>;

constexpr std::array<std::string_view, 5> kDelimiters = {"\t", "::", ",", ";", "|"};
constexpr std::size_t kSampleRows = 100;

bool delimiter_allows_quotes(std::string_view delimiter) {
  return delimiter != "::" && delimiter != "|";
}

bool is_number(std::string_view delimiter, std::string_view cell) {
  return parse_number_between(delimiter, cell).error == NumberError::none;
}

// Lower case, letters and digits alone: "userId", "User ID" and "user_id" are one name.
std::string simplified(std::string_view name) {
  std::string simple = ascii_lower(name);
  std::erase_if(simple, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); });
  return simple;
}

// Simplified names, each between spaces.
using Names = std::string_view;
constexpr Names kUserNames =
    " user userid users uid username reviewer reviewerid customer customerid member memberid "
    "account accountid visitorid person"
    " personid reader ";
constexpr Names kItemNames =
    " item itemid items iid movie movieid film filmid product productid asin parentasin book "
    "bookid isbn artist artistid track"
    " trackid song songid game gameid business businessid anime animeid recipe recipeid article "
    "articleid poi location"
    " locationid ";
constexpr Names kValueNames =
    " rating ratings value score stars star overall bookrating count counts plays playcount weight "
    "preference grade ";
constexpr Names kTimeNames =
    " timestamp time unixreviewtime unixtime ts seconds ratedat createdat date ";
constexpr Names kTitleNames =
    " title name movietitle itemname itemtitle moviename booktitle productname artistname trackname"
    " songtitle ";

bool is_one_of(std::string_view column, Names names) {
  return names.find(' ' + simplified(column) + ' ') != Names::npos;
}

bool is_known_name(std::string_view column) {
  return std::ranges::any_of(
      std::array{kUserNames, kItemNames, kValueNames, kTimeNames, kTitleNames},
      [&](Names names) { return is_one_of(column, names); });
}

// Up to a bad row, if there is one: reading will say where it is.
std::vector<Row> first_rows(const Sample& sample, const Dialect& dialect) {
  std::vector<Row> rows;
  std::vector<std::string_view> cells;
  with_row_parser(sample.text, dialect, sample.is_whole_file, [&](auto& parser) {
    while (rows.size() < kSampleRows && parser.next(cells))
      rows.emplace_back(cells.begin(), cells.end());
  });
  return rows;
}

// Rows with as many cells as the first, then their number of cells; nothing where the first row is
// not cut at all.
std::pair<std::size_t, std::size_t> agreement(std::span<const Row> rows) {
  if (rows.empty() || rows.front().size() < 2) return {0, 0};
  const std::size_t cells = rows.front().size();
  return {static_cast<std::size_t>(std::ranges::count(rows, cells, &Row::size)), cells};
}

// "user_id:token": the typed header of RecBole's .inter and .item files.
bool is_typed(const Row& row) {
  return std::ranges::all_of(row, [](std::string_view cell) {
    const std::size_t colon = cell.rfind(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view type = cell.substr(colon + 1);
    return type == "token" || type == "token_seq" || type == "float" || type == "float_seq";
  });
}

bool column_is_numeric(std::string_view delimiter, std::span<const Row> rows, std::size_t column) {
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && is_number(delimiter, row[column]);
  });
}

bool first_row_is_header(std::string_view delimiter, const std::vector<Row>& rows) {
  const Row& first = rows.front();
  if (std::ranges::any_of(first, [&](std::string_view cell) { return is_number(delimiter, cell); }))
    return false;
  if (std::ranges::any_of(first, is_known_name)) return true;
  const auto below = std::span(rows).subspan(1);
  if (below.empty()) return first.size() > 2;
  for (std::size_t column = 0; column < first.size(); ++column) {
    if (column_is_numeric(delimiter, below, column)) return true;
  }
  return false;
}

void refuse_what_is_not_text(const Sample& sample) {
  if (sample.text.find_first_not_of("\r\n") == std::string_view::npos)
    fail(ErrorCode::bad_data, "{} is empty", sample.name);
  if (sample.text.starts_with("\xFF\xFE") || sample.text.starts_with("\xFE\xFF")) {
    fail(ErrorCode::bad_data, "{} is UTF-16 text: save it as UTF-8", sample.name);
  }
  if (sample.text.find('\0') != std::string_view::npos) {
    fail(ErrorCode::bad_data, "{} is a binary file, not a table of text", sample.name);
  }
  if (!sample.is_whole_file && sample.text.find('\n') == std::string_view::npos) {
    fail(ErrorCode::bad_data, "{}:1: no line end in the first {} bytes: not a table of text",
         sample.name, sample.text.size());
  }
}

std::string told_delimiter(const std::string& delimiter) {
  if (delimiter == "\\t" || delimiter == "tab") return "\t";
  const bool usable = (delimiter.size() == 1 || delimiter.size() == 2) &&
                      delimiter.find_first_of("\"\r\n") == std::string::npos;
  if (!usable)
    fail(ErrorCode::invalid_argument, "delimiter {} is not one or two characters",
         excerpt(delimiter));
  return delimiter;
}

// "3 17 4.5": LIBMF's triplets.
bool has_numbers_between_spaces(const Sample& sample) {
  const std::vector<Row> rows = first_rows(sample, {" ", false});
  const auto all_numbers = [](const Row& row) {
    return std::ranges::all_of(row, [](std::string_view cell) { return is_number(" ", cell); });
  };
  return agreement(rows).first == rows.size() && std::ranges::all_of(rows, all_numbers);
}

std::string guessed_delimiter(const Sample& sample) {
  std::pair<std::size_t, std::size_t> best{0, 0};
  std::string_view chosen;
  for (const std::string_view delimiter : kDelimiters) {
    const auto found =
        agreement(first_rows(sample, {std::string(delimiter), delimiter_allows_quotes(delimiter)}));
    if (found > best) {
      best = found;
      chosen = delimiter;
    }
  }
  if (chosen.empty() && has_numbers_between_spaces(sample)) return " ";
  if (chosen.empty()) {
    const std::string_view first_line = sample.text.substr(0, sample.text.find_first_of("\r\n"));
    fail(ErrorCode::bad_data, "{}:1: no tab, ::, comma, semicolon or | sets columns apart in {}",
         sample.name, excerpt(first_line));
  }
  return std::string(chosen);
}

// Gives columns to roles, each to one.
class ColumnChoice {
 public:
  ColumnChoice(const TextLayout& layout, const std::string& file)
      : layout_(layout), file_(file), taken_(layout.columns.size()) {}

  // The column that an option names, or that is known by its name.
  std::optional<std::size_t> told(const std::string& role, const std::string& column) {
    const std::size_t position = resolve(role, column);
    if (taken_[position]) {
      fail(ErrorCode::invalid_argument, "{}: column '{}' cannot be the {} column too", file_,
           layout_.columns[position], role);
    }
    taken_[position] = true;
    return position;
  }
  std::optional<std::size_t> named(Names names) {
    for (std::size_t i = 0; layout_.header && i < taken_.size(); ++i) {
      if (taken_[i] || !is_one_of(layout_.columns[i], names)) continue;
      taken_[i] = true;
      return i;
    }
    return std::nullopt;
  }
  // The first column that nobody has, under a condition.
  template <class Condition>
  std::optional<std::size_t> next(Condition&& usable) {
    const auto free = std::ranges::find(taken_, false);
    const auto position = static_cast<std::size_t>(free - taken_.begin());
    if (free == taken_.end() || !usable(position)) return std::nullopt;
    taken_[position] = true;
    return position;
  }

 private:
  std::size_t resolve(const std::string& role, const std::string& column) const {
    const std::vector<std::string>& columns = layout_.columns;
    if (const auto exact = std::ranges::find(columns, column);
        layout_.header && exact != columns.end()) {
      return static_cast<std::size_t>(exact - columns.begin());
    }
    const auto same = [&](const std::string& other) {
      return simplified(other) == simplified(column);
    };
    if (const auto number = parse_canonical_integer(column)) {
      if (*number >= 1 && static_cast<std::uint64_t>(*number) <= columns.size())
        return static_cast<std::size_t>(*number - 1);
    } else if (const auto found = std::ranges::find_if(columns, same);
               !simplified(column).empty() && found != columns.end()) {
      return static_cast<std::size_t>(found - columns.begin());
    }
    std::string names;
    for (const std::string& name : columns) names += (names.empty() ? "" : ", ") + name;
    fail(ErrorCode::invalid_argument, "{}: there is no column {} for the {}: its {} columns are {}",
         file_, excerpt(column), role, columns.size(), names);
  }

  const TextLayout& layout_;
  const std::string& file_;
  std::vector<bool> taken_;
};

// Integers too large for ratings: seconds since 1970, from 1973 on.
bool looks_like_times(std::span<const Row> rows, std::size_t column) {
  constexpr std::int64_t kLeast = 100'000'000;
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && parse_time(row[column]).value_or(0) >= kLeast;
  });
}

TextLayout layout_of_json_lines(const Sample& sample, std::vector<std::string> keys) {
  TextLayout layout;
  layout.dialect = {.delimiter = "JSON lines", .quotes = false, .keys = keys};
  layout.header = true;
  layout.columns = std::move(keys);
  layout.rows = first_rows(sample, layout.dialect);
  return layout;
}

// MatrixMarket's coordinate format (Boisvert, Pozo and Remington, The Matrix Market Exchange
// Formats, NIST 1996): a banner, comments, a line of sizes, then "row column value". Rows are
// users, columns items.
constexpr std::string_view kMatrixMarket = "%%MatrixMarket";

TextLayout layout_of_matrix_market(const Sample& sample) {
  TextLayout layout;
  layout.dialect = {.delimiter = " ", .quotes = false};
  std::string_view rest = sample.text;
  const auto next_line = [&] {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    ++layout.preamble_lines;
    return line;
  };
  const std::string banner = ascii_lower(next_line());
  const bool pattern = banner.find(" pattern ") != std::string::npos;
  const bool usable = banner.find(" coordinate ") != std::string::npos &&
                      banner.find(" general") != std::string::npos &&
                      (pattern || banner.find(" real ") != std::string::npos ||
                       banner.find(" integer ") != std::string::npos);
  if (!usable) {
    fail(ErrorCode::bad_data,
         "{}:1: {} is not a general coordinate matrix of real, integer or pattern entries",
         sample.name, excerpt(banner));
  }
  std::string_view sizes = next_line();
  while (sizes.starts_with('%') || (trim_spaces(sizes).empty() && !rest.empty()))
    sizes = next_line();
  const std::vector<Row> size_rows = first_rows({sizes, true, sample.name}, layout.dialect);
  const auto count = size_rows.size() == 1 && size_rows[0].size() == 3
                         ? parse_canonical_integer(size_rows[0][2])
                         : std::nullopt;
  if (!count || *count < 0) {
    fail(ErrorCode::bad_data, "{}:{}: {} is not the number of rows, columns and entries",
         sample.name, layout.preamble_lines, excerpt(sizes));
  }
  layout.num_rows = static_cast<std::uint64_t>(*count);
  layout.preamble_bytes = sample.text.size() - rest.size();
  layout.columns = {"column 1", "column 2"};
  if (!pattern) layout.columns.emplace_back("column 3");
  layout.rows = first_rows({rest, sample.is_whole_file, sample.name}, layout.dialect);
  return layout;
}

}  // namespace

TextLayout guess_layout(const Sample& sample, const std::optional<std::string>& delimiter,
                        std::optional<bool> header) {
  refuse_what_is_not_text(sample);
  if (sample.text.starts_with('{')) {
    if (auto keys = keys_of_json_lines(sample.text, sample.is_whole_file, kSampleRows);
        !keys.empty())
      return layout_of_json_lines(sample, std::move(keys));
  }
  if (sample.text.starts_with(kMatrixMarket)) return layout_of_matrix_market(sample);
  TextLayout layout;
  layout.dialect.delimiter = delimiter ? told_delimiter(*delimiter) : guessed_delimiter(sample);
  layout.dialect.quotes = delimiter_allows_quotes(layout.dialect.delimiter);
  layout.rows = first_rows(sample, layout.dialect);
  if (layout.rows.empty())
    fail(ErrorCode::bad_data, "{}:1: there is no whole row in its first {} bytes", sample.name,
         sample.text.size());
  const bool typed = is_typed(layout.rows.front());
  if (typed) {
    layout.dialect.quotes = false;
    layout.rows = first_rows(sample, layout.dialect);
  }
  layout.header =
      header.value_or(typed || first_row_is_header(layout.dialect.delimiter, layout.rows));
  layout.header_row = layout.header;
  for (std::size_t i = 0; i < layout.rows.front().size(); ++i) {
    const std::string_view cell = layout.rows.front()[i];
    layout.columns.push_back(layout.header
                                 ? utf8_or_latin1(typed ? cell.substr(0, cell.rfind(':')) : cell)
                                 : "column " + std::to_string(i + 1));
  }
  if (layout.header) layout.rows.erase(layout.rows.begin());
  return layout;
}

TableFormat choose_columns(const TextLayout& layout, const ReadOptions& options,
                           const std::string& name) {
  const std::size_t count = layout.columns.size();
  if (count < 2)
    fail(ErrorCode::bad_data, "{}: {} column is too few for users and items", name, count);
  ColumnChoice choice(layout, name);
  const auto told = [&](const char* role,
                        const std::optional<std::string>& column) -> std::optional<std::size_t> {
    return column ? choice.told(role, *column) : std::nullopt;
  };
  const auto is_given = [](const std::optional<std::string>& column) {
    return column && *column != "none";
  };
  const auto optional_told = [&](const char* role, const std::optional<std::string>& column) {
    return is_given(column) ? told(role, column) : std::nullopt;
  };
  auto user = told("user", options.user_column);
  auto item = told("item", options.item_column);
  auto value = optional_told("value", options.value_column);
  auto time = optional_told("time", options.time_column);
  if (!user) user = choice.named(kUserNames);
  if (!item) item = choice.named(kItemNames);
  if (!options.value_column) value = choice.named(kValueNames);
  if (!options.time_column) time = choice.named(kTimeNames);
  const auto any = [](std::size_t) { return true; };
  if (!user) user = choice.next(any);
  if (!item) item = choice.next(any);
  if (!user || !item) {
    fail(ErrorCode::invalid_argument, "{}: no column is left for the {}: tell it with `{}_column`",
         name, user ? "item" : "user", user ? "item" : "user");
  }
  const auto times = [&](std::size_t column) { return looks_like_times(layout.rows, column); };
  const auto values = [&](std::size_t column) {
    // a bad first cell must not hide the ratings
    const bool only_rows_tell = !layout.header && column == 2;
    return (column_is_numeric(layout.dialect.delimiter, layout.rows, column) || only_rows_tell) &&
           !(times(column) && !time && !options.time_column);
  };
  if (!value && !options.value_column) value = choice.next(values);
  if (!time && !options.time_column) time = choice.next(times);

  TableFormat format;
  format.delimiter = layout.dialect.delimiter;
  format.header = layout.header;
  format.columns = layout.columns;
  format.user = *user;
  format.item = *item;
  format.value = value;
  format.time = time;
  return format;
}

ParsedNumber parse_number_between(std::string_view delimiter, std::string_view cell) {
  const ParsedNumber number = parse_number(cell);
  if (number.error != NumberError::not_a_number || delimiter != ";") return number;
  const std::size_t comma = cell.find(',');
  if (comma == std::string_view::npos) return number;
  std::string with_point(cell);
  with_point[comma] = '.';
  return parse_number(with_point);
}

bool is_user_name(std::string_view column) { return is_one_of(column, kUserNames); }
bool is_item_name(std::string_view column) { return is_one_of(column, kItemNames); }

ItemColumns choose_item_columns(const TextLayout& layout) {
  static const std::string kNoName;
  ColumnChoice choice(layout, kNoName);
  const auto any = [](std::size_t) { return true; };
  auto item = choice.named(kItemNames);
  auto title = choice.named(kTitleNames);
  if (!item) item = choice.next(any);
  if (!title) title = choice.next(any);
  return {item.value_or(0), title.value_or(0)};
}

RatedItemColumns choose_rated_item_columns(const TextLayout& layout, const std::string& name) {
  const std::size_t count = layout.columns.size();
  if (count < 2 || (!layout.header && count > 2)) {
    fail(ErrorCode::bad_data,
         "{}: {} column{}{}, where an item and its rating are two; a header \"item,rating\" tells "
         "them",
         name, count, count == 1 ? "" : "s", layout.header ? "" : " without a header");
  }
  ColumnChoice choice(layout, name);
  const auto any = [](std::size_t) { return true; };
  choice.named(kUserNames);
  choice.named(kTitleNames);
  auto item = choice.named(kItemNames);
  auto value = choice.named(kValueNames);
  if (!item) item = choice.next(any);
  if (!value) value = choice.next(any);
  if (!item || !value) {
    fail(ErrorCode::bad_data,
         "{}: no column is left for the {}; a header \"item,rating\" tells them", name,
         item ? "rating" : "item");
  }
  return {*item, *value};
}

}  // namespace palate
