#include "model/rating_shares.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "small_data.h"

namespace palate {
namespace {

struct Solution {
  std::vector<float> x;
  float bias = 0;
};

class RatingShares : public testing::TestWithParam<RowObjective> {
 protected:
  static constexpr Index kItems = 30;

  // Items with biases and factors.
  static Factors items(Index factors) {
    Factors model(1, kItems, factors);
    Rng rng(factors + 1);
    model.global_mean = 3.25F;
    for (Index item = 0; item < kItems; ++item) {
      model.item_bias[item] = static_cast<float>(0.5 * rng.normal());
      for (float& y : model.item_factors.row(item)) y = static_cast<float>(rng.normal());
    }
    return model;
  }

  static Solution solution(const Factors& model, SparseRow row) {
    Solution solution{std::vector<float>(model.num_factors())};
    const RowSolution target{solution.x.data(), &solution.bias};
    RowSolver(model.num_factors(), GetParam())
        .solve(fixed_items(model), {&row, 1}, {&target, 1}, false);
    return solution;
  }

  const std::vector<Index> columns_{2, 3, 5, 7, 11, 13, 17, 19, 23};
  std::vector<float> values_{5, 4.5, 1, 3, 0.5, 2, 4, 3.5, 5};
};

TEST_P(RatingShares, AddUpToTheSolutionOfRowSolver) {
  for (const Index factors : {0U, 1U, 2U, 8U, 33U, 100U}) {
    const Factors model = items(factors);
    const SparseRow row{columns_, values_};
    const Solution solved = solution(model, row);
    for (const Index item : {0U, 5U, 29U}) {
      const std::span<const float> y = model.item_factors.row(item);
      const std::vector<RatingShare> shares = rating_shares(fixed_items(model), row, GetParam(), y);
      ASSERT_EQ(shares.size(), row.size());
      double bias = 0;
      double product = 0;
      for (const RatingShare& share : shares) {
        bias += share.bias;
        product += share.product;
      }
      EXPECT_NEAR(bias, solved.bias, 2e-5) << factors;
      EXPECT_NEAR(product, std::inner_product(y.begin(), y.end(), solved.x.begin(), 0.0), 2e-4)
          << factors;
      if (!GetParam().bias) {
        EXPECT_EQ(bias, 0);
      }
      if (factors == 0) {
        EXPECT_EQ(product, 0);
      }
    }
  }
}

// The solution is linear in the targets: doubled, a rating's target adds its share once more.
TEST_P(RatingShares, EachIsWhatItsRatingAdds) {
  for (const Index factors : {4U, 100U}) {
    const Factors model = items(factors);
    const std::span<const float> y = model.item_factors.row(29);
    const SparseRow row{columns_, values_};
    const std::vector<RatingShare> shares = rating_shares(fixed_items(model), row, GetParam(), y);
    const Solution before = solution(model, row);
    for (Index t = 0; t < row.size(); ++t) {
      std::vector<float> values = values_;
      values[t] += values[t] - model.global_mean - model.item_bias[columns_[t]];
      const Solution after = solution(model, {columns_, values});
      EXPECT_NEAR(after.bias - before.bias, shares[t].bias, 2e-5) << t;
      double added = 0;
      for (std::size_t f = 0; f < y.size(); ++f) added += double{y[f]} * (after.x[f] - before.x[f]);
      EXPECT_NEAR(added, shares[t].product, 1e-4) << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    , RatingShares,
    testing::Values(RowObjective{{.factors = 2, .exponent = 0.5F, .bias = 3}},
                    RowObjective{
                        {.factors = 0.1F, .exponent = 1, .bias = 0.1F, .bias_exponent = 1}},
                    RowObjective{{.factors = 2, .exponent = 0.5F, .bias = 3}, false},
                    RowObjective{{.factors = 1, .bias = 1e-30F}}));

}  // namespace
}  // namespace palate
