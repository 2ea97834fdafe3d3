#include "model/few_ratings.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "model/row_solver.h"

namespace palate {
namespace {

TEST(NumUnknowns, AreTheFactorsOrTheRatingsRoundedUp) {
  for (Index f = 0; f < 600; ++f) {
    for (Index n = 0; n < 700; ++n) {
      const Index unknowns = num_unknowns(n, f);
      ASSERT_TRUE(unknowns == f || (n <= unknowns && unknowns < n + 8 && unknowns < f)) << n;
    }
  }
  EXPECT_EQ(num_unknowns(1, 512), 8);
  EXPECT_EQ(num_unknowns(30, 4096), 32);
  EXPECT_EQ(num_unknowns(3056, 4096), 3056);
  EXPECT_EQ(num_unknowns(3057, 4096), 4096);
  EXPECT_EQ(num_unknowns(1, 16), 16);
  EXPECT_EQ(num_unknowns(~Index{0}, ~Index{0}), ~Index{0});
}

// A row of n ratings of random rows of a random Y, of which there are so many.
struct Problem {
  Problem(Index n, Index factors, Index rows_of_y, std::uint64_t seed)
      : y(rows_of_y, factors), bias(rows_of_y) {
    Rng rng(seed);
    const auto normal = [&] { return static_cast<float>(rng.normal()); };
    for (Index r = 0; r < rows_of_y; ++r) {
      for (float& value : y.row(r)) value = normal();
      bias[r] = normal();
    }
    for (Index t = 0; t < n; ++t) {
      columns.push_back(rng.below(rows_of_y));
      values.push_back(3 + normal());
    }
  }
  SparseRow row() const { return {columns, values}; }
  FixedSide fixed() const { return {3, bias, y.view()}; }

  Matrix y;
  std::vector<float> bias;
  std::vector<Index> columns;
  std::vector<float> values;
};

struct Solved {
  std::vector<float> x;
  float bias = 7;
};

Solved solve(const Problem& problem, const RowObjective& objective, const Kernels& table) {
  Solved solved{std::vector<float>(problem.y.cols(), 7)};
  const SparseRow row = problem.row();
  const RowSolution solution{solved.x.data(), &solved.bias};
  RowSolver(problem.y.cols(), objective, table)
      .solve(problem.fixed(), {&row, 1}, {&solution, 1}, false);
  return solved;
}

// The normal equations of x and b in double, and how far from their solution single precision may
// end by the other way.
struct Reference {
  Reference(const Problem& problem, const RowObjective& objective) {
    const auto n = static_cast<Eigen::Index>(problem.columns.size());
    const auto f = static_cast<Eigen::Index>(problem.y.cols());
    const auto count = static_cast<double>(n);
    Eigen::MatrixXd y(n, f);
    Eigen::VectorXd r(n);
    for (Eigen::Index t = 0; t < n; ++t) {
      const Index row = problem.columns[static_cast<std::size_t>(t)];
      for (Eigen::Index j = 0; j < f; ++j)
        y(t, j) = problem.y.row(row)[static_cast<std::size_t>(j)];
      r[t] = double{problem.values[static_cast<std::size_t>(t)]} - 3 - double{problem.bias[row]};
    }
    const auto size = static_cast<Index>(n);
    const double kappa = std::max(kappa_of<double>(objective, size), 1e-5 * count);
    const Eigen::MatrixXd h =
        Eigen::MatrixXd::Identity(n, n) -
        Eigen::MatrixXd::Constant(n, n, (1 - 1 / std::sqrt(1 + count / kappa)) / count);
    const Eigen::MatrixXd products = h * y * y.transpose() * h;
    const double lambda =
        std::max(lambda_of<double>(objective, size), 1e-5 * products.diagonal().maxCoeff());

    Eigen::MatrixXd a = Eigen::MatrixXd::Zero(f + 1, f + 1);
    a.topLeftCorner(f, f) = y.transpose() * y;
    a.topLeftCorner(f, f).diagonal().array() += lambda;
    if (objective.bias) {
      a.col(f).head(f) = y.colwise().sum();
      a.row(f).head(f) = y.colwise().sum();
    }
    a(f, f) = objective.bias ? count + kappa : 1;
    Eigen::VectorXd right(f + 1);
    right << y.transpose() * r, (objective.bias ? r.sum() : 0);
    const Eigen::VectorXd solution = a.ldlt().solve(right);
    x = solution.head(f);
    bias = solution[f];

    // Products and Cholesky are backward stable: (A + E) a = H r + e with |E| and |e| as in
    // SolveRows.LeavesNoResidual. |Y^T H A^-1| <= 1 / (2 sqrt(lambda)). Last, x is a sum over rows.
    const double rounding = 4 * (count + 8 + static_cast<double>(f)) * kFloatEpsilon;
    const Eigen::VectorXd residual = h * (r - y * x) / lambda;  // a
    x_error = rounding *
                  ((products.norm() + lambda * std::sqrt(count)) * residual.norm() +
                   (h * r).norm() + r.norm()) /
                  (2 * std::sqrt(lambda)) +
              rounding * y.norm() * residual.norm();
    const double sums = y.colwise().sum().norm();
    bias_error = (sums * x_error + rounding * (sums * x.norm() + r.norm() * std::sqrt(count))) /
                 (count + kappa);
  }

