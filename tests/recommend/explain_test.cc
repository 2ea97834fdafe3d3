#include "palate/recommend/explain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

class ExplainTest : public testing::Test {
 protected:
  Model trained(const AlgorithmOptions& options) {
    TrainContext context{.parallel = parallel};
    Model model;
    model.ratings = Fitted{
        {std::string(algorithm_name(options)), options}, train(data, options, context).scorer, {}};
    model.seen = std::make_shared<const SparseMatrix>(data.by_user());
    return model;
  }
  Parallel parallel{1};
  Dataset data{planted_interactions(50, 40, 0.3, 2, 0.4, 1), parallel};
};

const Factors& factors_of(const Model& model) { return model.ratings->scorer.factors; }

TEST_F(ExplainTest, OfAlsTheRatingsAddUpToBiasAndTaste) {
  for (const AlsOptions& options :
       {AlsOptions{.factors = 1, .epochs = 3}, AlsOptions{.factors = 32, .epochs = 3},
        AlsOptions{.factors = 8, .epochs = 3, .regularization = 0.01F, .bias_regularization = 0.1F},
        AlsOptions{.factors = 100, .epochs = 2, .regularization_exponent = 1}}) {
    const Model model = trained(options);
    for (Index user = 0; user < data.num_users(); ++user) {
      const Index item = user * 7 % data.num_items();
      const Explanation explanation = explain(model, Task::ratings, user, item);
      ASSERT_TRUE(explanation.ratings);
      ASSERT_EQ(explanation.ratings->size(), model.seen_by(user).size());
      double bias = 0;
      double taste = 0;
      for (const RatingContribution& rating : *explanation.ratings) {
        bias += static_cast<double>(rating.to_bias);
        taste += static_cast<double>(rating.to_taste);
      }
      EXPECT_NEAR(bias, explanation.user_bias, 1e-4) << options.factors;
      EXPECT_NEAR(taste, explanation.taste, 1e-4) << options.factors;
      EXPECT_NEAR(explanation.global_mean + explanation.item_bias + bias + taste,
                  score_of(factors_of(model), user, item), 1e-4);
    }
  }
}

TEST_F(ExplainTest, ARatingsContributionIsWhatChangingItChanges) {
  const AlsOptions options{.factors = 4, .epochs = 3};
  Model model = trained(options);
  const Index user = 3;
  const Index item = 5;
  const Explanation with = explain(model, Task::ratings, user, item);
  const RatingContribution largest = with.ratings->front();
  // A rating of which nothing is surprising contributes nothing: the rest stays.
  SparseMatrix seen = *model.seen;
  const SparseRow row = seen.row(user);
  const auto at = seen.starts[user] +
                  static_cast<std::size_t>(std::ranges::lower_bound(row.columns, largest.item) -
                                           row.columns.begin());
  seen.values[at] = factors_of(model).global_mean + factors_of(model).item_bias[largest.item];
  model.seen = std::make_shared<const SparseMatrix>(std::move(seen));
  double change = 0;
  const Explanation without = explain(model, Task::ratings, user, item);
  for (const RatingContribution& rating : *without.ratings) {
    EXPECT_TRUE(rating.item != largest.item || std::abs(rating.contribution()) < 1e-6F);
    change += static_cast<double>(rating.contribution());
  }
  const double before = score_of(factors_of(model), user, item) - factors_of(model).global_mean -
                        factors_of(model).item_bias[item];
  EXPECT_NEAR(before - change, largest.contribution(), 1e-4);
}

TEST_F(ExplainTest, OfEveryRowObjectiveTheRatingsAndWhatTrainingLeftAddUp) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(SgdOptions{.factors = 5}), AlgorithmOptions(GradientOptions{.factors = 3}),
        AlgorithmOptions(BiasOptions{}), algorithm_named("notebook-adam").options,
        AlgorithmOptions(AlsOptions{.factors = 4})}) {
    SCOPED_TRACE(std::string(algorithm_name(options)));
    const Model model = trained(options);
    const Explanation explanation = explain(model, Task::ratings, 1, 2);
    ASSERT_TRUE(explanation.ratings);
    EXPECT_EQ(explanation.ratings->size(), model.seen_by(1).size());
    double sum = static_cast<double>(explanation.off_optimum);
    for (const RatingContribution& rating : *explanation.ratings) sum += rating.contribution();
    EXPECT_NEAR(sum, explanation.user_bias + explanation.taste, 1e-5);
    EXPECT_EQ(explanation.factors.size(), factors_of(model).num_factors());
    EXPECT_NEAR(explanation.score, score_of(factors_of(model), 1, 2), 1e-5);
  }
}

TEST_F(ExplainTest, GradientsLeaveTheOptimumAndHalfStepsDoNot) {
  const auto left = [&](const AlgorithmOptions& options) {
    return std::abs(explain(trained(options), Task::ratings, 1, 2).off_optimum);
  };
  EXPECT_LT(left(AlsOptions{.factors = 4}), 1e-4F);
  EXPECT_LT(left(BiasOptions{}), 1e-4F);
  EXPECT_GT(left(SgdOptions{.factors = 4, .epochs = 2}), 1e-3F);
}

TEST_F(ExplainTest, WithoutARowObjectiveThereIsNothingToTellOfRatings) {
  Model model = trained(MeanOptions{});
  model.seen = nullptr;  // is not needed
  const Explanation explanation = explain(model, Task::ratings, 0, 0);
  EXPECT_FALSE(explanation.ratings);
  EXPECT_EQ(explanation.score, explanation.global_mean);
}

TEST_F(ExplainTest, NeedsToKnowWhoRatedWhat) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(AlsOptions{.factors = 2, .epochs = 1}), AlgorithmOptions(SgdOptions{})}) {
    Model model = trained(options);
    model.seen = nullptr;
    EXPECT_THROW(explain(model, Task::ratings, 0, 0), Error);
  }
}

}  // namespace
}  // namespace palate
