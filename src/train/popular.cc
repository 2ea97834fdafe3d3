// The number of train ratings of each item: palate/algorithms/popular.h.
#include "palate/algorithms/popular.h"

#include <algorithm>
#include <utility>

#include "train/epochs.h"
#include "train/weights.h"

namespace palate {

TrainResult train(const Dataset& data, const PopularOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting{.at_least = data.relevant()};
  check_weights(weighted(data, weighting).by_user);
  Scorer popular = scorer_of(data, Factors(data.num_users(), data.num_items(), 0), weighting);
  std::ranges::transform(popular.item_support, popular.factors.item_bias.begin(),
                         [](Index ratings) { return static_cast<float>(ratings); });
  return {std::move(popular), {.epochs_kept = 1}};
}

}  // namespace palate
