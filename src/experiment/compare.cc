#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "experiment/compare_with_best.h"
#include "palate/data/dataset.h"
#include "palate/evaluate/experiment.h"
#include "palate/evaluate/rating_metrics.h"

namespace palate {
namespace {

// The columns of some rows of the interactions.
struct Rows {
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;
  std::vector<std::int64_t> times;  // empty where there are none

  Rows(const Interactions& interactions, std::span<const Index> rows) {
    for (const Index row : rows) {
      users.push_back(interactions.users[row]);
      items.push_back(interactions.items[row]);
      values.push_back(interactions.values[row]);
      if (!interactions.times.empty()) times.push_back(interactions.times[row]);
    }
  }
  std::size_t size() const { return values.size(); }
};

double mean_squared_error(const Factors& factors, const Rows& rows) {
  const std::vector<float> predicted = scores(factors, rows.users, rows.items);
  double sum = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(rows.values[t]);
    sum += error * error;
  }
  return rows.size() > 0 ? sum / static_cast<double>(rows.size()) : 0;
}

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// One part of the data to train on and what to measure on the way.
struct Fold {
  Index number = 0;
  Dataset train;
  Rows validation;
  Rows test;
};

struct Trained {
  TrainResult result;
  double seconds = 0;  // without the time that the curve's losses took to measure
};

Trained train_on(const Fold& fold, const NamedAlgorithm& algorithm, const WarmStart* start,
                 Index patience, Parallel& parallel, const Watch& watch) {
  double measuring = 0;
  const auto loss_on = [&measuring](const Rows& rows) {
    return [&rows, &measuring](const Factors& factors) {
      const Stopwatch stopwatch;
      const double loss = mean_squared_error(factors, rows);
      measuring += stopwatch.seconds();
      return loss;
    };
  };
  TrainContext context{.parallel = parallel,
                       .stop_requested = watch.stop_requested,
                       .patience = patience,
                       .start = start};
  if (fold.validation.size() > 0 && !algorithm.preset)
    context.validation_loss = loss_on(fold.validation);
  if (fold.test.size() > 0) context.test_loss = loss_on(fold.test);
  if (watch.on_epoch) {
    context.on_epoch = [&](const EpochRecord& record) {
      watch.on_epoch(algorithm.name, fold.number, record);
    };
  }
  const Stopwatch stopwatch;
  TrainResult result = train(fold.train, algorithm.options, context);
  return {std::move(result), stopwatch.seconds() - measuring};
}

// The test ratings of all folds so far, the same for every model.
struct TestedRatings {
  std::vector<Index> users;
  std::vector<float> values;
  std::vector<std::int64_t> times;
  std::vector<Index> user_ratings;  // of the user in the fold's train part
  std::vector<Index> item_ratings;  // of the item

  void add(const Fold& fold) {
    const Rows& test = fold.test;
    users.insert(users.end(), test.users.begin(), test.users.end());
    values.insert(values.end(), test.values.begin(), test.values.end());
    times.insert(times.end(), test.times.begin(), test.times.end());
    for (const Index user : test.users)
      user_ratings.push_back(fold.train.by_user().row(user).size());
    for (const Index item : test.items)
      item_ratings.push_back(fold.train.by_item().row(item).size());
  }

  // Of predictions in the same order; an interrupted run has fewer.
  std::vector<UserSums> sums(std::span<const float> predicted) const {
    return rating_sums(std::span(users).first(predicted.size()), predicted, values);
  }

  std::vector<Grouping> groupings() const {
    std::vector<Grouping> all{group_by_support("user_ratings", user_ratings),
                              group_by_support("item_ratings", item_ratings),
                              group_by_value(values)};
    if (!times.empty()) all.push_back(group_by_time(times));
    return all;
  }
};

std::vector<float> test_predictions(const Factors& factors, const Fold& fold, bool clip) {
  std::vector<float> predicted = scores(factors, fold.test.users, fold.test.items);
  if (clip) {
    const auto [low, high] = fold.train.range();
    for (float& value : predicted) value = std::clamp(value, low, high);
  }
  return predicted;
}

void add_samples(std::vector<SamplePrediction>& samples, const Catalog& catalog, const Rows& test,
                 std::span<const float> predicted, Index most) {
  const std::size_t count = std::min<std::size_t>(most, test.size());
  for (std::size_t s = samples.size(); s < count; ++s) {
    const Index item = test.items[s];
    samples.push_back({catalog.users[test.users[s]],
                       catalog.items[item],
                       catalog.item_name(item),
                       test.values[s],
                       {}});
  }
  for (std::size_t s = 0; s < count; ++s) samples[s].predicted.push_back(predicted[s]);
}

// The test ratings that are in the history of the model to start from.
std::uint64_t seen_by(const WarmStart& start, const Rows& test) {
  const Model& model = start.model;
  if (!model.has_history()) return 0;
  std::uint64_t seen = 0;
  for (std::size_t t = 0; t < test.size(); ++t) {
    const auto user = start.users[test.users[t]];
    const auto item = start.items[test.items[t]];
    if (user && item && std::ranges::binary_search(model.history.row(*user).columns, *item)) ++seen;
  }
  return seen;
}

// The algorithm with the `step`-th seed after its own, which its name then tells; nothing for one
// that has no seed.
std::optional<NamedAlgorithm> with_later_seed(NamedAlgorithm algorithm, Index step) {
  bool seeded = false;
  std::visit(
      [&](auto& options) {
        visit_fields(options, [&]<class T>(const Field& field, T& value) {
          if constexpr (std::unsigned_integral<T>) {
            if (field.name != "seed") return;
            value += step;
            algorithm.name += fmt::format(", seed {}", value);
            seeded = true;
          }
        });
      },
      algorithm.options);
  return seeded ? std::optional(std::move(algorithm)) : std::nullopt;
}

Spread spread_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  Spread spread{.mean = std::accumulate(values.begin(), values.end(), 0.0) / n};
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  spread.standard_deviation = std::sqrt(squares / (n - 1));
  return spread;
}

