#include "train/item_sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "small_data.h"

namespace palate {
namespace {

// Item 0 has been chosen by nobody, item i by i users.
SparseMatrix chosen_by(Index items) {
  SparseMatrix by_item{.num_columns = items};
  for (Index item = 0; item < items; ++item) {
    for (Index user = 0; user < item; ++user) {
      by_item.columns.push_back(user);
      by_item.values.push_back(1);
    }
    by_item.starts.push_back(by_item.columns.size());
  }
  return by_item;
}

TEST(ItemSampler, DrawsInProportionToAPowerOfPopularity) {
  constexpr Index kItems = 20;
  constexpr Index kDraws = 100'000;
  for (const double popularity : {0.0, 0.5, 1.0}) {
    const ItemSampler sampler(chosen_by(kItems), popularity);
    double sum = 0;
    for (Index item = 1; item < kItems; ++item) sum += std::pow(item, popularity);
    std::vector<int> counts(kItems);
    Rng rng(5, 0);
    for (Index n = 0; n < kDraws; ++n) ++counts[sampler.draw(rng)];
    EXPECT_EQ(counts[0], 0);
    for (Index item = 1; item < kItems; ++item) {
      const double chance = std::pow(item, popularity) / sum;
      EXPECT_NEAR(counts[item], kDraws * chance, 5 * std::sqrt(kDraws * chance)) << item;
      EXPECT_NEAR(sampler.log_excess(item), std::log((kItems - 1) * chance), 1e-6) << item;
    }
  }
}

TEST(ItemSampler, DrawsTheOnlyItemThatWasChosen) {
  const ItemSampler sampler(chosen_by(2), 1);
  Rng rng(1, 0);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(sampler.draw(rng), 1U);
  EXPECT_EQ(sampler.log_excess(1), 0);
}

}  // namespace
}  // namespace palate
