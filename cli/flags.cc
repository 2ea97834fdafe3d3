#include "flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iterator>
#include <span>
#include <sstream>

#include "algorithm_flags.h"
#include "comparison_text.h"
#include "flag_names.h"
#include "palate/base/error.h"
#include "palate/data/fetch.h"
#include "palate/json.h"
#include "progress_bar.h"
#include "terminal.h"
#include "twins.h"

namespace palate::cli {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::invalid_argument, message);
}

// The value that goes by this name.
template <class Value>
Value choice(const std::string& flag, const std::string& name,
             const std::vector<std::pair<std::string, Value>>& choices) {
  std::string names;
  for (const auto& [known, value] : choices) {
    if (known == name) return value;
    names += (names.empty() ? "" : ", ") + known;
  }
  refuse(fmt::format("{} \"{}\" is none of: {}", flag, name, names));
}

Task task_of(const std::string& name) {
  return choice<Task>("--task", name, {{"ratings", Task::ratings}, {"lists", Task::lists}});
}

// The names of some rows of the table, with commas.
std::string names_of(const std::function<bool(const AlgorithmInfo&)>& is_meant,
                     std::string_view separator = ",") {
  std::vector<std::string_view> names;
  for (const AlgorithmInfo& row : algorithms()) {
    if (is_meant(row)) names.push_back(row.about.name);
  }
  return fmt::format("{}", fmt::join(names, separator));
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

// "10,20,50": the cutoffs of lists.
std::vector<Index> cutoffs_of(const std::string& text) {
  std::vector<Index> cutoffs;
  for (const std::string& word : comma_separated(text)) {
    Index cutoff = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), cutoff);
    if (error != std::errc{} || end != word.data() + word.size())
      refuse(fmt::format("--cutoffs \"{}\" is not like \"10,20,50\"", text));
    cutoffs.push_back(cutoff);
  }
  return cutoffs;
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

// "user = column 1 'userId', item = column 2 'movieId', rating = column 3 'rating', no times"
std::string column_in_words(const TableFormat& format, std::string_view role,
                            std::optional<std::size_t> position) {
  if (!position) return fmt::format("no {}s", role);
  return fmt::format("{} = column {}{}", role, *position + 1,
                     format.header ? " '" + format.columns[*position] + "'" : "");
}

std::string columns_in_words(const TableFormat& format, Feedback feedback) {
  const std::string_view value = format.event                    ? "event"
                                 : feedback == Feedback::weights ? "weight"
                                                                 : "rating";
  const bool has_none = !format.event && !format.value;
  return fmt::format("{}, {}, {}, {}", column_in_words(format, "user", format.user),
                     column_in_words(format, "item", format.item),
                     column_in_words(format, has_none ? "rating" : value,
                                     format.event ? format.event : format.value),
                     column_in_words(format, "time", format.time));
}

std::string_view what_became_of_repeats(Duplicates policy) {
  if (policy == Duplicates::keep) return "measured as well (--duplicates keeps one of each)";
  if (policy == Duplicates::sum) return "added up (--duplicates says what else becomes of them)";
  return "left out (--duplicates says which rating is kept)";
}

// Lines and files that were passed over, at the end of a line that says what was read.
std::string passed_over(const RatingsTable& table) {
  std::string text;
  if (const std::uint64_t lines = table.format.lines_above; lines > 0)
    text += fmt::format("; {} above the table skipped", counted(lines, "line"));
  for (const std::string& file : table.empty_files) text += "; nothing in " + file;
  return text;
}

}  // namespace

std::string first_algorithm(Task task) {
  return std::string(std::ranges::find(algorithms(), task, [](const AlgorithmInfo& row) {
                       return row.about.task;
                     })->about.name);
}

std::string algorithm_names() {
  return names_of([](const AlgorithmInfo&) { return true; }, ", ");
}

std::string default_algorithms(std::span<const Task> tasks, Index items) {
  return names_of([&](const AlgorithmInfo& row) {
    return !row.preset && row.about.by_default && items <= row.about.most_items &&
           std::ranges::count(tasks, row.about.task) > 0;
  });
}

