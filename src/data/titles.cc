#include "data/titles.h"

#include <algorithm>
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

Index read_titles(const std::string& items_path, Catalog& catalog, bool trim_ids,
                  LookedUpIds* looked_up) {
  const OpenFile file = open_file(items_path);
  TextWindow window(*file.bytes, kTableWindowBytes, kLongestRow);
  TextLayout layout =
      guess_layout({window.text(), window.file_ends(), file.name}, std::nullopt, std::nullopt);
  const std::size_t num_columns = layout.columns.size();
  if (const auto known = known_columns(num_columns); !layout.header && !known.empty())
    layout.columns = known;
  const ItemColumns chosen = choose_item_columns(layout);

  if (num_columns > kMostMetadataColumns) {
    fail(ErrorCode::bad_data, "{}: {} columns are more than the {} that a model can keep",
         file.name, num_columns, kMostMetadataColumns);
  }
  const auto too_long = [](const std::string& name) { return name.size() > kLongestColumnName; };
  if (const auto name = std::ranges::find_if(layout.columns, too_long);
      name != layout.columns.end()) {
    fail(ErrorCode::bad_data,
         "{}: the name of column {} has {} bytes, more than the {} that a "
         "model can keep",
         file.name, name - layout.columns.begin() + 1, name->size(), kLongestColumnName);
  }

  const Index num_items = catalog.items.size();
  std::vector<std::string> titles(num_items);
  std::vector<MetadataColumn> metadata;
  std::vector<std::size_t> metadata_columns;  // their places in a row
  for (std::size_t column = 0; column < num_columns; ++column) {
    if (column == chosen.item || column == chosen.title) continue;
    metadata.push_back({layout.columns[column], std::vector<std::string>(num_items)});
    metadata_columns.push_back(column);
  }
  std::vector<bool> is_known(num_items);
  Index num_known = 0;
  bool skip = layout.header_row;
  for_each_row(window, layout, file.name,
               [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                 if (std::exchange(skip, false)) return;
                 if (cells.size() != num_columns) {
                   fail(ErrorCode::bad_data, "{}:{}: {} columns where the {} has {}", file.name,
                        line + 1, cells.size(), layout.header ? "header" : "first row",
                        num_columns);
                 }
                 const std::string_view cell = cells[chosen.item];
                 const std::string_view id = trim_ids ? trimmed_id(cell) : cell;
                 const auto item = catalog.items.find(id);
                 if (looked_up) looked_up->add(id, item.has_value());
                 if (!item || is_known[*item]) return;
                 is_known[*item] = true;
                 ++num_known;
                 titles[*item] = utf8_or_latin1(cells[chosen.title]);
                 for (std::size_t m = 0; m < metadata.size(); ++m)
                   metadata[m].cells[*item] = utf8_or_latin1(cells[metadata_columns[m]]);
               });
  if (num_known == 0) return 0;
  catalog.item_titles = std::move(titles);
  catalog.item_metadata = std::move(metadata);
  return num_known;
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
