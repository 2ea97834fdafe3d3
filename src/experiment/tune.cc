#include "palate/evaluate/tune.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <type_traits>
#include <utility>

#include "base/fail.h"
#include "base/random.h"
#include "experiment/named_metric.h"

namespace palate {
namespace {

constexpr Index kTogether = 9;  // options that begin at the same time
constexpr Index kThin = 3;      // one of so many goes on, and is trained for so many times as long

Split split_of(const Interactions& interactions, const TuneOptions& options) {
  Split split;
  if (options.split) {
    split = make_splits(interactions, *options.split).front();
  } else {
    split.train.resize(interactions.size());
    std::iota(split.train.begin(), split.train.end(), Index{0});
  }
  split.test.clear();
  split.fold_in.clear();
  return with_validation(interactions, split, options.split.value_or(SplitOptions{}),
                         options.validation_share);
}

bool is_searched(const Field& field, const TuneOptions& options) {
  return field.search && std::ranges::find(options.fixed, field.name) == options.fixed.end();
}

// The options of this number.
AlgorithmOptions drawn(const TuneOptions& options, Index number) {
  AlgorithmOptions chosen = options.algorithm.options;
  if (number == 0) return chosen;
  Rng rng(options.seed, number);
  visit_all_fields(chosen, [&]<class T>(const Field& field, T& value) {
    if constexpr (std::is_arithmetic_v<T> && !std::same_as<T, bool>) {
      if (!is_searched(field, options)) return;
      const auto [low, high, log] = field.search.value_or(Search{});
      const double share = rng.uniform();
      const double number_drawn =
          log ? low * std::pow(high / low, share) : low + share * (high - low);
      value = static_cast<T>(std::is_integral_v<T> ? std::round(number_drawn) : number_drawn);
    }
  });
  return chosen;
}

// The most epochs: the end of the range, or what was given; nothing for those without epochs.
std::optional<Index> most_epochs(const TuneOptions& options) {
  std::optional<Index> most;
  visit_all_fields(options.algorithm.options, [&]<class T>(const Field& field, const T& value) {
    if constexpr (std::same_as<T, Index>) {
      if (field.name != "epochs") return;
      most = value;
      if (field.search && is_searched(field, options))
        most = static_cast<Index>(field.search->high);
    }
  });
  return most;
}

void set_epochs(AlgorithmOptions& options, Index epochs) {
  if (option_text(options, "epochs")) set_option(options, "epochs", fmt::format("{}", epochs));
}

class Halving {
 public:
  Halving(const Part& part, const TuneOptions& options, Parallel& parallel, const TuneWatch& watch)
      : part_(part),
        options_(options),
        parallel_(parallel),
        watch_(watch),
        most_epochs_(most_epochs(options)) {
    if (options.metric) metric_ = metric_named(*options.metric).metric;
  }

  Tuning run() && {
    const Index most = options_.trials.value_or(std::numeric_limits<Index>::max());
    for (Index first = 0; first < most && !is_over(); first += kTogether) {
      std::vector<Index> numbers(std::min(kTogether, most - first));
      std::iota(numbers.begin(), numbers.end(), first);
      halve(std::move(numbers));
    }
    if (!best_value_) fail(ErrorCode::diverged, "every training of the search diverged");
    tuning_.algorithm = options_.algorithm;
    tuning_.algorithm.options = tuning_.trials[tuning_.best].options;
    set_epochs(tuning_.algorithm.options, tuning_.trials[tuning_.best].epochs_kept);
    return std::move(tuning_);
  }

 private:
  // Trains the options for a ninth, a third and all of the epochs, always fewer of them; those that
  // were given, 0, each time.
  void halve(std::vector<Index> numbers) {
    for (Index part = most_epochs_ ? kThin * kThin : 1; part >= 1; part /= kThin) {
      std::vector<std::pair<Index, std::optional<double>>> values;
      for (const Index number : numbers) {
        if (is_over()) return;
        values.emplace_back(number, value_of(number, part));
      }
      std::ranges::stable_sort(values, [&](const auto& a, const auto& b) {
        return a.second && (!b.second || is_better(tuning_.metric, *a.second, *b.second));
      });
      const bool has_given = numbers.front() == 0;
      if (has_given) std::erase_if(values, [](const auto& one) { return one.first == 0; });
      values.resize((values.size() + kThin - 1) / kThin);
      numbers.assign(has_given ? 1 : 0, 0);
      for (const auto& [number, value] : values) numbers.push_back(number);
    }
  }

