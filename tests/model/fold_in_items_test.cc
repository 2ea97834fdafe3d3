#include "model/fold_in_items.h"

#include <gtest/gtest.h>

#include "small_data.h"

namespace palate {
namespace {

Scorer three_items(bool approximate) {
  Scorer scorer{
      .factors = Factors(1, 3, 2), .row = RowObjective{.bias = false}, .item_support = {}};
  scorer.row->approximate = approximate;
  scorer.factors.item_factors.row(0)[0] = 1;
  scorer.factors.item_factors.row(2)[0] = 3;
  scorer.factors.item_factors.row(2)[1] = 4;
  return scorer;
}

TEST(FoldInItems, AreTheScorersOwn) {
  const Scorer scorer = three_items(false);
  const MatrixView factors = FoldInItems(scorer).side().factors;
  EXPECT_EQ(factors.data, scorer.factors.item_factors.data());
}

TEST(FoldInItems, OfAnApproximateRowAreLessTheMeanOfThoseThatHaveAVector) {
  const Scorer scorer = three_items(true);
  const FoldInItems items(scorer);
  const MatrixView factors = items.side().factors;
  EXPECT_EQ(std::vector(factors.row(0).begin(), factors.row(0).end()), (std::vector{-1.0F, -2.0F}));
  EXPECT_EQ(std::vector(factors.row(1).begin(), factors.row(1).end()), (std::vector{0.0F, 0.0F}));
  EXPECT_EQ(std::vector(factors.row(2).begin(), factors.row(2).end()), (std::vector{1.0F, 2.0F}));
}

}  // namespace
}  // namespace palate
