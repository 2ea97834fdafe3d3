#include "palate/data/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/id_twins.h"
#include "data/rating_columns.h"
#include "data/rating_parts.h"
#include "data/rejects.h"
#include "data/titles.h"

namespace palate {
namespace {

// Titles for the catalog, from the file that is told or else found beside the ratings.
void add_titles(Catalog& catalog, const std::string& ratings_path, const ReadOptions& options,
                RatingsTable& table) {
  if (options.items_file == "none") return;
  const bool is_told = options.items_file.has_value();
  const auto file = is_told ? options.items_file : find_items_file(ratings_path);
  if (!file) return;
  TitlesRead read;
  try {
    read = read_titles(*file, catalog, options);
  } catch (const Error& error) {
    if (is_told) throw;
    fail(error.code(),
         "{} (found beside the ratings: `items_file=FILE` tells another, `items_file=none` does "
         "without)",
         error.what());
  }
  const Index known = read.num_known;
  if (known > 0) table.items_file = *file;
  if (known > 0 && read.num_left_out > 0) {
    table.items_warnings.push_back(
        {fmt::format("{}: {} of its {} columns beside ids and titles are left out: those of years "
                     "and genres are kept, and the first of others, {} at most",
                     *file, read.num_left_out, read.num_columns, kMostOtherColumns),
         ""});
  }
  const auto twins = read.looked_up.twins_in(catalog.items);
  if (known > 0 && !twins) return;
  std::string message = fmt::format("{}: {} of its items is rated in {}", *file,
                                    known == 0 ? "none" : "hardly one", ratings_path);
  std::string option = is_told ? "" : "`items_file=FILE`, or `items_file=none`";
  if (twins) {
    message += fmt::format(", where its {} may be {}: they differ by {}", excerpt(twins->wanted),
                           excerpt(twins->known), twins->difference);
    option = twins->option;
  }
  if (known == 0 && is_told) {
    fail(ErrorCode::bad_data, "{}{}", message, option.empty() ? "" : " (" + option + ")");
  }
  table.items_warnings.push_back({std::move(message), std::move(option)});
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
  Expansion expansion{.most = options.max_expansion};
  std::uint64_t num_missing = 0;
  try {
    for (const std::string& path : paths) {
      const OpenFile file = open_file(path, expansion);
      auto read = read_rating_columns(file, first ? &*first : nullptr, paths.size() > 1, options,
                                      rejects ? &*rejects : nullptr, parts, parallel);
      if (!read) {
        table.empty_files.push_back(file.path);
        continue;
      }
      num_missing += read->num_missing;
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
  if (!options.missing.empty()) {
    table.left_out.push_back(
        {fmt::format("a value of {} means \"not rated\"", fmt::join(options.missing, " or ")),
         num_missing});
  }
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
  add_titles(with_titles, files.size() == 1 ? table.path : files.front(), options, table);
  table.interactions.catalog = std::make_shared<const Catalog>(std::move(with_titles));
  return table;
}

RatingsTable read_ratings(const std::string& path, const ReadOptions& options, Parallel& parallel) {
  return read_ratings(std::vector{path}, options, parallel);
}

std::vector<std::string> files_meant(const std::vector<std::string>& paths) {
  std::vector<std::string> files = all_matching_files(paths);
  for (std::string& file : files) file = file_holding(file);
  return files;
}

std::optional<std::string> titles_file(const std::vector<std::string>& paths,
                                       const ReadOptions& options) {
  if (options.items_file == "none" || paths.empty()) return std::nullopt;
  const auto found =
      options.items_file ? options.items_file : find_items_file(all_matching_files(paths).front());
  return found ? std::optional(file_holding(*found)) : std::nullopt;
}

RatingsTable read_ratings_with(const Catalog& catalog, const std::vector<std::string>& paths,
                               const ReadOptions& options, Parallel& parallel) {
  return read_table(catalog, all_matching_files(paths), options, parallel);
}

}  // namespace palate