  std::optional<double> value_of(Index number, Index part) {
    NamedAlgorithm algorithm = options_.algorithm;
    algorithm.options = drawn(options_, number);
    if (most_epochs_) set_epochs(algorithm.options, std::max<Index>(1, *most_epochs_ / part));
    const Watch watch{.stop_requested = [this] { return is_asked_to_stop(); }};
    const Trial trial =
        run_trial(part_, algorithm, {.patience = 5, .metric = metric_, .chooses_row = false},
                  parallel_, watch);
    TunedTrial told{.number = number,
                    .options = algorithm.options,
                    .epochs_kept = trial.report.epochs_kept,
                    .value = {},
                    .seconds = trial.seconds};
    if (trial.report.ending != Ending::diverged) told.value = validation_value(trial.report);
    const std::optional<double> value = told.value;
    tuning_.trials.push_back(told);
    if (value && (!best_value_ || is_better(tuning_.metric, *value, *best_value_))) {
      best_value_ = value;
      tuning_.best = tuning_.trials.size() - 1;
    }
    if (watch_.on_trial) watch_.on_trial(tuning_);
    return value;
  }

  // What the validation part gave in the epoch that was kept.
  std::optional<double> validation_value(const TrainReport& report) {
    constexpr std::string_view kPrefix = "validation_";
    const Curve& curve = report.curve;
    const auto name = std::ranges::find_if(
        curve.names, [&](const std::string& one) { return one.starts_with(kPrefix); });
    if (name == curve.names.end())
      fail(ErrorCode::bad_data, "the validation part has nothing to measure");
    const bool is_error = name->ends_with("loss") || name->ends_with("mae");
    tuning_.metric = {.name = name->substr(kPrefix.size()),
                      .better = is_error ? Metric::Better::lower : Metric::Better::higher};
    const auto record =
        std::ranges::find(curve.epochs, report.epochs_kept - 1, &EpochRecord::epoch);
    return record->values[static_cast<std::size_t>(name - curve.names.begin())];
  }

  // Not before there is a trial to keep, which a stop ends after an epoch.
  bool is_over() const { return !tuning_.trials.empty() && is_asked_to_stop(); }

  bool is_asked_to_stop() const {
    using Seconds = std::chrono::duration<double>;
    const double passed = Seconds(std::chrono::steady_clock::now() - start_).count();
    return (options_.seconds && passed > *options_.seconds) ||
           (watch_.stop_requested && watch_.stop_requested());
  }

  const Part& part_;
  const TuneOptions& options_;
  Parallel& parallel_;
  const TuneWatch& watch_;
  std::optional<Index> most_epochs_;
  std::optional<Metric> metric_;
  Tuning tuning_;
  std::optional<double> best_value_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

void check(const TuneOptions& options) {
  if (!options.trials && !options.seconds)
    fail(ErrorCode::invalid_argument, "a search needs `trials` or seconds");
  if (options.trials == 0U)
    fail(ErrorCode::invalid_argument, "trials 0 is out of range: at least 1");
  if (!(options.validation_share > 0 && options.validation_share < 1))
    fail(ErrorCode::invalid_argument, "validation share {} is out of range: above 0 and below 1",
         options.validation_share);
  const Task task = traits_of(options.algorithm.options).task;
  if (options.metric && metric_named(*options.metric).task != task) {
    fail(ErrorCode::invalid_argument, "metric {} is not of {}, for which {} is", *options.metric,
         task_name(task), options.algorithm.name);
  }
  bool any = false;
  visit_all_fields(options.algorithm.options,
                   [&](const Field& field, const auto&) { any |= is_searched(field, options); });
  if (!any)
    fail(ErrorCode::invalid_argument, "{} has no option left to search", options.algorithm.name);
  validate(options.algorithm.options);
}

}  // namespace

Tuning tune(const Interactions& interactions, const TuneOptions& options, Parallel& parallel,
            const TuneWatch& watch) {
  check(options);
  const Part part = part_of(interactions, split_of(interactions, options), parallel);
  return Halving(part, options, parallel, watch).run();
}

}  // namespace palate