std::string preset_algorithms(Task task) {
  return names_of(
      [task](const AlgorithmInfo& row) { return row.preset && row.about.task == task; });
}

std::vector<std::string> comma_separated(const std::string& text) {
  std::vector<std::string> words;
  std::stringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    const std::size_t first = word.find_first_not_of(' ');
    if (first != word.npos)
      words.push_back(word.substr(first, word.find_last_not_of(' ') + 1 - first));
  }
  return words;
}

void CommonFlags::add_to(FlagSet& flags) {
  FlagSet general = flags.group(kGeneral);
  general.add("--json", &json, "print one JSON document, and nothing else, on standard output");
  general.add("-q,--quiet", &quiet, "no progress and no notes on standard error");
}

void CommonFlags::add_threads_to(FlagSet& flags) {
  flags.group(kGeneral).add(
      "-t,--threads", &threads,
      "how many threads work; 0: one for each processor; the results are the same", {0, 1024});
}

void ReadFlags::add_to(FlagSet& flags, const std::string& what, const std::string& time_flag) {
  flags.add_required(what, &files,
                     "tables of ratings, read as one: paths, patterns in quotes, - for standard "
                     "input, names of fetched data sets");
  add_columns_to(flags, time_flag);
}

void ReadFlags::add_columns_to(FlagSet& flags, const std::string& time_flag) {
  FlagSet group = flags.group("reading the table");
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
  flags.group("reading the table")
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
  FlagSet group = flags.group("choosing rows");
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
    if (!is_here &&
        std::ranges::find(known_data_sets(), file, &DataSet::name) != known_data_sets().end()) {
      throw Error(ErrorCode::io,
                  fmt::format("{0} is not here yet: palate fetch {0} downloads it", file));
    }
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

void ExperimentFlags::add_to(FlagSet& flags) {
  FlagSet parting = flags.group("splitting and measuring");
  parting.add("--split random|kfold|time|per-user|leave-last-out|notebook|users", &split,
              "how test ratings are chosen [random]");
  parting.add("--test-share 0..1", &test_share,
              "the test part of random, time and per-user, as a share of the ratings; of users, as "
              "a share of the users [0.2]");
  parting.add("--fold-in-share 0..1", &fold_in_share,
              "of users: the share of a test user's ratings that a trained model is given; raise "
              "it for users who are well known [0.8]");
  parting.add("--leave-last", &leave_last,
              "of leave-last-out: how many ratings of each user are test ratings [1]");
  parting.add("--test FILE", &test_file, "a file with the test ratings, instead of a split");
  parting.add("--seed", &seed, "the seed of the split and of training [1]");
  parting.add("--split-seed", &split_seed, "the seed of the split alone [that of --seed]");
  parting.add("--validation 0..1", &validation_share,
              "share of the train ratings for early stopping; 0: none");
  parting.add("--patience", &patience,
              "training ends after so many epochs without a better validation loss [5]");
  parting.add(
      "--no-clip", &no_clip,
      "do not clip predictions to the range of the train ratings; those of presets never are");
  parting.add(
      "--relevant \">=N\"", &relevant,
      "which ratings mean that a user likes an item, as in \">=4\" [the upper half of all]");
  parting.add(
      "--metric METRIC", &metric,
      "the metric that models are compared by, and by which training stops early: rmse, mae, mse, "
      "or of lists ndcg@K, recall@K, precision@K, map@K, mrr@K, hit_rate@K [rmse, ndcg@10]");
  parting.add("--cutoffs K,...", &cutoffs,
              "lengths of the lists that are measured, with commas: all metrics at the first, ndcg "
              "and recall at the others [10,20; of report 10,20,5,50,100]");
  add_algorithm_flags(flags, fields);
}

std::vector<NamedAlgorithm> ExperimentFlags::algorithms(const std::vector<std::string>& names,
                                                        std::size_t beside) const {
  std::vector<NamedAlgorithm> chosen;
  for (const std::string& name : names) chosen.push_back(algorithm_named(name));
  if (seed) {
    for (NamedAlgorithm& algorithm : chosen) {
      if (option_text(algorithm.options, "seed"))
        set_option(algorithm.options, "seed", std::to_string(*seed));
    }
  }
  for (const auto& [field, value] : fields) {
    if (!value) continue;
    std::vector<NamedAlgorithm*> having;
    for (NamedAlgorithm& algorithm : chosen) {
      if (!algorithm.preset && option_text(algorithm.options, field)) having.push_back(&algorithm);
    }
    if (having.empty())
      refuse(
          fmt::format("no chosen algorithm has the option {}: {}", field, fmt::join(names, ", ")));
    const bool is_for_all = field == "epochs" || field == "factors";
    const NamedAlgorithm* const baselines = chosen.data() + (chosen.size() - beside);
    if (!is_for_all && having.front() < baselines)
      std::erase_if(having, [&](const NamedAlgorithm* one) { return one >= baselines; });
    if (having.size() > 1 && !is_for_all) {
      std::vector<std::string> forms;
      for (const NamedAlgorithm* one : having)
        forms.push_back(fmt::format("{}:{}={}", one->name, field, *value));
      refuse(fmt::format("{} is an option of several algorithms here: give each its own, as in {}",
                         hyphened_flag(field), fmt::join(forms, ",")));
    }
    for (NamedAlgorithm* one : having) set_option(one->options, field, *value);
  }
  return chosen;
}

std::vector<NamedAlgorithm> ExperimentFlags::algorithms(const std::vector<std::string>& names,
                                                        const RatingsTable& table,
                                                        std::size_t beside) const {
  const std::string field = "weight_exponent";
  std::vector<NamedAlgorithm> chosen = algorithms(names, beside);
  const auto given = fields.find(field);
  if (!table.format.event || (given != fields.end() && given->second)) return chosen;
  for (std::size_t n = 0; n < names.size(); ++n) {
    const bool gives_its_own = names[n].find(":" + field + "=") != std::string::npos;
    if (!gives_its_own && option_text(chosen[n].options, field))
      set_option(chosen[n].options, field, "1");
  }
  return chosen;
}

void ExperimentFlags::tell_relevant(RatingsTable& table) const {
  if (!relevant) return;
  if (table.interactions.feedback != Feedback::ratings)
    refuse("--relevant is of ratings, and the table has none");
  const std::string_view text =
      std::string_view(*relevant).substr(relevant->starts_with(">=") ? 2 : 0);
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    refuse(fmt::format("--relevant \"{}\" is not like \">=4\"", *relevant));
  table.interactions.relevant = value;
}

CompareOptions ExperimentFlags::compare_options(std::vector<NamedAlgorithm> chosen) const {
  CompareOptions options{
      .algorithms = std::move(chosen), .validation_share = validation_share, .clip = !no_clip};
  std::vector<std::pair<std::string, SplitMethod>> methods;
  for (const SplitMethod method :
       {SplitMethod::random, SplitMethod::kfold, SplitMethod::time, SplitMethod::per_user,
        SplitMethod::leave_last_out, SplitMethod::notebook, SplitMethod::users}) {
    methods.emplace_back(split_name(method), method);
  }
  const std::string given = split.value_or(folds ? "kfold" : "random");
  options.split.method = choice<SplitMethod>("--split", given, methods);
  refuse_what_has_no_effect(options.split.method);
  options.split.test_share = test_share.value_or(options.split.test_share);
  options.split.fold_in_share = fold_in_share.value_or(options.split.fold_in_share);
  options.split.leave_last = leave_last.value_or(options.split.leave_last);
  options.split.folds = folds.value_or(options.split.folds);
  options.split.seed = split_seed.value_or(seed.value_or(1));
  options.patience = patience.value_or(options.patience);
  options.metric = metric;
  if (cutoffs) {
    options.cutoffs = cutoffs_of(*cutoffs);
    const bool of_lists = std::ranges::any_of(options.algorithms, [](const NamedAlgorithm& one) {
      return traits_of(one.options).task == Task::lists;
    });
    if (!of_lists) refuse("--cutoffs has no effect: no algorithm here is for lists");
  }
  options.seeds = seeds;
  return options;
}

std::vector<std::string> ExperimentFlags::given_split_flags() const {
  std::vector<std::string> given;
  if (split) given.emplace_back("--split");
  if (folds) given.emplace_back("--folds");
  if (test_share) given.emplace_back("--test-share");
  if (fold_in_share) given.emplace_back("--fold-in-share");
  if (leave_last) given.emplace_back("--leave-last");
  if (split_seed) given.emplace_back("--split-seed");
  if (!test_file.empty()) given.emplace_back("--test");
  return given;
}

void ExperimentFlags::refuse_what_has_no_effect(SplitMethod method) const {
  if (patience && validation_share == 0)
    refuse("--patience has no effect without a validation part: --validation SHARE makes one");
  if (!test_file.empty()) {
    // The split's seed also draws the validation part.
    const std::string flag = given_split_flags().front();
    if (flag != "--test" && (flag != "--split-seed" || validation_share == 0))
      refuse(fmt::format("{} has no effect beside --test, whose ratings measure", flag));
    return;
  }
  const bool has_share = method == SplitMethod::random || method == SplitMethod::time ||
                         method == SplitMethod::per_user || method == SplitMethod::users;
  const auto refuse_beside_method = [&](const char* flag) {
    refuse(fmt::format("{} has no effect on the split {}", flag, split_name(method)));
  };
  if (folds && method != SplitMethod::kfold) refuse_beside_method("--folds");
  if (test_share && !has_share) refuse_beside_method("--test-share");
  if (fold_in_share && method != SplitMethod::users) refuse_beside_method("--fold-in-share");
  if (leave_last && method != SplitMethod::leave_last_out) refuse_beside_method("--leave-last");
}

Index folds_of(const CompareOptions& options) {
  return options.split.method == SplitMethod::kfold ? options.split.folds : 1;
}

void require_ratings(const RatingsTable& table) {
  if (table.interactions.feedback == Feedback::ratings) return;
  constexpr std::size_t kMostNames = 50;
  const std::vector<std::string>& columns = table.format.columns;
  const auto first = std::span(columns).first(std::min(columns.size(), kMostNames));
  throw Error(ErrorCode::bad_data,
              fmt::format("{}: there is no column of ratings (implicit feedback) among {}{}, and "
                          "predicted ratings need one: name it with --value if it is there, or "
                          "train for lists alone (--task lists)",
                          table.path, fmt::join(first, ", "),
                          columns.size() > kMostNames ? " and others" : ""));
}

void check_memory(const RatingsTable& table, const CompareOptions& options, bool refits,
                  bool quiet) {
  constexpr double kGigabyte = 1e9;
  const Catalog& catalog = *table.interactions.catalog;
  const Index users = catalog.users.size();
  const Index items = catalog.items.size();
  const bool again = refits || folds_of(options) > 1 || options.seeds > 1;
  check_factor_memory(options.algorithms, users, items, again);
  const auto needed = static_cast<double>(factor_memory(options.algorithms, users, items, again));
  if (needed <= kGigabyte || quiet) return;
  tell("factors of {} users and {} items take up to {:.1f} GB of memory while they are trained",
       with_commas(users), with_commas(items), needed / kGigabyte);
}

std::vector<Comparison> run_comparison(const RatingsTable& table, const ReadFlags& read,
                                       const ExperimentFlags& experiment,
                                       const CompareOptions& options, bool quiet,
                                       Parallel& parallel, const Watch& watch) {
  const bool of_ratings = std::ranges::any_of(options.algorithms, [](const NamedAlgorithm& one) {
    return traits_of(one.options).task == Task::ratings;
  });
  if (of_ratings) require_ratings(table);
  const auto tell_warnings = [&](const std::vector<Comparison>& comparisons) {
    if (quiet) return;
    for (const std::string& warning : warnings_of(comparisons.front())) tell(warning);
  };
  if (experiment.test_file.empty()) {
    std::vector<Comparison> comparisons = compare(table.interactions, options, parallel, watch);
    tell_warnings(comparisons);
    return comparisons;
  }
  ReadOptions options_of_test = read.test_options();
  options_of_test.rejects_file.reset();  // those of the train file are there
  if (table.interactions.feedback == Feedback::weights)
    options_of_test.feedback = Feedback::weights;
  ProgressBar bar(quiet);
  bar.watch(options_of_test);
  const RatingsTable test = read_ratings_with(*table.interactions.catalog, {experiment.test_file},
                                              options_of_test, parallel);
  tell_reading(test, quiet);
  if (of_ratings) require_ratings(test);
  tell_twins(test, *table.interactions.catalog, quiet);
  std::vector<Comparison> comparisons =
      compare(table.interactions, test.interactions, options, parallel, watch);
  const SplitSummary& split = comparisons.front().split;
  const char* const noun = table.interactions.feedback == Feedback::ratings ? "rating" : "row";
  const auto tell_unknown = [&](const SplitLeak::Cold& part, const char* what, const char* lists) {
    if (part.ratings > 0 && !quiet)
      tell("{} of {} test {}s are {} without a train {}: {}", with_commas(part.ratings),
           with_commas(split.test), noun, what, noun,
           of_ratings ? "predicted from biases alone" : lists);
  };
  tell_unknown(split.leak.users, "by users", "lists of the items that most users have chosen");
  tell_unknown(split.leak.items, "of items", "no list can hold them");
  tell_warnings(comparisons);
  return comparisons;
}

std::int64_t seconds_since_1970() {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

std::string comparison_json(const RatingsTable& table, std::span<const Comparison> comparisons,
                            const Taste* taste) {
  return to_json(comparisons, table, summarize(table, seconds_since_1970()),
                 "palate " + quoted_for_shell(command_words()), taste);
}

void tell_table(const RatingsTable& table, bool quiet) {
  if (quiet) return;
  const Interactions& read = table.interactions;
  // of a table that was read by the ids of another, not all of them are in its rows
  const auto different = [](const std::vector<Index>& column, Index size) {
    std::vector<bool> seen(size);
    for (const Index index : column) seen[index] = true;
    return static_cast<std::uint64_t>(std::ranges::count(seen, true));
  };
  std::string line =
      fmt::format("{}: {} of {} by {}; {}", table.path,
                  counted(read.size(), read.feedback == Feedback::ratings ? "rating" : "row"),
                  counted(different(read.items, read.num_items()), "item"),
                  counted(different(read.users, read.num_users()), "user"),
                  columns_in_words(table.format, read.feedback));
  const auto add = [&](std::uint64_t count, std::string_view what, std::string_view why) {
    line += fmt::format("; {} {}", counted(count, what), why);
  };
  if (!table.why_weights.empty()) line += "; implicit feedback: " + table.why_weights;
  line += passed_over(table);
  if (table.duplicates > 0)
    add(table.duplicates, "repeated (user, item) pair", what_became_of_repeats(table.resolved_by));
  constexpr std::size_t kMostReasons = 10;
  std::size_t told = 0;
  std::uint64_t other_rows = 0;
  for (const auto& [reason, count] : table.rejects) {
    if (++told > kMostReasons) {
      other_rows += count;
    } else {
      add(count, "row", "set aside: " + with_flags(reason));
    }
  }
  if (other_rows > 0) add(other_rows, "row", "set aside for other reasons");
  for (const LeftOut& left_out : table.left_out)
    add(left_out.ratings, read.feedback == Feedback::ratings ? "rating" : "row",
        "left out: " + left_out.condition);
  if (!table.items_file.empty()) line += "; titles from " + table.items_file;
  tell(line);
}

void tell_reading(const RatingsTable& table, bool quiet) {
  if (quiet) return;
  tell_table(table, quiet);
  for (const DataWarning& doubt : doubts(table, seconds_since_1970()))
    tell("warning: {}", warning_in_words(doubt));
}

void tell_pairs(const RatingsTable& pairs, bool quiet) {
  if (quiet) return;
  tell("{}: {}; {}, {}{}", pairs.path, counted(pairs.rows_read, "pair"),
       column_in_words(pairs.format, "user", pairs.format.user),
       column_in_words(pairs.format, "item", pairs.format.item), passed_over(pairs));
}

std::string warning_in_words(const DataWarning& warning) {
  return warning.option.empty()
             ? warning.message
             : fmt::format("{} ({})", warning.message, with_flags(warning.option));
}

std::vector<std::string>& command_words() {
  static std::vector<std::string> words;
  return words;
}

}  // namespace palate::cli
