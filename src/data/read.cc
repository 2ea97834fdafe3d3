#include "palate/data/read.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "data/byte_source.h"
#include "data/duplicates.h"
#include "data/id_table.h"
#include "data/rating_columns.h"
#include "data/rejects.h"
#include "data/titles.h"

namespace palate {
namespace {

// Titles for the catalog, from the file that is told or else found beside the ratings; the file,
// where it was used.
std::string add_titles(Catalog& catalog, const std::string& ratings_path,
                       const std::optional<std::string>& items_file) {
  if (items_file == "none") return "";
  if (items_file) {
    if (read_titles(*items_file, catalog) > 0) return *items_file;
    fail(ErrorCode::bad_data, "{}: none of its items is rated in {}", *items_file, ratings_path);
  }
  const auto found = find_items_file(ratings_path);
  try {
    return found && read_titles(*found, catalog) > 0 ? *found : "";
  } catch (const Error& error) {
    fail(error.code(),
         "{} (found beside the ratings: `items_file=FILE` tells another, `items_file=none` does "
         "without)",
         error.what());
  }
}

std::vector<std::string> all_matching_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths)
    std::ranges::move(matching_files(path), std::back_inserter(files));
  return files;
}

// All files, one after the other.
RatingColumns read_columns(const std::vector<std::string>& paths, const ReadOptions& options,
                           IdTable& user_ids, IdTable& item_ids, RatingsTable& table,
                           Parallel& parallel) {
  std::optional<RejectsFile> rejects;
  if (options.rejects_file)
    rejects.emplace(*options.rejects_file, options.most_rejects, options.most_rejects_share);
  RatingColumns columns;
  try {
    for (const std::string& path : paths) {
      const OpenFile file = open_file(path);
      read_rating_columns(file, options, user_ids, item_ids, rejects ? &*rejects : nullptr, columns,
                          parallel);
      table.path += (table.path.empty() ? "" : ", ") + file.path;
    }
    if (rejects) rejects->check_share(columns.users.size());
  } catch (const Error& error) {
    // those so far say more than the error
    if (rejects && error.code() == ErrorCode::bad_data) rejects->commit();
    throw;
  }
  table.format = columns.files.front().format;
  table.rows_read = columns.users.size();
  if (rejects) {
    rejects->commit();
    table.rejects = rejects->reasons();
  }
  return columns;
}

RatingsTable read_table(IdTable user_ids, IdTable item_ids, const std::vector<std::string>& paths,
                        const ReadOptions& options, Parallel& parallel) {
  RatingsTable table;
  RatingColumns columns = read_columns(paths, options, user_ids, item_ids, table, parallel);
  const std::vector<Repeat> repeats =
      find_repeats(columns.users, columns.items, user_ids.size(), item_ids.size(), parallel);
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
  interactions.has_values = table.format.value.has_value();
  interactions.catalog = std::move(catalog);
  return table;
}

}  // namespace

RatingsTable read_ratings(const std::vector<std::string>& paths, const ReadOptions& options,
                          Parallel& parallel) {
  const std::vector<std::string> files = all_matching_files(paths);
  RatingsTable table = read_table({}, {}, files, options, parallel);
  Catalog with_titles = *table.interactions.catalog;
  table.items_file =
      add_titles(with_titles, files.size() == 1 ? table.path : files.front(), options.items_file);
  table.interactions.catalog = std::make_shared<const Catalog>(std::move(with_titles));
  return table;
}

RatingsTable read_ratings(const std::string& path, const ReadOptions& options, Parallel& parallel) {
  return read_ratings(std::vector{path}, options, parallel);
}

RatingsTable read_ratings_with(const Catalog& catalog, const std::vector<std::string>& paths,
                               const ReadOptions& options, Parallel& parallel) {
  RatingsTable table = read_table(catalog.users.table(), catalog.items.table(),
                                  all_matching_files(paths), options, parallel);
  Catalog extended = *table.interactions.catalog;
  extended.item_titles = catalog.item_titles;
  extended.item_metadata = catalog.item_metadata;
  if (!extended.item_titles.empty()) extended.item_titles.resize(extended.items.size());
  for (MetadataColumn& column : extended.item_metadata) column.cells.resize(extended.items.size());
  table.interactions.catalog = std::make_shared<const Catalog>(std::move(extended));
  return table;
}

}  // namespace palate
