#include "palate/data/read.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "data/byte_source.h"
#include "data/rating_columns.h"
#include "data/rating_parts.h"
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
void read_parts(const std::vector<std::string>& paths, const ReadOptions& options,
                RatingParts& parts, RatingsTable& table, Parallel& parallel) {
  std::optional<RejectsFile> rejects;
  if (options.rejects_file)
    rejects.emplace(*options.rejects_file, options.most_rejects, options.most_rejects_share);
  std::optional<RatingsFile> first;
  try {
    for (const std::string& path : paths) {
      const OpenFile file = open_file(path);
      auto read = read_rating_columns(file, first ? &*first : nullptr, paths.size() > 1, options,
                                      rejects ? &*rejects : nullptr, parts, parallel);
      if (!read) {
        table.empty_files.push_back(file.path);
        continue;
      }
      if (!first) first = std::move(read);
      table.path += (table.path.empty() ? "" : ", ") + file.path;
    }
    if (!first)
      fail(ErrorCode::bad_data, "none of {} and {} other files has ratings", paths.front(),
           paths.size() - 1);
    if (rejects) rejects->check_share(parts.num_rows());
  } catch (const Error& error) {
    // those so far say more than the error
    if (rejects && error.code() == ErrorCode::bad_data) rejects->commit();
    throw;
  }
  table.format = first->format;
  table.rows_read = parts.num_rows();
  if (rejects) {
    rejects->commit();
    table.rejects = rejects->reasons();
  }
}

RatingsTable read_table(const Catalog& known, const std::vector<std::string>& paths,
                        const ReadOptions& options, Parallel& parallel) {
  RatingsTable table;
  RatingParts parts(known);
  read_parts(paths, options, parts, table, parallel);
  Built built = parts.finish(options.duplicates, parallel);
  table.interactions = std::move(built.interactions);
  table.interactions.has_values = table.format.value.has_value();
  table.duplicates = built.duplicates;
  return table;
}

}  // namespace

RatingsTable read_ratings(const std::vector<std::string>& paths, const ReadOptions& options,
                          Parallel& parallel) {
  const std::vector<std::string> files = all_matching_files(paths);
  RatingsTable table = read_table({}, files, options, parallel);
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
  return read_table(catalog, all_matching_files(paths), options, parallel);
}

}  // namespace palate
