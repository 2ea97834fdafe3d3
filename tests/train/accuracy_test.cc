// Figures that must hold on data sets that everybody measures on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data_sets.h"
#include "palate/read.h"
#include "palate/split.h"
#include "palate/train.h"

namespace palate {
namespace {

// The mean over Surprise's KFold(5, random_state=0) of RMSE and MAE, clipped to the ratings of the train part.
struct FoldMetrics {
  double rmse = 0;
  double mae = 0;
};

FoldMetrics over_five_folds(const Interactions& interactions, const AlgorithmOptions& options, Parallel& parallel) {
  const std::vector<Split> splits = make_splits(interactions, {.method = SplitMethod::kfold, .folds = 5, .seed = 0});
  FoldMetrics mean;
  for (const Split& split : splits) {
    const Dataset data(interactions, split.train, parallel);
    TrainContext context{.parallel = parallel};
    const Factors model = train(data, options, context).factors;
    double squared = 0;
    double absolute = 0;
    for (const Index row : split.test) {
      const float score = model.score(interactions.users[row], interactions.items[row]);
      const double e = std::clamp(score, data.range().low, data.range().high) - interactions.values[row];
      squared += e * e;
      absolute += std::abs(e);
    }
    const auto count = static_cast<double>(split.test.size());
    mean.rmse += std::sqrt(squared / count) / static_cast<double>(splits.size());
    mean.mae += absolute / count / static_cast<double>(splits.size());
  }
  return mean;
}

TEST(Accuracy, BiasEqualsSurprisesBaselineOnlyOnMl100k) {
  const auto path = data_set_file("ml-100k", "ml-100k.inter");
  if (!path) return;
  Parallel parallel(2);
  const FoldMetrics metrics = over_five_folds(read_ratings(*path, {}, parallel).interactions, BiasOptions{}, parallel);
  EXPECT_NEAR(metrics.rmse, 0.94397, 0.000005);
  EXPECT_NEAR(metrics.mae, 0.74837, 0.000005);
}

TEST(Accuracy, AlsIsGoodWithoutTuningOnMl100k) {
  const auto path = data_set_file("ml-100k", "ml-100k.inter");
  if (!path) return;
  Parallel parallel(2);
  const FoldMetrics metrics = over_five_folds(read_ratings(*path, {}, parallel).interactions, AlsOptions{}, parallel);
  EXPECT_LT(metrics.rmse, 0.908);
}

TEST(Accuracy, AlsIsGoodWithoutTuningOnMlLatestSmall) {
  const auto path = data_set_file("ml-latest-small", "ratings.csv");
  if (!path) return;
  Parallel parallel(2);
  const FoldMetrics metrics = over_five_folds(read_ratings(*path, {}, parallel).interactions, AlsOptions{}, parallel);
  EXPECT_LT(metrics.rmse, 0.847);
}

}  // namespace
}  // namespace palate
