#include "palate/model/query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

// As training leaves it.
Model trained(const Dataset& data, const NamedAlgorithm& algorithm, Parallel& parallel) {
  TrainContext context{.parallel = parallel};
  Model model;
  model.factors = train(data, algorithm.options, context).factors;
  model.algorithm = algorithm.name;
  model.options = algorithm.options;
  model.range = data.range();
  model.history = data.by_user();
  for (Index item = 0; item < data.num_items(); ++item)
    model.item_support.push_back(data.by_item().row(item).size());
  return model;
}

class FoldIn : public testing::Test {
 protected:
  Parallel parallel{1};
  Dataset data{planted_interactions(60, 40, 0.3, 2, 0.4, 1), parallel};
};

TEST_F(FoldIn, OfAlsIsTheUsersHalfStepToTheBit) {
  for (const Index factors : {1U, 3U, 32U, 100U}) {
    const Model model =
        trained(data, {"als", AlsOptions{.factors = factors, .epochs = 3}}, parallel);
    for (Index user = 0; user < data.num_users(); ++user) {
      const FoldedUser folded = fold_in(model, model.history.row(user));
      ASSERT_EQ(folded.bias, model.factors.user_bias[user]);
      ASSERT_TRUE(std::ranges::equal(folded.factors, model.factors.user_factors.row(user)));
    }
  }
}

TEST_F(FoldIn, OfBiasIsTheUsersHalfStep) {
  const Model model = trained(data, algorithm_named("bias"), parallel);
  for (Index user = 0; user < data.num_users(); ++user) {
    const FoldedUser folded = fold_in(model, model.history.row(user));
    EXPECT_NEAR(folded.bias, model.factors.user_bias[user], 1e-6);
    EXPECT_TRUE(folded.factors.empty());
  }
}

TEST_F(FoldIn, OfMeanIsNothing) {
  const Model model = trained(data, algorithm_named("mean"), parallel);
  EXPECT_EQ(fold_in(model, model.history.row(0)).bias, 0);
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
      const Model model = trained(data, {"gradient", options}, parallel);
      for (Index user = 0; user < data.num_users(); ++user) {
        const FoldedUser folded = fold_in(model, model.history.row(user));
        EXPECT_NEAR(folded.bias, model.factors.user_bias[user], 0.01) << user;
        for (Index f = 0; f < 2; ++f)
          EXPECT_NEAR(folded.factors[f], model.factors.user_factors.row(user)[f], 0.01) << user;
      }
    }
  }
}

// sum_t e_t^2 + lambda |x|^2 + lambda_b b^2
double objective(const Model& model, SparseRow ratings, const FoldedUser& user, double lambda,
                 double bias_lambda) {
  double sum = bias_lambda * user.bias * user.bias;
  for (const float x : user.factors) sum += lambda * x * x;
  for (Index t = 0; t < ratings.size(); ++t) {
    const std::span<const float> y = model.factors.item_factors.row(ratings.columns[t]);
    const double predicted = std::inner_product(user.factors.begin(), user.factors.end(), y.begin(),
                                                double{model.factors.global_mean} + user.bias +
                                                    model.factors.item_bias[ratings.columns[t]]);
    sum += (ratings.values[t] - predicted) * (ratings.values[t] - predicted);
  }
  return sum;
}

TEST_F(FoldIn, OfSgdIsAtTheMinimumOfItsObjective) {
  const SgdOptions options{.factors = 4};
  const Model model = trained(data, {"sgd", options}, parallel);
  double squares = 0;
  for (const float value : data.values()) squares += (value - data.mean()) * (value - data.mean());
  const double spread = std::sqrt(squares / static_cast<double>(data.size()));
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = model.history.row(user);
    const double lambda = options.regularization * std::sqrt(row.size()) * spread;
    const FoldedUser folded = fold_in(model, row);
    const double least = objective(model, row, folded, lambda, options.bias_regularization);
    for (Index f = 0; f <= 4; ++f) {
      for (const float step : {-0.01F, 0.01F}) {
        FoldedUser moved = folded;
        (f == 4 ? moved.bias : moved.factors[f]) += step;
        EXPECT_GT(objective(model, row, moved, lambda, options.bias_regularization), least)
            << "user " << user;
      }
    }
  }
}

TEST_F(FoldIn, WithoutRatingsOneIsNobody) {
  for (const char* const name : {"als", "sgd", "gradient", "bias", "mean"}) {
    const FoldedUser folded = fold_in(trained(data, algorithm_named(name), parallel), {});
    EXPECT_EQ(folded.bias, 0);
    EXPECT_TRUE(folded.factors.empty());
  }
}

TEST_F(FoldIn, EveryAlgorithmTakesItsUnregularizedOptionsAndOneRating) {
  for (const AlgorithmOptions& options :
       {AlgorithmOptions(SgdOptions{.regularization = 0, .bias_regularization = 0}),
        AlgorithmOptions(GradientOptions{.regularization = 0}),
        AlgorithmOptions(BiasOptions{.user_regularization = 0})}) {
    Model model = trained(data, {std::string(algorithm_name(options)), options}, parallel);
    std::ranges::fill(model.factors.item_factors.row(3), 0.0F);  // an item that nobody has rated
    const Index item = 3;
    const float value = 5;
    const FoldedUser folded = fold_in(model, {{&item, 1}, {&value, 1}});
    EXPECT_TRUE(std::isfinite(folded.bias));
    for (const float x : folded.factors) EXPECT_TRUE(std::isfinite(x));
  }
}

TEST_F(FoldIn, OfSgdNeedsTheHistory) {
  Model model = trained(data, algorithm_named("sgd"), parallel);
  const SparseMatrix history = std::exchange(model.history, {});
  try {
    fold_in(model, history.row(0));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("no history"), std::string::npos);
  }
}

TEST_F(FoldIn, RatingsWithoutAFiniteSolutionAreRefused) {
  const Model model = trained(data, algorithm_named("als"), parallel);
  const std::vector<Index> items{1, 2};
  const std::vector<float> values{3e38F, 3e38F};
  EXPECT_THROW(fold_in(model, {items, values}), Error);
}

}  // namespace
}  // namespace palate
