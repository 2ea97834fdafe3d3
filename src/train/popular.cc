// The number of train ratings of each item: palate/algorithms/popular.h.
#include "palate/algorithms/popular.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "train/epochs.h"
#include "train/weights.h"

namespace palate {

TrainResult train(const Dataset& data, const PopularOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting{.at_least = data.relevant()};
  check_weights(weighted(data, weighting).by_user);
  Scorer popular = scorer_of(data, Factors(data.num_users(), data.num_items(), 0), weighting);
  std::vector<float>& scores = popular.factors.item_bias;
  std::ranges::transform(popular.item_support, scores.begin(),
                         [](Index ratings) { return static_cast<float>(ratings); });
  return run_epochs(std::move(popular), 1, context, "fewer ratings", [](Factors& model, Index) {
    const double all = std::accumulate(model.item_bias.begin(), model.item_bias.end(), 0.0);
    double loss = 0;
    for (const double support : model.item_bias) {
      if (support > 0) loss -= support / all * std::log(support / all);
    }
    return loss;
  });
}

}  // namespace palate
