// A model against ratings, or choices, from elsewhere. Layer: experiment.
#pragma once

#include <optional>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/evaluate/list_metrics.h"
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
  // Ratings whose pair the model was trained on, for which its figure is too optimistic: that of
  // predicted ratings alone, since lists leave out what was seen. Nothing: not known.
  std::optional<std::uint64_t> seen;

  // As SplitLeak has it.
  bool no_pair_is_known() const {
    return ratings > 0 && unknown_users + unknown_items - unknown_pairs == ratings;
  }
};

struct EvaluatedRatings {
  std::vector<Measured> metrics;  // rating_metrics()
  bool clipped = false;
  // Nothing where the model keeps neither its history nor a range.
  std::optional<ScaleMatch> scale{};
};

// Lists of the users who have something relevant in the table that the model has not seen of them.
struct EvaluatedLists {
  std::vector<Measured> metrics;  // list_metrics()
  std::optional<float> relevant;  // the least relevant rating; nothing: every value above 0 is
  Index users = 0;
  std::uint64_t tested = 0;  // relevant items of these users
  Index users_without_relevant = 0;
};

// A task that was not measured is not there.
struct Evaluation {
  Familiarity familiarity;
  std::optional<EvaluatedRatings> ratings;
  std::optional<EvaluatedLists> lists;
};

// Measures the model on such a table: its ratings where the table has ratings, and its lists where
// something in the table is relevant that it has not seen. Of a model of ratings alone no lists are
// measured, nor of one that cannot make them (makes_lists_of_users()).
//
// Errors:  invalid_argument  such a model, where its ratings are not measured either
//          bad_data          a table without ratings and a model of ratings alone; one without
//                            anything relevant and a model of lists alone; one of which the model
//                            knows no user and no item
Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel);

}  // namespace palate
