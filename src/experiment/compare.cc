#include "palate/evaluate/compare.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "experiment/compare_with_best.h"
#include "experiment/named_metric.h"
#include "experiment/tested.h"
#include "experiment/what_is_known.h"
#include "palate/evaluate/rating_metrics.h"

namespace palate {
namespace {

// The test ratings that measure and that the model has been trained on; nothing where that is not
// known. Of a pair that is repeated each one measures ratings, and all together lists.
std::optional<std::uint64_t> seen_by(const Model& model, const Part& part, const Tested& tested,
                                     Task task) {
  const Catalog& known = *model.catalog;
  std::vector<std::pair<Index, Index>> seen;
  for (std::size_t t = 0; model.seen && t < part.test.size(); ++t) {
    const auto user = known.users.find(part.test_catalog->users[part.test.users[t]]);
    const auto item = known.items.find(part.test_catalog->items[part.test.items[t]]);
    if (user && item && model.has_seen(*user, *item) && tested.counts(t))
      seen.emplace_back(*user, *item);
  }
  if (task == Task::lists) {
    std::ranges::sort(seen);
    const auto again = std::ranges::unique(seen);
    seen.erase(again.begin(), again.end());
  }
  return seen_ratings(model, seen.size());
}

// The algorithm with the `step`-th seed after its own, which its name then tells; nothing for one
// that has no seed.
std::optional<NamedAlgorithm> with_later_seed(NamedAlgorithm algorithm, Index step) {
  const std::optional<std::string> seed = option_text(algorithm.options, "seed");
  if (!seed) return {};
  const std::string later = fmt::format("{}", static_cast<std::uint32_t>(std::stoul(*seed)) + step);
  set_option(algorithm.options, "seed", later);
  algorithm.name += ", seed " + later;
  return algorithm;
}

Spread spread_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  Spread spread{.mean = std::accumulate(values.begin(), values.end(), 0.0) / n};
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.standard_deviation = std::sqrt(squares / (n - 1));
  return spread;
}

// Of model m. Nothing unless there are several seeds, all of which answered everything.
std::optional<OverSeeds> over_seeds(std::span<const Metric> metrics, const Tested& tested,
                                    std::size_t m, Parallel& parallel) {
  if (tested.seeds(m) < 2) return {};
  std::vector<std::vector<double>> values(metrics.size());  // by metric, then by seed
  for (Index seed = 0; seed < tested.seeds(m); ++seed) {
    if (!tested.is_whole(m, seed)) return {};
    const auto measured = bootstrap(metrics, tested.sums(m, seed), parallel, {.draws = 0});
    for (std::size_t n = 0; n < metrics.size(); ++n)
      values[n].push_back(measured[n].interval.value);
  }
  OverSeeds over{.seeds = tested.seeds(m)};
  for (const std::vector<double>& of_metric : values) over.metrics.push_back(spread_of(of_metric));
  return over;
}

bool has_task(const CompareOptions& options, Task task) {
  return std::ranges::any_of(options.algorithms, [&](const NamedAlgorithm& algorithm) {
    return traits_of(algorithm.options).task == task;
  });
}

void check_metrics(const CompareOptions& options) {
  for (auto one = options.cutoffs.begin(); one != options.cutoffs.end(); ++one) {
    if (std::find(one + 1, options.cutoffs.end(), *one) != options.cutoffs.end())
      fail(ErrorCode::invalid_argument, "cutoff {} is named twice", *one);
  }
  if (!options.metric) return;
  const auto [task, metric] = metric_named(*options.metric);
  if (!has_task(options, task)) {
    fail(ErrorCode::invalid_argument, "metric {} is of {}, and no algorithm here is for {}",
         metric.name, task_name(task), task_name(task));
  }
}

void check(const CompareOptions& options) {
  if (options.algorithms.empty())
    fail(ErrorCode::invalid_argument, "there is no algorithm to compare");
  if (options.seeds < 1)
    fail(ErrorCode::invalid_argument, "seeds {} is out of range: at least 1", options.seeds);
  if (!(options.validation_share >= 0 && options.validation_share < 1)) {
    fail(ErrorCode::invalid_argument, "validation share {} is out of range: at least 0 and below 1",
         options.validation_share);
  }
  for (auto one = options.algorithms.begin(); one != options.algorithms.end(); ++one) {
    validate(one->options);
    const auto again = std::find_if(one + 1, options.algorithms.end(),
                                    [&](const auto& other) { return other.name == one->name; });
    if (again != options.algorithms.end())
      fail(ErrorCode::invalid_argument, "algorithm {} is named twice", one->name);
  }
  check_metrics(options);
}

// What is measured of the comparison's task, and by which of it models are compared.
void set_metrics(Comparison& comparison, const CompareOptions& options) {
  std::vector<Metric>& metrics = comparison.metrics;
  metrics = comparison.task == Task::ratings ? rating_metrics() : list_metrics(options.cutoffs);
  if (!options.metric) return;
  const auto [task, metric] = metric_named(*options.metric);
  if (task != comparison.task) return;
  const auto place = std::ranges::find(metrics, metric);
  comparison.primary = static_cast<std::size_t>(place - metrics.begin());
  if (place == metrics.end()) metrics.push_back(metric);
}

// The algorithms of one task, and what they answered.
struct TaskRun {
  Comparison comparison;
  std::unique_ptr<Tested> tested;
};

// Trains every model on one part of the data after the other and measures them all at the end.
class Comparing {
 public:
  Comparing(const CompareOptions& options, const SplitSummary& split, Parallel& parallel,
            const Watch& watch)
      : options_(options), parallel_(parallel), watch_(watch) {
    for (const Task task : {Task::ratings, Task::lists}) {
      TaskRun run{.comparison = {.task = task, .split = split, .clipped = options.clip},
                  .tested = nullptr};
      std::vector<ModelResult>& models = run.comparison.models;
      for (const NamedAlgorithm& algorithm : options.algorithms) {
        if (traits_of(algorithm.options).task == task) models.push_back({.algorithm = algorithm});
      }
      if (models.empty()) continue;
      set_metrics(run.comparison, options);
      run.tested = task == Task::ratings
                       ? tested_ratings(models.size(), options, parallel)
                       : tested_lists(models.size(), run.comparison.metrics, parallel);
      runs_.push_back(std::move(run));
    }
  }

