// Results as JSON documents: the command line, a server and Python print the same.
// Layer: experiment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "palate/data/inspect.h"
#include "palate/data/pairs.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/evaluation.h"
#include "palate/evaluate/taste.h"
#include "palate/recommend/explain.h"
#include "palate/recommend/recommend.h"
#include "palate/recommend/similar.h"

namespace palate {

// What a table holds.
std::string to_json(const RatingsTable& table, const DataSummary& summary);

// Comparisons, one for each task (docs/comparison.schema.json), with what the data is, the command
// that made them, and what a model says of taste.
std::string to_json(std::span<const Comparison> comparisons, const RatingsTable& table,
                    const DataSummary& summary, const std::string& command,
                    const Taste* taste = nullptr);

// What a model in the file `path`, of this version, holds.
std::string to_json(const Model& model, const std::string& path, const std::string& version);

// For whom a list is: a user of the model, one who is not in it, or somebody new with these likes.
struct Audience {
  std::optional<std::string> user;  // the id that was asked for
  bool known = false;               // the model has this user
  SparseRow likes{};
  SparseRow rated{};         // those of the likes that they gave a rating to
  bool most_chosen = false;  // nothing is known of them: the list is that of what most have chosen
  bool approximate = false;  // they were folded in otherwise than training would place them
};

// A ranked list, and the predicted ratings of what it holds, where there are some beside.
std::string to_json(const Model& model, const Audience& audience,
                    std::span<const Recommendation> list, std::span<const float> ratings = {});

// Where an item stands in the audience's list. `rating` is what they gave to it.
std::string to_json(const Model& model, const Audience& audience, Index item,
                    const Standing& standing, std::optional<float> rating);

// The predicted rating of a pair, with the ids that were asked for.
struct PairPrediction {
  std::string user;
  std::string item;
  bool known_user = false;
  bool known_item = false;
  float prediction = 0;
};
std::string to_json(const PairPrediction& prediction);
// The same of a row of a table of pairs, with the cells of its other columns by their `names`: an
// element of an array, whose brackets and commas whoever prints it adds.
std::string to_json(const PairPrediction& prediction, const TableFormat& format, const PairRow& row,
                    std::span<const std::string> names);
// The names of the table's columns, but those of the ids each once: "x", "x_2".
std::vector<std::string> names_of_cells(const TableFormat& format);

// A table of pairs as a CSV file with the predictions behind its own columns: the header, and a
// row. Columns without names are user, item, "column 3" and on. The last is called prediction, or
// prediction_2 and on where the table has that already.
std::string predictions_csv_header(const TableFormat& format);
std::string predictions_csv_row(const PairRow& row, float prediction);

// What the predicted rating of a pair is made of, and why the item is listed for the user.
std::string to_json(const Model& model, Index user, Index item, const PairExplanation& explained);

// What is like an item, or who is like a user.
std::string similar_items_to_json(const Model& model, Index item,
                                  std::span<const Recommendation> list);
std::string similar_users_to_json(const Model& model, Index user, std::span<const Neighbour> list);

// A model measured on other ratings.
std::string to_json(const Evaluation& evaluation, const std::string& model_path,
                    const std::string& test_path);

}  // namespace palate
