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
    model.factors = train(data, options, context).factors;
    model.options = options;
    model.range = data.range();
    model.history = data.by_user();
    return model;
  }
  Parallel parallel{1};
  Dataset data{planted_interactions(50, 40, 0.3, 2, 0.4, 1), parallel};
};

TEST_F(ExplainTest, OfAlsTheRatingsAddUpToBiasAndTaste) {
  for (const AlsOptions& options :
       {AlsOptions{.factors = 1, .epochs = 3}, AlsOptions{.factors = 32, .epochs = 3},
        AlsOptions{.factors = 8, .epochs = 3, .regularization = 0.01F, .bias_regularization = 0.1F},
        AlsOptions{.factors = 100, .epochs = 2, .regularization_exponent = 1}}) {
    const Model model = trained(options);
    for (Index user = 0; user < data.num_users(); ++user) {
      const Index item = user * 7 % data.num_items();
      const Explanation explanation = explain(model, user, item);
      ASSERT_TRUE(explanation.ratings);
      ASSERT_EQ(explanation.ratings->size(), model.history.row(user).size());
      double bias = 0;
      double taste = 0;
      for (const RatingContribution& rating : *explanation.ratings) {
        bias += static_cast<double>(rating.to_bias);
        taste += static_cast<double>(rating.to_taste);
      }
      EXPECT_NEAR(bias, explanation.user_bias, 1e-4) << options.factors;
      EXPECT_NEAR(taste, explanation.taste, 1e-4) << options.factors;
      EXPECT_NEAR(explanation.global_mean + explanation.item_bias + bias + taste,
                  model.factors.score(user, item), 1e-4);
    }
  }
}

TEST_F(ExplainTest, ARatingsContributionIsWhatChangingItChanges) {
  const AlsOptions options{.factors = 4, .epochs = 3};
  Model model = trained(options);
  const Index user = 3;
  const Index item = 5;
  const Explanation with = explain(model, user, item);
  const RatingContribution largest = with.ratings->front();
  // A rating of which nothing is surprising contributes nothing: the rest stays.
  const SparseRow row = model.history.row(user);
  const auto at = model.history.starts[user] +
                  static_cast<std::size_t>(std::ranges::lower_bound(row.columns, largest.item) -
                                           row.columns.begin());
  model.history.values[at] = model.factors.global_mean + model.factors.item_bias[largest.item];
  double change = 0;
  const Explanation without = explain(model, user, item);
  for (const RatingContribution& rating : *without.ratings) {
    EXPECT_TRUE(rating.item != largest.item || std::abs(rating.contribution()) < 1e-6F);
    change += static_cast<double>(rating.contribution());
  }
  const double before =
      model.factors.score(user, item) - model.factors.global_mean - model.factors.item_bias[item];
  EXPECT_NEAR(before - change, largest.contribution(), 1e-4);
}

TEST_F(ExplainTest, OfTheOthersTheFactorsAddUp) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(SgdOptions{.factors = 5}), AlgorithmOptions(GradientOptions{.factors = 3}),
        AlgorithmOptions(BiasOptions{})}) {
    Model model = trained(options);
    model.history = {};  // is not needed
    const Explanation explanation = explain(model, 1, 2);
    EXPECT_FALSE(explanation.ratings);
    EXPECT_EQ(explanation.factors.size(), model.factors.num_factors());
    EXPECT_NEAR(explanation.score, model.factors.score(1, 2), 1e-5);
  }
}

TEST_F(ExplainTest, AlsNeedsTheHistory) {
  Model model = trained(AlsOptions{.factors = 2, .epochs = 1});
  model.history = {};
  EXPECT_THROW(explain(model, 0, 0), Error);
}

}  // namespace
}  // namespace palate