  // Of one part after the other. `leak` is that of the first.
  void run(Part part, const SplitLeak& leak) {
    const auto shared = std::make_shared<const Part>(std::move(part));
    if (const Rows& test = shared->test; fold_ == 0 && leak.cold_pairs == test.size()) {
      fail_none_known(test.size(), *shared->test_catalog, test.users[0], test.items[0],
                      *shared->catalog);
    }
    for (TaskRun& run : runs_) {
      run.tested->add_part(*shared);
      if (fold_ == 0) tell_part(shared, leak, run.comparison);
    }
    for (TaskRun& run : runs_) {
      for (std::size_t m = 0; m < run.comparison.models.size() && !watch_.stopped(); ++m)
        run_model(run, m, *shared);
    }
    ++fold_;
  }

  std::vector<Comparison> result() && {
    std::vector<Comparison> comparisons;
    for (TaskRun& run : runs_) {
      measure(run);
      comparisons.push_back(std::move(run.comparison));
    }
    return comparisons;
  }

 private:
  static void tell_part(const std::shared_ptr<const Part>& part, const SplitLeak& leak,
                        Comparison& comparison) {
    comparison.part = part;
    comparison.split.train = part->train.size();
    comparison.split.validation = part->validation.size();
    comparison.split.fold_in = part->fold_in.size();
    comparison.split.test = part->test.size();
    comparison.split.leak = leak;
    if (comparison.task == Task::lists) comparison.relevant = part->train.relevant();
  }

  const Model* init_of(Task task, std::size_t m) const {
    if (m > 0 || options_.init == nullptr) return nullptr;
    const bool is_only_task = runs_.size() == 1;  // then a model without it is refused
    const bool has_task =
        (task == Task::ratings ? options_.init->ratings : options_.init->lists).has_value();
    return has_task || is_only_task ? options_.init : nullptr;
  }

