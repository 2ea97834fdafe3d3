#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "palate/data/inspect.h"
#include "small_data.h"

namespace palate {
namespace {

using Counts = std::vector<std::uint64_t>;

// User u has counts[u] ratings, of items 0, 1, ...
Interactions rated(const std::vector<Index>& counts, Index num_items) {
  std::vector<Rating> ratings;
  for (Index user = 0; user < counts.size(); ++user) {
    for (Index item = 0; item < counts[user]; ++item) ratings.emplace_back(user, item, 3.0F);
  }
  return interactions_of(static_cast<Index>(counts.size()), num_items, ratings);
}

TEST(Profile, BinsAreTwiceAsWideAsTheOneBefore) {
  const DataProfile found = profile(rated({1, 2, 3, 3, 9, 0}, 10));
  EXPECT_EQ(found.users, (std::vector<CountBin>{{1, 1, 1}, {2, 3, 3}, {4, 7, 0}, {8, 15, 1}}));
  // Item 0 has five ratings, 1 has four, 2 has three, 3 to 8 have one, 9 none.
  EXPECT_EQ(found.items, (std::vector<CountBin>{{1, 1, 6}, {2, 3, 1}, {4, 7, 2}}));
}

TEST(Profile, TheLongTailIsWhatTheMostRatedHave) {
  const DataProfile found = profile(rated({1, 2, 3, 3, 9, 0}, 10));
  ASSERT_EQ(found.long_tail.size(), 101U);
  EXPECT_EQ(found.long_tail[0], 0);
  EXPECT_EQ(found.long_tail[4], 0);  // .4 of an item
  EXPECT_DOUBLE_EQ(found.long_tail[10], 5.0 / 18);
  EXPECT_DOUBLE_EQ(found.long_tail[20], 9.0 / 18);
  EXPECT_DOUBLE_EQ(found.long_tail[30], 12.0 / 18);
  EXPECT_EQ(found.long_tail[90], 1);
  EXPECT_EQ(found.long_tail[100], 1);
}

TEST(Profile, TimesFallIntoEqualSpans) {
  Interactions interactions = rated({4}, 4);
  interactions.times = {10, 11, 11, 13};
  EXPECT_EQ(profile(interactions).time->counts, (Counts{1, 2, 0, 1}));
  interactions.times = {0, 1, 59, 119};  // 60 spans of two
  const TimeProfile found = *profile(interactions).time;
  EXPECT_EQ(found.first, 0);
  EXPECT_EQ(found.last, 119);
  ASSERT_EQ(found.counts.size(), 60U);
  EXPECT_EQ(found.counts[0], 2U);
  EXPECT_EQ(found.counts[29], 1U);
  EXPECT_EQ(found.counts[59], 1U);
  interactions.times.clear();
  EXPECT_FALSE(profile(interactions).time);
}

TEST(Profile, SpansAreOfSecondsInEveryUnit) {
  Interactions interactions = rated({3}, 3);
  interactions.times = {-1, 1'999, 3'000};
  interactions.time_unit = TimeUnit::milliseconds;
  const TimeProfile found = *profile(interactions).time;
  EXPECT_EQ(found.first, -1);
  EXPECT_EQ(found.last, 3);
  EXPECT_EQ(found.counts, (Counts{1, 0, 1, 0, 1}));
}

TEST(Profile, TheExtremesOfTimeAreInTheOuterSpans) {
  Interactions interactions = rated({2}, 2);
  interactions.times = {std::numeric_limits<std::int64_t>::max(),
                        std::numeric_limits<std::int64_t>::min()};
  const Counts counts = profile(interactions).time->counts;
  EXPECT_EQ(counts.front(), 1U);
  EXPECT_EQ(counts.back(), 1U);
}

}  // namespace
}  // namespace palate
