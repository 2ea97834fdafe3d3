#include "model/row_solver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "linalg/symmetric.h"
#include "palate/algorithms/train.h"
#include "small_data.h"

namespace palate {
namespace {

class RowSolverTest : public testing::Test {
 protected:
  Parallel parallel{1};
  Dataset data{planted_interactions(40, 30, 0.3, 2, 0.4, 1), parallel};

  TrainResult trained(const AlgorithmOptions& options) {
    TrainContext context{.parallel = parallel};
    return train(data, options, context);
  }
};

// A row's solution by a solver of its own.
struct Solved {
  std::vector<float> x;
  float bias = 7;
  double error = 0;

  Solved(const Factors& model, SparseRow row, const RowObjective& objective, bool measure = false)
      : x(model.num_factors(), 7) {
    const RowSolution solution{x.data(), &bias};
    error = RowSolver(model.num_factors(), objective)
                .solve(fixed_items(model), {&row, 1}, {&solution, 1}, measure);
  }
};

TEST_F(RowSolverTest, FoldingInAUserEqualsTheUsersHalfStep) {
  for (const Index factors : {3U, 32U, 100U}) {
    const Scorer scorer = trained(AlsOptions{.factors = factors, .epochs = 3}).scorer;
    for (Index user = 0; user < data.num_users(); ++user) {
      const Solved solved(scorer.factors, data.by_user().row(user), scorer.row.value());
      ASSERT_EQ(solved.bias, scorer.factors.user_bias[user]);
      ASSERT_TRUE(std::ranges::equal(solved.x, scorer.factors.user_factors.row(user)));
    }
  }
}

TEST_F(RowSolverTest, MeasuresTheErrorAfterTheSolution) {
  const TrainResult result = trained(AlsOptions{.factors = 4, .epochs = 3});
  double sum = 0;
  for (std::size_t t = 0; t < data.size(); ++t) {
    const double e =
        score_of(result.scorer.factors, data.users()[t], data.items()[t]) - data.values()[t];
    sum += e * e;
  }
  EXPECT_NEAR(result.report.curve.epochs.back().values[0], sum / static_cast<double>(data.size()),
              1e-5);
}

// sum_t e_t^2 + lambda |x|^2 + kappa b^2, as palate/model/scorer.h has it.
double objective_at(const Factors& model, SparseRow row, const RowObjective& objective,
                    const Solved& at) {
  const auto [factors, exponent, bias, bias_exponent, offset] = objective.ridge;
  const double n = row.size();
  double sum = bias * std::pow(n, bias_exponent) * at.bias * at.bias;
  for (const double x : at.x) sum += factors * std::pow(n, exponent) * x * x;
  for (Index t = 0; t < row.size(); ++t) {
    const Index item = row.columns[t];
    double e = double{row.values[t]} - model.global_mean - model.item_bias[item] - at.bias;
    for (std::size_t f = 0; f < at.x.size(); ++f)
      e -= double{at.x[f]} * double{model.item_factors.row(item)[f]};
    sum += e * e;
  }
  return sum;
}

TEST_F(RowSolverTest, IsAtTheMinimumOfEveryRowObjective) {
  for (const Index factors : {0U, 1U, 5U}) {
    Factors model(data.num_users(), data.num_items(), factors);
    Rng rng(factors);
    model.global_mean = 3;
    for (Index item = 0; item < data.num_items(); ++item) {
      model.item_bias[item] = static_cast<float>(rng.normal());
      for (float& y : model.item_factors.row(item)) y = static_cast<float>(rng.normal());
    }
    for (const float exponent : {0.0F, 0.5F, 1.0F}) {
      for (const bool bias : {true, false}) {
        const RowObjective objective{
            {.factors = 0.7F, .exponent = exponent, .bias = 2, .bias_exponent = 1 - exponent},
            bias};
        for (Index user = 0; user < data.num_users(); ++user) {
          const SparseRow row = data.by_user().row(user);
          if (row.size() == 0) continue;
          const Solved solved(model, row, objective);
          if (!bias) {
            ASSERT_EQ(solved.bias, 0);
          }
          const double least = objective_at(model, row, objective, solved);
          for (Index f = 0; f < factors + (bias ? 1 : 0); ++f) {
            for (const float step : {-0.02F, 0.02F}) {
              Solved moved = solved;
              (f == factors ? moved.bias : moved.x[f]) += step;
              EXPECT_GT(objective_at(model, row, objective, moved), least);
            }
          }
        }
      }
    }
  }
}

TEST_F(RowSolverTest, WithoutABiasItIsExactlyZero) {
  for (const Index factors : {0U, 1U, 7U, 16U, 33U}) {
    Factors model =
        trained(AlsOptions{.factors = std::max<Index>(factors, 1), .epochs = 2}).scorer.factors;
    if (factors == 0) model.item_factors = Matrix(data.num_items(), 0);
    if (factors == 0) model.user_factors = Matrix(data.num_users(), 0);
    const RowObjective objective{{.factors = 1, .bias = 0}, false};
    for (Index user = 0; user < data.num_users(); ++user) {
      const Solved solved(model, data.by_user().row(user), objective, true);
      ASSERT_EQ(solved.bias, 0) << factors;
      ASSERT_TRUE(std::isfinite(solved.error));
      for (const float x : solved.x) ASSERT_TRUE(std::isfinite(x));
    }
  }
}

// Weighted normal equations with what is unobserved, in double.
std::vector<double> weighted_solution(const Factors& model, SparseRow row,
                                      const RowObjective& objective) {
  const Index factors = model.num_factors();
  std::vector<double> a(std::size_t{factors} * factors);
  std::vector<double> x(factors);
  const auto add = [&](Index item, double weight, double target) {
    const std::span<const float> y = model.item_factors.row(item);
    for (Index p = 0; p < factors; ++p) {
      x[p] += weight * target * double{y[p]};
      for (Index q = 0; q < factors; ++q)
        a[p * factors + q] += weight * double{y[p]} * double{y[q]};
    }
  };
  for (Index item = 0; item < model.num_items(); ++item) add(item, objective.unobserved, 0);
  for (Index t = 0; t < row.size(); ++t) add(row.columns[t], row.values[t], 1);
  const double sum = std::accumulate(row.values.begin(), row.values.end(), 0.0);
  for (Index p = 0; p < factors; ++p) a[p * factors + p] += lambda_of<double>(objective, sum);
  solve(a, x);
  return x;
}

TEST_F(RowSolverTest, SolvesWeightedEquationsWithWhatIsUnobserved) {
  for (const Index factors : {1U, 2U, 7U, 8U, 9U, 33U, 64U, 100U}) {
    Factors model(data.num_users(), data.num_items(), factors);
    Rng rng(factors);
    for (Index item = 0; item < data.num_items(); ++item) {
      for (float& y : model.item_factors.row(item)) y = static_cast<float>(0.3 * rng.normal());
    }
    for (const float unobserved : {1e-6F, 0.2F, 30.0F}) {
      const RowObjective objective{
          {.factors = 0.05F, .exponent = 0.5F, .offset = unobserved * 30}, false, unobserved};
      for (const Kernels* const table : all_kernels()) {
        const Matrix equations =
            unobserved_equations(fixed_items(model).factors, unobserved, parallel, *table);
        FixedSide fixed = fixed_items(model);
        fixed.unobserved = equations.data();
        RowSolver solver(factors, objective, *table);
        for (Index user = 0; user < data.num_users(); ++user) {
          const SparseRow row = data.by_user().row(user);
          if (row.size() == 0) continue;
          std::vector<float> x(factors);
          float bias = 7;
          const RowSolution solution{x.data(), &bias};
          const double error = solver.solve(fixed, {&row, 1}, {&solution, 1}, true);
          const std::vector<double> expected = weighted_solution(model, row, objective);
          for (Index p = 0; p < factors; ++p)
            ASSERT_NEAR(x[p], expected[p], 2e-4) << table->target << ", " << factors;
          ASSERT_EQ(bias, 0);
          double sum = 0;
          for (Index t = 0; t < row.size(); ++t) {
            const auto y = model.item_factors.row(row.columns[t]);
            sum += row.values[t] *
                   std::pow(1 - std::inner_product(y.begin(), y.end(), x.begin(), 0.0), 2);
          }
          ASSERT_NEAR(error, sum, 1e-4 * sum);
        }
      }
    }
  }
}

}  // namespace
}  // namespace palate
