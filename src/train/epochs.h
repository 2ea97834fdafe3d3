// What all trainers share: the checks before, and the epoch loop with progress, early stopping that
// keeps the best epoch, divergence and stop requests.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "palate/algorithms/train.h"

namespace palate {

// Throws what palate/algorithms/train.h says of train().
void check_training(const Dataset& data, const AlgorithmOptions& options,
                    const TrainContext& context);

// The train loss after an epoch, and the parts that it is the sum of where an algorithm tells them.
struct EpochLoss {
  double total = 0;
  std::vector<double> parts{};

  EpochLoss(double loss) : total(loss) {}
  static EpochLoss sum_of(std::vector<double> parts);
};

// Calls one_epoch(factors, epoch), which improves `factors` and returns the train loss, for epoch
// = 0 .. epochs - 1 until training ends. Starts from `initial`, which must be finite. `advice` is
// what to try when it diverges: "a lower learning_rate than 0.1". `parts` are the names of the
// loss's parts in the curve.
TrainResult run_epochs(Scorer initial, Index epochs, TrainContext& context,
                       const std::string& advice,
                       const std::function<EpochLoss(Factors&, Index)>& one_epoch,
                       const std::vector<std::string>& parts = {});

}  // namespace palate
