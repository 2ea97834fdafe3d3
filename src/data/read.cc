#include "palate/read.h"

#include <utility>

#include "base/fail.h"
#include "data/byte_source.h"
#include "data/duplicates.h"
#include "data/id_table.h"
#include "data/rating_columns.h"
#include "data/titles.h"

namespace palate {
namespace {

// Titles for the catalog, from the file that is told or else found beside the ratings; the file, where it was used.
std::string add_titles(Catalog& catalog, const std::string& ratings_path, const std::optional<std::string>& items_file) {
  if (items_file == "none") return "";
  if (items_file) {
    if (read_titles(*items_file, catalog) > 0) return *items_file;
    fail(ErrorCode::bad_data, "{}: none of its items is rated in {}", *items_file, ratings_path);
  }
  const auto found = find_items_file(ratings_path);
  try {
    return found && read_titles(*found, catalog) > 0 ? *found : "";
  } catch (const Error& error) {
    fail(error.code(), "{} (found beside the ratings: --items FILE tells another, --items none does without)", error.what());
  }
}

RatingsTable read_table(IdTable user_ids, IdTable item_ids, const std::string& path, const ReadOptions& options,
                        Parallel& parallel) {
  const OpenFile file = open_file(path);
  RatingColumns columns = read_rating_columns(file, options, user_ids, item_ids, parallel);
  RatingsTable table;
  table.path = file.path;
  table.format = columns.format;
  table.rows_read = columns.users.size();
  const std::vector<Repeat> repeats = find_repeats(columns.users, columns.items, user_ids.size(), item_ids.size(), parallel);
  table.duplicates = repeats.size();
  resolve_repeats(columns, repeats, options.duplicates, user_ids, item_ids);

  auto catalog = std::make_shared<Catalog>();
  catalog->users = Ids(std::make_shared<const IdTable>(std::move(user_ids)));
  catalog->items = Ids(std::make_shared<const IdTable>(std::move(item_ids)));
  Interactions& interactions = table.interactions;
  interactions.users = std::move(columns.users);
  interactions.items = std::move(columns.items);
  interactions.values = std::move(columns.values);
  interactions.times = std::move(columns.times);
  interactions.has_values = columns.format.value.has_value();
  interactions.catalog = std::move(catalog);
  return table;
}

}  // namespace

RatingsTable read_ratings(const std::string& path, const ReadOptions& options, Parallel& parallel) {
  RatingsTable table = read_table({}, {}, path, options, parallel);
  Catalog with_titles = *table.interactions.catalog;
  table.items_file = add_titles(with_titles, table.path, options.items_file);
  table.interactions.catalog = std::make_shared<const Catalog>(std::move(with_titles));
  return table;
}

RatingsTable read_ratings_with(const Catalog& catalog, const std::string& path, const ReadOptions& options,
                               Parallel& parallel) {
  RatingsTable table = read_table(catalog.users.table(), catalog.items.table(), path, options, parallel);
  Catalog extended = *table.interactions.catalog;
  extended.item_titles = catalog.item_titles;
  extended.item_metadata = catalog.item_metadata;
  if (!extended.item_titles.empty()) extended.item_titles.resize(extended.items.size());
  for (MetadataColumn& column : extended.item_metadata) column.cells.resize(extended.items.size());
  table.interactions.catalog = std::make_shared<const Catalog>(std::move(extended));
  return table;
}

}  // namespace palate
