#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

// Matrices that begin one float off and have a gap between their rows.
struct MultiplyProblem {
  MultiplyProblem(Index rows, Index columns, Index depth, bool transposed)
      : a(1 + (rows + 3) * (depth + 3)), b(1 + depth * (columns + 5)), c(1 + rows * (columns + 7)) {
    Rng rng(rows * 10'000 + columns * 100 + depth);
    for (std::vector<float>* const matrix : {&a, &b, &c}) {
      for (float& value : *matrix) value = static_cast<float>(rng.normal());
    }
    product = {.a = a.data() + 1,
               .a_row = transposed ? 1 : std::size_t{depth} + 3,
               .a_column = transposed ? std::size_t{rows} + 3 : 1,
               .b = b.data() + 1,
               .b_stride = std::size_t{columns} + 5,
               .c = c.data() + 1,
               .c_stride = std::size_t{columns} + 7,
               .rows = rows,
               .columns = columns,
               .depth = depth};
  }
  // What C holds after the product.
  std::vector<float> multiplied(const Kernels& table, bool add) const {
    std::vector<float> result = c;
    if (!add) {
      for (Index m = 0; m < product.rows; ++m) {
        for (Index n = 0; n < product.columns; ++n)
          result[place(m, n)] = std::numeric_limits<float>::quiet_NaN();
      }
    }
    Product to = product;
    to.c = result.data() + 1;
    to.add = add;
    table.multiply(to);
    return result;
  }
  std::size_t place(Index m, Index n) const { return 1 + m * product.c_stride + n; }

  std::vector<float> a;
  std::vector<float> b;
  std::vector<float> c;
  Product product;
};

// Calls body(problem, table) for problems of sizes around those of tiles, panels and vectors.
void for_all_products(const auto& body) {
  for (const Index rows : {0U, 1U, 5U, 6U, 7U, 13U}) {
    for (const Index columns : {0U, 1U, 7U, 8U, 9U, 17U, 31U, 33U, 64U, 65U, 130U}) {
      for (const Index depth : {0U, 1U, 2U, 127U, 129U, 515U}) {
        for (const bool transposed : {false, true}) {
          const MultiplyProblem problem(rows, columns, depth, transposed);
          for (const Kernels* const table : all_kernels()) {
            SCOPED_TRACE(std::string(table->target) + ", " + std::to_string(rows) + " x " +
                         std::to_string(columns) + " x " + std::to_string(depth) +
                         (transposed ? ", transposed" : ""));
            body(problem, *table);
          }
        }
      }
    }
  }
}

TEST(Multiply, IsTheProductAndTouchesNothingElse) {
  for_all_products([](const MultiplyProblem& problem, const Kernels& table) {
    const Product& product = problem.product;
    for (const bool add : {false, true}) {
      const std::vector<float> result = problem.multiplied(table, add);
      std::vector<float> beside = result;  // where C is as it was
      for (Index m = 0; m < product.rows; ++m) {
        for (Index n = 0; n < product.columns; ++n) {
          const std::size_t place = problem.place(m, n);
          double expected = add ? double{problem.c[place]} : 0;
          double scale = std::abs(expected);
          for (Index k = 0; k < product.depth; ++k) {
            const double left{product.a[m * product.a_row + k * product.a_column]};
            const double right{product.b[k * product.b_stride + n]};
            expected += left * right;
            scale += std::abs(left * right);
          }
          const double rounding = static_cast<double>(product.depth + 1) * kFloatEpsilon;
          ASSERT_NEAR(result[place], expected, rounding * scale) << m << ", " << n;
          beside[place] = problem.c[place];
        }
      }
      ASSERT_EQ(beside, problem.c);
    }
  });
}

TEST(Multiply, HasTheSameBitsForACutProduct) {
  for_all_products([](const MultiplyProblem& problem, const Kernels& table) {
    const Product& whole = problem.product;
    const std::vector<float> expected = problem.multiplied(table, false);
    std::vector<float> result = problem.c;
    const auto part = [&](Index row, Index rows, Index column, Index columns, Index first,
                          Index depth) {
      Product cut = whole;
      cut.a += row * whole.a_row + first * whole.a_column;
      cut.b += first * whole.b_stride + column;
      cut.c = result.data() + problem.place(row, column);
      cut.rows = rows;
      cut.columns = columns;
      cut.depth = depth;
      cut.add = first > 0;
      table.multiply(cut);
    };
    const Index row = whole.rows / 3;
    const Index column = whole.columns / 3;
    const Index first = whole.depth / 3;
    for (const auto& [m, rows] : {std::pair{0U, row}, std::pair{row, whole.rows - row}}) {
      for (const auto& [n, columns] :
           {std::pair{0U, column}, std::pair{column, whole.columns - column}}) {
        part(m, rows, n, columns, 0, first);
        part(m, rows, n, columns, first, whole.depth - first);
      }
    }
    ASSERT_EQ(result, expected);
  });
}

}  // namespace
}  // namespace palate
