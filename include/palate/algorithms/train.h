// Training: a function from data and options to a scorer. Layer: train.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/algorithms/algorithms.h"
#include "palate/base/parallel.h"
#include "palate/data/dataset.h"
#include "palate/evaluate/metric.h"
#include "palate/model/model.h"

namespace palate {

enum class Ending {
  completed,      // all epochs ran
  early_stopped,  // the validation has not become better for `patience` epochs
  interrupted,    // a stop was requested
  diverged,       // a loss, a factor or a score was not finite
};

// An earlier model from which a training starts, and where it has each user and item of the
// training's catalog. Those that it lacks start as they would without it.
struct WarmStart {
  const Fitted& from;                       // outlives this
  std::vector<std::optional<Index>> users;  // of each user, its index in the earlier model
  std::vector<std::optional<Index>> items;
};

// `from` is of a model whose catalog is `known`; `catalog` is that of the training.
WarmStart warm_start(const Fitted& from, const Catalog& known, const Catalog& catalog);

// What is measured after each epoch. In the curve its name is "validation_NAME" or "test_NAME".
struct Validation {
  Metric metric;
  std::function<double(const Scorer&)> measure;
};

// What a trainer is given beside data and options. Everything but `parallel` may be left out.
struct TrainContext {
  Parallel& parallel;
  std::function<void(const Curve& so_far)> on_epoch{};  // called after each epoch
  std::function<bool()> stop_requested{};  // asked after each epoch; true ends the training there
  std::optional<Validation> validation{};  // the epoch that is best by it is kept
  std::optional<Validation> test{};        // for the learning curve alone
  Index patience = 0;                // epochs without a better validation before the end; 0: never
  const WarmStart* start = nullptr;  // made for the dataset's catalog; null: nothing earlier
};

struct TrainReport {
  Curve curve;  // as thinned() leaves it
  Ending ending = Ending::completed;
  Index epochs_kept = 0;  // the scorer is that after this many epochs
  std::string advice;     // where it diverged: in which epoch, and what to try
};

struct TrainResult {
  Scorer scorer;
  TrainReport report;
  // Only where the algorithm has one and the scorer is that after the last epoch.
  std::optional<OptimizerState> optimizer{};
};

// Bytes of memory that the factors of so many users and items take at most, beside the data, while
// the algorithms train one after the other and their models are kept:
//
//   4 (users + items) (factors + 1) for each copy, factors as padded_stride() has them
//
// `again`: each trains more than once: on other folds, with other seeds, or on all rows.
std::uint64_t factor_memory(std::span<const NamedAlgorithm> algorithms, Index users, Index items,
                            bool again);

// Errors:  invalid_argument  factors that take more memory than this machine has, or than it lets
//                            the process have: how many would fit
void check_factor_memory(std::span<const NamedAlgorithm> algorithms, Index users, Index items,
                         bool again);

// Trains on `data` by the algorithm that has these options; its header has its own train().
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm, or of
//                                other factors or biases; what check_factor_memory() refuses
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; finite numbers however training ended
//              (after a divergence, those of the last finite epoch, or zeros where there is none
//              whose scores are finite).
TrainResult train(const Dataset& data, const AlgorithmOptions& options, TrainContext& context);

}  // namespace palate
