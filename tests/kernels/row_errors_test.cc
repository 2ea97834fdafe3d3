#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"
#include "palate/base/matrix.h"

namespace palate {
namespace {

// A row of ratings of random rows of a random Y, which begins one float off and has a gap between
// its rows.
struct RowErrorsProblem {
  RowErrorsProblem(Index factors, Index count, bool has_weights) : floats(1 + 30 * (factors + 3)) {
    Rng rng(factors * 100 + count);
    const auto normal = [&] { return static_cast<float>(rng.normal()); };
    for (float& value : floats) value = normal();
    y = {floats.data() + 1, 30, factors, factors + std::size_t{3}};
    for (Index t = 0; t < count; ++t) {
      columns.push_back(rng.below(30));
      targets.push_back(normal());
      if (has_weights) weights.push_back(static_cast<float>(rng.uniform()));
    }
    for (Index i = 0; i < factors; ++i) x.push_back(normal());
  }
  RowRatings ratings() const {
    return {{columns, targets}, y, weights.empty() ? nullptr : weights.data()};
  }
  // target_t - x . y_t in double, and the sum of absolute values that rounding is relative to.
  std::pair<double, double> error(std::size_t t, bool has_x) const {
    double error = double{targets[t]};
    double scale = std::abs(error);
    for (std::size_t i = 0; has_x && i < x.size(); ++i) {
      const double product = double{x[i]} * double{y.row(columns[t])[i]};
      error -= product;
      scale += std::abs(product);
    }
    return {error, scale};
  }

  std::vector<float> floats;
  MatrixView y;
  std::vector<Index> columns;
  std::vector<float> targets;
  std::vector<float> weights;
  std::vector<float> x;
};

// Calls body(problem, table) for problems of all sizes.
void for_all(const auto& body) {
  for (const Index f : {1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 33U, 64U, 100U}) {
    for (const Index count : {0U, 1U, 3U, 4U, 5U, 50U}) {
      for (const bool has_weights : {false, true}) {
        const RowErrorsProblem problem(f, count, has_weights);
        for (const Kernels* const table : all_kernels()) {
          SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(f) + " factors, " +
                       std::to_string(count) + " ratings");
          body(problem, *table);
        }
      }
    }
  }
}

TEST(RowErrors, AreTargetsLessProducts) {
  for_all([](const RowErrorsProblem& problem, const Kernels& table) {
    std::vector<float> errors = problem.targets;
    const RowRatings in_place{{problem.columns, errors}, problem.y};
    table.row_errors(in_place, problem.x.data(), errors.data());
    for (std::size_t t = 0; t < errors.size(); ++t) {
      const auto [expected, scale] = problem.error(t, true);
      const double rounding = static_cast<double>(problem.x.size() + 2) * kFloatEpsilon;
      ASSERT_NEAR(errors[t], expected, rounding * scale) << t;
    }
  });
}

TEST(SumErrors, IsTheWeightedSumOfTheRowsTimesTheirErrors) {
  for_all([](const RowErrorsProblem& problem, const Kernels& table) {
    for (const bool has_x : {false, true}) {
      std::vector<float> sum(problem.x.size(), std::numeric_limits<float>::quiet_NaN());
      table.sum_errors(problem.ratings(), has_x ? problem.x.data() : nullptr, sum.data());
      for (std::size_t i = 0; i < sum.size(); ++i) {
        double expected = 0;
        double scale = 0;
        for (std::size_t t = 0; t < problem.columns.size(); ++t) {
          const auto [error, of_error] = problem.error(t, has_x);
          const double weight = problem.weights.empty() ? 1 : double{problem.weights[t]};
          const double factor = weight * double{problem.y.row(problem.columns[t])[i]};
          expected += factor * error;
          scale += std::abs(factor) * of_error;
        }
        const auto size = static_cast<double>(problem.x.size() + problem.columns.size() + 4);
        ASSERT_NEAR(sum[i], expected, size * kFloatEpsilon * scale) << i;
      }
    }
  });
}

}  // namespace
}  // namespace palate
