#include "linalg/sparse_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace palate {
namespace {

TEST(SparseSum, AddsRowsAndKnowsWhereItDid) {
  const std::vector<Index> columns{1, 4};
  const std::vector<float> values{0.5F, -2};
  const std::vector<Index> others{0, 4};
  const std::vector<float> more{1, 4};
  SparseSum sum(5);
  sum.add(3, {columns, values});
  sum.add(1.5F, {others, more});
  EXPECT_EQ(sum[0], 1.5);
  EXPECT_EQ(sum[1], 1.5);
  EXPECT_EQ(sum[2], 0);
  EXPECT_EQ(sum[4], 0);
  EXPECT_TRUE(std::ranges::equal(sum.touched(), std::vector<Index>{1, 4, 0}));
  EXPECT_TRUE(sum.is_touched(4)) << "though it is 0";
  EXPECT_FALSE(sum.is_touched(2));
}

TEST(SparseSum, ClearedItIsAsNew) {
  const std::vector<Index> columns{0, 2};
  const std::vector<float> values{1, 2};
  SparseSum sum(3);
  for (int again = 0; again < 3; ++again) {
    sum.add(1, {columns, values});
    EXPECT_EQ(sum[2], 2);
    EXPECT_EQ(sum.touched().size(), 2U);
    sum.clear();
    EXPECT_EQ(sum[2], 0);
    EXPECT_TRUE(sum.touched().empty());
  }
}

TEST(SparseSum, ProductsOfFloatsAreExact) {
  const std::vector<Index> columns{0};
  const std::vector<float> values{0.1F};
  SparseSum sum(1);
  sum.add(0.2F, {columns, values});
  EXPECT_EQ(sum[0], double{0.2F} * double{0.1F});
  EXPECT_NE(sum[0], double{0.2F * 0.1F});
}

}  // namespace
}  // namespace palate
