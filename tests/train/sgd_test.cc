#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "data_sets.h"
#include "palate/algorithms/train.h"
#include "palate/data/read.h"
#include "palate/data/split.h"
#include "small_data.h"

namespace palate {
namespace {

Factors trained(const Interactions& interactions, const SgdOptions& options, unsigned threads) {
  Parallel parallel(threads);
  TrainContext context{.parallel = parallel};
  return train(Dataset(interactions, parallel), options, context).scorer.factors;
}

TEST(Sgd, AGridOfManyBlocksGivesTheSameBitsForAnyNumberOfThreads) {
  const Interactions interactions = planted_interactions(900, 700, 0.4, 2, 0.3, 3);
  const SgdOptions options{.factors = 12, .epochs = 2};
  const Factors alone = trained(interactions, options, 1);
  for (const unsigned threads : {2U, 3U, 4U, 8U})
    EXPECT_TRUE(trained(interactions, options, threads) == alone) << threads;
}

TEST(Sgd, AnotherUnitOfTheRatingsIsAnotherUnitOfThePredictions) {
  const Interactions stars = planted_interactions(60, 40, 0.4, 2, 0.3, 4);
  Interactions points = stars;
  for (float& value : points.values) value = 20 * value - 7;
  const SgdOptions options{.factors = 4, .epochs = 5};
  const Factors of_stars = trained(stars, options, 1);
  const Factors of_points = trained(points, options, 1);
  for (Index user = 0; user < 60; ++user) {
    for (Index item = 0; item < 40; ++item) {
      EXPECT_NEAR(score_of(of_points, user, item), 20 * score_of(of_stars, user, item) - 7, 0.02F);
    }
  }
}

TEST(Sgd, EachEpochFitsBetter) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(300, 200, 0.3, 2, 0.3, 5), parallel);
  const std::vector<EpochRecord> curve =
      train(data, SgdOptions{.epochs = 15}, context).report.curve.epochs;
  for (std::size_t n = 1; n < curve.size(); ++n)
    EXPECT_LT(curve[n].values[0], curve[n - 1].values[0]);
}

TEST(Sgd, RatingsThatAreAllEqualArePredicted) {
  std::vector<Rating> ratings;
  for (Index n = 0; n < 20; ++n) ratings.emplace_back(n % 5, n / 5, 3.0F);
  const Factors factors = trained(interactions_of(5, 4, ratings), SgdOptions{}, 1);
  EXPECT_NEAR(score_of(factors, 2, 3), 3, 0.05);
}

TEST(Sgd, AStepFarTooLongIsReportedWithWhatToTry) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(60, 40, 0.4, 2, 0.3, 6), parallel);
  const TrainResult result = train(data, SgdOptions{.learning_rate = 1e12F}, context);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_NE(result.report.advice.find("learning_rate"), std::string::npos);
  EXPECT_TRUE(result.scorer.factors.all_finite());
}

double mean_squared_error(const Interactions& interactions, const Split& split,
                          const SgdOptions& options, bool clip) {
  Parallel parallel;
  TrainContext context{.parallel = parallel};
  const Dataset data(interactions, split.train, parallel);
  const Factors factors = train(data, options, context).scorer.factors;
  double sum = 0;
  for (const Index row : split.test) {
    float predicted = score_of(factors, interactions.users[row], interactions.items[row]);
    if (clip) predicted = std::clamp(predicted, data.range().low, data.range().high);
    sum +=
        std::pow(static_cast<double>(predicted) - static_cast<double>(interactions.values[row]), 2);
  }
  return sum / static_cast<double>(split.test.size());
}

TEST(Sgd, IsAccurateOnTheNotebooksSplit) {
  const auto path = data_set_file("ml-latest-small", "ratings.csv");
  if (!path) return;
  Parallel parallel;
  const Interactions interactions = read_ratings(*path, {}, parallel).interactions;
  const Split split = make_splits(interactions, {.method = SplitMethod::notebook}).front();
  EXPECT_LE(mean_squared_error(interactions, split, {.factors = 2}, false), 0.74);
  EXPECT_LE(mean_squared_error(interactions, split, {}, false), 0.73);
}

TEST(Sgd, IsAccurateOnFiveFolds) {
  const auto path = data_set_file("ml-100k", "ml-100k.inter");
  if (!path) return;
  Parallel parallel;
  const Interactions interactions = read_ratings(*path, {}, parallel).interactions;
  double sum = 0;
  for (const Split& split :
       make_splits(interactions, {.method = SplitMethod::kfold, .folds = 5, .seed = 0})) {
    sum += std::sqrt(mean_squared_error(interactions, split, {}, true));
  }
  EXPECT_LE(sum / 5, 0.918);
}

}  // namespace
}  // namespace palate