  Eigen::VectorXd x;
  double bias = 0;
  double x_error = 0;
  double bias_error = 0;
};

constexpr RowObjective kObjectives[] = {
    {{.factors = 0.7F, .exponent = 0.5F, .bias = 3}},
    {{.factors = 0.7F, .exponent = 0.5F, .bias = 3}, false},
    {{.factors = 1e-3F, .exponent = 1, .bias = 1e-3F, .bias_exponent = 1}},
    {{.factors = 1e-30F, .bias = 1e-30F}},  // both are raised
    {{.factors = 1e6F, .bias = 1e6F}},
};

TEST(FewRatings, HaveTheSolutionOfTheEquationsOfTheFactors) {
  for (const Index f : {32U, 33U, 64U, 65U, 100U}) {
    std::vector<Index> counts{1, 2, 7, 8, 9, 16, 17};
    Index most = 0;  // so many ratings are few
    while (num_unknowns(most + 1, f) < f) ++most;
    counts.insert(counts.end(), {most - 1, most});
    for (const Index n : counts) {
      if (n == 0 || n > most) continue;
      // Different rows, or few that are repeated.
      const Index rows_of_y = (n + f) % 2 == 0 ? 400 : 3;
      const Problem problem(n, f, rows_of_y, f * 1000 + n);
      for (const RowObjective& objective : kObjectives) {
        const Reference reference(problem, objective);
        for (const Kernels* const table : all_kernels()) {
          SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                       std::to_string(n) + " ratings of " + std::to_string(rows_of_y) +
                       " rows, objective " + std::to_string(&objective - kObjectives));
          const Solved solved = solve(problem, objective, *table);
          const Eigen::VectorXd x =
              Eigen::Map<const Eigen::VectorXf>(solved.x.data(), f).cast<double>();
          ASSERT_LE((x - reference.x).norm(), reference.x_error);
          ASSERT_NEAR(solved.bias, reference.bias, reference.bias_error);
          if (!objective.bias) {
            ASSERT_EQ(solved.bias, 0);
          }
        }
      }
    }
  }
}

TEST(FewRatings, OfRowsOfZerosHaveABiasAlone) {
  Problem problem(5, 100, 10, 1);
  for (Index r = 0; r < 10; ++r) std::ranges::fill(problem.y.row(r), 0.0F);
  const RowObjective objective{{.factors = 1e-38F, .bias = 2}};
  double sum = 0;
  for (Index t = 0; t < 5; ++t) sum += problem.values[t] - 3 - problem.bias[problem.columns[t]];
  for (const Kernels* const table : all_kernels()) {
    const Solved solved = solve(problem, objective, *table);
    for (const float x : solved.x) ASSERT_EQ(x, 0) << table->target;
    EXPECT_NEAR(solved.bias, sum / 7, 1e-5);
  }
}

TEST(FewRatings, AreSolvedTheSameWhateverIsSolvedBeside) {
  constexpr Index kFactors = 130;
  for (const Kernels* const table : all_kernels()) {
    std::vector<Problem> problems;  // of 9 to 16 ratings, which have as many unknowns
    for (Index p = 0; p < table->batch(16); ++p) problems.emplace_back(9 + p % 8, kFactors, 50, p);
    for (Problem& problem : problems) problem.y = problems[0].y;
    for (Problem& problem : problems) problem.bias = problems[0].bias;
    std::vector<Solved> together(problems.size(), {std::vector<float>(kFactors)});
    std::vector<SparseRow> rows;
    std::vector<RowSolution> solutions;
    for (std::size_t p = 0; p < problems.size(); ++p) {
      rows.push_back(problems[p].row());
      solutions.push_back({together[p].x.data(), &together[p].bias});
    }
    RowSolver solver(kFactors, kObjectives[0], *table);
    solver.solve(problems[0].fixed(), rows, solutions, false);
    for (std::size_t p = 0; p < problems.size(); ++p) {
      const Solved alone = solve(problems[p], kObjectives[0], *table);
      ASSERT_EQ(alone.x, together[p].x) << table->target;
      ASSERT_EQ(alone.bias, together[p].bias) << table->target;
    }
  }
}

}  // namespace
}  // namespace palate
