#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
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

// Equations to start from: a random positive definite matrix of f factors and a bias.
struct Base {
  Base(Index factors, Rng& rng) {
    const Eigen::Index size = factors + 1;
    const auto normal = [&] { return static_cast<float>(rng.normal()); };
    const Eigen::MatrixXf root = Eigen::MatrixXf::NullaryExpr(size, size, normal);
    matrix = root.transpose() * root;
    matrix.diagonal().array() += 1;
    right = Eigen::VectorXf::NullaryExpr(size, normal);
  }
  // As kernels take it, with NaN where nothing is defined.
  Scratch laid_out(const Kernels& table) const {
    const auto f = static_cast<Index>(right.size() - 1);
    const std::size_t stride = table.equations_stride(f);
    Scratch floats(table.equations_size(f));
    for (Index i = 0; i < f; ++i) {
      floats.data()[i] = matrix(i, f);
      floats.data()[stride + i] = right[i];
      for (Index j = 0; j < f; ++j) {
        floats.data()[(2 + i) * stride + j] =
            j < i ? std::numeric_limits<float>::quiet_NaN() : matrix(i, j);
      }
    }
    return floats;
  }

  Eigen::MatrixXf matrix;
  Eigen::VectorXf right;
};

// What a row may have beside its ratings.
struct Extras {
  bool weights = false;
  bool base = false;
};
constexpr Extras kExtras[] = {{}, {.weights = true}, {.base = true}, {true, true}};

// A row of `count` ratings of random rows of a random Y. A sixth of the weights is zero.
struct LeastSquares {
  LeastSquares(Index factors, Index count, std::uint64_t seed, Extras extras = {},
               Index rows_of_y = 50)
      : y(rows_of_y, factors) {
    Rng rng(seed);
    for (Index r = 0; r < y.rows(); ++r) {
      for (float& value : y.row(r)) value = static_cast<float>(rng.normal());
    }
    for (Index t = 0; t < count; ++t) {
      columns.push_back(rng.below(y.rows()));
      targets.push_back(static_cast<float>(rng.normal()));
      if (extras.weights) weights.push_back(static_cast<float>(std::max(0.0, 1 + rng.normal())));
    }
    if (extras.base) base.emplace(factors, rng);
  }
  RowRatings ratings() const {
    return {.row = {columns, targets},
            .y = y.view(),
            .weights = weights.empty() ? nullptr : weights.data()};
  }
  double weight(std::size_t t) const { return weights.empty() ? 1 : weights[t]; }
  // n and target_sum of RowEquations
  double count() const {
    double sum = base ? base->matrix(y.cols(), y.cols()) : 0;
    for (std::size_t t = 0; t < targets.size(); ++t) sum += weight(t);
    return sum;
  }
  double target_sum() const {
    double sum = base ? base->right[y.cols()] : 0;
    for (std::size_t t = 0; t < targets.size(); ++t) sum += weight(t) * targets[t];
    return sum;
  }

  Matrix y;
  std::vector<Index> columns;
  std::vector<float> targets;
  std::vector<float> weights;  // empty: none
  std::optional<Base> base;
};

// Into a matrix that is NaN before.
Scratch row_equations(const Kernels& table, const RowRatings& ratings, const float* base) {
  const std::size_t size = table.equations_size(ratings.y.cols);
  Scratch matrix(size);
  std::fill_n(matrix.data(), size, std::numeric_limits<float>::quiet_NaN());
  table.row_equations(ratings, base, matrix.data());
  return matrix;
}

// With the problem's own base.
Scratch row_equations(const Kernels& table, const LeastSquares& problem) {
  if (!problem.base) return row_equations(table, problem.ratings(), nullptr);
  return row_equations(table, problem.ratings(), problem.base->laid_out(table).data());
}

