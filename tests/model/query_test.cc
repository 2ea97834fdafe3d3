#include "palate/model/query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "floats.h"
#include "model/sample_model.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/evaluate/trial.h"
#include "small_data.h"

namespace palate {
namespace {

// As training leaves it.
Scorer trained(const Dataset& data, const AlgorithmOptions& options, Parallel& parallel) {
  TrainContext context{.parallel = parallel};
  return train(data, options, context).scorer;
}

RatedItems rated(SparseRow row) {
  return {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}};
}

class FoldIn : public testing::Test {
 protected:
  Parallel parallel{1};
  Dataset data{planted_interactions(60, 40, 0.3, 2, 0.4, 1), parallel};

  Query folded(const Scorer& scorer, Index user) const {
    return fold_in(scorer, rated(data.by_user().row(user)));
  }
};

TEST_F(FoldIn, OfAlsIsTheUsersHalfStepToTheBit) {
  for (const Index factors : {1U, 3U, 32U, 100U}) {
    const Scorer scorer = trained(data, AlsOptions{.factors = factors, .epochs = 3}, parallel);
    for (Index user = 0; user < data.num_users(); ++user) {
      const Query query = folded(scorer, user);
      const QueryView known = query_of_user(scorer, user);
      ASSERT_EQ(query.base, known.base);
      ASSERT_EQ(query.base, scorer.factors.global_mean + scorer.factors.user_bias[user]);
      ASSERT_TRUE(std::ranges::equal(query.vector, scorer.factors.user_factors.row(user)));
      ASSERT_TRUE(std::ranges::equal(query.vector, known.vector));
    }
  }
}

TEST_F(FoldIn, KeepsTheRatings) {
  for (const AlgorithmOptions& options : {AlgorithmOptions(AlsOptions{}), {MeanOptions{}}}) {
    const Query query = folded(trained(data, options, parallel), 7);
    const SparseRow row = data.by_user().row(7);
    EXPECT_TRUE(std::ranges::equal(query.seen.items, row.columns));
    EXPECT_TRUE(std::ranges::equal(QueryView(query).seen.values, row.values));
  }
}

TEST_F(FoldIn, OfManyIsThatOfOneAfterTheOther) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(AlsOptions{}), {IalsOptions{}}, {ItemKnnOptions{}}, {PopularOptions{}}}) {
    const Scorer scorer = trained(data, options, parallel);
    for (const unsigned threads : {1U, 3U}) {
      Parallel several(threads);
      const std::vector<Query> queries = fold_in(scorer, data.by_user(), several);
      ASSERT_EQ(queries.size(), data.num_users());
      for (Index user = 0; user < data.num_users(); ++user) {
        const Query query = folded(scorer, user);
        EXPECT_EQ(queries[user].base, query.base);
        EXPECT_EQ(queries[user].vector, query.vector);
        EXPECT_EQ(queries[user].seen.items, query.seen.items);
        EXPECT_EQ(queries[user].history.values, query.history.values);
      }
    }
  }
}

TEST_F(FoldIn, OfWeightsScalesWithTheTarget) {
  Scorer scorer = trained(data, IalsOptions{.factors = 5, .epochs = 2}, parallel);
  const Query of_one = folded(scorer, 7);
  scorer.row->target = 2.5F;
  scorer.factors.item_bias.assign(data.num_items(), 0.25F);  // is no part of the row
  const Query query = folded(scorer, 7);
  EXPECT_EQ(query.base, of_one.base);
  for (std::size_t f = 0; f < query.vector.size(); ++f)
    EXPECT_EQ(query.vector[f], 2.5F * of_one.vector[f]);
  EXPECT_EQ(score(scorer, query, 3),
            std::inner_product(query.vector.begin(), query.vector.end(),
                               scorer.factors.item_factors.row(3).begin(), query.base + 0.25F));
}

TEST_F(FoldIn, OfSomeUsersIsThatOfEach) {
  const Scorer scorer = trained(data, IalsOptions{.factors = 5, .epochs = 2}, parallel);
  const std::vector<Index> users{3, 11, data.num_users()};
  const std::vector<Query> queries = fold_in(scorer, data.by_user(), users, parallel);
  ASSERT_EQ(queries.size(), 3U);
  EXPECT_EQ(queries[0].vector, folded(scorer, 3).vector);
  EXPECT_EQ(queries[1].vector, folded(scorer, 11).vector);
  EXPECT_TRUE(knows_nothing(scorer, queries[2]));
}

