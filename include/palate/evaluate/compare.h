// Several algorithms on the same rows, as values: what the command line prints. Layer: experiment.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/algorithms/task.h"
#include "palate/data/split.h"
#include "palate/evaluate/breakdown.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/evaluate/metrics.h"
#include "palate/evaluate/scale.h"
#include "palate/evaluate/trial.h"
#include "palate/model/model.h"

namespace palate {

struct CompareOptions {
  std::vector<NamedAlgorithm> algorithms;  // in the order of the result; names differ
  SplitOptions split;
  // The share of the train part by which training stops early; 0: every epoch runs. A preset never
  // stops early.
  double validation_share = 0;
  Index patience = 5;  // epochs without a better validation before the end
  bool clip = true;    // predictions, to the train part's rating range
  Index samples = 5;   // sample predictions to keep
  std::vector<Index> cutoffs{kDefaultCutoffs.begin(), kDefaultCutoffs.end()};  // of lists' metrics
  // The name of the metric by which the models of its task are compared, and on whose validation
  // training stops early: "mae", "recall@50". Unless told otherwise it is the first one of the
  // task.
  std::optional<std::string> metric;
  // The first algorithm of each task that the model answers starts from it; it outlives compare().
  const Model* init = nullptr;
  // How often an algorithm that has a seed is trained: with its own seed, the next one, and on.
  Index seeds = 1;
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
  Trial trial;                    // of the first fold, with the algorithm's own seed
  std::vector<Measured> metrics;  // as Comparison::metrics; none unless it is_measured()
  // How many of the test ratings the model that it started from had been trained on; nothing: not
  // known. Where it is not 0 the metrics are too optimistic.
  std::optional<std::uint64_t> seen = 0;
  bool is_optimistic() const { return seen != 0U; }
  // By the primary metric. Nothing for the best, for one that is too optimistic, and for all where
  // a run was interrupted before they were measured on the same ratings, with intervals.
  std::optional<Interval> difference_to_best;
  std::optional<double> p_value;       // of that difference: p_value()
  std::optional<double> p_value_holm;  // corrected for all comparisons with the best
  // It is the best, or cannot be told apart from it: p_value_holm is at least 0.05.
  bool same_as_best = false;
  std::optional<OverSeeds> over_seeds;  // where there are several; all else is of the first seed
  // By train or fold-in ratings of the user, by train ratings of the item, by value, by time where
  // there are times.
  std::vector<Breakdown> breakdowns;
  Residuals residuals;  // of all test ratings
  // By value of the test ratings, grouped as in breakdowns.
  std::vector<GroupPredictions> predicted;
  // Coverage, novelty and Gini of its lists at the first cutoff, without intervals; of the first
  // fold. Of the places in these lists, the share that each tenth of the items has, those with the
  // most train ratings first.
  std::vector<Measured> exposure;
  std::vector<double> exposure_by_popularity;
  double seconds = 0;                 // of training, all folds together
  Ending ending = Ending::completed;  // the worst over the folds
  std::string advice;                 // where it diverged: what to try
};

struct SamplePrediction {
  std::string user;
  std::string item;
  std::string title;
  float actual = 0;
  std::vector<float> predicted;  // one per model, as measured
};

// How the rows were parted; sizes are of the first fold, unless it is said.
struct SplitSummary {
  std::string method;       // split_name(), or "files"
  std::string description;  // in words: "random, 20 % test, seed 1"
  std::uint32_t seed = 0;
  Index folds = 1;
  std::uint64_t train = 0;
  std::uint64_t validation = 0;
  std::uint64_t fold_in = 0;  // of the test's users, where these were held out whole
  std::uint64_t test = 0;
  // Test ratings of all folds together that measure, and who gave these. Lists are measured by the
  // relevant ones alone.
  std::uint64_t tested = 0;
  std::uint64_t tested_users = 0;
  SplitLeak leak;
  std::optional<ScaleMatch> scale;  // of test ratings from a file of their own
};

// The algorithms of one task.
struct Comparison {
  Task task = Task::ratings;
  SplitSummary split;
  std::vector<Metric> metrics;
  std::size_t primary = 0;  // of metrics, by which models are compared
  bool clipped = true;
  std::vector<ModelResult> models;
  std::vector<SamplePrediction> samples;  // of ratings
  // Of lists: the least relevant rating of the first fold, if values are ratings, and how many of
  // the test part's users have nothing relevant there, and are left out.
  std::optional<float> relevant;
  std::uint64_t users_without_relevant = 0;
  std::shared_ptr<const Part> part;  // the first fold

  // Whether its models have figures. Lists have none where no user of the test part has anything
  // relevant there.
  bool is_measured() const { return split.tested_users > 0; }
};

// Trains and measures every algorithm on the same rows: one comparison for each task that they
// answer, ratings before lists.
//
// Errors:  invalid_argument  an option out of range; a metric of no algorithm here
//          bad_data          algorithms of ratings for values that are none; ratings that the split
//                            cannot part; test ratings none of which is by a user or of an item
//                            with train ratings
std::vector<Comparison> compare(const Interactions& interactions, const CompareOptions& options,
                                Parallel& parallel, const Watch& watch = {});

// The same with the test ratings given: `test` was read with read_ratings_with(catalog of train),
// so that its catalog extends that of `train`. Models know the users and items of `train` alone. No
// split is made; a validation part is drawn from `train` at random. It fails for the same reasons.
std::vector<Comparison> compare(const Interactions& train, const Interactions& test,
                                const CompareOptions& options, Parallel& parallel,
                                const Watch& watch = {});

// The one of the task, or null.
const Comparison* find_task(std::span<const Comparison> comparisons, Task task);

// The model with factors that is the best by the primary metric, or the first where nothing was
// measured; null where there is none.
const ModelResult* best_with_factors(const Comparison& comparison);

}  // namespace palate
