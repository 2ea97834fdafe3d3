// One training of one algorithm on one part of the data. Layer: experiment.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "palate/algorithms/train.h"
#include "palate/evaluate/part.h"

namespace palate {

// What a long run tells, and what it asks, while it goes on. Folds count from 0.
struct Watch {
  std::function<void(const std::string& name, Index fold)> on_start{};
  std::function<void(const std::string& name, Index fold, const Curve& so_far)> on_epoch{};
  std::function<void(const std::string& name, Index fold)> on_end{};
  // True ends the run after the epoch. What has been measured is given back, without the intervals
  // that would take longer than half a second. Only the calling thread asks.
  std::function<bool()> stop_requested{};

  bool stopped() const { return stop_requested && stop_requested(); }
};

struct Trial {
  NamedAlgorithm algorithm;
  Scorer scorer;
  TrainReport report;
  std::optional<OptimizerState> optimizer;
  double seconds = 0;  // without the time that the curve's losses took to measure
};

struct TrialOptions {
  Index fold = 0;               // as `watch` is told
  Index patience = 0;           // as TrainContext has it
  const Model* init = nullptr;  // a model to start from
  // Measured after each epoch, and of the validation rows what training stops by; nothing: ndcg@10
  // of lists. Of ratings it is the loss, which falls and rises with rmse and mse, unless it is mae.
  std::optional<Metric> metric{};
};

// Trains on the part and watches its validation and test rows. A preset never stops early, and its
// scorer has no range: it is what others have published.
//
// Errors:  invalid_argument  a model to start from that is of another task; what train() refuses
//          bad_data          a part without train ratings
Trial run_trial(const Part& part, const NamedAlgorithm& algorithm, const TrialOptions& options,
                Parallel& parallel, const Watch& watch = {});

}  // namespace palate
