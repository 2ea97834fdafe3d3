// A model against ratings from elsewhere. Layer: experiment.
#pragma once

#include <vector>

#include "palate/base/parallel.h"
#include "palate/evaluate/metrics.h"
#include "palate/model/model.h"

namespace palate {

// How many rows of a table read with read_ratings_with(model.catalog) speak of whom or what the
// model does not know, and how many it was trained on.
struct Familiarity {
  std::uint64_t ratings = 0;
  std::uint64_t unknown_users = 0;  // ratings whose user the model does not know
  std::uint64_t unknown_items = 0;
  std::uint64_t seen = 0;  // ratings whose pair the model has seen: the figure flatters
};

struct Evaluation {
  std::vector<Measured> metrics;  // rating_metrics()
  Familiarity familiarity;
};
Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel);

}  // namespace palate
