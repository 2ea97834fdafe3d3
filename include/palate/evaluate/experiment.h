// Split, train, evaluate, compare, as values: what the command line prints. Layer: experiment.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "palate/algorithms/task.h"
#include "palate/algorithms/train.h"
#include "palate/data/inspect.h"
#include "palate/data/split.h"
#include "palate/evaluate/breakdown.h"
#include "palate/evaluate/metrics.h"
#include "palate/model/model.h"

namespace palate {

struct CompareOptions {
  std::vector<NamedAlgorithm> algorithms;  // in the order of the table; names differ
  SplitOptions split;
  // of the train part, for early stopping (never of a preset); 0: every epoch runs
  double validation_share = 0;
  Index patience = 5;  // epochs without a better validation loss before the end
  // predictions, to the train part's rating range; never those of a preset
  bool clip = true;
  Index samples = 5;  // sample predictions to keep
  // the first algorithm starts from this model, which outlives the comparison
  const Model* init = nullptr;
  // trainings of each algorithm that has a seed: with its own seed, the next, ...
  Index seeds = 1;
};

// What a long run tells while it goes on, and is asked.
struct Watch {
  // training `name` on this fold, from 0
  std::function<void(const std::string& name, Index fold)> on_start{};
  std::function<void(const std::string& name, Index fold, const EpochRecord&)> on_epoch{};
  std::function<void(const std::string& name, Index fold)> on_end{};
  // true ends the run after the epoch; what was measured is given back
  std::function<bool()> stop_requested{};
};

// A figure over trainings that differ in their seeds alone.
struct Spread {
  double mean = 0;
  double standard_deviation = 0;  // of the sample: over n - 1
};
struct OverSeeds {
  Index seeds = 0;
  std::vector<Spread> metrics;  // as Comparison::metrics
};

// One model, trained on the train part of a split (of each fold) and measured on the test part (all
// folds pooled).
struct ModelResult {
  NamedAlgorithm algorithm;
  std::vector<Measured> metrics;  // as Comparison::metrics
  // By the primary metric; nothing for the best, nor where a run was interrupted before all were
  // measured on the same ratings.
  std::optional<Interval> difference_to_best;
  std::optional<double> p_value;  // of that difference: p_value()
  // corrected for all the comparisons with the best: holm_adjusted()
  std::optional<double> p_value_holm;
  // the best itself, or not to be told apart from it: p_value_holm is at least 0.05
  bool same_as_best = false;
  std::optional<OverSeeds> over_seeds;  // with more than one seed; all else is of the first
  // by train ratings of the user, of the item, by value, by time where there are times
  std::vector<Breakdown> breakdowns;
  Residuals residuals;  // of all test ratings
  // by value of the test ratings, grouped as in breakdowns
  std::vector<GroupPredictions> predicted;
  std::vector<EpochRecord> curve;           // of the first fold
  double seconds = 0;                       // of training, all folds together
  Ending ending = Ending::completed;        // the worst over the folds
  Index epochs_kept = 0;                    // in the first fold
  std::string advice;                       // of a divergence
  Factors factors;                          // of the first fold
  std::optional<OptimizerState> optimizer;  // likewise
};

struct SamplePrediction {
  std::string user;
  std::string item;
  std::string title;
  float actual = 0;
  std::vector<float> predicted;  // one per model, as measured
};

// How the rows were parted; sizes are of the first fold.
struct SplitSummary {
  std::string method;       // split_name(), or "files"
  std::string description;  // in words: "random, 20 % test, seed 1"
  std::uint32_t seed = 0;
  Index folds = 1;
  std::uint64_t train = 0;
  std::uint64_t validation = 0;
  std::uint64_t test = 0;
  SplitLeak leak;
};

struct Comparison {
  Task task = Task::ratings;
  SplitSummary split;
  std::vector<Metric> metrics;
  std::size_t primary = 0;  // of metrics, by which models are compared
  bool clipped = true;
  RatingRange range;  // of the first fold's train part
  std::vector<ModelResult> models;
  std::vector<SamplePrediction> samples;
  // test ratings of the first fold that are in options.init's history: its figure flatters
  std::uint64_t init_seen = 0;
};

// Trains and measures every algorithm on the same rows. Throws Error(invalid_argument) for options
// out of range and Error(bad_data) for data that the split cannot part.
Comparison compare(const Interactions& interactions, const CompareOptions& options,
                   Parallel& parallel, const Watch& watch = {});

// The same with the test ratings given: `test` was read with read_ratings_with(catalog of train),
// so that its catalog extends that of `train`.
Comparison compare(const Interactions& train, const Interactions& test,
                   const CompareOptions& options, Parallel& parallel, const Watch& watch = {});

// The comparison as JSON (docs/comparison.schema.json), with what the data is, the command that
// made it, and what a model says of taste (palate/evaluate/taste.h).
struct Taste;
std::string comparison_to_json(const Comparison& comparison, const RatingsTable& table,
                               const DataSummary& summary, const std::string& command,
                               const Taste* taste = nullptr);

// The summary alone, as the same document's "data".
std::string summary_to_json(const RatingsTable& table, const DataSummary& summary);

// The model behind `result`, one of comparison.models, of a comparison without folds: as it was
// measured, or trained again on all rows for as many epochs as were kept. Both carry what was
// measured. `interactions` and `options` are the comparison's. Refitting starts from `init` again,
// and throws Error(diverged) that says what to try where it leaves the finite numbers.
Model measured_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, const CompareOptions& options, Parallel& parallel);
Model refitted_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, Parallel& parallel, const Watch& watch = {},
                     const Model* init = nullptr);

// Measures a model on test ratings read with read_ratings_with(model.catalog). Users and items that
// the model does not know get the bias-only answer.
struct Evaluation {
  std::vector<Measured> metrics;  // rating_metrics()
  std::uint64_t ratings = 0;
  std::uint64_t unknown_users = 0;  // ratings whose user the model does not know
  std::uint64_t unknown_items = 0;
  std::uint64_t seen = 0;  // ratings whose pair is in the model's history: the figure flatters
};
Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel);

// predict() for every row of a table read with read_ratings_with(model.catalog).
std::vector<float> predict_rows(const Model& model, const Interactions& rows, bool clip);

}  // namespace palate
