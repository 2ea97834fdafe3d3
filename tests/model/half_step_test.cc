#include "model/half_step.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "floats.h"
#include "small_data.h"

namespace palate {
namespace {

constexpr RowObjective kObjective{{.factors = 0.4F, .exponent = 0.5F, .bias = 3}};

// Factors that nothing has been solved for, the same for each call.
Factors random_factors(const Dataset& data, Index factors) {
  Factors model(data.num_users(), data.num_items(), factors);
  Rng rng(factors);
  model.global_mean = 3.5F;
  const auto fill = [&](std::vector<float>& bias, Matrix& matrix) {
    for (float& b : bias) b = static_cast<float>(0.5 * rng.normal());
    for (Index row = 0; row < matrix.rows(); ++row) {
      for (float& x : matrix.row(row)) x = static_cast<float>(0.3 * rng.normal());
    }
  };
  fill(model.user_bias, model.user_factors);
  fill(model.item_bias, model.item_factors);
  return model;
}

struct Case {
  Index users;
  Index items;
  Index factors;
};
void PrintTo(const Case& size, std::ostream* out) { *out << size.users << 'x' << size.factors; }

// Few and many rows: those that one thread does, and those that are shared.
class HalfStepTest : public testing::TestWithParam<Case> {
 protected:
  HalfStepTest() : data_(with_empty_rows(), one_) {}

  // The first and the last user and item have no ratings.
  static Interactions with_empty_rows() {
    const auto [users, items, factors] = GetParam();
    Interactions all = planted_interactions(users, items, 0.3, 2, 0.4, 1);
    std::vector<Rating> ratings;
    for (Index row = 0; row < all.size(); ++row) {
      const Index user = all.users[row];
      const Index item = all.items[row];
      if (user > 0 && user < users - 1 && item > 0 && item < items - 1)
        ratings.emplace_back(user, item, all.values[row]);
    }
    return interactions_of(users, items, ratings);
  }

  Parallel one_{1};
  Dataset data_;
};

TEST_P(HalfStepTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const Index factors = GetParam().factors;
  std::vector<Factors> models;
  std::vector<std::vector<double>> errors;
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    Parallel parallel(threads);
    HalfStep users(data_.by_user(), factors, kObjective, parallel);
    HalfStep items(data_.by_item(), factors, kObjective, parallel);
    Factors model = random_factors(data_, factors);
    std::vector<double> measured;
    for (int step = 0; step < 2; ++step) {
      measured.push_back(items(fixed_users(model), items_of(model), true));
      measured.push_back(users(fixed_items(model), users_of(model), true));
    }
    models.push_back(std::move(model));
    errors.push_back(std::move(measured));
  }
  for (std::size_t other = 1; other < models.size(); ++other) {
    EXPECT_EQ(models[other], models[0]);
    EXPECT_EQ(errors[other], errors[0]);
  }
}

TEST_P(HalfStepTest, IsRowSolverRowByRow) {
  const Index factors = GetParam().factors;
  for (const unsigned threads : {1U, 3U}) {
    Parallel parallel(threads);
    const Factors before = random_factors(data_, factors);
    Factors model = before;
    HalfStep users(data_.by_user(), factors, kObjective, parallel);
    const double error = users(fixed_items(model), users_of(model), true);
    RowSolver solver(factors, kObjective);
    double sum = 0;
    for (Index user = 0; user < data_.num_users(); ++user) {
      const SparseRow row = data_.by_user().row(user);
      std::vector<float> x(before.user_factors.row(user).begin(),
                           before.user_factors.row(user).end());
      float bias = before.user_bias[user];
      const RowSolution solution{x.data(), &bias};
      if (row.size() > 0) sum += solver.solve(fixed_items(before), {&row, 1}, {&solution, 1}, true);
      ASSERT_EQ(model.user_bias[user], bias) << user;
      ASSERT_TRUE(std::ranges::equal(model.user_factors.row(user), x)) << user;
    }
    EXPECT_NEAR(error, sum, 1e-9 * sum);
    EXPECT_EQ(model.item_factors, before.item_factors);
    EXPECT_EQ(model.item_bias, before.item_bias);
  }
}

TEST_P(HalfStepTest, LeavesRowsWithoutRatingsAsTheyAre) {
  Parallel parallel(2);
  const Index factors = GetParam().factors;
  const Factors before = random_factors(data_, factors);
  Factors model = before;
  HalfStep items(data_.by_item(), factors, kObjective, parallel);
  items(fixed_users(model), items_of(model));
  for (const Index item : {Index{0}, data_.num_items() - 1}) {
    EXPECT_EQ(model.item_bias[item], before.item_bias[item]);
    EXPECT_TRUE(std::ranges::equal(model.item_factors.row(item), before.item_factors.row(item)));
  }
  EXPECT_NE(model.item_bias[1], before.item_bias[1]);
}

TEST_P(HalfStepTest, MeasuresTheErrorOnlyWhenAsked) {
  const Index factors = GetParam().factors;
  Factors model = random_factors(data_, factors);
  HalfStep users(data_.by_user(), factors, kObjective, one_);
  EXPECT_EQ(users(fixed_items(model), users_of(model)), 0);
  double sum = 0;
  for (std::size_t t = 0; t < data_.size(); ++t)
    sum += std::pow(score_of(model, data_.users()[t], data_.items()[t]) - data_.values()[t], 2);
  EXPECT_NEAR(users(fixed_items(model), users_of(model), true), sum, 1e-4 * sum);
}

INSTANTIATE_TEST_SUITE_P(, HalfStepTest,
                         testing::Values(Case{20, 15, 0}, Case{20, 15, 3}, Case{20, 15, 100},
                                         Case{300, 200, 0}, Case{300, 200, 16}, Case{80, 300, 33},
                                         Case{300, 200, 140}),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace palate