TEST_F(FoldIn, OfBiasIsTheUsersHalfStep) {
  const Scorer scorer = trained(data, BiasOptions{}, parallel);
  for (Index user = 0; user < data.num_users(); ++user) {
    const Query query = folded(scorer, user);
    EXPECT_NEAR(query.base - scorer.factors.global_mean, scorer.factors.user_bias[user], 1e-6);
    EXPECT_TRUE(query.vector.empty());
  }
}

TEST_F(FoldIn, OfMeanIsNothing) {
  const Scorer scorer = trained(data, MeanOptions{}, parallel);
  EXPECT_FALSE(scorer.row);
  const Query query = folded(scorer, 0);
  EXPECT_EQ(query.base, scorer.factors.global_mean);
  EXPECT_TRUE(query.vector.empty());
}

TEST_F(FoldIn, OfGradientIsWhereItsTrainingEnds) {
  for (const Penalty penalty : {Penalty::squared_norm, Penalty::norm}) {
    for (const bool biases : {true, false}) {
      const GradientOptions options{.factors = 2,
                                    .epochs = 1500,
                                    .learning_rate = 0.02F,
                                    .biases = biases,
                                    .penalty = penalty,
                                    .regularization = penalty == Penalty::norm ? 0.01F : 0.1F};
      const Scorer scorer = trained(data, options, parallel);
      const Factors& factors = scorer.factors;
      for (Index user = 0; user < data.num_users(); ++user) {
        const Query query = folded(scorer, user);
        EXPECT_NEAR(query.base - factors.global_mean, factors.user_bias[user], 0.01) << user;
        for (Index f = 0; f < 2; ++f)
          EXPECT_NEAR(query.vector[f], factors.user_factors.row(user)[f], 0.01) << user;
      }
    }
  }
}

TEST_F(FoldIn, OfGradientWithoutBiasesHasNone) {
  for (const Penalty penalty : {Penalty::squared_norm, Penalty::norm}) {
    for (const Index factors : {1U, 2U, 17U}) {
      const Scorer scorer = trained(
          data,
          GradientOptions{.factors = factors, .epochs = 5, .biases = false, .penalty = penalty},
          parallel);
      ASSERT_TRUE(scorer.row);
      EXPECT_FALSE(scorer.row->bias);
      for (Index user = 0; user < data.num_users(); ++user)
        ASSERT_EQ(folded(scorer, user).base, 0) << user;
    }
  }
}

// sum_t e_t^2 + lambda |x|^2 + lambda_b b^2
double objective(const Factors& factors, SparseRow ratings, const Query& user, double lambda,
                 double bias_lambda) {
  const double bias = double{user.base} - double{factors.global_mean};
  double sum = bias_lambda * bias * bias;
  for (const float x : user.vector) sum += lambda * x * x;
  for (Index t = 0; t < ratings.size(); ++t) {
    const std::span<const float> y = factors.item_factors.row(ratings.columns[t]);
    const double predicted =
        std::inner_product(user.vector.begin(), user.vector.end(), y.begin(),
                           double{user.base} + factors.item_bias[ratings.columns[t]]);
    sum += (ratings.values[t] - predicted) * (ratings.values[t] - predicted);
  }
  return sum;
}

TEST_F(FoldIn, OfSgdIsAtTheMinimumOfItsObjective) {
  const SgdOptions options{.factors = 4};
  const Scorer scorer = trained(data, options, parallel);
  double squares = 0;
  for (const float value : data.values()) squares += (value - data.mean()) * (value - data.mean());
  const double spread = std::sqrt(squares / static_cast<double>(data.size()));
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = data.by_user().row(user);
    const double lambda = options.regularization * std::sqrt(row.size()) * spread;
    const auto value_of = [&](const Query& query) {
      return objective(scorer.factors, row, query, lambda, options.bias_regularization);
    };
    const Query query = folded(scorer, user);
    const double least = value_of(query);
    for (Index f = 0; f <= 4; ++f) {
      for (const float step : {-0.01F, 0.01F}) {
        Query moved = query;
        (f == 4 ? moved.base : moved.vector[f]) += step;
        EXPECT_GT(value_of(moved), least) << "user " << user;
      }
    }
  }
}

TEST_F(FoldIn, WithoutRatingsOneIsNobody) {
  for (const char* const name : {"als", "sgd", "gradient", "bias", "mean"}) {
    const Scorer scorer = trained(data, algorithm_named(name).options, parallel);
    const Query query = fold_in(scorer, {});
    EXPECT_EQ(query.base, scorer.factors.global_mean);
    EXPECT_TRUE(query.vector.empty());
    EXPECT_EQ(query_of_unknown_user(scorer).base, scorer.factors.global_mean);
    EXPECT_TRUE(query_of_unknown_user(scorer).vector.empty());
  }
}

