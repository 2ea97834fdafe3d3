#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"
#include "palate/base/matrix.h"

namespace palate {
namespace {

// Memory that begins at a multiple of 64 bytes.
class Scratch {
 public:
  explicit Scratch(std::size_t floats) : matrix_(1, static_cast<Index>(floats)) {}
  float* data() { return matrix_.data(); }

 private:
  Matrix matrix_;
};

// A row of `count` ratings of random rows of a random Y.
struct LeastSquares {
  LeastSquares(Index factors, Index count, std::uint64_t seed, Index rows_of_y = 50)
      : y(rows_of_y, factors) {
    Rng rng(seed);
    for (Index r = 0; r < y.rows(); ++r) {
      for (float& value : y.row(r)) value = static_cast<float>(rng.normal());
    }
    for (Index t = 0; t < count; ++t) {
      columns.push_back(rng.below(y.rows()));
      targets.push_back(static_cast<float>(rng.normal()));
    }
  }
  SparseRow row() const { return {columns, targets}; }

  Matrix y;
  std::vector<Index> columns;
  std::vector<float> targets;
};

// Y^T Y, s and c in double, and of each the sum of absolute values that rounding is relative to.
struct NormalEquations {
  explicit NormalEquations(const LeastSquares& problem) {
    const auto f = static_cast<Eigen::Index>(problem.y.cols());
    const auto n = static_cast<Eigen::Index>(problem.columns.size());
    Eigen::MatrixXd y(n, f);
    Eigen::VectorXd targets(n);
    for (Eigen::Index t = 0; t < n; ++t) {
      const auto at = static_cast<std::size_t>(t);
      for (Eigen::Index i = 0; i < f; ++i)
        y(t, i) = problem.y.row(problem.columns[at])[static_cast<std::size_t>(i)];
      targets[t] = problem.targets[at];
    }
    gram = y.transpose() * y;
    s = y.colwise().sum();
    c = y.transpose() * targets;
    gram_scale = y.cwiseAbs().transpose() * y.cwiseAbs();
    s_scale = y.cwiseAbs().colwise().sum();
    c_scale = y.cwiseAbs().transpose() * targets.cwiseAbs();
    target_sum = targets.sum();
    count = static_cast<double>(n);
  }
  // The whole bordered system.
  Eigen::MatrixXd bordered(double regularization, double bias_regularization) const {
    const Eigen::Index f = gram.rows();
    Eigen::MatrixXd a(f + 1, f + 1);
    a << gram, s, s.transpose(), count;
    a.diagonal().head(f).array() += regularization;
    a(f, f) += bias_regularization;
    return a;
  }
  Eigen::VectorXd right() const {
    Eigen::VectorXd b(c.size() + 1);
    b << c, target_sum;
    return b;
  }

  Eigen::MatrixXd gram, gram_scale;
  Eigen::VectorXd s, c, s_scale, c_scale;
  double target_sum = 0;
  double count = 0;
};

TEST(RowEquations, AreSumsOverTheRatings) {
  for (const Index f : {1U,  2U,  3U,  4U,  5U,  7U,  8U,  9U,  12U,  15U,  16U, 17U,
                        23U, 24U, 31U, 32U, 33U, 48U, 64U, 65U, 100U, 128U, 150U}) {
    for (const Index count : {0U, 1U, 2U, 31U, 64U, 65U, 150U}) {
      const LeastSquares problem(f, count, f * 1000 + count);
      const NormalEquations reference(problem);
      for (const Kernels* const table : all_kernels()) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                     std::to_string(count) + " ratings");
        const std::size_t stride = table->equations_stride(f);
        Scratch matrix(table->equations_size(f));
        std::fill_n(matrix.data(), table->equations_size(f),
                    std::numeric_limits<float>::quiet_NaN());
        table->row_equations(problem.row(), problem.y.view(), matrix.data());
        // A sum of n products, in any order, is off by at most n roundings of the sum of their
        // absolute values.
        const double rounding = (count + 1) * kFloatEpsilon;
        const auto is_near = [&](float sum, double expected, double scale) {
          return std::abs(static_cast<double>(sum) - expected) <= rounding * scale;
        };
        for (Index i = 0; i < f; ++i) {
          ASSERT_TRUE(is_near(matrix.data()[i], reference.s[i], reference.s_scale[i])) << i;
          ASSERT_TRUE(is_near(matrix.data()[stride + i], reference.c[i], reference.c_scale[i]))
              << i;
          bool all_near = true;
          for (Index j = i; j < f; ++j) {
            all_near &= is_near(matrix.data()[(2 + i) * stride + j], reference.gram(i, j),
                                reference.gram_scale(i, j));
          }
          ASSERT_TRUE(all_near) << i;
        }
      }
    }
  }
}

TEST(RowEquations, DoNotNeedAlignedOrPaddedRows) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : {3U, 8U, 17U}) {
      const LeastSquares problem(f, 70, f);
      // The same Y one float further, its rows without a gap, in a block that ends where Y ends.
      std::vector<float> shifted(1 + problem.y.rows() * f);
      for (Index r = 0; r < problem.y.rows(); ++r)
        std::ranges::copy(problem.y.row(r), shifted.begin() + 1 + r * f);
      const MatrixView view{shifted.data() + 1, problem.y.rows(), f, f};
      Scratch expected(table->equations_size(f));
      Scratch actual(table->equations_size(f));
      table->row_equations(problem.row(), problem.y.view(), expected.data());
      table->row_equations(problem.row(), view, actual.data());
      for (std::size_t i = 0; i < table->equations_stride(f) * 2; ++i)
        ASSERT_EQ(actual.data()[i], expected.data()[i]) << table->target;
    }
  }
}

