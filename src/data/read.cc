#include "palate/data/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/feedback.h"
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

// The row of a value below 0, for a message.
std::string negative_weight(const RatingsFile& file) {
  const NegativeValue& negative = *file.first_negative;
  return fmt::format("{}:{}: {}", file.name, negative.line,
                     in_words(RowError{.line = negative.line,
                                       .reason = kNegativeWeight,
                                       .column = file.format.value,
                                       .cell = negative.cell},
                              file.format));
}

// Tells how much of a file has been read.
class ToldSource final : public ByteSource {
 public:
  ToldSource(const OpenFile& file, std::unique_ptr<ByteSource> bytes, const ReadOptions& options)
      : file_(file), bytes_(std::move(bytes)), options_(options) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t count = bytes_->read(into);
    read_ += count;
    options_.on_progress(file_.name, read_, file_.size);
    return count;
  }

 private:
  const OpenFile& file_;
  std::unique_ptr<ByteSource> bytes_;
  const ReadOptions& options_;
  std::uint64_t read_ = 0;
};

// All files, one after the other. Returns what is wrong with the first value below 0 where values
// are weights; nothing where none is.
std::string read_parts(const std::vector<std::string>& paths, const ReadOptions& options,
                       RatingParts& parts, RatingsTable& table, Parallel& parallel) {
  std::optional<RejectsFile> rejects;
  if (options.rejects_file)
    rejects.emplace(*options.rejects_file, options.most_rejects, options.most_rejects_share);
  std::optional<RatingsFile> first;
  Expansion expansion{.most = options.max_expansion};
  std::uint64_t num_missing = 0;
  UnknownEvents unknown_events;
  std::string first_negative;
  try {
    for (const std::string& path : paths) {
      OpenFile file = open_file(path, expansion);
      if (options.on_progress)
        file.bytes = std::make_unique<ToldSource>(file, std::move(file.bytes), options);
      auto read = read_rating_columns(file, first ? &*first : nullptr, paths.size() > 1, options,
                                      rejects ? &*rejects : nullptr, parts, parallel);
      if (!read) {
        table.empty_files.push_back(file.path);
        continue;
      }
      num_missing += read->num_missing;
      unknown_events.add(read->unknown_events);
      if (read->first_negative && first_negative.empty()) first_negative = negative_weight(*read);
      if (!first) first = std::move(read);
      table.path += (table.path.empty() ? "" : ", ") + file.path;
    }
    if (!first)
      fail(ErrorCode::bad_data, "none of {} and {} other files has ratings", paths.front(),
           paths.size() - 1);
    if (parts.num_rows() == 0) {
      fail(ErrorCode::bad_data, "{}: none of its events has a weight in `event_weights`: {}",
           table.path, in_words(unknown_events));
    }
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
  if (const std::uint64_t count = unknown_events.total(); count > 0) {
    table.left_out.push_back(
        {fmt::format("events without a weight: {}", in_words(unknown_events)), count});
  }
  if (rejects) {
    rejects->commit();
    table.rejects = rejects->reasons();
  }
  return first_negative;
}

// What is told of events must be whole, and leaves nothing to say of values.
void check_events(const ReadOptions& options) {
  const std::vector<EventWeight>& weights = options.event_weights;
  if (weights.empty() && !options.event_column) return;
  if (weights.empty()) {
    fail(ErrorCode::invalid_argument,
         "`event_column` needs `event_weights`: what each event is worth");
  }
  if (options.value_column && options.value_column != "none") {
    fail(ErrorCode::invalid_argument,
         "`value_column` and `event_column` exclude each other: a row has the weight of its event");
  }
  if (options.feedback == Feedback::ratings) {
    fail(ErrorCode::invalid_argument,
         "`feedback=ratings` and `event_column` exclude each other: events are weights");
  }
  for (auto weight = weights.begin(); weight != weights.end(); ++weight) {
    const std::string event = excerpt(weight->event);
    if (!std::isfinite(weight->weight) || weight->weight < 0) {
      fail(ErrorCode::invalid_argument, "`event_weights`: {} has {}, and a weight is 0 or more",
           event, weight->weight);
    }
    if (std::find_if(weights.begin(), weight, [&](const EventWeight& before) {
          return before.event == weight->event;
        }) != weight)
      fail(ErrorCode::invalid_argument, "`event_weights`: {} has two weights", event);
  }
}

// Of a table, once its rows are read.
class FeedbackChoice {
 public:
  FeedbackChoice(const ReadOptions& options, const RatingParts& parts, RatingsTable& table)
      : options_(options), parts_(parts), table_(table) {}

  // What its values say, and why that is so where they are weights. `is_guessed`: where the
  // options do not tell it.
  Feedback choose(bool is_guessed) {
    const TableFormat& format = table_.format;
    if (format.event) return weights("events");
    if (!format.value) {
      if (options_.feedback == Feedback::ratings) {
        fail(ErrorCode::invalid_argument,
             "{}: `feedback=ratings` needs a column of ratings: `value_column` tells it",
             table_.path);
      }
      return weights("no ratings");
    }
    if (options_.feedback == Feedback::weights) return weights("the values are weights, as told");
    if (options_.feedback || !is_guessed) return Feedback::ratings;
    return guess();
  }

 private:
  Feedback guess() {
    const TableFormat& format = table_.format;
    const std::string name = format.header ? format.columns[*format.value] : "";
    const RatingColumns& rows = parts_.columns();
    const auto tells_of_one_side = [&] {
      return is_one_value_each(rows.items, rows.values, parts_.num_items()) ||
             is_one_value_each(rows.users, rows.values, parts_.num_users());
    };
    const FeedbackFound found = feedback_of(rows.values, name, tells_of_one_side);
    if (!found.feedback) return in_doubt(found.why);
    return *found.feedback == Feedback::weights ? weights(found.why) : Feedback::ratings;
  }

  Feedback in_doubt(const std::string& why) {
    const TableFormat& format = table_.format;
    const std::string name =
        format.header ? fmt::format(" '{}'", format.columns[*format.value]) : "";
    const std::string message = fmt::format("column {}{} has {}, which may be ratings or counts",
                                            *format.value + 1, name, why);
    if (!options_.if_doubtful) {
      fail(ErrorCode::bad_data,
           "{}: {}: `feedback=ratings` or `task=ratings` takes them as ratings, "
           "`feedback=weights` or `task=lists` as weights, and `value_column=none` leaves them out",
           table_.path, message);
    }
    table_.format.doubts.push_back(
        {message, "`feedback=ratings`, `feedback=weights`, or `value_column=none`"});
    return options_.if_doubtful == Feedback::weights ? weights(why) : Feedback::ratings;
  }

  Feedback weights(std::string why) {
    table_.why_weights = std::move(why);
    return Feedback::weights;
  }

  const ReadOptions& options_;
  const RatingParts& parts_;
  RatingsTable& table_;
};

// Weights of one pair are added up, also where they measure: a list holds an item once.
Duplicates policy_of(const ReadOptions& options, Feedback feedback) {
  if (feedback == Feedback::ratings) return options.duplicates.value_or(Duplicates::last);
  const Duplicates told = options.duplicates.value_or(Duplicates::sum);
  return told == Duplicates::keep ? Duplicates::sum : told;
}

RatingsTable read_table(const Catalog& known, const std::vector<std::string>& paths,
                        const ReadOptions& options, bool feedback_is_guessed, Parallel& parallel) {
  check_events(options);
  RatingsTable table;
  RatingParts parts(known);
  const std::string negative = read_parts(paths, options, parts, table, parallel);
  const Feedback feedback = FeedbackChoice(options, parts, table).choose(feedback_is_guessed);
  if (feedback == Feedback::weights && !negative.empty()) fail(ErrorCode::bad_data, "{}", negative);
  table.resolved_by = policy_of(options, feedback);
  Built built = parts.finish(table.resolved_by, feedback, parallel);
  table.interactions = std::move(built.interactions);
  table.interactions.has_values = table.format.value || table.format.event;
  table.duplicates = built.duplicates;
  return table;
}

}  // namespace

RatingsTable read_ratings(const std::vector<std::string>& paths, const ReadOptions& options,
                          Parallel& parallel) {
  const std::vector<std::string> files = all_matching_files(paths);
  RatingsTable table = read_table({}, files, options, true, parallel);
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
  return read_table(catalog, all_matching_files(paths), options, false, parallel);
}

}  // namespace palate
