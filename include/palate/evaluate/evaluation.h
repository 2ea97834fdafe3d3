// A model against ratings from elsewhere. Layer: experiment.
#pragma once

#include <optional>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/evaluate/metrics.h"
#include "palate/evaluate/scale.h"
#include "palate/model/model.h"

namespace palate {

// How much of a table read with read_ratings_with(model.catalog) the model does not know, and how
// much of it it was trained on.
struct Familiarity {
  std::uint64_t ratings = 0;
  std::uint64_t unknown_users = 0;  // ratings whose user the model does not know
  std::uint64_t unknown_items = 0;
  std::uint64_t unknown_pairs = 0;  // ratings of which the model knows neither
  // Ratings whose pair the model was trained on, for which its figure flatters. Nothing: not known.
  std::optional<std::uint64_t> seen;

  // As SplitLeak has it.
  bool no_pair_is_known() const {
    return ratings > 0 && unknown_users + unknown_items - unknown_pairs == ratings;
  }
};

struct Evaluation {
  std::vector<Measured> metrics;  // rating_metrics()
  Familiarity familiarity;
  // Nothing where the model keeps neither its history nor a range.
  std::optional<ScaleMatch> scale;
};

// Measures the model on such a table.
//
// Errors:  bad_data  a table without values; one of which the model knows no user and no item
Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel);

}  // namespace palate
