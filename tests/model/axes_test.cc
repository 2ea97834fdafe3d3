#include "model/axes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"

namespace palate {
namespace {

Matrix random_matrix(Index rows, Index columns, std::uint64_t seed) {
  Rng rng(seed);
  Matrix matrix(rows, columns);
  for (Index row = 0; row < rows; ++row) {
    for (float& value : matrix.row(row)) value = static_cast<float>(rng.normal());
  }
  return matrix;
}

std::vector<Index> all_rows(const Matrix& matrix) {
  std::vector<Index> all(matrix.rows());
  std::iota(all.begin(), all.end(), Index{0});
  return all;
}

double product(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

TEST(Axes, MakeWhatIsUnobservedADiagonalAndLeaveTheScores) {
  Parallel parallel(2);
  for (const Index factors : {1U, 2U, 7U, 16U, 33U}) {
    for (const Index rows : {1U, 5U, 700U}) {  // fewer than factors, too
      const Matrix y = random_matrix(rows, factors, rows);
      const Matrix x = random_matrix(20, factors, 1);
      for (const Kernels* const table : all_kernels()) {
        SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(factors) + " factors, " +
                     std::to_string(rows) + " rows");
        Matrix turned_y = y;
        Matrix turned_x = x;
        const std::vector<float> axes =
            turn_to_axes(turned_y, turned_x, all_rows(x), 0.5F, parallel, *table);
        EXPECT_TRUE(std::ranges::is_sorted(axes, std::ranges::greater()));
        const double rounding = 4 * (rows + factors) * kFloatEpsilon * double{axes[0]};
        for (Index p = 0; p < factors; ++p) {
          for (Index q = 0; q < factors; ++q) {
            double sum = 0;
            for (Index r = 0; r < rows; ++r)
              sum += 0.5 * double{turned_y.row(r)[p]} * double{turned_y.row(r)[q]};
            ASSERT_NEAR(sum, p == q ? axes[p] : 0, rounding);
          }
        }
        for (Index user = 0; user < x.rows(); ++user) {
          for (Index r = 0; r < rows; ++r) {
            ASSERT_NEAR(product(turned_x.row(user), turned_y.row(r)),
                        product(x.row(user), y.row(r)), 1e-5 * factors);
          }
        }
      }
    }
  }
}

TEST(Axes, TurnOfTheOtherSideOnlyTheRowsThatAreNamed) {
  Parallel parallel(1);
  Matrix y = random_matrix(50, 9, 1);
  const Matrix x = random_matrix(6, 9, 2);
  Matrix some = x;
  Matrix all = x;
  Matrix same = y;
  turn_to_axes(same, all, all_rows(x), 1, parallel);
  turn_to_axes(y, some, std::vector<Index>{1, 4}, 1, parallel);
  EXPECT_TRUE(y == same);
  for (Index row = 0; row < 6; ++row) {
    const Matrix& expected = row == 1 || row == 4 ? all : x;
    EXPECT_TRUE(std::ranges::equal(some.row(row), expected.row(row))) << row;
  }
}

TEST(Axes, HaveTheSameBitsForAnyNumberOfThreads) {
  const Matrix y = random_matrix(3000, 20, 1);
  const Matrix x = random_matrix(1000, 20, 2);
  Matrix first_y;
  Matrix first_x;
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    Parallel parallel(threads);
    Matrix turned_y = y;
    Matrix turned_x = x;
    turn_to_axes(turned_y, turned_x, all_rows(x), 0.3F, parallel);
    if (threads == 1) {
      first_y = turned_y;
      first_x = turned_x;
    }
    EXPECT_TRUE(turned_y == first_y && turned_x == first_x) << threads;
  }
}

TEST(Axes, OfNumbersTooLargeAreNaNAndNothingIsTurned) {
  Parallel parallel(1);
  Matrix y(2, 3);
  std::ranges::fill(y.row(0), 1e30F);
  Matrix x = random_matrix(2, 3, 1);
  const Matrix y_before = y;
  const Matrix x_before = x;
  for (const float axis : turn_to_axes(y, x, all_rows(x), 1, parallel))
    EXPECT_TRUE(std::isnan(axis));
  EXPECT_TRUE(y == y_before && x == x_before);
}

}  // namespace
}  // namespace palate
