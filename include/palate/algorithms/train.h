// Training: a function from data and options to factors. Layer: train.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "palate/algorithms/options.h"
#include "palate/base/parallel.h"
#include "palate/data/dataset.h"
#include "palate/model/model.h"

namespace palate {

enum class Ending {
  completed,      // all epochs ran
  early_stopped,  // the validation loss has not fallen for `patience` epochs
  interrupted,    // a stop was requested
  diverged,       // a loss or a factor was not finite
};

// An earlier model that a training starts from, as the users and items of a catalog see it. Those
// that the model lacks start as they would without it. The model outlives this.
struct WarmStart {
  const Model& model;
  std::vector<std::optional<Index>> users;  // a user of the catalog as the model numbers it
  std::vector<std::optional<Index>> items;
};
WarmStart warm_start(const Model& model, const Catalog& catalog);

// What a trainer is given beside data and options. Everything but `parallel` may be left out.
struct TrainContext {
  Parallel& parallel;
  std::function<void(const EpochRecord&)> on_epoch{};  // after each epoch
  // asked after each epoch; true ends the training there
  std::function<bool()> stop_requested{};
  // lower is better; the best epoch is kept
  std::function<double(const Factors&)> validation_loss{};
  std::function<double(const Factors&)> test_loss{};  // for the learning curve alone
  // epochs without a better validation loss before the end; 0: never
  Index patience = 0;
  // of the dataset's catalog; nothing: random factors
  const WarmStart* start = nullptr;
};

struct TrainReport {
  std::vector<EpochRecord> curve;
  Ending ending = Ending::completed;
  Index epochs_kept = 0;  // the factors are those after this many epochs
  std::string advice;     // of a divergence: what happened when, and what to try
};

struct TrainResult {
  Factors factors;
  TrainReport report;
  // of gradient with Adam, where the factors are those after the last epoch
  std::optional<OptimizerState> optimizer{};
};

// Trains on `data`. Throws Error(invalid_argument) for an option out of its bounds and
// Error(bad_data) for a dataset without ratings. Started from a model of the same data, als and
// gradient go on bit for bit as if that training had had as many epochs more; bias does, too.
// Throws Error(invalid_argument) for another algorithm, and for a model to start from that has
// another algorithm, other factors, or biases where the options have none. The factors are finite
// however training ended: a divergence gives back the last epoch that was. The result does not
// depend on the number of threads.
TrainResult train(const Dataset& data, const AlgorithmOptions& options, TrainContext& context);

}  // namespace palate
