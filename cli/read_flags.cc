#include "read_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <utility>

#include "flags.h"
#include "help.h"
#include "palate/base/error.h"
#include "palate/base/spelling.h"
#include "palate/data/fetch.h"
#include "progress_bar.h"

namespace palate::cli {
namespace {

Task task_of(const std::string& name) {
  return choice<Task>("--task", name, {{"ratings", Task::ratings}, {"lists", Task::lists}});
}

// "0", "-1,99": numbers of the --missing flags.
std::vector<float> missing_values(const std::vector<std::string>& texts) {
  std::vector<float> values;
  for (const std::string& text : texts) {
    for (const std::string& word : comma_separated(text)) {
      float value = 0;
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (error != std::errc{} || end != word.data() + word.size() || !std::isfinite(value))
        refuse(fmt::format("--missing \"{}\" is not a number", text));
      values.push_back(value);
    }
  }
  return values;
}

// "view=1,cart=3"
std::vector<EventWeight> weights_of_events(const std::string& text) {
  std::vector<EventWeight> weights;
  for (const std::string& word : comma_separated(text)) {
    const std::size_t equals = std::min(word.rfind('='), word.size());
    const char* const end = word.data() + word.size();
    float weight = 0;
    const auto [behind, error] =
        std::from_chars(std::min(word.data() + equals + 1, end), end, weight);
    if (equals == 0 || error != std::errc{} || behind != end)
      refuse(fmt::format("--weights \"{}\" is not of the form EVENT=NUMBER, as in view=1,buy=5",
                         word));
    weights.push_back({word.substr(0, equals), weight});
  }
  return weights;
}

// "1000" or "5%"
void set_most_rejects(const std::string& text, ReadOptions& options) {
  const bool is_share = text.ends_with('%');
  const std::string digits = is_share ? text.substr(0, text.size() - 1) : text;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_number =
      error == std::errc{} && end == digits.data() + digits.size() && number >= 0;
  if (!is_number || (is_share ? number > 100 : number != std::floor(number) || number > 1e15)) {
    refuse(fmt::format(
        "--max-rejects \"{}\" is neither a number of rows nor a share from 0% to 100%", text));
  }
  if (!options.rejects_file) refuse("--max-rejects needs --rejects FILE, where the bad rows go");
  if (is_share) {
    options.most_rejects_share = number / 100;
  } else {
    options.most_rejects = static_cast<std::uint64_t>(number);
  }
}

// Says what to do where a name is one of a data set, or nearly.
void refuse_data_set(const std::string& name) {
  std::vector<std::string> known;
  for (const DataSet& set : known_data_sets()) known.push_back(set.name);
  if (std::ranges::find(known, name) != known.end())
    throw Error(ErrorCode::io,
                fmt::format("{0} is not here yet: palate fetch {0} downloads it", name));
  const std::string hint = spelling_hint(name, known);
  if (!hint.empty())
    throw Error(ErrorCode::io, fmt::format("there is no file and no data set {}{}", name, hint));
}

}  // namespace

void ReadFlags::add_to(FlagSet& flags, const std::string& what, const std::string& time_flag) {
  flags.add_required(what, &files,
                     "tables of ratings, read as one: paths, patterns in quotes, - for standard "
                     "input, names of fetched data sets");
  add_columns_to(flags, time_flag);
}

void ReadFlags::add_columns_to(FlagSet& flags, const std::string& time_flag) {
  FlagSet group = flags.group(kReadingTable);
  group.add("--user COLUMN", &options.user_column,
            "the users' column: its name, or its number from 1 [guessed]");
  group.add("--item COLUMN", &options.item_column, "the items' column [guessed]");
  group.add("--value COLUMN", &options.value_column, "the ratings' column [guessed]");
  group.add(time_flag + " COLUMN", &options.time_column, "the times' column [guessed]");
  group.add("--event COLUMN", &options.event_column,
            "a column of events, as view or buy, of which --weights makes the weight of a row");
  group.add("--weights EVENT=N,...", &event_weights,
            "what each event is worth, as view=1,cart=3,buy=5: taken as it is, unless "
            "--weight-exponent says otherwise; rows of other events are left out");
  group.add("--feedback ratings|weights", &feedback,
            "whether the values say how much an item was liked, or count how "
            "often it was chosen [guessed]");
  group.add("--delimiter CHARACTER", &options.delimiter,
            "what stands between two columns [guessed]");
  group.add("--header yes|no", &header, "whether the first line names the columns [guessed]");
  group.add(
      "--decimal .|,", &options.decimal,
      "the decimal separator of ratings; the other of the two may set thousands apart [guessed]");
  group.add("--time-format FORMAT", &options.time_format,
            "how times are written: seconds, milliseconds, microseconds, nanoseconds, iso, "
            "yyyymmdd or excel [guessed]");
  group.add("--skip-lines", &options.skip_lines,
            "how many lines above the table and its header to skip [guessed]");
  group.add("--duplicates last|first|mean|sum|error", &duplicates,
            "which of several ratings of an item by the same user counts [last; of weights their "
            "sum; of test ratings every row is measured]");
  group.add("--missing VALUE", &missing,
            "a value that means \"not rated\": its rows are left out; several with commas");
  group.add("--rejects FILE", &options.rejects_file,
            "set bad rows aside in this CSV, with their reasons, and read on");
  group.add("--max-rejects N", &most_rejects,
            "the most bad rows, as a number or a share (5%), that --rejects lets pass");
  add_trim_ids_to(group);
  add_max_expansion_to(group);
}

void ReadFlags::add_titles_to(FlagSet& flags) {
  flags.group(kReadingTable)
      .add("--items FILE", &options.items_file,
           "titles of the items: id, title, further columns [looked for beside the ratings]");
}

void ReadFlags::add_trim_ids_to(FlagSet& flags) {
  flags.add("--trim-ids", &options.trim_ids, "leave out the spaces around ids");
}

void ReadFlags::add_max_expansion_to(FlagSet& flags) {
  flags.add("--max-expansion", &options.max_expansion, kMaxExpansionHelp);
}

void ReadFlags::add_task_to(FlagSet& flags) {
  flags.add("--task ratings|lists", &task,
            "what to train for [both, or lists where the table has no ratings]");
}

std::vector<Task> ReadFlags::tasks(const RatingsTable& table) const {
  if (task) return {task_of(*task)};
  return table.interactions.feedback == Feedback::ratings ? std::vector{Task::ratings, Task::lists}
                                                          : std::vector{Task::lists};
}

void ReadFlags::add_selection_to(FlagSet& flags) {
  FlagSet group = flags.group(kChoosingRows);
  group.add("--min-user-ratings", &selection.min_user_ratings,
            "leave out users with fewer ratings, until none has fewer");
  group.add("--min-item-ratings", &selection.min_item_ratings,
            "leave out items with fewer ratings, until none has fewer");
  group.add("--sample 0..1", &selection.sample,
            "take this share of the users, with all their ratings");
  group.add("--sample-seed", &selection.seed, "the seed of the choice: which users the sample has");
  group.add("--since TIME", &since,
            "leave out ratings before this time: 2001-01-31, 2001-01-31T12:00:00Z, or seconds");
  group.add("--until TIME", &until, "leave out ratings from this time on");
}

std::vector<std::string> ReadFlags::paths() const {
  std::vector<std::string> found;
  for (const std::string& file : files) {
    const bool plain_name =
        file.find('/') == std::string::npos && file.find('.') == std::string::npos && file != "-";
    found.push_back(plain_name ? find_data_set(file).value_or(file) : file);
    const bool is_here = !plain_name || std::filesystem::exists(found.back());
    if (!is_here) refuse_data_set(file);
  }
  return found;
}

VerbFiles ReadFlags::verb_files(const std::string& what, bool with_titles) const {
  VerbFiles used;
  for (const std::string& path : paths()) used.reads_table(what, path);
  if (with_titles) {
    used.reads(options.items_file ? "--items" : "the titles in",
               titles_file(paths(), options).value_or(""));
  }
  if (options.rejects_file) used.writes("--rejects", *options.rejects_file);
  return used;
}

ReadOptions ReadFlags::read_options() const {
  ReadOptions chosen = options;
  if (task) task_of(*task);  // or refuses it
  if (duplicates) {
    chosen.duplicates = choice<Duplicates>("--duplicates", *duplicates,
                                           {{"last", Duplicates::last},
                                            {"first", Duplicates::first},
                                            {"mean", Duplicates::mean},
                                            {"sum", Duplicates::sum},
                                            {"error", Duplicates::error}});
  }
  chosen.missing = missing_values(missing);
  chosen.event_weights = weights_of_events(event_weights);
  if (!feedback.empty()) {
    chosen.feedback = choice<Feedback>(
        "--feedback", feedback, {{"ratings", Feedback::ratings}, {"weights", Feedback::weights}});
  }
  if (task == "ratings") chosen.if_doubtful = Feedback::ratings;
  if (task == "lists") chosen.if_doubtful = Feedback::weights;
  if (!most_rejects.empty()) set_most_rejects(most_rejects, chosen);
  if (!header.empty())
    chosen.header = choice<bool>("--header", header, {{"yes", true}, {"no", false}});
  return chosen;
}

ReadOptions ReadFlags::test_options() const {
  ReadOptions chosen = read_options();
  if (!duplicates) chosen.duplicates = Duplicates::keep;
  return chosen;
}

RatingsTable ReadFlags::read(bool quiet, Parallel& parallel) const {
  Selection chosen = selection;
  if (since) chosen.since = time_from_text(*since);
  if (until) chosen.until = time_from_text(*until);
  ReadOptions options_with_bar = read_options();
  ProgressBar bar(quiet);
  bar.watch(options_with_bar);
  RatingsTable table = read_ratings(paths(), options_with_bar, parallel);
  if (chosen == Selection{}) return table;
  Selected selected = select(table.interactions, chosen);
  table.interactions = std::move(selected.interactions);
  std::ranges::move(selected.left_out, std::back_inserter(table.left_out));
  return table;
}

}  // namespace palate::cli
