// Training: a function from data and options to factors. Layer: train.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "palate/dataset.h"
#include "palate/model.h"
#include "palate/options.h"
#include "palate/parallel.h"

namespace palate {

enum class Ending {
  completed,      // all epochs ran
  early_stopped,  // the validation loss has not fallen for `patience` epochs
  interrupted,    // a stop was requested
  diverged,       // a loss or a factor was not finite
};

// What a trainer is given beside data and options. Everything but `parallel` may be left out.
struct TrainContext {
  Parallel& parallel;
  std::function<void(const EpochRecord&)> on_epoch{};       // after each epoch
  std::function<bool()> stop_requested{};                   // asked after each epoch; true ends the training there
  std::function<double(const Factors&)> validation_loss{};  // lower is better; the best epoch is kept
  std::function<double(const Factors&)> test_loss{};        // for the learning curve alone
  Index patience = 0;                                       // epochs without a better validation loss before the end; 0: never
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
};

// Trains on `data`. Throws Error(invalid_argument) for an option out of its bounds and Error(bad_data) for a dataset without
// ratings. The factors are finite however training ended: a divergence gives back the last epoch that was. The result does not
// depend on the number of threads.
TrainResult train(const Dataset& data, const AlgorithmOptions& options, TrainContext& context);

}  // namespace palate
