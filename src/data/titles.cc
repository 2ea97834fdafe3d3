#include "data/titles.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/column_choice.h"
#include "data/id_twins.h"
#include "data/rows.h"

namespace palate {
namespace {

// The columns of MovieLens' files without a header, as their README files name them.
std::vector<std::string> known_columns(std::size_t count) {
  if (count == 3) return {"id", "title", "genres"};  // movies.dat
  if (count == 24) {                                 // u.item
    return {
        "id",          "title",     "release date", "video release date", "IMDb URL", "unknown",
        "Action",      "Adventure", "Animation",    "Children's",         "Comedy",   "Crime",
        "Documentary", "Drama",     "Fantasy",      "Film-Noir",          "Horror",   "Musical",
        "Mystery",     "Romance",   "Sci-Fi",       "Thriller",           "War",      "Western"};
  }
  return {};
}

// The columns of metadata that are kept. A model's file names each in its header.
std::vector<std::size_t> metadata_columns(const TextLayout& layout, const ItemColumns& chosen,
                                          const std::string& name) {
  std::vector<std::size_t> kept;
  std::set<std::string_view> used;  // names that years and genres are looked for by
  std::size_t num_others = 0;
  for (std::size_t column = 0; column < layout.columns.size(); ++column) {
    if (column == chosen.item || column == chosen.title) continue;
    const std::string& column_name = layout.columns[column];
    const bool is_used = is_used_item_column(column_name) && used.insert(column_name).second;
    if (!is_used && num_others++ >= kMostOtherColumns) continue;
    if (column_name.size() > kLongestColumnName) {
      fail(ErrorCode::bad_data,
           "{}: the name of column {} has {} bytes, more than the {} that a model can keep", name,
           column + 1, column_name.size(), kLongestColumnName);
    }
    kept.push_back(column);
  }
  return kept;
}

// Cells that are kept of columns at any rate, and twice as many as the file has.
constexpr std::size_t kFreeCells = std::size_t{1} << 19;

// The cells that are needed of known items, row by row, until it is known how many items they are.
struct KnownRows {
  std::vector<Index> items;
  std::string text;                 // of all cells
  std::vector<std::uint64_t> ends;  // of each cell, in the text

  void add(std::string_view cell) {
    text += cell;
    ends.push_back(text.size());
  }
  // One of the `width` cells of each row.
  void take_column(std::size_t column, std::size_t width, std::vector<std::string>& cells) const {
    for (std::size_t row = 0; row < items.size(); ++row) {
      const std::size_t place = row * width + column;
      const std::size_t begin = place == 0 ? 0 : ends[place - 1];
      cells[items[row]] = utf8_or_latin1(std::string_view(text).substr(begin, ends[place] - begin));
    }
  }
};

std::string_view stem(std::string_view name) { return name.substr(0, name.find('.')); }

}  // namespace

std::optional<std::string> find_items_file(const std::string& ratings_path) {
  const std::vector<std::string> beside = files_beside(ratings_path);
  // The first file whose name, in lower case and without folder or zip, satisfies the condition.
  const auto find = [&](auto&& condition) -> std::optional<std::string> {
    const auto found = std::ranges::find_if(beside, [&](const std::string& path) {
      const std::size_t member = ascii_lower(path).find(".zip:");
      const std::string_view inner =
          member == std::string::npos ? path : std::string_view(path).substr(member + 5);
      return condition(ascii_lower(base_name(inner)));
    });
    return found == beside.end() ? std::nullopt : std::optional(*found);
  };
  for (const std::string_view name : {"movies.csv", "movies.dat", "u.item"}) {
    if (auto found = find([&](const std::string& other) { return other == name; })) return found;
  }
  const std::string twin = ascii_lower(stem(base_name(ratings_path))) + ".item";
  if (auto found = find([&](const std::string& other) { return other == twin; })) return found;
  return find([](const std::string& other) { return other.ends_with(".item"); });
}

TitlesRead read_titles(const std::string& items_path, Catalog& catalog,
                       const ReadOptions& options) {
  Expansion expansion{.most = options.max_expansion};
  const OpenFile file = open_file(items_path, expansion);
  TextWindow window(*file.bytes, kTableWindowBytes, kLongestRow);
  TextLayout layout = guess_layout(sample_of(window, file.name), std::nullopt, std::nullopt);
  if (const auto known = known_columns(layout.columns.size()); !layout.header && !known.empty())
    layout.columns = known;
  const ItemColumns chosen = choose_item_columns(layout);
  const std::vector<std::size_t> kept = metadata_columns(layout, chosen, file.name);

  std::vector<std::size_t> needed{chosen.item, chosen.title};
  needed.insert(needed.end(), kept.begin(), kept.end());
  const std::vector<std::size_t> places = layout.cut_alone(std::move(needed));

  TitlesRead read;
  read.num_columns = layout.columns.size() - (chosen.item == chosen.title ? 1 : 2);
  KnownRows rows;
  std::vector<bool> is_known(catalog.items.size());
  bool skip = layout.header_row;
  for_each_row(window, layout, file.name,
               [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                 if (std::exchange(skip, false)) return;
                 if (cells.size() != layout.width()) {
                   fail(ErrorCode::bad_data, "{}:{}: {} columns where the {} has {}", file.name,
                        line + 1, cells.size(), layout.header ? "header" : "first row",
                        layout.columns.size());
                 }
                 const std::string_view cell = cells[places[0]];
                 const std::string_view id = options.trim_ids ? trimmed_id(cell) : cell;
                 const auto item = catalog.items.find(id);
                 read.looked_up.add(id, item.has_value());
                 if (!item || is_known[*item]) return;
                 is_known[*item] = true;
                 rows.items.push_back(*item);
                 for (const std::size_t place : std::span(places).subspan(1))
                   rows.add(cells[place]);
               });
  read.num_known = static_cast<Index>(rows.items.size());
  if (read.num_known == 0) return read;
  // A table may know few of many items: then its columns would be empty for the most part.
  const std::size_t num_items = catalog.items.size();
  const std::size_t most = (kFreeCells + 2 * rows.ends.size()) / num_items;
  const auto is_used = [&](std::size_t column) {
    return is_used_item_column(layout.columns[column]);
  };
  std::size_t room = most - std::min(most, std::size_t(std::ranges::count_if(kept, is_used)));
  catalog.item_titles.assign(num_items, "");
  rows.take_column(0, places.size() - 1, catalog.item_titles);
  catalog.item_metadata.clear();
  for (std::size_t m = 0; m < kept.size(); ++m) {
    if (!is_used(kept[m]) && room == 0) continue;
    if (!is_used(kept[m])) --room;
    auto& column = catalog.item_metadata.emplace_back(layout.columns[kept[m]]);
    column.cells.resize(num_items);
    rows.take_column(m + 1, places.size() - 1, column.cells);
  }
  read.num_left_out = read.num_columns - catalog.item_metadata.size();
  return read;
}

std::optional<std::string_view> take_brackets(std::string_view& title) {
  const std::string_view trimmed = trim_spaces(title);
  const std::size_t open = trimmed.rfind('(');
  if (!trimmed.ends_with(')') || open == std::string_view::npos) return std::nullopt;
  const std::string_view before = trim_spaces(trimmed.substr(0, open));
  if (before.empty()) return std::nullopt;
  title = before;
  return trimmed.substr(open + 1, trimmed.size() - open - 2);
}

}  // namespace palate