TEST_F(FoldIn, EveryAlgorithmTakesItsUnregularizedOptionsAndOneRating) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(SgdOptions{.regularization = 0, .bias_regularization = 0}),
        AlgorithmOptions(GradientOptions{.regularization = 0}),
        AlgorithmOptions(BiasOptions{.user_regularization = 0})}) {
    Scorer scorer = trained(data, options, parallel);
    // An item that nobody has rated.
    std::ranges::fill(scorer.factors.item_factors.row(3), 0.0F);
    const Query query = fold_in(scorer, {{3}, {5}});
    EXPECT_TRUE(std::isfinite(query.base));
    for (const float x : query.vector) EXPECT_TRUE(std::isfinite(x));
  }
}

TEST_F(FoldIn, OfEveryAlgorithmNeedsNothingButItsScorerFromAFile) {
  for (const char* const name : {"als", "sgd", "gradient", "bias", "mean"}) {
    Model model;
    auto catalog = std::make_shared<Catalog>();
    catalog->users = numbered_ids(data.num_users());
    catalog->items = numbered_ids(data.num_items());
    model.catalog = std::move(catalog);
    const NamedAlgorithm algorithm = algorithm_named(name);
    model.ratings = Fitted{algorithm, trained(data, algorithm.options, parallel), {}};
    const Model loaded = decoded(encoded(model));
    ASSERT_FALSE(loaded.seen);
    for (Index user = 0; user < data.num_users(); ++user) {
      const Query query = folded(loaded.ratings->scorer, user);
      const Query before = folded(model.ratings->scorer, user);
      ASSERT_EQ(query.base, before.base) << name;
      ASSERT_EQ(query.vector, before.vector) << name;
    }
  }
}

TEST_F(FoldIn, RatingsWithoutAFiniteSolutionAreRefused) {
  const Scorer scorer = trained(data, AlsOptions{}, parallel);
  try {
    fold_in(scorer, {{1, 2}, {3e38F, 3e38F}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("3e+38"), std::string::npos) << error.what();
  }
}

class Predict : public FoldIn {};

TEST_F(Predict, ClipsToTheScorersRangeUnlessToldOtherwise) {
  Scorer scorer = trained(data, AlsOptions{.factors = 2}, parallel);
  ASSERT_EQ(scorer.range, data.range());
  scorer.factors.item_bias[5] = 10;
  scorer.factors.item_bias[6] = -10;
  const QueryView user = query_of_user(scorer, 1);
  EXPECT_GT(score(scorer, user, 5), 5);
  EXPECT_EQ(predict(scorer, user, 5), 5);
  EXPECT_EQ(predict(scorer, user, 6), 0.5F);
  EXPECT_EQ(predict(scorer, user, 5, false), score(scorer, user, 5));
  EXPECT_EQ(predict_pairs(scorer, {{1}}, {{6}}), std::vector<float>{0.5F});
  scorer.range.reset();
  EXPECT_EQ(predict(scorer, user, 5), score(scorer, user, 5));
  EXPECT_EQ(predict(scorer, user, 6), score(scorer, user, 6));
}

TEST_F(Predict, TakesUsersAndItemsThatCameAfterTraining) {
  const Scorer scorer = trained(data, AlsOptions{.factors = 2}, parallel);
  const Factors& factors = scorer.factors;
  EXPECT_EQ(predict(scorer, query_of_user(scorer, 1), {}, false),
            factors.global_mean + factors.user_bias[1]);
  const std::vector<Index> users{1, 1, 999, 999};
  const std::vector<Index> items{2, 999, 2, 999};
  const std::vector<float> pairs = predict_pairs(scorer, users, items, false);
  EXPECT_NEAR(pairs[0], score(scorer, query_of_user(scorer, 1), 2), 1e-5);
  EXPECT_EQ(pairs[1], factors.global_mean + factors.user_bias[1]);
  EXPECT_EQ(pairs[2], score(scorer, query_of_unknown_user(scorer), 2));
  EXPECT_EQ(pairs[3], factors.global_mean);
}

TEST_F(Predict, OfAPresetIsNotClipped) {
  const Part part = whole(planted_interactions(60, 40, 0.3, 2, 0.4, 1), {}, parallel);
  for (const AlgorithmInfo& row : algorithms()) {
    const NamedAlgorithm algorithm = algorithm_named(row.about.name);
    const Trial trial = run_trial(part, algorithm, {}, parallel);
    const bool predicts_ratings = row.about.task == Task::ratings;
    EXPECT_EQ(trial.scorer.range.has_value(), predicts_ratings && !row.preset) << row.about.name;
    if (trial.scorer.range) {
      EXPECT_EQ(*trial.scorer.range, data.range());
    }
  }
}

}  // namespace
}  // namespace palate
