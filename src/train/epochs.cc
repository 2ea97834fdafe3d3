#include "train/epochs.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "train/warm_start.h"

namespace palate {
namespace {

bool finite(const EpochRecord& record) {
  return std::isfinite(record.train_loss) && std::isfinite(record.validation_loss.value_or(0)) &&
         std::isfinite(record.test_loss.value_or(0));
}

}  // namespace

TrainResult run_epochs(Factors initial, Index epochs, TrainContext& context,
                       const std::string& advice,
                       const std::function<double(Factors&, Index)>& one_epoch) {
  TrainResult result;
  TrainReport& report = result.report;
  Factors current = std::move(initial);
  // What is given back where the current factors may not be: the best epoch, or without a
  // validation part the last finite one.
  Factors kept = current;
  double best_loss = std::numeric_limits<double>::infinity();
  const auto keep = [&](Index epoch) {
    kept = current;
    report.epochs_kept = epoch + 1;
  };

  for (Index epoch = 0; epoch < epochs; ++epoch) {
    EpochRecord record{epoch, one_epoch(current, epoch), std::nullopt, std::nullopt};
    const bool factors_finite = current.all_finite();
    if (factors_finite && context.validation_loss)
      record.validation_loss = context.validation_loss(current);
    if (factors_finite && context.test_loss) record.test_loss = context.test_loss(current);
    if (!factors_finite || !finite(record)) {
      report.ending = Ending::diverged;
      report.advice = fmt::format("diverged in epoch {}: try {}", epoch, advice);
      break;
    }
    report.curve.push_back(record);
    if (context.on_epoch) context.on_epoch(record);
    if (!record.validation_loss) {
      keep(epoch);
    } else if (*record.validation_loss < best_loss) {
      best_loss = *record.validation_loss;
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
  result.factors = std::move(kept);
  return result;
}

TrainResult train(const Dataset& data, const AlgorithmOptions& options, TrainContext& context) {
  validate(options);
  if (data.size() == 0) fail(ErrorCode::bad_data, "there are no ratings to train on");
  if (context.start) check_warm_start(context.start->model, options);
  struct {
    const Dataset& data;
    TrainContext& context;
    TrainResult operator()(const AlsOptions& o) const { return train_als(data, o, context); }
    TrainResult operator()(const SgdOptions& o) const { return train_sgd(data, o, context); }
    TrainResult operator()(const GradientOptions& o) const {
      return train_gradient(data, o, context);
    }
    TrainResult operator()(const BiasOptions& o) const { return train_bias(data, o, context); }
    TrainResult operator()(const MeanOptions& o) const { return train_mean(data, o, context); }
  } const trainer{data, context};
  return std::visit(trainer, options);
}

}  // namespace palate
