// Searching for good options of an algorithm. Layer: experiment.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/data/split.h"
#include "palate/evaluate/trial.h"

namespace palate {

struct TuneOptions {
  // What is tried first, and what every field keeps that is not searched: its fields with a range
  // of Search are, but for these.
  NamedAlgorithm algorithm;
  std::vector<std::string> fixed;
  // What measures at the end is left out of the search. Nothing: it is not of these rows.
  std::optional<SplitOptions> split = SplitOptions{};
  double validation_share = 0.2;  // of the train part: what the search measures
  // How many options are tried, and for how long new ones are; at least one of the two. Bounded by
  // their number alone a search gives the same for the same seed.
  std::optional<Index> trials;
  std::optional<double> seconds;
  std::uint32_t seed = 1;
  std::optional<std::string> metric{};  // by which options are compared; nothing: rmse or ndcg@10
};

// One training of the search.
struct TunedTrial {
  Index number = 0;             // of its options; the first ones, 0, are those that were given
  AlgorithmOptions options;     // with the epochs that it was trained for
  Index epochs_kept = 0;        // those of the best epoch, of which the value is
  std::optional<double> value;  // on the validation part; nothing where training diverged
  double seconds = 0;
};

struct Tuning {
  Metric metric;                   // of the values
  std::vector<TunedTrial> trials;  // in the order in which they ran
  std::size_t best = 0;            // of trials
  NamedAlgorithm algorithm;        // the best options, with the epochs of the best epoch
};

struct TuneWatch {
  std::function<void(const Tuning& so_far)> on_trial{};  // after each
  // True ends the search after the epoch; what was found is given back.
  std::function<bool()> stop_requested{};
};

// Random search with successive halving: nine options at a time, drawn by chance from the fields'
// ranges, are trained for a ninth of the most epochs, the best third of them for a third, and the
// best third of these for all; each time from the start. Those that were given go on to the end, so
// that what is found is no worse than they are on the validation part. The best epoch by it counts.
// An algorithm without epochs is trained once by each options.
//
// Errors:  invalid_argument  neither a number of trials nor a time; nothing to search; a share out
//                            of range; a metric that the algorithm's task has not
//          bad_data          rows that the split cannot part, or that leave nothing to measure
//          diverged          every training of the search
//
// J. Bergstra, Y. Bengio. Random search for hyper-parameter optimization. JMLR 13, 2012.
// K. Jamieson, A. Talwalkar. Non-stochastic best arm identification and hyperparameter
// optimization. AISTATS 2016.
Tuning tune(const Interactions& interactions, const TuneOptions& options, Parallel& parallel,
            const TuneWatch& watch = {});

}  // namespace palate
