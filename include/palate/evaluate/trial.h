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
  std::function<void(const NamedAlgorithm& algorithm, Index fold)> on_start{};
  std::function<void(const std::string& name, Index fold, const Curve& so_far)> on_epoch{};
  std::function<void(const std::string& name, Index fold)> on_end{};
  // True ends the run after the epoch. What has been measured is given back, without the intervals
  // that would take longer than half a second. Only the calling thread asks.
  std::function<bool()> stop_requested{};

  bool stopped() const { return stop_requested && stop_requested(); }
};

// By what the row objective was multiplied that training has left, where that is approximate, so
// that folding in loses least, and what it loses then.
struct FoldInChoice {
  float unobserved = 1;  // unobserved, and with it the offset of the ridge
  float ridge = 1;       // its factors
  float target = 1;      // so that products with what was chosen are in the mean those of training
  FoldInMeasurement measured;
};

struct Trial {
  NamedAlgorithm algorithm;
  Scorer scorer;
  TrainReport report;
  std::optional<OptimizerState> optimizer;
  double seconds = 0;  // of training, without the time that the curve's losses took to measure
  std::optional<FoldInChoice> fold_in{};  // where the row is approximate and could be measured

  std::optional<FoldInMeasurement> fold_in_measured() const {
    return fold_in ? std::optional(fold_in->measured) : std::nullopt;
  }
};

struct TrialOptions {
  Index fold = 0;               // as `watch` is told
  Index patience = 0;           // as TrainContext has it
  const Model* init = nullptr;  // a model to start from
  // Measured after each epoch, and of the validation rows what training stops by; nothing: ndcg@10
  // of lists. Of ratings it is the loss, which falls and rises with rmse and mse, unless it is mae.
  std::optional<Metric> metric{};
  // Whether a row that is approximate is chosen anew on the validation rows, by known users who are
  // folded in; false: it stays as training has left it.
  bool chooses_row = true;
};

// Trains on the part and watches its validation and test rows. A preset never stops early, and its
// scorer has no range: it is what others have published.
//
// Errors:  invalid_argument  a model to start from that is of another task; what train() refuses
//          bad_data          a part without train ratings
Trial run_trial(const Part& part, const NamedAlgorithm& algorithm, const TrialOptions& options,
                Parallel& parallel, const Watch& watch = {});

}  // namespace palate
