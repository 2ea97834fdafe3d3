// A baseline: the mean of the train ratings, whoever rates whatever. Layer: model.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct MeanOptions {
  static constexpr AlgorithmTraits about{
      .name = "mean",
      .summary = "the mean rating",
      .description =
          "Every rating is predicted as the mean of all that are known. It is the least that a "
          "model of ratings has to beat.",
      .is_baseline = true,
      .by_default = true};
  bool operator==(const MeanOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<MeanOptions> auto&, Visitor&&) {}

// Trains on `data`.
//
// Errors:      invalid_argument  a model to start from
//              bad_data          a dataset without ratings
// Guarantees:  the same bits for any number of threads; a finite mean.
TrainResult train(const Dataset& data, const MeanOptions& options, TrainContext& context);

}  // namespace palate
