// What the algorithms of lists share.
#pragma once

#include <optional>

#include "palate/base/matrix.h"
#include "palate/data/dataset.h"
#include "palate/model/scorer.h"

namespace palate {

// What the values of the data weigh by these options. Ratings of a scale that goes below 0 have no
// powers.
template <class Options>
Weighting weighting_of(const Dataset& data, const Options& options) {
  const std::optional<float> relevant = data.relevant();
  if (!relevant) return {.exponent = options.weight_exponent};
  return {.at_least = relevant,
          .exponent = data.range().low < 0 ? 0 : options.rating_exponent,
          .lower = options.lower_weight};
}

// Throws Error(bad_data) unless something weighs more than nothing.
void check_weights(const SparseMatrix& weights);

}  // namespace palate