// G, s and c in double, and of each the sum of absolute values that rounding is relative to.
struct NormalEquations {
  explicit NormalEquations(const LeastSquares& problem) {
    const auto f = static_cast<Eigen::Index>(problem.y.cols());
    const auto n = static_cast<Eigen::Index>(problem.columns.size());
    Eigen::MatrixXd y(n, f);
    Eigen::VectorXd targets(n);
    Eigen::VectorXd weights(n);
    for (Eigen::Index t = 0; t < n; ++t) {
      const auto at = static_cast<std::size_t>(t);
      for (Eigen::Index i = 0; i < f; ++i)
        y(t, i) = problem.y.row(problem.columns[at])[static_cast<std::size_t>(i)];
      targets[t] = problem.targets[at];
      weights[t] = problem.weight(at);
    }
    const Eigen::MatrixXd weighted = weights.asDiagonal() * y;
    gram = weighted.transpose() * y;
    s = weighted.colwise().sum();
    c = weighted.transpose() * targets;
    gram_scale = weighted.cwiseAbs().transpose() * y.cwiseAbs();
    s_scale = weighted.cwiseAbs().colwise().sum();
    c_scale = weighted.cwiseAbs().transpose() * targets.cwiseAbs();
    target_sum = problem.target_sum();
    count = problem.count();
    if (!problem.base) return;
    const Eigen::MatrixXd matrix = problem.base->matrix.cast<double>();
    const Eigen::VectorXd right = problem.base->right.cast<double>();
    gram += matrix.topLeftCorner(f, f);
    s += matrix.col(f).head(f);
    c += right.head(f);
    gram_scale += matrix.topLeftCorner(f, f).cwiseAbs();
    s_scale += matrix.col(f).head(f).cwiseAbs();
    c_scale += right.head(f).cwiseAbs();
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
      for (const Extras extras : {Extras{}, kExtras[1 + (f + count) % 3]}) {
        const LeastSquares problem(f, count, f * 1000 + count, extras);
        const NormalEquations reference(problem);
        for (const Kernels* const table : all_kernels()) {
          SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                       std::to_string(count) + " ratings" + (extras.weights ? ", weights" : "") +
                       (extras.base ? ", base" : ""));
          const std::size_t stride = table->equations_stride(f);
          Scratch matrix = row_equations(*table, problem);
          // A sum of n weighted products and a base, in any order, is off by at most n + 2
          // roundings of the sum of their absolute values.
          const double rounding = (count + 2) * kFloatEpsilon;
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
}

// Whether two matrices of equations have the same bits where they are defined.
bool same_bits(const Kernels& table, Index f, Scratch a, Scratch b) {
  for (Index p = 0; p < 2 + f; ++p) {
    const Index first = p < 2 ? 0 : p - 2;
    const std::size_t begin = p * table.equations_stride(f) + first;
    if (std::memcmp(a.data() + begin, b.data() + begin, (f - first) * sizeof(float)) != 0)
      return false;
  }
  return true;
}

constexpr Index kAwkwardFactors[] = {1, 3, 7, 8, 15, 16, 17, 31, 33, 64, 65, 97, 130};

TEST(RowEquations, WithWeightsOfOneAndABaseOfZerosAreThoseWithout) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : kAwkwardFactors) {
      for (const Index count : {0U, 1U, 2U, 33U, 300U}) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                     std::to_string(count) + " ratings");
        const LeastSquares problem(f, count, f + count);
        const std::vector<float> ones(count, 1.0F);
        Scratch zeros(table->equations_size(f));
        const RowRatings ratings = problem.ratings();
        const RowRatings weighted{ratings.row, ratings.y, ones.data()};
        const auto is_the_same = [&](const RowRatings& others, const float* base) {
          return same_bits(*table, f, row_equations(*table, others, base),
                           row_equations(*table, ratings, nullptr));
        };
        ASSERT_TRUE(is_the_same(weighted, nullptr));
        ASSERT_TRUE(is_the_same(ratings, zeros.data()));
        ASSERT_TRUE(is_the_same(weighted, zeros.data()));
      }
    }
  }
}

TEST(RowEquations, MayHaveWeightsWhereARowFillsAChunk) {
  constexpr Index kFactors = 2500;
  const LeastSquares problem(kFactors, 3, 1);
  const std::vector<float> ones(3, 1.0F);
  const RowRatings ratings = problem.ratings();
  for (const Kernels* const table : all_kernels()) {
    EXPECT_TRUE(same_bits(*table, kFactors, row_equations(*table, ratings, nullptr),
                          row_equations(*table, {ratings.row, ratings.y, ones.data()}, nullptr)))
        << table->target;
  }
}

TEST(RowEquations, OfSomeRatingsAreABaseForTheOthers) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : kAwkwardFactors) {
      const LeastSquares problem(f, 150, f, {.weights = true});
      const auto part = [&](std::size_t first, std::size_t count, const float* base) {
        const RowRatings all = problem.ratings();
        const SparseRow row{all.row.columns.subspan(first, count),
                            all.row.values.subspan(first, count)};
        return row_equations(*table, {row, all.y, all.weights + first}, base);
      };
      Scratch some = part(0, 70, nullptr);
      Scratch as_many = part(70, 0, some.data());
      ASSERT_TRUE(same_bits(*table, f, part(70, 80, as_many.data()), part(0, 150, nullptr)))
          << table->target << ", " << f << " factors";
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
      const RowRatings ratings = problem.ratings();
      ASSERT_TRUE(same_bits(*table, f, row_equations(*table, ratings, nullptr),
                            row_equations(*table, {ratings.row, view}, nullptr)))
          << table->target;
    }
  }
}

