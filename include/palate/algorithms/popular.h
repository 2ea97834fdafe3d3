// A baseline: the items that most users have chosen, the same for everybody. Layer: model.
//
//   score(u, i) = s_i, the number of train ratings of item i; of ratings those alone that are at
//                 least `relevant`
//
// Its train loss is that of drawing items by these numbers, with n for their sum:
//
//   -1/n sum_i s_i log(s_i / n)
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct PopularOptions {
  static constexpr AlgorithmTraits about{
      .name = "popular",
      .summary = "the items that most users have chosen",
      .description =
          "Every user gets the same list, that of the items that most users have chosen, without "
          "those that the user knows already. It is the least that a model of lists has to beat.",
      .task = Task::lists,
      .is_baseline = true,
      .by_default = true};
  bool operator==(const PopularOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<PopularOptions> auto&, Visitor&&) {}

// Trains on `data`.
//
// Errors:      invalid_argument  a model to start from
//              bad_data          a negative weight; a dataset in which nothing weighs anything
// Guarantees:  the same bits for any number of threads.
TrainResult train(const Dataset& data, const PopularOptions& options, TrainContext& context);

}  // namespace palate
