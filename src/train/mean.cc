// The mean of the train ratings: palate/algorithms/mean.h.
#include "palate/algorithms/mean.h"

#include <cmath>
#include <utility>

#include "train/epochs.h"

namespace palate {

TrainResult train(const Dataset& data, const MeanOptions& options, TrainContext& context) {
  check_training(data, options, context);
  Scorer mean = scorer_of(data, Factors(data.num_users(), data.num_items(), 0));
  mean.factors.global_mean = static_cast<float>(data.mean());
  return run_epochs(std::move(mean), 1, context, "ratings on a smaller scale",
                    [&](Factors&, Index) {
                      double squares = 0;
                      for (const float value : data.values())
                        squares += std::pow(value - data.mean(), 2);
                      return squares / static_cast<double>(data.size());
                    });
}

}  // namespace palate
