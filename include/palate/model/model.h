// A model: what was trained, on what, and how good it was. Layer: model.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "palate/algorithms/algorithms.h"
#include "palate/base/matrix.h"
#include "palate/data/interactions.h"
#include "palate/model/curve.h"
#include "palate/model/scorer.h"

namespace palate {

// What was measured, and of which model: a metric belongs to the model that was measured.
struct Measurement {
  struct Value {
    std::string metric;  // "rmse"
    double value = 0;
    bool operator==(const Value&) const = default;
  };
  std::vector<Value> values;
  std::uint64_t test_ratings = 0;
  std::string split;      // how the test part was chosen, in words: "random, 20 % test, seed 1"
  bool refitted = false;  // the model was trained again on all rows after the measurement
  // How many of the test ratings a model that it started from had been trained on: where it is not
  // 0 the values are too optimistic. Nothing: not known.
  std::optional<std::uint64_t> seen = 0;
  bool operator==(const Measurement&) const = default;
};

// What folding in loses where the row objective is approximate: the mean NDCG@10 of known users on
// the validation part, with the vectors that training gave them, and folded in from the same rows.
struct FoldInMeasurement {
  Index users = 0;
  double trained = 0;
  double folded_in = 0;
  bool operator==(const FoldInMeasurement&) const = default;
};

// Where a scorer comes from.
struct Provenance {
  std::optional<Measurement> measured;
  Curve curve;  // of the training that was measured
  // How many epochs made the factors, those of the model it started from among them; 0: not known.
  Index epochs = 0;
  std::optional<OptimizerState> optimizer;  // after the last of these epochs
  // Of the training that was measured; nothing: folding in is exact, or was not measured.
  std::optional<FoldInMeasurement> fold_in{};
  bool operator==(const Provenance&) const = default;
};

// What one algorithm made for one task.
struct Fitted {
  NamedAlgorithm algorithm;
  Scorer scorer;
  Provenance provenance;
  bool operator==(const Fitted&) const = default;
};

// A model answers one task or both.
struct Model {
  std::shared_ptr<const Catalog> catalog = std::make_shared<Catalog>();
  std::shared_ptr<const SparseMatrix> seen;  // users x items, train ratings as read; null: not kept
  std::optional<Fitted> ratings;
  std::optional<Fitted> lists;
  std::string data_digest;     // digest() of the interactions it was trained on
  std::string data_selection;  // which of the file's ratings they were, in words; empty: all

  // What the user has rated, as far as the model keeps it.
  SparseRow seen_by(Index user) const { return seen ? seen->row(user) : SparseRow{}; }
  bool has_seen(Index user, Index item) const;
  bool operator==(const Model& other) const;
};

// What predicts ratings, and what ranks items: a model of one task does both with what it has.
const Fitted& for_ratings(const Model& model);
const Fitted& for_lists(const Model& model);

// Writes the model whole or not at all, replacing an existing file (docs/model_format.md). The same
// model gives the same bytes.
//
// Errors:  io         the file cannot be written
//          bad_model  the model contradicts itself
void save_model(const Model& model, const std::string& path);

// Reads a model that save_model() wrote.
//
// Errors:  io         the file cannot be read
//          bad_model  it is not a whole, consistent model of this version of the format; the
//                     message says what is wrong
Model load_model(const std::string& path);

// Whether `path` is a file that begins as a model does.
//
// Errors:  io  the file cannot be read
bool is_model_file(const std::string& path);

// The SHA-256 that the file at `path` carries, in hexadecimal: the model's version. Only the end of
// the file is read, and the model is not checked.
//
// Errors:  io         the file cannot be read
//          bad_model  it is too short for a model
std::string model_version(const std::string& path);

// Writes each tensor to its own file in the folder: `npy` (numpy.load reads it) or `csv` (ids in
// front). Those of a task lie in the folder `ratings` or `lists` there. `header-npy.json` or
// `header-csv.json` lists them.
//
// Errors:      io        a file cannot be written
//              bad_data  for `npy`: one long text among many, whose array would have more than
//                        64 MB and 40 times the bytes of the texts
// Guarantees:  where the header is there, all files that it lists are of one model, whatever ended
//              an export.
enum class ExportFormat { npy, csv };
void export_model(const Model& model, const std::string& folder, ExportFormat format);

// The names of the files that it writes there, "lists/user_bias.npy"; those of titles, of item
// weights and of a task only where the model has them.
std::vector<std::string> exported_files(ExportFormat format);

}  // namespace palate