// One model's predictions of the tested ratings, with its own seed and the following ones.
using PredictionsBySeed = std::vector<std::vector<float>>;

// Nothing unless there are several seeds, all with as many predictions.
std::optional<OverSeeds> over_seeds(std::span<const Metric> metrics, const TestedRatings& tested,
                                    const PredictionsBySeed& predicted, Parallel& parallel) {
  if (predicted.size() < 2) return {};
  std::vector<std::vector<double>> values(metrics.size());  // by metric, then by seed
  for (const std::vector<float>& of_seed : predicted) {
    if (of_seed.size() != predicted.front().size()) return {};
    const auto measured = bootstrap(metrics, tested.sums(of_seed), parallel, {.draws = 0});
    for (std::size_t m = 0; m < metrics.size(); ++m)
      values[m].push_back(measured[m].interval.value);
  }
  OverSeeds over{.seeds = static_cast<Index>(predicted.size())};
  for (const std::vector<double>& of_metric : values) over.metrics.push_back(spread_of(of_metric));
  return over;
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
}

// Trains every model on one fold after the other and measures them all at the end.
class Comparing {
 public:
  Comparing(const Interactions& interactions, const CompareOptions& options, SplitSummary split,
            Parallel& parallel, const Watch& watch)
      : interactions_(interactions),
        options_(options),
        parallel_(parallel),
        watch_(watch),
        predicted_(options.algorithms.size()) {
    comparison_.split = std::move(split);
    comparison_.metrics = rating_metrics();
    comparison_.clipped = options.clip;
    for (const NamedAlgorithm& algorithm : options.algorithms)
      comparison_.models.push_back({.algorithm = algorithm});
    if (options.init != nullptr) start_.emplace(warm_start(*options.init, *interactions.catalog));
  }

  Comparison on(const std::vector<Split>& splits) && {
    comparison_.split.folds = static_cast<Index>(splits.size());
    for (Index number = 0; number < splits.size() && !stopped(); ++number)
      run_fold(number, splits[number]);
    measure();
    return std::move(comparison_);
  }

 private:
  bool stopped() const { return watch_.stop_requested && watch_.stop_requested(); }

  void run_fold(Index number, const Split& outer) {
    const Split split =
        options_.validation_share > 0
            ? with_validation(interactions_, outer, options_.split, options_.validation_share)
            : outer;
    const Fold fold{number, Dataset(interactions_, split.train, parallel_),
                    Rows(interactions_, split.validation), Rows(interactions_, split.test)};
    tested_.add(fold);
    if (number == 0) {
      comparison_.range = fold.train.range();
      comparison_.split.train = split.train.size();
      comparison_.split.validation = split.validation.size();
      comparison_.split.test = split.test.size();
      comparison_.split.leak = split_leak(interactions_, split);
      if (start_) comparison_.init_seen = seen_by(*start_, fold.test);
    }
    for (std::size_t m = 0; m < options_.algorithms.size() && !stopped(); ++m) run_model(m, fold);
  }

