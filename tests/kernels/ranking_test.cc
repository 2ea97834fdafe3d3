#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
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

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(Descend, TakesTheStepOfTheFormula) {
  for (const Index f : {1U, 2U, 7U, 16U, 17U, 33U, 64U, 100U}) {
    for (const bool unit : {false, true}) {
      for (const Index count : {0U, 1U, 5U}) {
        Rng rng(f * 10 + count);
        const auto normal = [&] { return static_cast<float>(rng.normal()); };
        Matrix y(9, f);
        for (Index r = 0; r < y.rows(); ++r) std::ranges::generate(y.row(r), normal);
        std::vector<Index> columns(count);
        std::vector<float> targets(count);
        for (Index& column : columns) column = rng.below(y.rows());
        std::ranges::generate(targets, normal);
        std::vector<float> x(f);
        std::ranges::generate(x, normal);
        double length = 0;
        for (const float one : x) length += double{one} * double{one};
        for (float& one : x) one /= unit ? static_cast<float>(std::sqrt(length)) : 1.0F;
        const RowDescent step{.learning_rate = 0.3F, .regularization = 0.1F, .unit = unit};

        std::vector<double> expected(x.begin(), x.end());
        std::vector<double> g(f);
        for (Index i = 0; i < f; ++i) {
          g[i] = double{step.regularization} * expected[i];
          for (Index t = 0; t < count; ++t)
            g[i] += double{targets[t]} * double{y.row(columns[t])[i]};
        }
        const double along = unit ? dot(g, expected) : 0;
        for (Index i = 0; i < f; ++i) g[i] -= along * expected[i];
        const double squares = 2 + dot(g, g);
        for (Index i = 0; i < f; ++i)
          expected[i] -= double{step.learning_rate} / std::sqrt(squares) * g[i];
        const double scale = unit ? 1 / std::sqrt(dot(expected, expected)) : 1;

        for (const Kernels* const table : all_kernels()) {
          SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                       std::to_string(count) + " rows" + (unit ? ", unit" : ""));
          std::vector<float> moved = x;
          float sum = 2;
          table->descend({{columns, targets}, std::as_const(y).view()}, step, moved.data(), &sum);
          const double rounding = (f + 10.0) * kFloatEpsilon;
          EXPECT_NEAR(sum, squares, rounding * squares);
          for (Index i = 0; i < f; ++i)
            ASSERT_NEAR(moved[i], scale * expected[i], 4 * rounding) << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace palate
