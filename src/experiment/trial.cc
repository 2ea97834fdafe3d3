#include "palate/evaluate/trial.h"

#include <chrono>
#include <utility>

#include "base/fail.h"

namespace palate {
namespace {

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

std::optional<WarmStart> start_of(const Model* init, Task task, const Catalog& catalog) {
  if (init == nullptr) return {};
  const std::optional<Fitted>& fitted = task == Task::ratings ? init->ratings : init->lists;
  if (!fitted)
    fail(ErrorCode::invalid_argument, "the model to start from has nothing for {}",
         task_name(task));
  return warm_start(*fitted, *init->catalog, catalog);
}

}  // namespace

Trial run_trial(const Part& part, const NamedAlgorithm& algorithm, const TrialOptions& options,
                Parallel& parallel, const Watch& watch) {
  double measuring = 0;
  const auto loss_on = [&measuring](const Rows& rows) {
    const auto measure = [&rows, &measuring](const Scorer& scorer) {
      const Stopwatch stopwatch;
      const double loss = mean_squared_error(scorer.factors, rows);
      measuring += stopwatch.seconds();
      return loss;
    };
    return Validation{{.name = "loss", .better = Metric::Better::lower}, measure};
  };
  const std::optional<WarmStart> start =
      start_of(options.init, traits_of(algorithm.options).task, *part.catalog);
  TrainContext context{.parallel = parallel,
                       .stop_requested = watch.stop_requested,
                       .patience = options.patience,
                       .start = start ? &*start : nullptr};
  if (part.validation.size() > 0 && !algorithm.preset)
    context.validation = loss_on(part.validation);
  if (part.test.size() > 0) context.test = loss_on(part.test);
  if (watch.on_epoch) {
    context.on_epoch = [&](const Curve& so_far) {
      watch.on_epoch(algorithm.name, options.fold, so_far);
    };
  }
  if (watch.on_start) watch.on_start(algorithm.name, options.fold);
  const Stopwatch stopwatch;
  TrainResult result = train(part.train, algorithm.options, context);
  const double seconds = stopwatch.seconds() - measuring;
  if (watch.on_end) watch.on_end(algorithm.name, options.fold);
  if (algorithm.preset) result.scorer.range.reset();
  return {algorithm, std::move(result.scorer), std::move(result.report),
          std::move(result.optimizer), seconds};
}

}  // namespace palate
