#include "palate/data/item_files.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/parse.h"
#include "data/byte_source.h"
#include "data/cell_formats.h"
#include "data/column_choice.h"
#include "data/format_choice.h"
#include "data/id_twins.h"
#include "data/rated_rows.h"
#include "data/rows.h"

namespace palate {
namespace {

// Calls visit(line, cells) for every row below the header, all of which have as many cells; lines
// count from 1. `choose(sample, layout)` is told the columns first, and says which of them are
// needed. `visit` has the cells of these alone.
void for_each_data_row(const OpenFile& file, auto&& choose, auto&& visit) {
  TextWindow window(*file.bytes, kTableWindowBytes, kLongestRow);
  const std::string_view first_line = window.text().substr(0, window.text().find_first_of("\r\n"));
  const bool one_column = first_line.find_first_of("\t,;|") == std::string_view::npos &&
                          first_line.find("::") == std::string_view::npos;
  const Sample sample = sample_of(window, file.name);
  TextLayout layout = guess_layout(
      sample, one_column ? std::optional<std::string>(",") : std::nullopt, std::nullopt);
  const std::vector<std::size_t> places = layout.cut_alone(choose(sample, layout));
  std::vector<std::string_view> needed(places.size());
  bool skip = layout.header_row;
  for_each_row(window, layout, file.name,
               [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                 if (std::exchange(skip, false)) return;
                 if (cells.size() != layout.width()) {
                   fail(ErrorCode::bad_data, "{}:{}: {} columns where the {} has {}", file.name,
                        line + 1, cells.size(), layout.header ? "header" : "first row",
                        layout.columns.size());
                 }
                 std::ranges::transform(places, needed.begin(),
                                        [&](std::size_t place) { return cells[place]; });
                 visit(line + 1, needed);
               });
}

}  // namespace

namespace {

// Calls visit(line, id) for each row of a file of ids: of the column that `choose(layout)` gives,
// which it returns in words.
std::string for_each_id(const std::string& path, bool trim_ids, std::uint32_t max_expansion,
                        auto&& choose, auto&& visit) {
  Expansion expansion{.most = max_expansion};
  const OpenFile file = open_file(path, expansion);
  std::string chosen;
  for_each_data_row(
      file,
      [&](const Sample&, const TextLayout& layout) {
        const std::size_t column = choose(layout);
        chosen = layout.header
                     ? fmt::format("column {} '{}'", column + 1, one_line(layout.columns[column]))
                     : fmt::format("column {}", column + 1);
        return std::vector{column};
      },
      [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
        visit(line, trim_ids ? trimmed_id(cells.front()) : cells.front());
      });
  return chosen;
}

}  // namespace

ItemList read_item_list(const std::string& path, const Catalog& catalog, bool trim_ids,
                        std::uint32_t max_expansion) {
  ItemList list;
  list.column = for_each_id(
      path, trim_ids, max_expansion,
      [](const TextLayout& layout) { return choose_item_columns(layout).item; },
      [&](std::uint64_t, std::string_view id) {
        const auto item = catalog.items.find(id);
        list.looked_up.add(id, item.has_value());
        if (item) {
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

UserList read_user_list(const std::string& path, const Catalog& catalog, bool trim_ids,
                        std::uint32_t max_expansion) {
  UserList list;
  list.column = for_each_id(path, trim_ids, max_expansion, choose_user_column,
                            [&](std::uint64_t line, std::string_view id) {
                              if (id.empty() || !is_valid_utf8(id)) {
                                fail(ErrorCode::bad_data, "{}:{}: {} {}", path, line, excerpt(id),
                                     id.empty() ? "is an empty id" : "is not valid UTF-8");
                              }
                              list.users.push_back(catalog.users.find(id));
                              list.ids.emplace_back(id);
                              list.looked_up.add(id, list.users.back().has_value());
                              list.unknown += list.users.back() ? 0 : 1;
                            });
  if (list.ids.empty()) fail(ErrorCode::bad_data, "{} has no users", path);
  return list;
}

RatedRows read_rated_rows(const std::string& path, const std::optional<std::string>& item_column,
                          const std::optional<std::string>& value_column, bool may_lack_values,
                          std::uint32_t max_expansion) {
  Expansion expansion{.most = max_expansion};
  const OpenFile file = open_file(path, expansion);
  RatedRows table;
  table.file = file.name;
  NumberFormat format;
  for_each_data_row(
      file,
      [&](const Sample& sample, const TextLayout& layout) {
        table.header = layout.header;
        table.columns = layout.columns;
        table.chosen = choose_rated_item_columns(layout, file.name, item_column, value_column,
                                                 may_lack_values);
        const std::optional<std::size_t> value = table.chosen.value;
        if (value) format = choose_number_format(sample, layout, *value).value_or(NumberFormat{});
        table.kept = table.chosen.items;
        for (const auto& column : {table.chosen.title, table.chosen.year, table.chosen.user}) {
          if (column) table.kept.push_back(*column);
        }
        std::vector<std::size_t> needed = table.kept;
        if (value) needed.push_back(*value);
        return needed;
      },
      [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
        const bool has_value = table.chosen.value.has_value();
        RatedRow row{.cells = {cells.begin(), cells.end() - (has_value ? 1 : 0)}, .value = {}};
        const std::string_view cell = has_value ? cells.back() : std::string_view{};
        if (!trim_spaces(cell).empty()) {
          const ParsedNumber number = parse_number_as(format, cell);
          row.value = static_cast<float>(number.value);
          if (number.error != NumberError::none || !std::isfinite(*row.value)) {
            fail(ErrorCode::bad_data, "{}:{}: column {}: {} is not a {}", file.name, line,
                 *table.chosen.value + 1, excerpt(cell),
                 number.error == NumberError::not_a_number ? "number" : "finite 32-bit number");
          }
        }
        table.rows.push_back(std::move(row));
      });
  return table;
}

}  // namespace palate
