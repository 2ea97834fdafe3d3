#include "train/epochs.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "train/warm_start.h"

namespace palate {

void check_training(const Dataset& data, const AlgorithmOptions& options,
                    const TrainContext& context) {
  validate(options);
  if (data.size() == 0) fail(ErrorCode::bad_data, "there are no ratings to train on");
  const NamedAlgorithm algorithm{std::string(traits_of(options).name), options};
  check_factor_memory({&algorithm, 1}, data.num_users(), data.num_items(), false);
  if (context.start) check_start(context.start->from.algorithm.options, options);
}

EpochLoss EpochLoss::sum_of(std::vector<double> parts) {
  EpochLoss loss(std::accumulate(parts.begin(), parts.end(), 0.0));
  loss.parts = std::move(parts);
  return loss;
}

TrainResult run_epochs(Scorer initial, Index epochs, TrainContext& context,
                       const std::string& advice,
                       const std::function<EpochLoss(Factors&, Index)>& one_epoch,
                       const std::vector<std::string>& parts) {
  Scorer current = std::move(initial);
  TrainReport report;
  Curve& curve = report.curve;
  curve.names = {"train_loss"};
  curve.names.insert(curve.names.end(), parts.begin(), parts.end());
  const std::size_t place_of_validation = curve.names.size();
  if (context.validation) curve.names.push_back("validation_" + context.validation->metric.name);
  if (context.test) curve.names.push_back("test_" + context.test->metric.name);
  // What is given back where the current factors may not be: the best epoch, or without a
  // validation the last finite one.
  Factors kept = current.factors;
  std::optional<double> best;
  const auto keep = [&](Index epoch) {
    kept = current.factors;
    report.epochs_kept = epoch + 1;
  };

  for (Index epoch = 0; epoch < epochs; ++epoch) {
    const EpochLoss loss = one_epoch(current.factors, epoch);
    EpochRecord record{epoch, {loss.total}};
    record.values.insert(record.values.end(), loss.parts.begin(), loss.parts.end());
    bool finite = current.factors.all_finite();
    if (finite) {
      for (const auto* const measured : {&context.validation, &context.test}) {
        if (*measured) record.values.push_back((*measured)->measure(current));
      }
    }
    finite &= std::ranges::all_of(record.values, [](double value) { return std::isfinite(value); });
    if (!finite) {
      report.ending = Ending::diverged;
      report.advice = fmt::format("diverged in epoch {}: try {}", epoch, advice);
      break;
    }
    curve.epochs.push_back(std::move(record));
    if (context.on_epoch) context.on_epoch(curve);
    if (!context.validation) {
      keep(epoch);
    } else if (const double value = curve.epochs.back().values[place_of_validation];
               !best || is_better(context.validation->metric, value, *best)) {
      best = value;
      keep(epoch);
    } else if (context.patience > 0 && epoch + 1 - report.epochs_kept >= context.patience) {
      report.ending = Ending::early_stopped;
      break;
    }
    if (context.stop_requested && context.stop_requested()) {
      report.ending = Ending::interrupted;
      break;
    }
  }
  curve = thinned(std::move(curve), std::max(report.epochs_kept, 1U) - 1);
  current.factors = std::move(kept);
  return {std::move(current), std::move(report)};
}

TrainResult train(const Dataset& data, const AlgorithmOptions& options, TrainContext& context) {
  TrainResult result =
      std::visit([&](const auto& chosen) { return train(data, chosen, context); }, options);
  if (Factors& factors = result.scorer.factors; !factors.scores_are_finite()) {
    factors = Factors(factors.num_users(), factors.num_items(), factors.num_factors());
    result.optimizer.reset();
    result.report.ending = Ending::diverged;
    result.report.advice =
        "diverged: scores are beyond 32-bit numbers: divide the ratings by a "
        "constant";
  }
  return result;
}

}  // namespace palate
