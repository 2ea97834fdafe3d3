#include "palate/data/item_files.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/parse.h"
#include "data/byte_source.h"
#include "data/cell_formats.h"
#include "data/column_choice.h"
#include "data/rows.h"

namespace palate {
namespace {

// Calls visit(line, cells) for every row below the header, all of which have as many cells; lines
// count from 1. `choose(layout)` is told the columns first.
void for_each_data_row(const OpenFile& file, auto&& choose, auto&& visit) {
  TextWindow window(*file.bytes, kTableWindowBytes, kLongestRow);
  const std::string_view first_line = window.text().substr(0, window.text().find_first_of("\r\n"));
  const bool one_column = first_line.find_first_of("\t,;|") == std::string_view::npos &&
                          first_line.find("::") == std::string_view::npos;
  const TextLayout layout =
      guess_layout({window.text(), window.file_ends(), file.name},
                   one_column ? std::optional<std::string>(",") : std::nullopt, std::nullopt);
  choose(layout);
  bool skip = layout.header_row;
  for_each_row(window, layout, file.name,
               [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                 if (std::exchange(skip, false)) return;
                 if (cells.size() != layout.columns.size()) {
                   fail(ErrorCode::bad_data, "{}:{}: {} columns where the {} has {}", file.name,
                        line + 1, cells.size(), layout.header ? "header" : "first row",
                        layout.columns.size());
                 }
                 visit(line + 1, cells);
               });
}

}  // namespace

ItemList read_item_list(const std::string& path, const Catalog& catalog) {
  const OpenFile file = open_file(path);
  ItemList list;
  std::size_t column = 0;
  for_each_data_row(
      file, [&](const TextLayout& layout) { column = choose_item_columns(layout).item; },
      [&](std::uint64_t, const std::vector<std::string_view>& cells) {
        if (const auto item = catalog.items.find(cells[column])) {
          list.items.push_back(*item);
        } else {
          ++list.unknown;
        }
      });
  std::ranges::sort(list.items);
  const auto repeated = std::ranges::unique(list.items);
  list.items.erase(repeated.begin(), repeated.end());
  return list;
}

RatedItems read_rated_items(const std::string& path, const Catalog& catalog) {
  const OpenFile file = open_file(path);
  RatedItemColumns columns;
  std::string delimiter;
  std::vector<std::pair<Index, float>> ratings;
  std::uint64_t unknown = 0;
  for_each_data_row(
      file,
      [&](const TextLayout& layout) {
        columns = choose_rated_item_columns(layout, file.name);
        delimiter = layout.dialect.delimiter;
      },
      [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
        const std::string_view cell = cells[columns.value];
        const ParsedNumber number = parse_number_between(delimiter, cell);
        const auto value = static_cast<float>(number.value);
        if (number.error != NumberError::none || !std::isfinite(value)) {
          fail(ErrorCode::bad_data, "{}:{}: column {}: {} is not a {}", file.name, line,
               columns.value + 1, excerpt(cell),
               number.error == NumberError::not_a_number ? "number" : "finite 32-bit number");
        }
        if (const auto item = catalog.items.find(cells[columns.item])) {
          ratings.emplace_back(*item, value);
        } else {
          ++unknown;
        }
      });
  RatedItems rated = rated_items(std::move(ratings));
  rated.unknown = unknown;
  return rated;
}

}  // namespace palate
