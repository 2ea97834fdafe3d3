#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
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

// The test ratings of all folds so far, the same for every model.
struct TestedRatings {
  std::vector<Index> users;
  std::vector<float> actual;

  void add(const Fold& fold) {
    users.insert(users.end(), fold.test.users.begin(), fold.test.users.end());
    actual.insert(actual.end(), fold.test.values.begin(), fold.test.values.end());
  }

  // Of predictions in the same order; an interrupted run has fewer.
  UserErrors errors(std::span<const float> predicted) const {
    return pool_by_user(std::span(users).first(predicted.size()), predicted, std::span(actual).first(predicted.size()));
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
  std::vector<ModelResult*> others;
  std::vector<double> p_values;
  for (auto model = models.begin(); model != models.end(); ++model) {
    if (model == best) continue;
    model->difference_to_best = rmse_difference(model->metrics, best->metrics);
    others.push_back(&*model);
    p_values.push_back(rmse_p_value(model->metrics, best->metrics));
  }
  best->same_as_best = true;
  const std::vector<double> adjusted = holm_adjusted(p_values);
  constexpr double kLevel = 0.05;
  for (std::size_t m = 0; m < others.size(); ++m) {
    others[m]->p_value = p_values[m];
    others[m]->p_value_holm = adjusted[m];
    others[m]->same_as_best = adjusted[m] >= kLevel;
  }
}

// The algorithm with the `step`-th seed after its own, which its name then tells; nothing for one that has no seed.
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

// `predicted` by seed; nothing unless there are several, all with as many predictions.
std::optional<OverSeeds> over_seeds(const TestedRatings& tested, std::span<const std::vector<float>> predicted,
                                    Parallel& parallel) {
  if (predicted.size() < 2) return {};
  std::vector<double> rmse;
  std::vector<double> mae;
  for (const std::vector<float>& of_seed : predicted) {
    if (of_seed.size() != predicted.front().size()) return {};
    const RatingMetrics metrics = rating_metrics(tested.errors(of_seed), parallel, {.draws = 0});
    rmse.push_back(metrics.rmse.value);
    mae.push_back(metrics.mae.value);
  }
  return OverSeeds{static_cast<Index>(predicted.size()), spread_of(rmse), spread_of(mae)};
}

void check(const CompareOptions& options) {
  if (options.algorithms.empty()) fail(ErrorCode::invalid_argument, "there is no algorithm to compare");
  if (options.seeds < 1) fail(ErrorCode::invalid_argument, "seeds {} is out of range: at least 1", options.seeds);
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
  TestedRatings tested;
  std::vector<std::vector<std::vector<float>>> predicted(options.algorithms.size());  // by model and seed
  const auto stopped = [&] { return watch.stop_requested && watch.stop_requested(); };

  for (Index number = 0; number < splits.size() && !stopped(); ++number) {
    const Split split = options.validation_share > 0
                            ? with_validation(interactions, splits[number], options.split, options.validation_share)
                            : splits[number];
    const Fold fold{number, Dataset(interactions, split.train, parallel), Rows(interactions, split.validation),
                    Rows(interactions, split.test)};
    tested.add(fold);
    if (number == 0) {
      comparison.range = fold.train.range();
      comparison.split.train = split.train.size();
      comparison.split.validation = split.validation.size();
      comparison.split.test = split.test.size();
      comparison.split.leak = split_leak(interactions, split);
    }
    for (std::size_t m = 0; m < comparison.models.size() && !stopped(); ++m) {
      ModelResult& model = comparison.models[m];
      const auto train_and_predict = [&](const NamedAlgorithm& algorithm, Index seed) {
        if (watch.on_start) watch.on_start(algorithm.name, number);
        Trained trained = train_on(fold, algorithm, options.patience, parallel, watch);
        std::vector<float> of_fold = test_predictions(trained.result.factors, fold, options.clip && !algorithm.preset);
        if (watch.on_end) watch.on_end(algorithm.name, number);
        predicted[m].resize(std::max<std::size_t>(predicted[m].size(), seed + 1));
        predicted[m][seed].insert(predicted[m][seed].end(), of_fold.begin(), of_fold.end());
        return std::pair(std::move(trained), std::move(of_fold));
      };
      auto [trained, of_fold] = train_and_predict(model.algorithm, 0);
      TrainReport& report = trained.result.report;
      model.seconds += trained.seconds;
      if (report.ending > model.ending) model.ending = report.ending;
      if (!report.advice.empty()) model.advice = report.advice;
      if (number == 0) {
        add_samples(comparison.samples, *interactions.catalog, fold.test, of_fold, options.samples);
        model.curve = std::move(report.curve);
        model.epochs_kept = report.epochs_kept;
        model.factors = std::move(trained.result.factors);
      }
      for (Index seed = 1; seed < options.seeds && !stopped(); ++seed) {
        if (const auto algorithm = with_later_seed(model.algorithm, seed)) train_and_predict(*algorithm, seed);
      }
    }
  }

  // Of an interrupted run, what was measured stays.
  std::size_t count = 0;
  while (count < comparison.models.size() && !predicted[count].empty()) ++count;
  comparison.models.resize(count);
  for (std::size_t m = 0; m < count; ++m) {
    comparison.models[m].metrics = rating_metrics(tested.errors(predicted[m].front()), parallel);
    comparison.models[m].over_seeds = over_seeds(tested, predicted[m], parallel);
  }
  const auto on_all_rows = [&](const auto& of_model) {
    return !of_model.empty() && of_model.front().size() == tested.users.size();
  };
  if (std::ranges::all_of(predicted, on_all_rows)) compare_with_best(comparison.models);
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
