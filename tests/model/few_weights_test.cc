#include "model/few_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "model/few_ratings.h"
#include "model/weighted_problem.h"

namespace palate {
namespace {

std::vector<float> solved(const WeightedProblem& problem, const RowObjective& objective,
                          const Kernels& table) {
  std::vector<float> x(problem.y.cols(), 7);
  float bias = 7;
  const SparseRow row = problem.row();
  const RowSolution solution{x.data(), &bias};
  RowSolver(problem.y.cols(), objective, table, true)
      .solve(problem.fixed(), {&row, 1}, {&solution, 1}, false);
  EXPECT_EQ(bias, 0);
  return x;
}

TEST(FewWeights, HaveTheSolutionOfTheEquationsOfTheFactors) {
  for (const Index f : {1U, 16U, 32U, 33U, 64U, 65U, 100U}) {
    std::vector<Index> counts{1, 2, 7, 8, 9, 16, 17};
    Index most = 0;  // so many weights are few
    while (num_unknowns(most + 1, f) < f) ++most;
    counts.insert(counts.end(), {most, most + 1, 2 * f});
    for (const Index n : counts) {
      if (n == 0) continue;
      // Different rows, or few that are repeated.
      const WeightedProblem problem(n, f, (n + f) % 2 == 0 ? 400 : 3, f * 1000 + n);
      for (const RowObjective& objective : kWeightedObjectives) {
        const std::vector<double> expected = problem.solution(objective);
        double size = 0;
        for (const double value : expected) size = std::max(size, std::abs(value));
        for (const Kernels* const table : all_kernels()) {
          const std::vector<float> x = solved(problem, objective, *table);
          for (Index p = 0; p < f; ++p) {
            ASSERT_NEAR(x[p], expected[p], 1e-4 * size)
                << table->target << ", " << f << " factors, " << n << " weights, objective "
                << &objective - kWeightedObjectives;
          }
        }
      }
    }
  }
}

TEST(FewWeights, AreFiniteWhereRegularizationVanishes) {
  WeightedProblem problem(5, 64, 400, 1);
  std::ranges::fill(problem.axes, 0.0F);
  const RowObjective objective{.ridge = {.factors = 1e-38F}, .bias = false, .unobserved = 1e-38F};
  const std::vector<double> expected = problem.solution(objective);
  for (const Kernels* const table : all_kernels()) {
    const std::vector<float> x = solved(problem, objective, *table);
    for (Index p = 0; p < 64; ++p) ASSERT_NEAR(x[p], expected[p], 1e-2) << table->target;
  }
  for (Index r = 0; r < problem.y.rows(); ++r) std::ranges::fill(problem.y.row(r), 0.0F);
  for (const float value : solved(problem, objective, kernels())) EXPECT_EQ(value, 0);
}

TEST(FewWeights, AreSolvedTheSameWhateverIsSolvedBeside) {
  constexpr Index kFactors = 70;
  const RowObjective& objective = kWeightedObjectives[0];
  for (const Kernels* const table : all_kernels()) {
    std::vector<WeightedProblem> problems;  // of 9 to 16 weights, which have as many unknowns
    for (Index p = 0; p < table->batch(16); ++p) {
      problems.emplace_back(9 + p % 8, kFactors, 50, p);
      problems[p].y = problems[0].y;
      problems[p].axes = problems[0].axes;
    }
    std::vector<std::vector<float>> together(problems.size(), std::vector<float>(kFactors));
    std::vector<SparseRow> rows;
    std::vector<RowSolution> solutions;
    float bias = 0;
    for (std::size_t p = 0; p < problems.size(); ++p) {
      rows.push_back(problems[p].row());
      solutions.push_back({together[p].data(), &bias});
    }
    RowSolver(kFactors, objective, *table, true).solve(problems[0].fixed(), rows, solutions, false);
    for (std::size_t p = 0; p < problems.size(); ++p)
      ASSERT_EQ(solved(problems[p], objective, *table), together[p]) << table->target;
  }
}

}  // namespace
}  // namespace palate
