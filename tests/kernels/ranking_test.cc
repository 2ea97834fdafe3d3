#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"
#include "palate/base/matrix.h"

namespace palate {
namespace {

// Scores between -5 and 5, of which some do not count, with a gap between their rows.
struct SoftmaxProblem {
  SoftmaxProblem(Index negatives, Index pairs)
      : rows(negatives), columns(pairs), stride(pairs + 3), sampled(negatives * stride) {
    Rng rng(negatives * 100 + pairs);
    const auto score = [&] { return static_cast<float>(10 * rng.uniform() - 5); };
    for (float& one : sampled) one = rng.below(8) == 0 ? kNoScore : score();
    for (Index t = 0; t < pairs; ++t) {
      chosen.push_back(score());
      weights.push_back(static_cast<float>(rng.uniform()));
    }
  }
  SampledScores scores() {
    return {sampled.data(), stride, rows, columns, chosen.data(), weights.data()};
  }

  Index rows;
  Index columns;
  std::size_t stride;
  std::vector<float> sampled;
  std::vector<float> chosen;
  std::vector<float> weights;
};

TEST(SoftmaxGradients, AreTheSharesOfTheSum) {
  for (const Index negatives : {1U, 2U, 7U, 100U}) {
    for (const Index pairs : {1U, 3U, 4U, 8U, 15U, 16U, 17U, 32U, 45U}) {
      const SoftmaxProblem before(negatives, pairs);
      for (const Kernels* const table : all_kernels()) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(negatives) +
                     " negatives, " + std::to_string(pairs) + " pairs");
        SoftmaxProblem after = before;
        const double loss = table->softmax_gradients(after.scores());
        // A share is the quotient of a power and of a sum of powers; the power's argument, up to
        // 10, is rounded, and so is each term of the sum.
        const double rounding = (20 + negatives) * kFloatEpsilon;
        double expected_loss = 0;
        for (Index t = 0; t < pairs; ++t) {
          double others = 0;
          for (Index j = 0; j < negatives; ++j)
            others += std::exp(double{before.sampled[j * before.stride + t]});
          const double all = others + std::exp(double{before.chosen[t]});
          const double weight = double{before.weights[t]};
          expected_loss += weight * (std::log(all) - double{before.chosen[t]});
          ASSERT_NEAR(after.chosen[t], weight * others / all, rounding) << t;
          for (Index j = 0; j < negatives; ++j) {
            const std::size_t place = j * before.stride + t;
            const double share = std::exp(double{before.sampled[place]}) / all;
            ASSERT_NEAR(after.sampled[place], weight * share, rounding) << j << ", " << t;
          }
        }
        EXPECT_NEAR(loss, expected_loss, pairs * 10 * rounding);
        for (Index j = 0; j < negatives; ++j) {
          for (std::size_t gap = j * before.stride + pairs; gap < (j + 1) * before.stride; ++gap)
            ASSERT_EQ(after.sampled[gap], before.sampled[gap]) << "not a score";
        }
      }
    }
  }
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Rows 2, 0, 5 and 3 of X beside none, one, two and seven rows of Y.
struct GroupsProblem {
  explicit GroupsProblem(Index f, bool unit) : x(6, f), y(9, f) {
    Rng rng(f);
    const auto normal = [&] { return static_cast<float>(rng.normal()); };
    for (Index r = 0; r < y.rows(); ++r) std::ranges::generate(y.row(r), normal);
    for (Index r = 0; r < x.rows(); ++r) {
      std::ranges::generate(x.row(r), normal);
      const std::vector<double> row = row_of(x, r);
      for (float& one : x.row(r)) one /= unit ? static_cast<float>(std::sqrt(dot(row, row))) : 1;
    }
    for (Index& other : others) other = rng.below(y.rows());
    std::ranges::generate(multiples, normal);
    for (float& weight : weights) weight = static_cast<float>(rng.uniform());
  }
  static std::vector<double> row_of(const Matrix& matrix, Index row) {
    return std::vector<double>(matrix.row(row).begin(), matrix.row(row).end());
  }
  RowGroups groups() const { return {rows, starts.data(), others.data()}; }

  Matrix x;
  Matrix y;
  std::vector<Index> rows{2, 0, 5, 3};
  std::vector<Index> starts{0, 0, 1, 3, 10};
  std::vector<Index> others = std::vector<Index>(10);
  std::vector<float> multiples = std::vector<float>(10);
  std::vector<float> weights = std::vector<float>(4);
};

constexpr std::array<Index, 9> kLengths{1, 2, 7, 16, 17, 32, 33, 64, 100};

TEST(Products, AreThoseOfTheRows) {
  for (const Index f : kLengths) {
    const GroupsProblem problem(f, false);
    for (const Kernels* const table : all_kernels()) {
      SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors");
      std::vector<float> found(problem.others.size());
      table->products(problem.groups(), problem.x.view(), problem.y.view(), found.data());
      for (std::size_t n = 0; n < problem.rows.size(); ++n) {
        const std::vector<double> x = GroupsProblem::row_of(problem.x, problem.rows[n]);
        for (Index p = problem.starts[n]; p < problem.starts[n + 1]; ++p) {
          const std::vector<double> y = GroupsProblem::row_of(problem.y, problem.others[p]);
          const double rounding = f * kFloatEpsilon * std::sqrt(dot(x, x) * dot(y, y));
          ASSERT_NEAR(found[p], dot(x, y), rounding) << n << ", " << p;
        }
      }
    }
  }
}

TEST(Descend, TakesTheStepsOfTheFormula) {
  for (const Index f : kLengths) {
    for (const bool unit : {false, true}) {
      const GroupsProblem before(f, unit);
      const RowDescent step{.multiples = before.multiples.data(),
                            .weights = before.weights.data(),
                            .learning_rate = 0.3F,
                            .regularization = 0.1F,
                            .unit = unit};
      for (const Kernels* const table : all_kernels()) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors" +
                     (unit ? ", unit" : ""));
        Matrix moved = before.x;
        std::vector<float> sums(before.x.rows(), 2);
        table->descend(before.groups(), step, before.y.view(), moved.view(), sums.data());
        const double rounding = (f + 20.0) * kFloatEpsilon;
        for (std::size_t n = 0; n < before.rows.size(); ++n) {
          const Index row = before.rows[n];
          std::vector<double> expected = GroupsProblem::row_of(before.x, row);
          std::vector<double> g(f);
          for (Index i = 0; i < f; ++i) {
            g[i] = double{step.regularization} * double{before.weights[n]} * expected[i];
            for (Index p = before.starts[n]; p < before.starts[n + 1]; ++p)
              g[i] += double{before.multiples[p]} * double{before.y.row(before.others[p])[i]};
          }
          const double along = unit ? dot(g, expected) : 0;
          for (Index i = 0; i < f; ++i) g[i] -= along * expected[i];
          const double squares = 2 + dot(g, g);
          for (Index i = 0; i < f; ++i)
            expected[i] -= double{step.learning_rate} / std::sqrt(squares) * g[i];
          const double scale = unit ? 1 / std::sqrt(dot(expected, expected)) : 1;
          EXPECT_NEAR(sums[row], squares, rounding * squares);
          for (Index i = 0; i < f; ++i)
            ASSERT_NEAR(moved.row(row)[i], scale * expected[i], 4 * rounding) << n << ", " << i;
        }
        for (const Index other : {1U, 4U}) {
          EXPECT_EQ(sums[other], 2) << "a row in no group";
          EXPECT_TRUE(std::ranges::equal(moved.row(other), before.x.row(other)));
        }
      }
    }
  }
}

}  // namespace
}  // namespace palate
