// Figures that must hold on data sets that everybody measures on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "data_sets.h"
#include "palate/algorithms/train.h"
#include "palate/data/read.h"
#include "palate/data/split.h"
#include "small_data.h"

namespace palate {
namespace {

struct Errors {
  double rmse = 0;
  double mae = 0;
};

// Of the default model on one split, clipped to the ratings of the train part.
Errors errors_of(const Interactions& interactions, const Split& split,
                 const AlgorithmOptions& options, Parallel& parallel) {
  const Dataset data(interactions, split.train, parallel);
  TrainContext context{.parallel = parallel};
  const Factors model = train(data, options, context).scorer.factors;
  double squared = 0;
  double absolute = 0;
  for (const Index row : split.test) {
    const float score = score_of(model, interactions.users[row], interactions.items[row]);
    const double e =
        std::clamp(score, data.range().low, data.range().high) - interactions.values[row];
    squared += e * e;
    absolute += std::abs(e);
  }
  const auto count = static_cast<double>(split.test.size());
  return {std::sqrt(squared / count), absolute / count};
}

// The mean over Surprise's KFold(5, random_state=0).
Errors over_five_folds(const Interactions& interactions, const AlgorithmOptions& options,
                       Parallel& parallel) {
  const std::vector<Split> splits =
      make_splits(interactions, {.method = SplitMethod::kfold, .folds = 5, .seed = 0});
  Errors mean;
  for (const Split& split : splits) {
    const auto [rmse, mae] = errors_of(interactions, split, options, parallel);
    mean.rmse += rmse / static_cast<double>(splits.size());
    mean.mae += mae / static_cast<double>(splits.size());
  }
  return mean;
}

TEST(Accuracy, BiasEqualsSurprisesBaselineOnlyOnMl100k) {
  const auto path = data_set_file("ml-100k", "ml-100k.inter");
  if (!path) return;
  Parallel parallel(2);
  const Errors metrics =
      over_five_folds(read_ratings(*path, {}, parallel).interactions, BiasOptions{}, parallel);
  EXPECT_NEAR(metrics.rmse, 0.94397, 0.000005);
  EXPECT_NEAR(metrics.mae, 0.74837, 0.000005);
}

TEST(Accuracy, AlsIsGoodWithoutTuningOnMl100k) {
  const auto path = data_set_file("ml-100k", "ml-100k.inter");
  if (!path) return;
  Parallel parallel(2);
  const Errors metrics =
      over_five_folds(read_ratings(*path, {}, parallel).interactions, AlsOptions{}, parallel);
  EXPECT_LT(metrics.rmse, 0.908);
}

TEST(Accuracy, AlsIsGoodWithoutTuningOnMlLatestSmall) {
  const auto path = data_set_file("ml-latest-small", "ratings.csv");
  if (!path) return;
  Parallel parallel(2);
  const Errors metrics =
      over_five_folds(read_ratings(*path, {}, parallel).interactions, AlsOptions{}, parallel);
  EXPECT_LT(metrics.rmse, 0.847);
}

// Most of the test part's users are new: what counts is what a model says of a user whom it does
// not know.
TEST(Accuracy, NoDefaultModelIsWorseThanTheBiasesOnATimeSplit) {
  for (const auto& [name, file] :
       {std::pair{"ml-100k", "ml-100k.inter"}, {"ml-latest-small", "ratings.csv"}}) {
    const auto path = data_set_file(name, file);
    if (!path) return;
    Parallel parallel(2);
    const Interactions interactions = read_ratings(*path, {}, parallel).interactions;
    const Split split = make_splits(interactions, {.method = SplitMethod::time}).front();
    const double bias = errors_of(interactions, split, BiasOptions{}, parallel).rmse;
    EXPECT_LE(errors_of(interactions, split, AlsOptions{}, parallel).rmse, bias) << name;
    EXPECT_LE(errors_of(interactions, split, SgdOptions{}, parallel).rmse, bias) << name;
    EXPECT_LE(errors_of(interactions, split, GradientOptions{}, parallel).rmse, bias) << name;
  }
}

}  // namespace
}  // namespace palate
