#include "palate/data/pairs.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/column_choice.h"
#include "data/id_twins.h"
#include "data/rating_rows.h"
#include "data/rows.h"
#include "data/text_layout.h"

namespace palate {
namespace {

// Every row gets a cell for each name that an object has, be it in another row alone.
constexpr std::size_t kMostKeys = 1000;

// A file after the first must have its columns: as many, with the same names where both have some.
void require_same_columns(const TableFormat& first, const std::string& first_name,
                          const TableFormat& format, const std::string& name) {
  const bool same_names = !first.header || !format.header || first.columns == format.columns;
  if (same_names && first.columns.size() == format.columns.size() && first.user == format.user &&
      first.item == format.item)
    return;
  fail(ErrorCode::bad_data, "{} does not have the columns of {}", name, first_name);
}

void require_id(std::string_view cell, std::size_t column, const TableFormat& format,
                const std::string& name, std::uint64_t line) {
  if (!cell.empty() && is_valid_utf8(cell)) return;
  const RowError error{.line = line,
                       .reason = cell.empty() ? "is an empty id" : "is not valid UTF-8",
                       .column = column,
                       .cell = std::string(cell)};
  fail(ErrorCode::bad_data, "{}:{}: {}", name, line, in_words(error, format));
}

}  // namespace

RatingsTable for_each_pair(const std::vector<std::string>& paths, const ReadOptions& options,
                           const std::function<void(const TableFormat&, const PairRow&)>& visit) {
  ReadOptions ids_alone = options;
  ids_alone.value_column = ids_alone.time_column = "none";
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    for (std::string& file : matching_files(path)) files.push_back(std::move(file));
  }
  RatingsTable table;
  Expansion expansion{.most = options.max_expansion};
  std::string first;  // file with columns
  for (const std::string& path : files) {
    const OpenFile file = open_file(path, expansion);
    table.path += (table.path.empty() ? "" : ", ") + file.path;
    TextWindow window(*file.bytes, kTableWindowBytes, kLongestRow);
    const bool is_empty = window.text().find_first_not_of("\r\n") == std::string_view::npos;
    if (is_empty && files.size() > 1) continue;
    TextLayout layout = guess_layout(sample_of(window, file.name), options.delimiter,
                                     options.header, options.skip_lines);
    if (layout.dialect.keys.size() > kMostKeys) {
      fail(ErrorCode::bad_data,
           "{}: its first objects have {} different names, more than the {} that can be columns of "
           "predictions: leave all but users and items out",
           file.name, layout.dialect.keys.size(), kMostKeys);
    }
    const TableFormat format = choose_columns(layout, ids_alone, file.name);
    if (first.empty()) {
      first = file.name;
      table.format = format;
      table.format.compression = file.compression;
    }
    require_same_columns(table.format, first, format, file.name);
    layout.rows = {};
    bool skip = layout.header_row;
    for_each_row(window, layout, file.name,
                 [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                   if (std::exchange(skip, false)) return;
                   if (cells.size() != format.columns.size()) {
                     fail(ErrorCode::bad_data, "{}:{}: {} columns where the {} has {}", file.name,
                          line + 1, cells.size(), format.header ? "header" : "first row",
                          format.columns.size());
                   }
                   const auto id = [&](std::size_t column) {
                     const std::string_view cell =
                         options.trim_ids ? trimmed_id(cells[column]) : cells[column];
                     require_id(cell, column, format, file.name, line + 1);
                     return cell;
                   };
                   visit(table.format, {id(format.user), id(format.item), cells});
                   ++table.rows_read;
                 });
  }
  if (table.rows_read == 0) fail(ErrorCode::bad_data, "{} has no pairs", table.path);
  return table;
}

}  // namespace palate
