#include "linalg/top_list.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"

namespace palate {
namespace {

TEST(TopList, HasTheBestOfAnyOrder) {
  Rng rng(1);
  for (const Index size : {0U, 1U, 9U, 10U, 100U, 3000U}) {
    std::vector<Index> order(size);
    for (Index i = 0; i < size; ++i) order[i] = i;
    const auto score = [](Index i) { return static_cast<float>(i * 7919 % 40); };  // many are equal
    std::vector<Scored> all;
    for (const Index i : order) all.push_back({i, score(i)});
    std::ranges::sort(all, ranks_before);
    for (const Index count : {0U, 1U, 10U, 5000U}) {
      rng.shuffle(order);
      TopList list(count);
      for (const Index i : order) list.add({i, score(i)});
      const std::vector<Scored> best = list.take();
      ASSERT_EQ(best.size(), std::min(size, count));
      for (Index t = 0; t < best.size(); ++t)
        ASSERT_EQ(best[t].index, all[t].index) << size << ", the best " << count;
    }
  }
}

TEST(TopList, ItsThresholdRisesAndWhatIsNoNumberStaysOut) {
  TopList list(2);
  list.add({0, NAN});
  EXPECT_EQ(list.threshold(), -INFINITY);
  for (Index i = 1; i < 100; ++i) list.add({i, static_cast<float>(i)});
  EXPECT_GT(list.threshold(), 30);
  EXPECT_EQ(list.take().front().index, 99U);
  EXPECT_TRUE(list.take().empty());
}

}  // namespace
}  // namespace palate
