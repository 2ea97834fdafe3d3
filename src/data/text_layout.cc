#include "data/text_layout.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/column_names.h"
#include "data/json_rows.h"
#include "data/lines_above.h"
#include "data/table_shape.h"

namespace palate {
namespace {

// "user_id:token": the typed header of RecBole's .inter and .item files.
bool is_typed(const Row& row) {
  return std::ranges::all_of(row, [](std::string_view cell) {
    const std::size_t colon = cell.rfind(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view type = cell.substr(colon + 1);
    return type == "token" || type == "token_seq" || type == "float" || type == "float_seq";
  });
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
}

void refuse_one_long_line(const RestOfText& rest) {
  constexpr auto kMany = 1000;
  const std::string_view text = rest.sample.text;
  if (rest.sample.is_whole_file || text.find('\n') != std::string_view::npos) return;
  const bool has_many_cells = std::ranges::any_of(
      std::string_view(",;\t| "), [&](char c) { return std::ranges::count(text, c) >= kMany; });
  fail(ErrorCode::bad_data, "{}:{}: no line end in the first {} bytes: not a table of text{}",
       rest.sample.name, rest.lines + 1, text.size(),
       has_many_cells ? "; a row of a matrix of users x items, with one column per item, is one of "
                        "the things that look so"
                      : "");
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

// What is no table

// Some lines end with a carriage return alone, or with two.
void refuse_mixed_line_ends(const RestOfText& rest) {
  const std::string_view line = without_line_end(rest.line());
  if (line.find('\r') == std::string_view::npos || line.find('"') != std::string_view::npos) return;
  fail(ErrorCode::bad_data,
       "{}:{}: a carriage return stands within the line {}: let all lines end in the same way",
       rest.sample.name, rest.lines + 1, excerpt(line));
}

// A line of its own names what the rows below it are of: "1:" in the files of the Netflix prize.
void refuse_blocks(const RestOfText& rest) {
  const std::string_view line = without_line_end(rest.line());
  const auto is_integer = [](std::string_view text) {
    return parse_canonical_integer(text).has_value();
  };
  if (line.ends_with(':') && is_integer(line.substr(0, line.size() - 1))) {
    fail(ErrorCode::bad_data,
         "{}:{}: {} looks like a block of the Netflix prize, where such a line names the item of "
         "the lines below it: write it into each of them, as awk -F: '/:$/ {{item = $1; next}} "
         "{{print item \",\" $0}}' does",
         rest.sample.name, rest.lines + 1, excerpt(line));
  }
  RestOfText below = rest;
  below.pass_line();
  const std::size_t bar = line.find('|');
  if (bar != std::string_view::npos && is_integer(line.substr(0, bar)) &&
      is_integer(line.substr(bar + 1)) && below.line().find('\t') != std::string_view::npos) {
    fail(ErrorCode::bad_data,
         "{}:{}: {} looks like a block, where such a line says the user of the lines below it and "
         "how many they are: write the user into each of them",
         rest.sample.name, rest.lines + 1, excerpt(line));
  }
}

[[noreturn]] void refuse_json(const RestOfText& rest, std::string_view what) {
  fail(ErrorCode::bad_data,
       "{}:{}: JSON of another form than an object for each rating: {}; write a line for each, as "
       "pandas' df.to_json(\"ratings.json\", orient=\"records\", lines=True) does",
       rest.sample.name, rest.lines + 1, what);
}

// Of a text that begins with a bracket or a brace, and whose lines are no objects.
void refuse_other_json(const RestOfText& rest) {
  const auto from_next = [](std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  };
  const std::string_view text = from_next(rest.sample.text);
  const std::string_view inner = from_next(text.substr(1));
  if (text.starts_with('[')) {
    if (inner.starts_with('['))
      refuse_json(rest, "an array of arrays, as pandas' orient=\"values\" writes");
    if (inner.starts_with(']')) refuse_json(rest, "an array without objects");
    if (inner.find_first_of("\"-0123456789") == 0 && without_line_end(rest.line()).ends_with(']'))
      refuse_json(rest, "an array");
    return;
  }
  if (!inner.starts_with('"') && !inner.starts_with('}')) return;  // an id may begin with a brace
  const std::size_t colon = inner.find("\":");
  const std::string_view value =
      colon == std::string_view::npos ? inner.substr(0, 0) : from_next(inner.substr(colon + 2));
  if (value.starts_with('{'))
    refuse_json(rest, "an object of objects, as pandas' orient=\"columns\" or \"index\" writes");
  if (value.starts_with('['))
    refuse_json(rest, "an object of arrays, as pandas' orient=\"split\" writes");
  refuse_json(rest, "an object over several lines");
}

TextLayout layout_of_json_lines(const RestOfText& rest, std::vector<std::string> keys) {
  const auto is_item = [](const std::string& key) { return is_one_of(key, kItemNames); };
  if (rest.line().find('[') != std::string_view::npos && std::ranges::none_of(keys, is_item)) {
    if (rest.line().size() == rest.sample.text.size()) refuse_json(rest, "one object with arrays");
    refuse_list(rest.sample.name);
  }
  TextLayout layout;
  layout.dialect = {.delimiter = "JSON lines", .quotes = false, .keys = keys};
  layout.header = true;
  layout.columns = std::move(keys);
  layout.rows = first_rows(rest.sample, layout.dialect);
  return layout;
}

// MatrixMarket's coordinate format (Boisvert, Pozo and Remington, The Matrix Market Exchange
// Formats, NIST 1996): a banner, comments, a line of sizes, then "row column value". Rows are
// users, columns items.
//
// A banner in other letters, or with spaces, is meant to be one: it is refused unless it is right.
bool begins_as_matrix_market(std::string_view text) {
  std::string line = ascii_lower(text.substr(0, std::min(text.find('\n'), text.size())));
  std::erase_if(line, [](char c) { return c == ' ' || c == '\t'; });
  const std::size_t name = line.find_first_not_of('%');
  return name != 0 && name != std::string::npos && line.substr(name).starts_with("matrixmarket");
}

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
  const std::vector<Row> words = first_rows({banner, true, sample.name}, layout.dialect);
  const bool pattern = words.front().size() > 3 && words.front()[3] == "pattern";
  const auto is_usable = [&](std::string_view entries) {
    return words.front() ==
           Row{"%%matrixmarket", "matrix", "coordinate", std::string(entries), "general"};
  };
  if (!is_usable("real") && !is_usable("integer") && !is_usable("pattern")) {
    fail(ErrorCode::bad_data,
         "{}:1: {} is not a general coordinate matrix of real, integer or pattern entries",
         sample.name, excerpt(banner));
  }
  std::string_view sizes = next_line();
  while (sizes.starts_with('%') || (trim_spaces(sizes).empty() && !rest.empty()))
    sizes = next_line();
  std::vector<std::int64_t> numbers;
  for (const Row& row : first_rows({sizes, true, sample.name}, layout.dialect)) {
    for (const std::string& cell : row)
      numbers.push_back(parse_canonical_integer(cell).value_or(-1));
  }
  if (numbers.size() != 3 || std::ranges::min(numbers) < 0) {
    fail(ErrorCode::bad_data, "{}:{}: {} is not the number of rows, columns and entries",
         sample.name, layout.preamble_lines, excerpt(sizes));
  }
  layout.size = MatrixSize{numbers[0], numbers[1], static_cast<std::uint64_t>(numbers[2])};
  layout.preamble_bytes = sample.text.size() - rest.size();
  layout.columns = {"column 1", "column 2"};
  if (!pattern) layout.columns.emplace_back("column 3");
  layout.rows = first_rows({rest, sample.is_whole_file, sample.name}, layout.dialect);
  return layout;
}

TextLayout layout_of_table(RestOfText& rest, std::optional<std::string> delimiter,
                           std::optional<bool> header, bool lines_told) {
  std::optional<Row> names;
  if (!lines_told) {
    pass_sep_line(rest, delimiter);
    names = pass_comments(rest, delimiter);
    pass_odd_lines(rest, delimiter);
  }
  TextLayout layout;
  layout.dialect = dialect_of(delimiter ? *delimiter : guessed_delimiter(rest));
  if (!lines_told && !names) pass_to_header(rest, layout.dialect);
  if (!lines_told) pass_counts(rest, layout.dialect);
  layout.rows = first_rows(rest.sample, layout.dialect);
  if (layout.rows.empty())
    fail(ErrorCode::bad_data, "{}:{}: there is no whole row in its first {} bytes",
         rest.sample.name, rest.lines + 1, rest.bytes + rest.sample.text.size());
  if (header == false) names.reset();
  const bool typed = is_typed(layout.rows.front());
  if (typed) {
    layout.dialect.quotes = false;
    layout.rows = first_rows(rest.sample, layout.dialect);
  }
  layout.header_row = !names && header.value_or(typed || first_row_is_header(layout.rows));
  layout.header = layout.header_row || names;
  const Row& first = names ? *names : layout.rows.front();
  for (std::size_t i = 0; i < first.size(); ++i) {
    const std::string_view cell = first[i];
    layout.columns.push_back(layout.header
                                 ? utf8_or_latin1(typed ? cell.substr(0, cell.rfind(':')) : cell)
                                 : "column " + std::to_string(i + 1));
  }
  if (layout.header_row) layout.rows.erase(layout.rows.begin());
  return layout;
}

}  // namespace

std::vector<std::size_t> TextLayout::cut_alone(std::vector<std::size_t> needed) {
  if (dialect.keys.empty()) return needed;
  std::vector<std::string> keys;
  for (std::size_t& column : needed) {
    const std::string& key = columns[column];
    column = static_cast<std::size_t>(std::ranges::find(keys, key) - keys.begin());
    if (column == keys.size()) keys.push_back(key);
  }
  dialect.keys = std::move(keys);
  return needed;
}

TextLayout guess_layout(const Sample& sample, const std::optional<std::string>& delimiter,
                        std::optional<bool> header, std::optional<std::uint64_t> skip_lines) {
  refuse_what_is_not_text(sample);
  if (begins_as_matrix_market(sample.text) && skip_lines.value_or(0) == 0)
    return layout_of_matrix_market(sample);
  RestOfText rest{.sample = sample};
  if (skip_lines) pass_told_lines(rest, *skip_lines);
  const std::size_t begin = rest.sample.text.find_first_not_of(" \t\r\n");
  const char first = begin == std::string_view::npos ? '\0' : rest.sample.text[begin];
  TextLayout layout;
  if (auto keys = first == '{'
                      ? keys_of_json_lines(rest.sample.text, sample.is_whole_file, kSampleRows)
                      : std::vector<std::string>{};
      !keys.empty()) {
    layout = layout_of_json_lines(rest, std::move(keys));
  } else {
    if (first == '{' || first == '[') refuse_other_json(rest);
    refuse_one_long_line(rest);
    refuse_mixed_line_ends(rest);
    refuse_blocks(rest);
    layout =
        layout_of_table(rest, delimiter ? std::optional(told_delimiter(*delimiter)) : std::nullopt,
                        header, skip_lines.has_value());
  }
  layout.preamble_bytes = rest.bytes;
  layout.preamble_lines = rest.lines;
  return layout;
}

}  // namespace palate