  void run_model(TaskRun& run, std::size_t m, const Part& part) {
    ModelResult& model = run.comparison.models[m];
    const TrialOptions options{.fold = fold_,
                               .patience = options_.patience,
                               .init = init_of(run.comparison.task, m),
                               .metric = run.comparison.metrics[run.comparison.primary]};
    Trial trial = run_trial(part, model.algorithm, options, parallel_, watch_);
    model.seconds += trial.seconds;
    model.ending = std::max(model.ending, trial.report.ending);
    if (!trial.report.advice.empty()) model.advice = trial.report.advice;
    run.tested->keep(m, 0, trial);
    if (options.init != nullptr) {
      const auto seen = seen_by(*options.init, part, *run.tested, run.comparison.task);
      model.seen = seen && model.seen ? std::optional(*seen + *model.seen) : std::nullopt;
    }
    if (fold_ == 0) model.trial = std::move(trial);
    for (Index seed = 1; seed < options_.seeds && !watch_.stopped(); ++seed) {
      const auto algorithm = with_later_seed(model.algorithm, seed);
      if (!algorithm) break;
      const Trial again = run_trial(part, *algorithm, options, parallel_, watch_);
      if (!watch_.stopped()) run.tested->keep(m, seed, again);
    }
  }

  // Of an interrupted run, what was tested stays.
  void measure(TaskRun& run) {
    const auto& [comparison, tested] = run;
    std::vector<ModelResult>& models = run.comparison.models;
    const std::size_t all = models.size();
    std::size_t count = 0;
    while (count < all && tested->seeds(count) > 0) ++count;
    models.resize(count);
    for (std::size_t m = 0; m < count; ++m) {
      const std::vector<UserSums> sums = tested->sums(m, 0);
      if (m == 0) {
        tested->tell(run.comparison);
        run.comparison.split.tested_users = sums.front().sum.size();
        if (!comparison.is_measured()) return;
      }
      const bool has_intervals =
          run.comparison.split.tested_users > 1;  // one says nothing of others
      models[m].metrics = bootstrap(comparison.metrics, sums, parallel_,
                                    {.draws = has_intervals ? BootstrapOptions{}.draws : 0,
                                     .stop_requested = [this] { return stops_drawing(); }});
      models[m].over_seeds = over_seeds(comparison.metrics, *tested, m, parallel_);
      tested->tell(m, models[m]);
    }
    const auto has_draws = [](const ModelResult& model) {
      return std::ranges::none_of(model.metrics, &std::vector<double>::empty, &Measured::draws);
    };
    if (count == all && tested->is_whole(count - 1, 0) && std::ranges::all_of(models, has_draws))
      compare_with_best(run.comparison);
  }

  // A run that was stopped still has the intervals that take no time. Those of many models and
  // users it leaves out, since whoever asked for the stop waits.
  bool stops_drawing() {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kMost(500);
    if (!watch_.stopped()) return false;
    if (!stopped_at_) stopped_at_ = Clock::now();
    return Clock::now() - *stopped_at_ > kMost;
  }

  const CompareOptions& options_;
  Parallel& parallel_;
  const Watch& watch_;
  std::vector<TaskRun> runs_;
  Index fold_ = 0;
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;
};

// The test ratings whose pair is in the train table, too.
std::uint64_t in_train(const Interactions& train, const Interactions& test) {
  const auto pair_of = [](const Interactions& table, Index row) {
    return std::pair(table.users[row], table.items[row]);
  };
  std::vector<std::pair<Index, Index>> tested;
  for (Index row = 0; row < test.size(); ++row) tested.push_back(pair_of(test, row));
  std::ranges::sort(tested);
  std::uint64_t count = 0;
  for (Index row = 0; row < train.size(); ++row)
    count += std::ranges::equal_range(tested, pair_of(train, row)).size();
  return count;
}

// As if the two tables were one, split where the test begins.
SplitLeak leak_of_files(const Interactions& train, Split split, const Interactions& test) {
  Interactions both = test;  // its catalog has the users and items of both
  const auto put_before = [](auto& column, const auto& first) {
    column.insert(column.begin(), first.begin(), first.end());
  };
  put_before(both.users, train.users);
  put_before(both.items, train.items);
  put_before(both.values, train.values);
  if (train.times.empty() || test.times.empty()) {
    both.times.clear();
  } else {
    put_before(both.times, train.times);
    if (train.time_unit != test.time_unit) {
      for (std::size_t row = 0; row < both.times.size(); ++row) {
        both.times[row] =
            seconds_of(both.times[row], row < train.size() ? train.time_unit : test.time_unit);
      }
      both.time_unit = TimeUnit::seconds;
    }
  }
  split.test.resize(test.size());
  std::iota(split.test.begin(), split.test.end(), train.size());
  SplitLeak leak = split_leak(both, split);
  leak.in_train = in_train(train, test);
  return leak;
}

SplitSummary summary_of(const SplitOptions& split) {
  const auto described = [&split] {
    const double percent = 100 * split.test_share;
    switch (split.method) {
      case SplitMethod::random:
        return fmt::format("random, {:g} % test, seed {}", percent, split.seed);
      case SplitMethod::kfold:
        return fmt::format("{} folds, seed {}", split.folds, split.seed);
      case SplitMethod::time:
        return fmt::format("by time, the latest {:g} % are the test", percent);
      case SplitMethod::per_user:
        return fmt::format("random, {:g} % of each user's ratings are the test, seed {}", percent,
                           split.seed);
      case SplitMethod::leave_last_out:
        return fmt::format("the last {} of each user {} the test", split.leave_last,
                           split.leave_last == 1 ? "is" : "are");
      case SplitMethod::notebook:
        return std::string("the notebook's: random in order of (user, item), 20 % test, seed 1");
      case SplitMethod::users:
        return fmt::format("{:g} % of the users, {:g} % of whose ratings are folded in, seed {}",
                           percent, 100 * split.fold_in_share, split.seed);
    }
    return std::string();
  };
  return {.method = std::string(split_name(split.method)),
          .description = described(),
          .seed = split.method == SplitMethod::notebook ? 1 : split.seed};
}

}  // namespace

