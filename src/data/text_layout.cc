#include "data/text_layout.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/column_names.h"
#include "data/json_rows.h"

namespace palate {
namespace {

constexpr std::array<std::string_view, 5> kDelimiters = {"\t", "::", ",", ";", "|"};
constexpr std::size_t kSampleRows = 100;

bool delimiter_allows_quotes(std::string_view delimiter) {
  return delimiter != "::" && delimiter != "|";
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

bool first_row_is_header(const std::vector<Row>& rows) {
  const Row& first = rows.front();
  if (std::ranges::any_of(first, is_number)) return false;
  if (std::ranges::any_of(first, is_known_name)) return true;
  const auto below = std::span(rows).subspan(1);
  if (below.empty()) return first.size() > 2;
  for (std::size_t column = 0; column < first.size(); ++column) {
    if (column_is_numeric(below, column)) return true;
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
  const auto all_numbers = [](const Row& row) { return std::ranges::all_of(row, is_number); };
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
  layout.header = header.value_or(typed || first_row_is_header(layout.rows));
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

}  // namespace palate
