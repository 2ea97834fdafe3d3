#include <gtest/gtest.h>

#include <vector>

#include "palate/evaluate/metrics.h"

namespace palate {
namespace {

void expect_adjusted(const std::vector<double>& p_values, const std::vector<double>& expected) {
  const std::vector<double> adjusted = holm_adjusted(p_values);
  ASSERT_EQ(adjusted.size(), expected.size());
  for (std::size_t t = 0; t < expected.size(); ++t)
    EXPECT_DOUBLE_EQ(adjusted[t], expected[t]) << "test " << t;
}

TEST(Holm, HandWorkedTablesHaveTheirValues) {
  expect_adjusted({}, {});
  expect_adjusted({0.04}, {0.04});
  // In order .005 .01 .03 .04: times 4, 3, 2, 1 they are .02 .03 .06 .04, and none may be below the
  // one before.
  expect_adjusted({0.01, 0.04, 0.03, 0.005}, {0.03, 0.06, 0.06, 0.02});
  expect_adjusted({0.5, 0.4, 0.9}, {1, 1, 1});
  expect_adjusted({0.02, 0.02, 0.02}, {0.06, 0.06, 0.06});
}

TEST(Holm, NoneIsBelowItsOwnNorAboveBonferronis) {
  const std::vector<double> p_values{0.3, 0.001, 0.02, 0.02, 0.8, 0.04};
  const std::vector<double> adjusted = holm_adjusted(p_values);
  for (std::size_t t = 0; t < p_values.size(); ++t) {
    EXPECT_GE(adjusted[t], p_values[t]);
    EXPECT_LE(adjusted[t], 6 * p_values[t]);
  }
}

}  // namespace
}  // namespace palate
