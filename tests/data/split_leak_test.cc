#include <gtest/gtest.h>

#include "palate/data/inspect.h"
#include "palate/data/split.h"
#include "small_data.h"

namespace palate {
namespace {

TEST(SplitLeak, AHandWorkedTableHasItsCounts) {
  Interactions interactions = interactions_of(
      4, 4,
      {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {1, 0, 1}, {1, 1, 1}, {2, 3, 1}, {2, 0, 1}, {3, 1, 1}});
  interactions.times = {10, 20, 30, 40, 5, 50, 60, 15};
  // Train: user 0 at 10 and 30, user 1 at 40, user 3 at 15; items 0, 2 and 1. The lower median of
  // 10, 15, 30, 40 is 15.
  const SplitLeak leak =
      split_leak(interactions, {.train = {0, 2, 3, 7}, .validation = {}, .test = {1, 4, 5, 6}});
  EXPECT_EQ(leak.test, 4U);
  EXPECT_EQ(leak.before_own, 2U)
      << "20 before user 0's 30, 5 before user 1's 40; user 2 has no train rating";
  EXPECT_EQ(leak.before_half, 1U) << "the 5 alone";
  EXPECT_EQ(leak.users, (SplitLeak::Cold{.tested = 3, .cold = 1, .ratings = 2}));
  EXPECT_EQ(leak.items, (SplitLeak::Cold{.tested = 3, .cold = 1, .ratings = 1}));
  EXPECT_EQ(leak.cold_pairs, 1U) << "user 2 and item 3";
  EXPECT_FALSE(leak.no_pair_is_known());
  EXPECT_FALSE(leak.in_train) << "a pair stands once in a table";
}

TEST(SplitLeak, NoPairIsKnownWhereEachLacksItsUserOrItsItem) {
  const Interactions interactions =
      interactions_of(3, 3, {{0, 0, 1}, {1, 0, 1}, {0, 1, 1}, {2, 2, 1}, {0, 2, 1}});
  const SplitLeak leak =
      split_leak(interactions, {.train = {0}, .validation = {}, .test = {1, 2, 3, 4}});
  EXPECT_EQ(leak.users.ratings, 2U);
  EXPECT_EQ(leak.items.ratings, 3U);
  EXPECT_EQ(leak.cold_pairs, 1U);
  EXPECT_TRUE(leak.no_pair_is_known());
}

TEST(SplitLeak, OfHeldOutUsersWhatIsFoldedInIsTheirOwn) {
  Interactions interactions =
      interactions_of(2, 4, {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {1, 2, 1}, {1, 3, 1}});
  interactions.times = {10, 20, 15, 5, 30, 12};
  const SplitLeak leak = split_leak(
      interactions, {.train = {0, 1}, .validation = {}, .test = {3, 4}, .fold_in = {2, 5}},
      SplitMethod::users);
  EXPECT_EQ(leak.before_own, 1U) << "5 before 15";
  EXPECT_EQ(leak.before_half, 1U) << "5 before the train part's 10";
  EXPECT_EQ(leak.users, (SplitLeak::Cold{.tested = 1, .cold = 1, .ratings = 2}))
      << "no model was trained on what it is told later";
  EXPECT_EQ(leak.items, (SplitLeak::Cold{.tested = 2, .cold = 1, .ratings = 1}));
}

TEST(SplitLeak, EqualTimesAreNotOlder) {
  Interactions interactions = interactions_of(1, 2, {{0, 0, 1}, {0, 1, 1}});
  interactions.times = {7, 7};
  const SplitLeak leak = split_leak(interactions, {.train = {0}, .validation = {}, .test = {1}});
  EXPECT_EQ(leak.before_own, 0U);
  EXPECT_EQ(leak.before_half, 0U);
}

TEST(SplitLeak, TestRatingsAreThereByLotWhereOthersHaveTheirTime) {
  // Of user 0 the times 1, 5, 5, 5, of user 1 2, 5, of user 2 5 alone.
  Interactions interactions = interactions_of(
      3, 4, {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {0, 3, 1}, {1, 0, 1}, {1, 1, 1}, {2, 0, 1}});
  interactions.times = {1, 5, 5, 5, 2, 5, 5};
  const Split split{.train = {0, 1, 4, 6}, .validation = {}, .test = {2, 3, 5}};
  const auto by_lot = [&](const Split& of, SplitMethod method) {
    return split_leak(interactions, of, method).by_lot;
  };
  EXPECT_EQ(by_lot(split, SplitMethod::time), 3U);
  EXPECT_EQ(by_lot(split, SplitMethod::leave_last_out), 2U) << "user 1 has no other rating at 5";
  EXPECT_EQ(by_lot(split, SplitMethod::random), std::nullopt);
  const Split validated{.train = {0, 4}, .validation = {1}, .test = {2, 3, 5}};
  EXPECT_EQ(by_lot(validated, SplitMethod::leave_last_out), 2U);
  const Split whole{.train = {0, 4}, .validation = {}, .test = {1, 2, 3, 5, 6}};
  EXPECT_EQ(by_lot(whole, SplitMethod::time), 0U);
}

TEST(SplitLeak, WithoutTimesItCountsWhatIsCold) {
  Interactions interactions = interactions_of(2, 1, {{0, 0, 1}, {1, 0, 1}});
  interactions.times.clear();
  const SplitLeak leak = split_leak(interactions, {.train = {0}, .validation = {}, .test = {1}});
  EXPECT_FALSE(leak.before_own || leak.before_half || leak.by_lot);
  EXPECT_EQ(leak.users.cold, 1U);
  EXPECT_EQ(leak.items.cold, 0U);
}

TEST(SplitLeak, ASplitByTimeGivesNothingAwayAndARandomOneHalf) {
  const Interactions interactions = planted_interactions(40, 30, 0.5, 2, 0.4, 3);
  const auto leak_of = [&](SplitMethod method) {
    return split_leak(interactions, make_splits(interactions, {.method = method}).front());
  };
  const SplitLeak random = leak_of(SplitMethod::random);
  EXPECT_NEAR(static_cast<double>(*random.before_half) / static_cast<double>(random.test), 0.5,
              0.1);
  EXPECT_GT(*random.before_own, random.test / 2);
  EXPECT_EQ(*leak_of(SplitMethod::leave_last_out).before_own, 0U);
  EXPECT_EQ(leak_of(SplitMethod::per_user).users.cold, 0U);
  const SplitLeak time = leak_of(SplitMethod::time);
  EXPECT_EQ(*time.before_own, 0U);
  EXPECT_EQ(*time.before_half, 0U);
}

TEST(SplitLeak, OnlySplitsThatCanPartTheRatingsArePreviewed) {
  Interactions interactions = planted_interactions(40, 30, 0.5, 2, 0.4, 3);
  EXPECT_EQ(preview_splits(interactions).size(), 4U);
  interactions.times.clear();
  EXPECT_EQ(preview_splits(interactions).size(), 2U);
  EXPECT_TRUE(preview_splits(interactions_of(1, 1, {{0, 0, 1}})).empty());
}

}  // namespace
}  // namespace palate
