#include "linalg/symmetric.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace palate {
namespace {

TEST(Eigenvectors, OfTwoRowsAreKnown) {
  const std::vector<double> matrix{2, 1, 1, 2};
  const Eigenvectors found = eigenvectors(matrix);
  ASSERT_EQ(found.values.size(), 2U);
  EXPECT_NEAR(found.values[0], 1, 1e-12);
  EXPECT_NEAR(found.values[1], 3, 1e-12);
  EXPECT_NEAR(found.vector(0)[0], -found.vector(0)[1], 1e-12);
  EXPECT_NEAR(found.vector(1)[0], found.vector(1)[1], 1e-12);
}

// A v = lambda v, v' v = 1 and v' w = 0.
TEST(Eigenvectors, AreOrthonormalAndOnlyStretched) {
  for (const std::size_t size : {1U, 3U, 20U}) {
    Rng rng(5, size);
    std::vector<double> matrix(size * size);
    for (std::size_t r = 0; r < size; ++r) {
      for (std::size_t c = 0; c <= r; ++c)
        matrix[r * size + c] = matrix[c * size + r] = rng.normal();
    }
    const Eigenvectors found = eigenvectors(matrix);
    ASSERT_EQ(found.values.size(), size);
    EXPECT_TRUE(std::ranges::is_sorted(found.values));
    for (std::size_t v = 0; v < size; ++v) {
      const std::span<const double> vector = found.vector(v);
      for (std::size_t r = 0; r < size; ++r) {
        const double image =
            std::inner_product(vector.begin(), vector.end(),
                               matrix.begin() + static_cast<std::ptrdiff_t>(r * size), 0.0);
        EXPECT_NEAR(image, found.values[v] * vector[r], 1e-12 * static_cast<double>(size)) << size;
      }
      for (std::size_t w = 0; w <= v; ++w) {
        EXPECT_NEAR(std::inner_product(vector.begin(), vector.end(), found.vector(w).begin(), 0.0),
                    v == w, 1e-12)
            << size;
      }
    }
  }
}

TEST(Symmetric, SolvesForEachRightSide) {
  // Above the diagonal stands what nobody reads.
  const std::vector<double> definite{4, 99, 99, 2, 5, 99, -1, 0.5, 3};
  const std::vector<std::vector<double>> solutions{{1, -2, 3}, {0.5, 0, -4}};
  std::vector<double> sides;
  for (const auto& x : solutions) {
    sides.push_back(4 * x[0] + 2 * x[1] - x[2]);
    sides.push_back(2 * x[0] + 5 * x[1] + 0.5 * x[2]);
    sides.push_back(-x[0] + 0.5 * x[1] + 3 * x[2]);
  }
  solve(definite, sides);
  for (std::size_t n = 0; n < sides.size(); ++n)
    EXPECT_NEAR(sides[n], solutions[n / 3][n % 3], 1e-14) << n;
}

}  // namespace
}  // namespace palate
