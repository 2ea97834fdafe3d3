#include "palate/evaluate/trial.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/fail.h"
#include "experiment/fold_in_row.h"
#include "palate/evaluate/held_out_lists.h"

namespace palate {
namespace {

// Of absolute errors, or of squared ones.
double mean_error(const Factors& factors, const Rows& rows, bool absolute) {
  const std::vector<float> predicted = scores(factors, rows.users, rows.items);
  double sum = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(rows.values[t]);
    sum += absolute ? std::abs(error) : error * error;
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

std::optional<WarmStart> start_of(const Model* init, Task task, const Catalog& catalog) {
  if (init == nullptr) return {};
  const std::optional<Fitted>& fitted = task == Task::ratings ? init->ratings : init->lists;
  if (!fitted)
    fail(ErrorCode::invalid_argument, "the model to start from has nothing for {}",
         task_name(task));
  return warm_start(*fitted, *init->catalog, catalog);
}

// What TrialOptions::metric names.
Metric metric_of(Task task, const std::optional<Metric>& metric) {
  if (task == Task::lists) return metric ? *metric : list_metrics().front();
  if (metric && metric->name == "mae") return *metric;
  return {.name = "loss", .better = Metric::Better::lower};
}

}  // namespace

// What a trainer is to measure after each epoch on these rows.
class AfterEpoch {
 public:
  // `seen` is what the lists of these users leave out. All that it is given outlives it.
  AfterEpoch(const Rows& rows, const SparseMatrix& seen, const Part& part, Task task,
             const std::optional<Metric>& metric, Parallel& parallel)
      : rows_(rows), parallel_(parallel), metric_(metric_of(task, metric)) {
    if (task == Task::lists)
      lists_.emplace(rows, seen, part.train.relevant(), kMostUsers, &part.train.by_user());
  }

  // It refers to this.
  Validation validation() {
    return {metric_, [this](const Scorer& scorer) {
              const Stopwatch stopwatch;
              const double value = lists_
                                       ? lists_->mean(metric_, scorer, parallel_)
                                       : mean_error(scorer.factors, rows_, metric_.name == "mae");
              seconds_ += stopwatch.seconds();
              return value;
            }};
  }

  bool has_rows() const { return lists_ ? lists_->num_users() > 0 : rows_.size() > 0; }
  double seconds() const { return seconds_; }

 private:
  static constexpr Index kMostUsers = 10'000;

  const Rows& rows_;
  Parallel& parallel_;
  Metric metric_;
  std::optional<HeldOutLists> lists_;
  double seconds_ = 0;
};

Trial run_trial(const Part& part, const NamedAlgorithm& algorithm, const TrialOptions& options,
                Parallel& parallel, const Watch& watch) {
  const Task task = traits_of(algorithm.options).task;
  const SparseMatrix seen = task == Task::lists ? seen_before_test(part) : SparseMatrix();
  AfterEpoch on_validation(part.validation, part.train.by_user(), part, task, options.metric,
                           parallel);
  AfterEpoch on_test(part.test, seen, part, task, options.metric, parallel);
  const std::optional<WarmStart> start = start_of(options.init, task, *part.catalog);
  TrainContext context{.parallel = parallel,
                       .stop_requested = watch.stop_requested,
                       .patience = options.patience,
                       .start = start ? &*start : nullptr};
  if (on_validation.has_rows() && !algorithm.preset)
    context.validation = on_validation.validation();
  // Folding in takes what some trainers know at their end alone.
  if (on_test.has_rows() && part.fold_in.rows() == 0) context.test = on_test.validation();
  if (watch.on_epoch) {
    context.on_epoch = [&](const Curve& so_far) {
      watch.on_epoch(algorithm.name, options.fold, so_far);
    };
  }
  if (watch.on_start) watch.on_start(algorithm, options.fold);
  const Stopwatch stopwatch;
  TrainResult result = train(part.train, algorithm.options, context);
  const double seconds = stopwatch.seconds() - on_validation.seconds() - on_test.seconds();
  if (watch.on_end) watch.on_end(algorithm.name, options.fold);
  if (algorithm.preset) result.scorer.range.reset();
  std::optional<FoldInChoice> fold_in;
  if (options.chooses_row && result.report.ending != Ending::diverged)
    fold_in = choose_row(result.scorer, part, parallel, watch);
  return {algorithm,
          std::move(result.scorer),
          std::move(result.report),
          std::move(result.optimizer),
          seconds,
          fold_in};
}

}  // namespace palate