// Solves `problems` in one call, with a regularization for each, and `bias_share` times as much for
// its bias.
std::vector<std::vector<float>> solve(const Kernels& table,
                                      const std::vector<LeastSquares>& problems,
                                      const std::vector<float>& regularizations,
                                      float bias_share = 3) {
  const Index f = problems[0].y.cols();
  std::vector<Scratch> matrices;
  std::vector<RowEquations> equations;
  std::vector<RowSolution> solutions;
  std::vector<std::vector<float>> results(problems.size(), std::vector<float>(f + 1));
  for (std::size_t p = 0; p < problems.size(); ++p) {
    matrices.push_back(row_equations(table, problems[p]));
    equations.push_back({matrices[p].data(), static_cast<float>(problems[p].count()),
                         static_cast<float>(problems[p].target_sum()), regularizations[p],
                         bias_share * regularizations[p]});
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
    const std::size_t systems = f > 96 ? 4 : 16;
    std::vector<LeastSquares> problems;
    std::vector<float> regularizations;
    std::vector<Eigen::MatrixXd> matrices;
    std::vector<Eigen::VectorXd> rights;
    std::vector<double> norms;
    for (Index p = 0; p < systems; ++p) {
      // The first has no ratings at all, the third none but a base.
      problems.emplace_back(f, p == 2 ? 0 : p * 15, f * 100 + p, kExtras[p % 4]);
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

TEST(SolveRows, LeavesTheBiasOutWhereItsRegularizationIsInfinite) {
  for (const Index f : kAwkwardFactors) {
    for (const Kernels* const table : all_kernels()) {
      std::vector<LeastSquares> problems;
      for (Index p = 0; p < table->batch(f); ++p)
        problems.emplace_back(f, p * 15, f * 100 + p, kExtras[(p + 1) % 4]);
      const std::vector<float> regularizations(problems.size(), 0.5F);
      const auto results = solve(*table, problems, regularizations, kInfinity);
      for (std::size_t p = 0; p < problems.size(); ++p) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, system " +
                     std::to_string(p));
        const NormalEquations reference(problems[p]);
        Eigen::MatrixXd matrix = reference.gram;
        matrix.diagonal().array() += 0.5;
        const Eigen::VectorXd x =
            Eigen::Map<const Eigen::VectorXf>(results[p].data(), f).cast<double>();
        // as in LeavesNoResidual
        const auto size = static_cast<double>(f + problems[p].columns.size() + 1);
        const double bound =
            4 * size * kFloatEpsilon * (matrix.norm() * x.norm() + reference.c.norm());
        ASSERT_LE((matrix * x - reference.c).norm(), bound);
        ASSERT_EQ(results[p][f], 0);
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
      std::vector<LeastSquares> problems{LeastSquares(f, 1000, 3, {}, 5)};
      const std::vector<float> result = solve(*table, problems, {1e-30F})[0];
      for (const float value : result) ASSERT_TRUE(std::isfinite(value)) << table->target;
    }
  }
}

TEST(SquaredError, IsASumOverTheRatings) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : {1U, 3U, 8U, 17U, 64U, 100U}) {
      for (const bool weighted : {false, true}) {
        const LeastSquares problem(f, 90, f, {.weights = weighted});
        std::vector<float> x(f);
        Rng rng(1);
        for (float& value : x) value = static_cast<float>(rng.normal());
        double expected = 0;
        double scale = 0;
        for (std::size_t t = 0; t < problem.columns.size(); ++t) {
          const auto yt = problem.y.row(problem.columns[t]);
          const double error =
              problem.targets[t] - 0.25 - std::inner_product(yt.begin(), yt.end(), x.begin(), 0.0);
          expected += problem.weight(t) * error * error;
          scale +=
              problem.weight(t) * std::abs(error) * (1 + std::abs(problem.targets[t]) + f * 10.0);
        }
        EXPECT_NEAR(table->squared_error(problem.ratings(), x.data(), 0.25F), expected,
                    (f + 3) * kFloatEpsilon * scale)
            << table->target;
      }
    }
  }
}

TEST(SquaredError, WithWeightsOfOneIsThatWithout) {
  for (const Kernels* const table : all_kernels()) {
    for (const Index f : kAwkwardFactors) {
      const LeastSquares problem(f, 90, f);
      const std::vector<float> ones(90, 1.0F);
      const std::vector<float> x(f, 0.3F);
      RowRatings ratings = problem.ratings();
      const double expected = table->squared_error(ratings, x.data(), 0.25F);
      ratings.weights = ones.data();
      EXPECT_EQ(table->squared_error(ratings, x.data(), 0.25F), expected) << table->target;
    }
  }
}

}  // namespace
}  // namespace palate
