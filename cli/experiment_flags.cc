#include "experiment_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "algorithm_flags.h"
#include "comparison_text.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/json.h"
#include "progress_bar.h"
#include "table_text.h"
#include "terminal.h"
#include "twins.h"

namespace palate::cli {
namespace {

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

}  // namespace

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

std::string comparison_json(const RatingsTable& table, std::span<const Comparison> comparisons,
                            const Taste* taste) {
  return to_json(comparisons, table, summarize(table, seconds_since_1970()),
                 "palate " + quoted_for_shell(command_words()), taste);
}

}  // namespace palate::cli
