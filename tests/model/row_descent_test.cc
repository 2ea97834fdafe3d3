#include "model/row_descent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "model/weighted_problem.h"

namespace palate {
namespace {

constexpr Index kAwkwardFactors[] = {1, 2, 7, 16, 17, 40, 130};

// Calls body(problem, objective, table) for problems of all sizes.
void for_all(const auto& body) {
  for (const Index f : kAwkwardFactors) {
    for (const Index n : {1U, 4U, 5U, 60U}) {
      const WeightedProblem problem(n, f, 50, f * 100 + n);
      for (const RowObjective& objective : kWeightedObjectives) {
        for (const Kernels* const table : all_kernels()) {
          SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                       std::to_string(n) + " weights, objective " +
                       std::to_string(&objective - kWeightedObjectives));
          body(problem, objective, *table);
        }
      }
    }
  }
}

std::vector<float> random_start(Index factors) {
  Rng rng(factors);
  std::vector<float> x(factors);
  for (float& value : x) value = static_cast<float>(0.3 * rng.normal());
  return x;
}

// The error that the solver says is left.
double improve(auto solver, const WeightedProblem& problem, std::vector<float>& x) {
  float bias = 0;
  const SparseRow row = problem.row();
  const RowSolution solution{x.data(), &bias};
  return solver.solve(problem.fixed(), {&row, 1}, {&solution, 1}, true);
}

void expect_near(const std::vector<float>& x, const std::vector<double>& expected) {
  double size = 0;
  for (const double value : expected) size = std::max(size, std::abs(value));
  // The second part is the rounding of where x began.
  for (std::size_t p = 0; p < x.size(); ++p)
    ASSERT_NEAR(x[p], expected[p], 1e-4 * size + 1e-6) << p;
}

double error_of(const WeightedProblem& problem, const std::vector<float>& x) {
  double sum = 0;
  for (std::size_t t = 0; t < problem.columns.size(); ++t) {
    const std::span<const float> y = problem.y.row(problem.columns[t]);
    const double e = 1 - std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
    sum += double{problem.weights[t]} * e * e;
  }
  return sum;
}

TEST(ConjugateGradient, OfManyStepsIsTheSolution) {
  for_all([](const WeightedProblem& problem, const RowObjective& objective, const Kernels& table) {
    std::vector<float> x = random_start(problem.y.cols());
    const double error =
        improve(ConjugateGradient(problem.y.cols(), objective, 200, table), problem, x);
    expect_near(x, problem.solution(objective));
    EXPECT_NEAR(error, error_of(problem, x), 1e-4 * (1 + error));
  });
}

TEST(ConjugateGradient, NeedsOneStepMoreThanThereAreWeights) {
  const WeightedProblem problem(2, 40, 50, 1);
  std::vector<float> x(40);
  improve(ConjugateGradient(40, kWeightedObjectives[0], 3), problem, x);
  expect_near(x, problem.solution(kWeightedObjectives[0]));
}

TEST(ConjugateGradient, NeverRaisesTheObjective) {
  for_all([](const WeightedProblem& problem, const RowObjective& objective, const Kernels& table) {
    std::vector<float> x = random_start(problem.y.cols());
    double before = problem.objective_at(x, objective);
    for (const Index steps : {1U, 2U, 3U, 5U}) {
      improve(ConjugateGradient(problem.y.cols(), objective, steps, table), problem, x);
      const double after = problem.objective_at(x, objective);
      EXPECT_LE(after, before * (1 + 1e-6));
      before = after;
    }
  });
}

TEST(Subspace, OfOneBlockIsTheSolution) {
  for_all([](const WeightedProblem& problem, const RowObjective& objective, const Kernels& table) {
    std::vector<float> x = random_start(problem.y.cols());
    const double error = improve(Subspace(problem.y.cols(), objective, 200, table), problem, x);
    expect_near(x, problem.solution(objective));
    EXPECT_NEAR(error, error_of(problem, x), 1e-4 * (1 + error));
  });
}

TEST(Subspace, NeverRaisesTheObjective) {
  for (const Index block : {1U, 3U, 16U}) {
    for_all(
        [&](const WeightedProblem& problem, const RowObjective& objective, const Kernels& table) {
          std::vector<float> x = random_start(problem.y.cols());
          Subspace solver(problem.y.cols(), objective, block, table);
          double before = problem.objective_at(x, objective);
          for (int pass = 0; pass < 4; ++pass) {
            const double error = improve(solver, problem, x);
            EXPECT_NEAR(error, error_of(problem, x), 1e-4 * (1 + error));
            const double after = problem.objective_at(x, objective);
            EXPECT_LE(after, before * (1 + 1e-6));
            before = after;
          }
        });
  }
}

TEST(Subspace, OfManyPassesIsTheSolution) {
  const WeightedProblem problem(5, 40, 50, 1);
  std::vector<float> x = random_start(40);
  Subspace solver(40, kWeightedObjectives[1], 16);
  for (int pass = 0; pass < 200; ++pass) improve(solver, problem, x);
  expect_near(x, problem.solution(kWeightedObjectives[1]));
}

TEST(RowDescent, OfARowDoesNotDependOnTheRowsBeside) {
  constexpr Index kFactors = 40;
  const RowObjective& objective = kWeightedObjectives[0];
  const auto is_the_same = [&](const auto& solver, const Kernels& table) {
    std::vector<WeightedProblem> problems;
    for (Index p = 0; p < solver.batch(1); ++p) {
      problems.emplace_back(1 + 5 * p, kFactors, 50, p);
      problems[p].y = problems[0].y;
      problems[p].axes = problems[0].axes;
    }
    std::vector<std::vector<float>> together(problems.size(), random_start(kFactors));
    std::vector<SparseRow> rows;
    std::vector<RowSolution> solutions;
    float bias = 0;
    for (std::size_t p = 0; p < problems.size(); ++p) {
      rows.push_back(problems[p].row());
      solutions.push_back({together[p].data(), &bias});
    }
    auto own = solver;
    own.solve(problems[0].fixed(), rows, solutions, false);
    for (std::size_t p = 0; p < problems.size(); ++p) {
      std::vector<float> alone = random_start(kFactors);
      improve(solver, problems[p], alone);
      ASSERT_EQ(alone, together[p]) << table.target;
    }
  };
  for (const Kernels* const table : all_kernels()) {
    is_the_same(ConjugateGradient(kFactors, objective, 3, *table), *table);
    is_the_same(Subspace(kFactors, objective, 16, *table), *table);
  }
}

}  // namespace
}  // namespace palate
