// Models made by tests out of factors.
#pragma once

#include <string>
#include <utility>

#include "palate/evaluate/part.h"
#include "palate/model/model.h"

namespace palate {

// A model for ratings, by the algorithm or preset of that name with its defaults.
inline Model model_of(Scorer scorer, const std::string& name) {
  Model model;
  model.ratings = Fitted{algorithm_named(name), std::move(scorer), {}};
  return model;
}

// One that has seen the rows of `data`.
inline Model model_of(Scorer scorer, const std::string& name, const Dataset& data) {
  Model model = model_of(std::move(scorer), name);
  model.seen = std::make_shared<const SparseMatrix>(data.by_user());
  return model;
}

}  // namespace palate