// Solves `problems` in one call, with a regularization for each, and three times as much for its
// bias.
std::vector<std::vector<float>> solve(const Kernels& table,
                                      const std::vector<LeastSquares>& problems,
                                      const std::vector<float>& regularizations) {
  const Index f = problems[0].y.cols();
  std::vector<Scratch> matrices;
  std::vector<RowEquations> equations;
  std::vector<RowSolution> solutions;
  std::vector<std::vector<float>> results(problems.size(), std::vector<float>(f + 1));
  for (std::size_t p = 0; p < problems.size(); ++p) {
    matrices.emplace_back(table.equations_size(f));
    table.row_equations(problems[p].row(), problems[p].y.view(), matrices[p].data());
    const float sum = std::accumulate(problems[p].targets.begin(), problems[p].targets.end(), 0.0F);
    equations.push_back({matrices[p].data(), static_cast<float>(problems[p].columns.size()), sum,
                         regularizations[p], 3 * regularizations[p]});
    solutions.push_back({results[p].data(), results[p].data() + f});
  }
  Scratch scratch(table.solve_scratch(f));
  table.solve_rows(equations.data(), static_cast<Index>(problems.size()), f, solutions.data(),
                   scratch.data());
  return results;
}

TEST(SolveRows, LeavesNoResidual) {
  for (const Index f :
       {1U, 2U, 3U, 4U, 5U, 8U, 10U, 16U, 17U, 32U, 63U, 64U, 96U, 97U, 128U, 130U, 150U}) {
    const std::size_t systems = f > 96 ? 3 : 16;
    std::vector<LeastSquares> problems;
    std::vector<float> regularizations;
    std::vector<Eigen::MatrixXd> matrices;
    std::vector<Eigen::VectorXd> rights;
    std::vector<double> norms;
    for (Index p = 0; p < systems; ++p) {
      problems.emplace_back(f, p * 15, f * 100 + p);  // the first has no ratings at all
      regularizations.push_back(0.5F + static_cast<float>(p));
      const NormalEquations reference(problems[p]);
      matrices.push_back(reference.bordered(regularizations[p], 3 * regularizations[p]));
      rights.push_back(reference.right());
      norms.push_back(matrices[p].norm());
    }
    for (const Kernels* const table : all_kernels()) {
      for (const std::size_t together :
           std::set<std::size_t>{1, table->batch(f) / 2 + 1, table->batch(f)}) {
        for (std::size_t first = 0; first < systems; first += together) {
          const std::size_t end = std::min(first + together, systems);
          const auto some = [&]<class T>(const std::vector<T>& all) {
            return std::vector<T>(&all[first], &all[first] + (end - first));
          };
          const std::vector<std::vector<float>> results =
              solve(*table, some(problems), some(regularizations));
          for (std::size_t p = first; p < end; ++p) {
            SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) +
                         " factors, system " + std::to_string(p));
            const std::vector<float>& result = results[p - first];
            Eigen::VectorXd x(f + 1);
            for (Index i = 0; i <= f; ++i) x[i] = result[i];
            // Backward stability of Cholesky: |A x - b| <= c (n + f) eps |A| |x|, and as much again
            // for the sums that A and b are.
            const auto size = static_cast<double>(f + problems[p].columns.size() + 1);
            const double bound =
                4 * size * kFloatEpsilon * (norms[p] * x.norm() + rights[p].norm());
            ASSERT_LE((matrices[p] * x - rights[p]).norm(), bound);
            ASSERT_EQ(x.isZero(0), p == 0);
          }
        }
      }
    }
  }
}

TEST(SolveRows, DoesNotDependOnTheSystemsBeside) {
  for (const Kernels* const table : all_kernels()) {
    std::vector<LeastSquares> problems;
    for (Index p = 0; p < table->lanes; ++p) problems.emplace_back(20, 10 + p, p);
    const std::vector<float> regularizations(problems.size(), 0.1F);
    const auto together = solve(*table, problems, regularizations);
    for (std::size_t p = 0; p < problems.size(); ++p) {
      ASSERT_EQ(solve(*table, {problems[p]}, {0.1F})[0], together[p]) << table->target;
    }
  }
}

TEST(SolveRows, StaysFiniteWhereRoundingMakesTheMatrixIndefinite) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : {40U, 120U}) {
      // Many ratings of few different rows: a singular Gram matrix, next to which the
      // regularization vanishes.
      std::vector<LeastSquares> problems{LeastSquares(f, 1000, 3, 5)};
      const std::vector<float> result = solve(*table, problems, {1e-30F})[0];
      for (const float value : result) ASSERT_TRUE(std::isfinite(value)) << table->target;
    }
  }
}

TEST(SquaredError, IsASumOverTheRatings) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : {1U, 3U, 8U, 17U, 64U, 100U}) {
      const LeastSquares problem(f, 90, f);
      std::vector<float> x(f);
      Rng rng(1);
      for (float& value : x) value = static_cast<float>(rng.normal());
      double expected = 0;
      double scale = 0;
      for (std::size_t t = 0; t < problem.columns.size(); ++t) {
        const auto yt = problem.y.row(problem.columns[t]);
        const double error =
            problem.targets[t] - 0.25 - std::inner_product(yt.begin(), yt.end(), x.begin(), 0.0);
        expected += error * error;
        scale += std::abs(error) * (1 + std::abs(problem.targets[t]) + f * 10.0);
      }
      EXPECT_NEAR(table->squared_error(problem.row(), problem.y.view(), x.data(), 0.25F), expected,
                  (f + 3) * kFloatEpsilon * scale)
          << table->target;
    }
  }
}

}  // namespace
}  // namespace palate