  void run_model(std::size_t m, const Fold& fold) {
    ModelResult& model = comparison_.models[m];
    const WarmStart* const start = m == 0 && start_ ? &*start_ : nullptr;
    auto [trained, predicted] = train_and_predict(model.algorithm, start, fold);
    TrainReport& report = trained.result.report;
    model.seconds += trained.seconds;
    if (report.ending > model.ending) model.ending = report.ending;
    if (!report.advice.empty()) model.advice = report.advice;
    if (fold.number == 0) {
      add_samples(comparison_.samples, *interactions_.catalog, fold.test, predicted,
                  options_.samples);
      model.curve = std::move(report.curve);
      model.epochs_kept = report.epochs_kept;
      model.factors = std::move(trained.result.factors);
      model.optimizer = std::move(trained.result.optimizer);
    }
    keep(m, 0, predicted);
    for (Index seed = 1; seed < options_.seeds && !stopped(); ++seed) {
      const auto algorithm = with_later_seed(model.algorithm, seed);
      if (!algorithm) break;
      const auto again = train_and_predict(*algorithm, start, fold);
      if (!stopped()) keep(m, seed, again.predicted);
    }
  }

  struct TrainedAndPredicted {
    Trained trained;
    std::vector<float> predicted;  // of the fold's test ratings
  };
  TrainedAndPredicted train_and_predict(const NamedAlgorithm& algorithm, const WarmStart* start,
                                        const Fold& fold) const {
    if (watch_.on_start) watch_.on_start(algorithm.name, fold.number);
    Trained trained = train_on(fold, algorithm, start, options_.patience, parallel_, watch_);
    std::vector<float> predicted =
        test_predictions(trained.result.factors, fold, options_.clip && !algorithm.preset);
    if (watch_.on_end) watch_.on_end(algorithm.name, fold.number);
    return {std::move(trained), std::move(predicted)};
  }

  void keep(std::size_t m, Index seed, std::span<const float> predicted) {
    if (predicted_[m].size() <= seed) predicted_[m].resize(seed + 1);
    predicted_[m][seed].insert(predicted_[m][seed].end(), predicted.begin(), predicted.end());
  }

  // Of an interrupted run, what was tested stays.
  void measure() {
    std::vector<ModelResult>& models = comparison_.models;
    std::size_t count = 0;
    while (count < models.size() && !predicted_[count].empty()) ++count;
    models.resize(count);
    const std::vector<Grouping> groupings = tested_.groupings();
    for (std::size_t m = 0; m < count; ++m) {
      const std::vector<float>& predicted = predicted_[m].front();
      models[m].metrics = bootstrap(comparison_.metrics, tested_.sums(predicted), parallel_);
      models[m].over_seeds = over_seeds(comparison_.metrics, tested_, predicted_[m], parallel_);
      for (const Grouping& grouping : groupings) {
        models[m].breakdowns.push_back(break_down(grouping, predicted, tested_.values));
        if (grouping.by == "value") models[m].predicted = predictions_by_group(grouping, predicted);
      }
      models[m].residuals = residuals(predicted, tested_.values);
    }
    const auto tested_on_all = [&](const PredictionsBySeed& predicted) {
      return !predicted.empty() && predicted.front().size() == tested_.users.size();
    };
    if (std::ranges::all_of(predicted_, tested_on_all)) compare_with_best(comparison_);
  }

  const Interactions& interactions_;
  const CompareOptions& options_;
  Parallel& parallel_;
  const Watch& watch_;
  std::optional<WarmStart> start_;  // of the first model
  Comparison comparison_;
  TestedRatings tested_;
  std::vector<PredictionsBySeed> predicted_;  // by model
};

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
    }
    return std::string();
  };
  return {std::string(split_name(split.method)), described(),
          split.method == SplitMethod::notebook ? 1 : split.seed};
}

}  // namespace

Comparison compare(const Interactions& interactions, const CompareOptions& options,
                   Parallel& parallel, const Watch& watch) {
  check(options);
  return Comparing(interactions, options, summary_of(options.split), parallel, watch)
      .on(make_splits(interactions, options.split));
}

Comparison compare(const Interactions& train, const Interactions& test,
                   const CompareOptions& options, Parallel& parallel, const Watch& watch) {
  check(options);
  if (train.size() == 0 || test.size() == 0)
    fail(ErrorCode::bad_data, "the train and the test file need ratings each");
  Interactions both = test;  // its catalog has the users and items of both
  both.users.insert(both.users.begin(), train.users.begin(), train.users.end());
  both.items.insert(both.items.begin(), train.items.begin(), train.items.end());
  both.values.insert(both.values.begin(), train.values.begin(), train.values.end());
  const bool timed = !train.times.empty() && !test.times.empty();
  if (timed) both.times.insert(both.times.begin(), train.times.begin(), train.times.end());
  if (!timed) both.times.clear();
  Split split{std::vector<Index>(train.size()), {}, std::vector<Index>(test.size())};
  std::iota(split.train.begin(), split.train.end(), Index{0});
  std::iota(split.test.begin(), split.test.end(), train.size());
  return Comparing(both, options, {"files", "a test file of its own"}, parallel, watch)
      .on({std::move(split)});
}

}  // namespace palate
