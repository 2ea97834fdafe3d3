#include "linalg/inverse.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "linalg/symmetric.h"

namespace palate {
namespace {

// X^T X / rows + ridge I of normal numbers, of which there are as many rows as columns.
Matrix definite_matrix(Index size, float ridge) {
  Rng rng(4, size);
  Matrix x(size, size);
  for (Index r = 0; r < size; ++r) {
    for (float& value : x.row(r)) value = static_cast<float>(rng.normal());
  }
  Matrix product(size, size);
  for (Index r = 0; r < size; ++r) {
    for (Index c = 0; c < size; ++c) {
      double sum = 0;
      for (Index m = 0; m < size; ++m) sum += double{x.row(m)[r]} * double{x.row(m)[c]};
      product.row(r)[c] = static_cast<float>(sum / size) + (r == c ? ridge : 0);
    }
  }
  return product;
}

// In double, row by row.
std::vector<double> plain_inverse(const Matrix& matrix) {
  const std::size_t size = matrix.rows();
  std::vector<double> values;
  for (Index r = 0; r < size; ++r)
    values.insert(values.end(), matrix.row(r).begin(), matrix.row(r).end());
  std::vector<double> inverse(size * size);
  for (std::size_t r = 0; r < size; ++r) inverse[r * size + r] = 1;
  solve(values, inverse);
  return inverse;
}

// An element of the inverse is off by rounding of the matrix, times its largest eigenvalue (below
// 4 + ridge) and the square of that of the inverse (below 1 / ridge).
TEST(Inverse, IsThatOfAPlainReference) {
  constexpr float kRidge = 0.5F;
  Parallel parallel(2);
  for (const Index size : {1U, 2U, 7U, 127U, 128U, 129U, 300U}) {
    Matrix matrix = definite_matrix(size, kRidge);
    const std::vector<double> expected = plain_inverse(matrix);
    for (Index r = 0; r < size; ++r) {  // what is above the diagonal is not read
      for (Index c = r + 1; c < size; ++c) matrix.row(r)[c] = kInfinity;
    }
    ASSERT_TRUE(invert(matrix, parallel)) << size;
    const double rounding = (std::sqrt(size) + 4) * kFloatEpsilon;
    for (Index r = 0; r < size; ++r) {
      for (Index c = 0; c < size; ++c) {
        ASSERT_NEAR(matrix.row(r)[c], expected[r * size + c], rounding * 4.5 / (kRidge * kRidge))
            << size << ": " << r << ", " << c;
        ASSERT_EQ(matrix.row(r)[c], matrix.row(c)[r]);
      }
    }
  }
}

TEST(Inverse, HasTheSameBitsForAnyNumberOfThreads) {
  Parallel alone(1);
  Matrix expected = definite_matrix(333, 0.1F);
  ASSERT_TRUE(invert(expected, alone));
  for (const unsigned threads : {2U, 3U, 8U}) {
    Parallel several(threads);
    Matrix matrix = definite_matrix(333, 0.1F);
    ASSERT_TRUE(invert(matrix, several));
    EXPECT_TRUE(matrix == expected) << threads;
  }
}

TEST(Inverse, OfAMatrixThatIsNotDefiniteThereIsNone) {
  Parallel parallel(2);
  for (const Index size : {2U, 200U}) {
    Matrix ones(size, size);
    for (Index r = 0; r < size; ++r) {
      for (float& value : ones.row(r)) value = 1;
    }
    EXPECT_FALSE(invert(ones, parallel)) << "singular, " << size;
    Matrix negative = definite_matrix(size, 1);
    negative.row(size - 1)[size - 1] = -1;
    EXPECT_FALSE(invert(negative, parallel)) << "negative, " << size;
  }
}

}  // namespace
}  // namespace palate
