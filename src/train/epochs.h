// The epoch loop that all trainers share: progress, early stopping that keeps the best epoch,
// divergence, stop requests.
#pragma once

#include <functional>

#include "palate/algorithms/train.h"

namespace palate {

// Calls one_epoch(factors, epoch), which improves `factors` and returns the train loss, for epoch =
// 0 .. epochs - 1 until training ends. Starts from `initial`, which must be finite. `advice` is
// what to try when it diverges: "a lower learning_rate than 0.1".
TrainResult run_epochs(Factors initial, Index epochs, TrainContext& context,
                       const std::string& advice,
                       const std::function<double(Factors&, Index)>& one_epoch);

// One trainer for each algorithm, each in the file of its name.
TrainResult train_als(const Dataset& data, const AlsOptions& options, TrainContext& context);
TrainResult train_sgd(const Dataset& data, const SgdOptions& options, TrainContext& context);
TrainResult train_gradient(const Dataset& data, const GradientOptions& options,
                           TrainContext& context);
TrainResult train_bias(const Dataset& data, const BiasOptions& options, TrainContext& context);
TrainResult train_mean(const Dataset& data, const MeanOptions& options, TrainContext& context);

}  // namespace palate