std::vector<Comparison> compare(const Interactions& interactions, const CompareOptions& options,
                                Parallel& parallel, const Watch& watch) {
  check(options);
  if (has_task(options, Task::ratings)) require_values(interactions, "given");
  const std::vector<Split> splits = make_splits(interactions, options.split);
  SplitSummary summary = summary_of(options.split);
  summary.folds = static_cast<Index>(splits.size());
  Comparing comparing(options, summary, parallel, watch);
  for (std::size_t fold = 0; fold < splits.size() && !watch.stopped(); ++fold) {
    const Split split =
        options.validation_share > 0
            ? with_validation(interactions, splits[fold], options.split, options.validation_share)
            : splits[fold];
    comparing.run(part_of(interactions, split, parallel),
                  fold == 0 ? split_leak(interactions, split, options.split.method) : SplitLeak{});
  }
  return std::move(comparing).result();
}

std::vector<Comparison> compare(const Interactions& train, const Interactions& test,
                                const CompareOptions& options, Parallel& parallel,
                                const Watch& watch) {
  check(options);
  if (has_task(options, Task::ratings)) {
    require_values(train, "train");
    require_values(test, "test");
  }
  if (train.size() == 0 || test.size() == 0)
    fail(ErrorCode::bad_data, "the train and the test file need ratings each");
  Split split{std::vector<Index>(train.size()), {}, {}};
  std::iota(split.train.begin(), split.train.end(), Index{0});
  if (options.validation_share > 0)
    split = with_validation(train, split, {.seed = options.split.seed}, options.validation_share);
  Part part = part_of(train, split, parallel);
  std::vector<Index> rows(test.size());
  std::iota(rows.begin(), rows.end(), Index{0});
  part.test = Rows(test, rows);
  part.test_catalog = test.catalog;
  if (train.times.empty()) part.test.times.clear();
  SplitSummary summary{.method = "files", .description = "a test file of its own"};
  summary.scale = match_scale(scale_of(train.values), test.values);
  Comparing comparing(options, summary, parallel, watch);
  comparing.run(std::move(part), leak_of_files(train, split, test));
  return std::move(comparing).result();
}

const Comparison* find_task(std::span<const Comparison> comparisons, Task task) {
  const auto found = std::ranges::find(comparisons, task, &Comparison::task);
  return found == comparisons.end() ? nullptr : &*found;
}

const ModelResult* best_with_factors(const Comparison& comparison) {
  const auto is_better_than = [&](const ModelResult& model, const ModelResult& other) {
    const auto value_of = [&](const ModelResult& one) {
      return one.metrics[comparison.primary].interval.value;
    };
    return comparison.is_measured() &&
           is_better(comparison.metrics[comparison.primary], value_of(model), value_of(other));
  };
  const ModelResult* best = nullptr;
  for (const ModelResult& model : comparison.models) {
    const bool has_factors = model.trial.scorer.factors.num_factors() > 0;
    if (!has_factors || model.ending == Ending::diverged) continue;
    if (best == nullptr || is_better_than(model, *best)) best = &model;
  }
  return best;
}

}  // namespace palate
