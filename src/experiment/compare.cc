#include <algorithm>
#include <chrono>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "palate/dataset.h"
#include "palate/experiment.h"

namespace palate {
namespace {

// The columns of some rows of the interactions.
struct Rows {
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;

  Rows(const Interactions& interactions, std::span<const Index> rows) {
    for (const Index row : rows) {
      users.push_back(interactions.users[row]);
      items.push_back(interactions.items[row]);
      values.push_back(interactions.values[row]);
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
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

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

Trained train_on(const Fold& fold, const NamedAlgorithm& algorithm, Index patience, Parallel& parallel, const Watch& watch) {
  double measuring = 0;
  const auto loss_on = [&measuring](const Rows& rows) {
    return [&rows, &measuring](const Factors& factors) {
      const Stopwatch stopwatch;
      const double loss = mean_squared_error(factors, rows);
      measuring += stopwatch.seconds();
      return loss;
    };
  };
  TrainContext context{.parallel = parallel, .stop_requested = watch.stop_requested, .patience = patience};
  if (fold.validation.size() > 0 && !algorithm.preset) context.validation_loss = loss_on(fold.validation);
  if (fold.test.size() > 0) context.test_loss = loss_on(fold.test);
  if (watch.on_epoch) {
    context.on_epoch = [&](const EpochRecord& record) { watch.on_epoch(algorithm.name, fold.number, record); };
  }
  const Stopwatch stopwatch;
  TrainResult result = train(fold.train, algorithm.options, context);
  return {std::move(result), stopwatch.seconds() - measuring};
}

// A model's predictions for the test ratings of all folds so far.
struct OutOfFold {
  std::vector<Index> users;
  std::vector<float> predicted;
  std::vector<float> actual;

  void add(const Rows& test, std::span<const float> predictions) {
    users.insert(users.end(), test.users.begin(), test.users.end());
    predicted.insert(predicted.end(), predictions.begin(), predictions.end());
    actual.insert(actual.end(), test.values.begin(), test.values.end());
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
    samples.push_back({catalog.users[test.users[s]], catalog.items[item], catalog.item_name(item), test.values[s], {}});
  }
  for (std::size_t s = 0; s < count; ++s) samples[s].predicted.push_back(predicted[s]);
}

void compare_with_best(std::vector<ModelResult>& models) {
  const auto best = std::ranges::min_element(models, {}, [](const ModelResult& m) { return m.metrics.rmse.value; });
  for (auto model = models.begin(); model != models.end(); ++model) {
    if (model != best) model->difference_to_best = rmse_difference(model->metrics, best->metrics);
  }
}

void check(const CompareOptions& options) {
  if (options.algorithms.empty()) fail(ErrorCode::invalid_argument, "there is no algorithm to compare");
  if (!(options.validation_share >= 0 && options.validation_share < 1)) {
    fail(ErrorCode::invalid_argument, "validation share {} is out of range: at least 0 and below 1", options.validation_share);
  }
  for (auto one = options.algorithms.begin(); one != options.algorithms.end(); ++one) {
    validate(one->options);
    const auto again =
        std::find_if(one + 1, options.algorithms.end(), [&](const auto& other) { return other.name == one->name; });
    if (again != options.algorithms.end()) fail(ErrorCode::invalid_argument, "algorithm {} is named twice", one->name);
  }
}

Comparison compare_on(const Interactions& interactions, const std::vector<Split>& splits, SplitSummary summary,
                      const CompareOptions& options, Parallel& parallel, const Watch& watch) {
  Comparison comparison{.split = std::move(summary), .clipped = options.clip};
  comparison.split.folds = static_cast<Index>(splits.size());
  for (const NamedAlgorithm& algorithm : options.algorithms) comparison.models.push_back({.algorithm = algorithm});
  std::vector<OutOfFold> out_of_fold(options.algorithms.size());
  const auto stopped = [&] { return watch.stop_requested && watch.stop_requested(); };

  for (Index number = 0; number < splits.size() && !stopped(); ++number) {
    const Split split = options.validation_share > 0
                            ? with_validation(interactions, splits[number], options.split, options.validation_share)
                            : splits[number];
    const Fold fold{number, Dataset(interactions, split.train, parallel), Rows(interactions, split.validation),
                    Rows(interactions, split.test)};
    if (number == 0) {
      comparison.range = fold.train.range();
      comparison.split.train = split.train.size();
      comparison.split.validation = split.validation.size();
      comparison.split.test = split.test.size();
      comparison.split.leak = split_leak(interactions, split);
    }
    for (std::size_t m = 0; m < comparison.models.size() && !stopped(); ++m) {
      ModelResult& model = comparison.models[m];
      if (watch.on_start) watch.on_start(model.algorithm.name, number);
      auto [trained, seconds] = train_on(fold, model.algorithm, options.patience, parallel, watch);
      const std::vector<float> predicted = test_predictions(trained.factors, fold, options.clip && !model.algorithm.preset);
      out_of_fold[m].add(fold.test, predicted);
      model.seconds += seconds;
      if (trained.report.ending > model.ending) model.ending = trained.report.ending;
      if (!trained.report.advice.empty()) model.advice = trained.report.advice;
      if (number == 0) {
        add_samples(comparison.samples, *interactions.catalog, fold.test, predicted, options.samples);
        model.curve = std::move(trained.report.curve);
        model.epochs_kept = trained.report.epochs_kept;
        model.factors = std::move(trained.factors);
      }
      if (watch.on_end) watch.on_end(model.algorithm.name, number);
    }
  }

  // Of an interrupted run, what was measured stays.
  const auto measured = [&](std::size_t m) { return !out_of_fold[m].users.empty(); };
  std::size_t count = 0;
  while (count < comparison.models.size() && measured(count)) ++count;
  comparison.models.resize(count);
  for (std::size_t m = 0; m < count; ++m) {
    const OutOfFold& rows = out_of_fold[m];
    comparison.models[m].metrics = rating_metrics(pool_by_user(rows.users, rows.predicted, rows.actual), parallel);
  }
  const auto same_rows = [&](const OutOfFold& rows) { return rows.users.size() == out_of_fold.front().users.size(); };
  if (std::ranges::all_of(out_of_fold, same_rows)) compare_with_best(comparison.models);
  return comparison;
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
        return fmt::format("random, {:g} % of each user's ratings are the test, seed {}", percent, split.seed);
      case SplitMethod::leave_last_out:
        return fmt::format("the last {} of each user {} the test", split.leave_last, split.leave_last == 1 ? "is" : "are");
      case SplitMethod::notebook:
        return std::string("the notebook's: random in order of (user, item), 20 % test, seed 1");
    }
    return std::string();
  };
  return {std::string(split_name(split.method)), described(), split.method == SplitMethod::notebook ? 1 : split.seed};
}

}  // namespace

Comparison compare(const Interactions& interactions, const CompareOptions& options, Parallel& parallel, const Watch& watch) {
  check(options);
  return compare_on(interactions, make_splits(interactions, options.split), summary_of(options.split), options, parallel,
                    watch);
}

Comparison compare(const Interactions& train, const Interactions& test, const CompareOptions& options, Parallel& parallel,
                   const Watch& watch) {
  check(options);
  if (train.size() == 0 || test.size() == 0) fail(ErrorCode::bad_data, "the train and the test file need ratings each");
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
  return compare_on(both, {std::move(split)}, {"files", "a test file of its own"}, options, parallel, watch);
}

}  // namespace palate
