// The mean of the ratings with a bias for each user and item: palate/algorithms/bias.h has the
// objective. It is alternating least squares without factors.
#include "palate/algorithms/bias.h"

#include <utility>

#include "model/half_step.h"
#include "train/epochs.h"
#include "train/warm_start.h"

namespace palate {

TrainResult train(const Dataset& data, const BiasOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const auto objective_of = [](float kappa) { return RowObjective{.ridge = {.bias = kappa}}; };
  HalfStep items(data.by_item(), 0, objective_of(options.item_regularization), context.parallel);
  HalfStep users(data.by_user(), 0, objective_of(options.user_regularization), context.parallel);
  const auto one_epoch = [&](Factors& model, Index) {
    items(fixed_users(model), items_of(model));
    return users(fixed_items(model), users_of(model), true) / static_cast<double>(data.size());
  };
  Scorer initial =
      scorer_of(data, started(context, Factors(data.num_users(), data.num_items(), 0)));
  initial.factors.global_mean = static_cast<float>(data.mean());
  initial.row = objective_of(options.user_regularization);
  return run_epochs(std::move(initial), options.epochs, context, "ratings on a smaller scale",
                    one_epoch);
}

}  // namespace palate
