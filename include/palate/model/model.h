// The one type for every factor model. Layer: model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/algorithms/options.h"
#include "palate/base/matrix.h"
#include "palate/data/dataset.h"
#include "palate/data/interactions.h"

namespace palate {

// score(u, i) = global_mean + user_bias[u] + item_bias[i] + user_factors[u] . item_factors[i]
//
// The biases have one entry per user or item, all zero for a model without them; the factors are
// users x f and items x f, with f = 0 for biases alone. All numbers are finite.
struct Factors {
  float global_mean = 0;
  std::vector<float> user_bias;
  std::vector<float> item_bias;
  Matrix user_factors;
  Matrix item_factors;

  Factors() = default;
  // Zero everywhere.
  Factors(Index num_users, Index num_items, Index factors);

  Index num_users() const { return static_cast<Index>(user_bias.size()); }
  Index num_items() const { return static_cast<Index>(item_bias.size()); }
  Index num_factors() const { return user_factors.cols(); }
  float score(Index user, Index item) const;
  bool all_finite() const;
  bool operator==(const Factors&) const = default;
};

// score(users[t], items[t]) for every t.
std::vector<float> scores(const Factors& factors, std::span<const Index> users,
                          std::span<const Index> items);

// One epoch of the learning curve. Losses are mean squared errors, unclipped; the train loss is
// measured while the epoch runs (before the step, where the epoch is a single step), the others
// after it.
struct EpochRecord {
  Index epoch = 0;  // from 0
  double train_loss = 0;
  std::optional<double> validation_loss;
  std::optional<double> test_loss;
  bool operator==(const EpochRecord&) const = default;
};

// What was measured, and of which model: a metric belongs to the model that was measured.
struct Measurement {
  double rmse = 0;
  double mae = 0;
  std::uint64_t test_ratings = 0;
  std::string split;      // how the test part was chosen, in words: "random, 20 % test, seed 1"
  bool refitted = false;  // the model was trained again on all rows after the measurement
  bool operator==(const Measurement&) const = default;
};

// What Adam remembers from step to step (src/train/gradient.cc): with it a training goes on where
// another ended.
struct OptimizerState {
  std::uint64_t steps = 0;  // so far; at least 1
  Factors first_moment;     // m and v: a number for each of the model's, 0 for the mean
  Factors second_moment;
  bool operator==(const OptimizerState&) const = default;
};

struct Model {
  Factors factors;
  std::shared_ptr<const Catalog> catalog = std::make_shared<Catalog>();
  std::string algorithm;  // as asked for: a preset's name or an algorithm's
  AlgorithmOptions options;
  // of the train ratings: predictions are clipped to it, but for a preset's
  RatingRange range;
  std::vector<Index> item_support;  // train ratings per item
  // users x items, the train ratings; no rows when it was left out
  SparseMatrix history;
  std::string data_digest;     // digest() of the interactions it was trained on
  std::string data_selection;  // which of the file's ratings they were, in words; empty: all
  std::optional<Measurement> measured;
  std::vector<EpochRecord> curve;
  // that made the factors, those of the model it started from among them; 0: not known
  Index epochs = 0;
  std::optional<OptimizerState> optimizer;  // after the last of these epochs

  bool has_history() const { return history.rows() > 0; }
  bool operator==(const Model&) const = default;
};

// Writes the model whole or not at all, replacing an existing file (docs/model_format.md). Throws
// Error(io). The same model gives the same bytes.
void save_model(const Model& model, const std::string& path);

// Throws Error(io) where the file cannot be read, Error(bad_model) that says what is wrong where it
// is not a whole, consistent model.
Model load_model(const std::string& path);

// The SHA-256 that the file at `path` carries, in hexadecimal: the model's version. Reads the end
// of the file only.
std::string model_version(const std::string& path);

// Writes each tensor to its own file in the folder: `npy` (numpy.load reads it) or `csv` (ids in
// front). Throws Error(io).
enum class ExportFormat { npy, csv };
void export_model(const Model& model, const std::string& folder, ExportFormat format);

}  // namespace palate
