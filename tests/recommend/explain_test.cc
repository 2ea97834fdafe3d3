#include "palate/recommend/explain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "centred.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/model/query.h"
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

TEST_F(ExplainTest, OfAListWhatTheUserChoseAddsUpToTheScore) {
  const IalsOptions options{.factors = 6, .epochs = 3};
  Model model = trained(AlsOptions{.factors = 3, .epochs = 3});
  model.lists = std::move(trained(options).ratings);
  const Weighting& weighting = *model.lists->scorer.weighting;
  Index listed = 0;
  for (Index user = 0; user < data.num_users(); ++user) {
    const Index item = user * 7 % data.num_items();
    const PairExplanation explained = explain(model, user, item);
    const Explanation& lists = *explained.lists;
    ASSERT_TRUE(lists.ratings);
    if (explained.most_chosen) continue;
    ++listed;
    EXPECT_EQ(lists.ratings->size(), model.seen_by(user).size());
    double sum = 0;
    for (const RatingContribution& one : *lists.ratings) {
      sum += static_cast<double>(one.contribution());
      EXPECT_EQ(one.to_bias, 0);
      EXPECT_GT(weighting(one.rating), 0);
    }
    EXPECT_NEAR(sum, lists.score, 1e-4);
    EXPECT_NEAR(lists.score, score_of(model.lists->scorer.factors, user, item), 1e-5);
    EXPECT_EQ(explained.ratings->score, explain(model, Task::ratings, user, item).score);
    EXPECT_EQ(explained.prediction,
              predict(model.ratings->scorer, query_of_user(model.ratings->scorer, user), item));
  }
  EXPECT_GT(listed, 40U);
}

TEST_F(ExplainTest, WhereTheRowIsApproximateRatingsAddWhatTheyAddForSomebodyNew) {
  Model model{.lists = std::move(trained(IalsOptions{.factors = 6, .epochs = 3}).ratings)};
  model.seen = std::make_shared<const SparseMatrix>(data.by_user());
  Scorer& scorer = model.lists->scorer;
  EXPECT_FALSE(explain(model, Task::lists, 1, 2).approximate);
  centre(scorer, data.by_user());
  scorer.row->approximate = true;
  scorer.row->target = 1.75F;
  scorer.row->unobserved *= 3;
  scorer.factors.item_bias[2] = -0.5F;
  const Explanation explanation = explain(model, Task::lists, 1, 2);
  EXPECT_TRUE(explanation.approximate);
  double sum = 0;
  for (const RatingContribution& one : *explanation.ratings)
    sum += static_cast<double>(one.contribution());
  const SparseRow row = data.by_user().row(1);
  const Query query = fold_in(
      scorer, {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
  EXPECT_NEAR(sum - 0.5, score(scorer, query, 2), 1e-4);
  EXPECT_NEAR(sum + static_cast<double>(explanation.off_optimum), explanation.taste, 1e-5);
  EXPECT_GT(std::abs(explanation.off_optimum), 1e-3F);
}

TEST_F(ExplainTest, OfATaskThatTheModelLacksThereIsNothing) {
  Model model = trained(AlsOptions{.factors = 3, .epochs = 1});
  EXPECT_FALSE(explain(model, 0, 0).lists);
  std::swap(model.ratings, model.lists);
  EXPECT_FALSE(explain(model, 0, 0).ratings);
}

TEST_F(ExplainTest, WhoeverHasChosenNothingIsListedWhatMostHaveChosen) {
  Model model;
  model.lists = std::move(trained(IalsOptions{.factors = 2, .epochs = 1}).ratings);
  Factors& factors = model.lists->scorer.factors;
  for (float& value : factors.user_factors.row(3)) value = 0;
  SparseMatrix seen = data.by_user();
  for (std::size_t t = seen.starts[3]; t < seen.starts[4]; ++t) seen.values[t] = 0.5F;
  model.seen = std::make_shared<const SparseMatrix>(std::move(seen));
  const PairExplanation explained = explain(model, 3, 0);
  EXPECT_TRUE(explained.most_chosen);
  EXPECT_TRUE(explained.lists->ratings->empty());
  EXPECT_FALSE(explain(model, 4, 0).most_chosen);
}

TEST_F(ExplainTest, NeedsToKnowWhoRatedWhat) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(AlsOptions{.factors = 2, .epochs = 1}), AlgorithmOptions(SgdOptions{})}) {
    Model model = trained(options);
    model.seen = nullptr;
    EXPECT_THROW(explain(model, Task::ratings, 0, 0), Error);
  }
}

TEST_F(ExplainTest, OfItemWeightsTheContributionsAreTheScore) {
  TrainContext context{.parallel = parallel};
  const ItemKnnOptions options{.neighbours = 20};
  Model model{.lists = Fitted{{"item-knn", options}, train(data, options, context).scorer, {}}};
  model.seen = std::make_shared<const SparseMatrix>(data.by_user());
  const Scorer& scorer = model.lists->scorer;
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = model.seen_by(user);
    const RatedItems weights = weighted(row, *scorer.weighting);
    for (Index item = 0; item < data.num_items(); ++item) {
      const Explanation explanation = explain(model, Task::lists, user, item);
      EXPECT_EQ(explanation.score, score(scorer, query_of_user(scorer, user, row), item));
      EXPECT_EQ(explanation.taste, explanation.score);
      EXPECT_TRUE(explanation.factors.empty());
      ASSERT_TRUE(explanation.ratings);
      ASSERT_EQ(explanation.ratings->size(), weights.items.size());
      double sum = 0;
      for (const RatingContribution& rating : *explanation.ratings) {
        const auto place = static_cast<std::size_t>(
            std::ranges::lower_bound(weights.items, rating.item) - weights.items.begin());
        const SparseRow adds = scorer.item_weights->row(rating.item);
        const auto found = std::ranges::lower_bound(adds.columns, item);
        const bool is_neighbour = found != adds.columns.end() && *found == item;
        EXPECT_EQ(rating.to_taste,
                  is_neighbour
                      ? weights.values[place] *
                            adds.values[static_cast<std::size_t>(found - adds.columns.begin())]
                      : 0.0F);
        EXPECT_EQ(rating.to_bias, 0);
        sum += double{rating.to_taste};
      }
      EXPECT_NEAR(sum, explanation.score, 1e-5);
      EXPECT_NEAR(explanation.off_optimum, 0, 1e-5);
    }
  }
  model.seen.reset();
  EXPECT_THROW(explain(model, Task::lists, 0, 0), Error);
}

}  // namespace
}  // namespace palate
