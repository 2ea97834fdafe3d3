#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "floats.h"
#include "model/row_solver.h"
#include "palate/algorithms/train.h"
#include "small_data.h"
#include "train/mean_bias.h"

namespace palate {
namespace {

double squared_norm(std::span<const float> values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

double penalty(const SparseMatrix& ratings, const Ridge& ridge, std::span<const float> bias,
               const Matrix& factors) {
  double sum = 0;
  for (Index r = 0; r < ratings.rows(); ++r) {
    sum += ridge.factors * std::pow(ratings.row(r).size(), ridge.exponent) *
           squared_norm(factors.row(r));
    sum += ridge.bias * bias[r] * bias[r];
  }
  return sum;
}

double error(const Factors& model, Index user, Index item, float value) {
  const std::span<const float> x = model.user_factors.row(user);
  const std::span<const float> y = model.item_factors.row(item);
  return value - std::inner_product(
                     x.begin(), x.end(), y.begin(),
                     double{model.global_mean} + model.user_bias[user] + model.item_bias[item]);
}

// What als minimizes, in double.
double objective(const Factors& model, const Dataset& data, const Ridge& ridge) {
  double sum = penalty(data.by_user(), ridge, model.user_bias, model.user_factors) +
               penalty(data.by_item(), ridge, model.item_bias, model.item_factors);
  for (std::size_t t = 0; t < data.size(); ++t) {
    const double e = error(model, data.users()[t], data.items()[t], data.values()[t]);
    sum += e * e;
  }
  return sum;
}

class Als : public testing::Test {
 protected:
  Scorer scorer_of(const Dataset& data, const AlsOptions& options) {
    TrainContext context{.parallel = parallel};
    return train(data, options, context).scorer;
  }
  Factors trained(const Dataset& data, const AlsOptions& options) {
    return scorer_of(data, options).factors;
  }
  Parallel parallel{2};
};

TEST_F(Als, NoHalfStepRaisesTheLoss) {
  const Dataset data(planted_interactions(80, 60, 0.2, 3, 0.4, 1), parallel);
  for (const float exponent : {0.0F, 0.5F, 1.0F}) {
    for (const Index factors : {1U, 5U, 16U}) {
      AlsOptions options{.factors = factors, .epochs = 1, .regularization_exponent = exponent};
      const RowObjective own = scorer_of(data, options).row.value();
      const Ridge& ridge = own.ridge;
      Factors model = trained(data, options);
      double before = objective(model, data, ridge);
      for (Index epoch = 2; epoch < 8; ++epoch) {
        // The items' half-step, one item after another.
        RowSolver solver(factors, own);
        Factors halfway = model;
        move_mean_bias(data.by_item(), halfway.item_bias, halfway.global_mean);
        const Factors fixed = halfway;
        for (Index item = 0; item < data.num_items(); ++item) {
          const SparseRow row = data.by_item().row(item);
          if (row.size() == 0) continue;
          const RowSolution solution{halfway.item_factors.row(item).data(),
                                     &halfway.item_bias[item]};
          solver.solve(fixed_users(fixed), {&row, 1}, {&solution, 1}, false);
        }
        const double between = objective(halfway, data, ridge);
        EXPECT_LE(between, before * (1 + 1e-6));
        options.epochs = epoch;
        model = trained(data, options);
        EXPECT_TRUE(model.item_factors == halfway.item_factors)
            << "training's half-step is another than the solver's";
        const double after = objective(model, data, ridge);
        EXPECT_LE(after, between * (1 + 1e-6));
        before = after;
      }
    }
  }
}

TEST_F(Als, TheUsersAreAtTheMinimumAfterTraining) {
  const Dataset data(planted_interactions(60, 50, 0.3, 3, 0.4, 2), parallel);
  for (const Index factors : {1U, 8U, 30U}) {
    const AlsOptions options{.factors = factors, .epochs = 4};
    const RowObjective own = scorer_of(data, options).row.value();
    const Ridge& ridge = own.ridge;
    const Factors model = trained(data, options);
    for (Index user = 0; user < data.num_users(); ++user) {
      const SparseRow row = data.by_user().row(user);
      if (row.size() == 0) continue;
      // Half of the gradient of the objective, and the sum of the absolute values of all that it is
      // a sum of.
      std::vector<double> gradient(factors + 1);
      double scale = 0;
      const double lambda = ridge.factors * std::pow(row.size(), ridge.exponent);
      for (Index t = 0; t < row.size(); ++t) {
        const double e = error(model, user, row.columns[t], row.values[t]);
        const std::span<const float> y = model.item_factors.row(row.columns[t]);
        for (Index i = 0; i < factors; ++i) gradient[i] -= e * y[i];
        gradient[factors] -= e;
        // 5: the most that a rating and its prediction are
        scale += 5 * (1 + std::sqrt(squared_norm(y)));
      }
      for (Index i = 0; i < factors; ++i) gradient[i] += lambda * model.user_factors.row(user)[i];
      gradient[factors] += ridge.bias * model.user_bias[user];
      const double norm =
          std::sqrt(std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0));
      EXPECT_LE(norm, 4 * (row.size() + factors + 1) * kFloatEpsilon * scale)
          << "user " << user << ", " << factors << " factors";
    }
  }
}

TEST_F(Als, RecoversAPlantedModel) {
  const Interactions interactions = planted_interactions(150, 120, 0.6, 2, 0.1, 3);
  std::vector<Index> train_rows;
  std::vector<Index> test_rows;
  for (Index row = 0; row < interactions.size(); ++row)
    (row % 5 == 0 ? test_rows : train_rows).push_back(row);
  const Dataset data(interactions, train_rows, parallel);
  const Factors model = trained(data, {.factors = 4, .epochs = 30, .regularization = 0.02F});
  double sum = 0;
  for (const Index row : test_rows) {
    const double e =
        std::clamp(score_of(model, interactions.users[row], interactions.items[row]), 0.5F, 5.0F) -
        interactions.values[row];
    sum += e * e;
  }
  // Noise of 0.1 and rounding to halves, whose error is uniform in +-1/4, leave 0.18; twice the
  // planted factors are estimated.
  EXPECT_LT(std::sqrt(sum / static_cast<double>(test_rows.size())), 0.25);
}

TEST_F(Als, UsersAndItemsWithoutRatingsGetZeros) {
  const Factors model = trained(
      Dataset(interactions_of(4, 5, {{0, 1, 5}, {0, 3, 1}, {2, 1, 4}}), parallel), {.factors = 6});
  for (const Index user : {1U, 3U}) {
    EXPECT_EQ(model.user_bias[user], 0);
    EXPECT_EQ(squared_norm(model.user_factors.row(user)), 0);
  }
  for (const Index item : {0U, 2U, 4U}) {
    EXPECT_EQ(model.item_bias[item], 0);
    EXPECT_EQ(squared_norm(model.item_factors.row(item)), 0);
  }
  EXPECT_NE(model.user_bias[0], 0);
}

TEST_F(Als, RelabellingItemsPermutesTheModel) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.4, 4);
  Interactions relabelled = interactions;
  for (Index& item : relabelled.items) item = (item * 7 + 3) % 40;
  const AlsOptions options{.factors = 5, .epochs = 5};
  const Factors model = trained(Dataset(interactions, parallel), options);
  const Factors other = trained(Dataset(relabelled, parallel), options);
  for (Index item = 0; item < 40; ++item) {
    const Index label = (item * 7 + 3) % 40;
    EXPECT_NEAR(other.item_bias[label], model.item_bias[item], 1e-3);  // sums have another order
    for (Index user = 0; user < 60; ++user)
      EXPECT_NEAR(score_of(other, user, label), score_of(model, user, item), 2e-3);
  }
}

TEST_F(Als, TheSameOptionsSuitAnyScaleOfRatings) {
  const Interactions stars = planted_interactions(60, 40, 0.3, 2, 0.4, 5);
  Interactions percents = stars;
  for (float& value : percents.values) value *= 16;
  const Factors model = trained(Dataset(stars, parallel), {});
  const Factors other = trained(Dataset(percents, parallel), {});
  for (Index user = 0; user < 60; ++user)
    EXPECT_NEAR(score_of(other, user, user % 40), 16 * score_of(model, user, user % 40), 1e-2);
}

TEST_F(Als, ADivergenceIsReportedAndLeavesFiniteFactors) {
  std::vector<Rating> ratings;
  for (Index n = 0; n < 30; ++n) ratings.emplace_back(n % 6, n % 5, n % 2 == 0 ? 3e38F : -3e38F);
  TrainContext context{.parallel = parallel};
  const TrainResult result =
      train(Dataset(interactions_of(6, 5, ratings), parallel), AlsOptions{}, context);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_NE(result.report.advice.find("regularization"), std::string::npos);
  EXPECT_TRUE(result.scorer.factors.all_finite());
}

}  // namespace
}  // namespace palate
