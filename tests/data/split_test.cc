#include "palate/data/split.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

#include "base/random.h"
#include "data/recorded_list.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

// n ratings of different (user, item) pairs in no order, at times of which many are equal.
Interactions some_interactions(Index n) {
  constexpr Index kItems = 37;
  std::vector<Index> cells(n);
  std::iota(cells.begin(), cells.end(), Index{0});
  Rng rng(7);
  rng.shuffle(cells);
  Interactions interactions = interactions_of(n / kItems + 1, kItems, {});
  for (const Index cell : cells) {
    interactions.users.push_back(cell / kItems);
    interactions.items.push_back(cell % kItems);
    interactions.values.push_back(1);
    interactions.times.push_back(static_cast<std::int64_t>(rng.below(n / 3 + 1)) - 10);
  }
  return interactions;
}

Split the_split(const Interactions& interactions, const SplitOptions& options) {
  std::vector<Split> splits = make_splits(interactions, options);
  EXPECT_EQ(splits.size(), 1U);
  return splits.at(0);
}

std::vector<Index> joined(const Split& split) {
  std::vector<Index> rows = split.train;
  rows.insert(rows.end(), split.validation.begin(), split.validation.end());
  rows.insert(rows.end(), split.fold_in.begin(), split.fold_in.end());
  rows.insert(rows.end(), split.test.begin(), split.test.end());
  return rows;
}

// That every row of n is in exactly one list.
void expect_partition(const Split& split, Index n) {
  std::vector<Index> rows = joined(split);
  std::ranges::sort(rows);
  std::vector<Index> all(n);
  std::iota(all.begin(), all.end(), Index{0});
  EXPECT_EQ(rows, all);
}

void expect_error(ErrorCode code, const std::string& part, const std::function<void()>& body) {
  try {
    body();
    ADD_FAILURE() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST(Split, RandomIsTrainTestSplitOfScikitLearn) {
  for (const recorded::RandomSplit& expected : recorded::kRandomSplits) {
    SCOPED_TRACE(
        fmt::format("{} rows, share {}, seed {}", expected.n, expected.test_share, expected.seed));
    const Split split = the_split(
        some_interactions(expected.n),
        {.method = SplitMethod::random, .test_share = expected.test_share, .seed = expected.seed});
    expect_recorded(split.train, expected.train);
    expect_recorded(split.test, expected.test);
    EXPECT_TRUE(split.validation.empty());
  }
}

TEST(Split, KfoldIsKFoldOfSurprise) {
  std::vector<Split> splits;
  for (const recorded::Fold& expected : recorded::kFolds) {
    SCOPED_TRACE(fmt::format("{} rows, fold {} of {}, seed {}", expected.n, expected.fold,
                             expected.folds, expected.seed));
    if (expected.fold == 0) {  // the others follow
      splits = make_splits(
          some_interactions(expected.n),
          {.method = SplitMethod::kfold, .folds = expected.folds, .seed = expected.seed});
    }
    ASSERT_EQ(splits.size(), expected.folds);
    expect_recorded(splits[expected.fold].train, expected.train);
    expect_recorded(splits[expected.fold].test, expected.test);
  }
}

TEST(Split, NotebookIsRandomOverTheRowsInOrderOfUserAndItem) {
  constexpr Index kRows = 1003;
  const Interactions interactions = some_interactions(kRows);
  std::vector<std::tuple<Index, Index, Index>> ordered;  // user, item, row
  for (Index row = 0; row < kRows; ++row)
    ordered.emplace_back(interactions.users[row], interactions.items[row], row);
  std::ranges::sort(ordered);
  const Split over_numbers =
      the_split(interactions, {.method = SplitMethod::random, .test_share = 0.2, .seed = 1});
  const auto rows = [&](const std::vector<Index>& numbers) {
    std::vector<Index> result;
    for (const Index number : numbers) result.push_back(std::get<2>(ordered[number]));
    return result;
  };
  // The method's share and seed are its own, whatever the options say.
  const Split split =
      the_split(interactions, {.method = SplitMethod::notebook, .test_share = 0.5, .seed = 9});
  EXPECT_EQ(split.train, rows(over_numbers.train));
  EXPECT_EQ(split.test, rows(over_numbers.test));
}

TEST(Split, TimeHoldsOutTheLatest) {
  for (const Index n : {2U, 17U, 1003U}) {
    const Interactions interactions = some_interactions(n);
    const Split split = the_split(interactions, {.method = SplitMethod::time, .test_share = 0.3});
    EXPECT_EQ(split.test.size(), (n * 3 + 9) / 10);
    expect_partition(split, n);
    EXPECT_TRUE(std::ranges::is_sorted(joined(split), {},
                                       [&](Index row) { return interactions.times[row]; }));
  }
}

// The same ratings, with rows, users and items in another order.
Interactions in_another_order(const Interactions& interactions) {
  const auto reversed = [](const Ids& ids) {
    std::vector<std::int64_t> integers(ids.integer_ids().begin(), ids.integer_ids().end());
    std::ranges::reverse(integers);
    return Ids::integers(integers);
  };
  auto catalog = std::make_shared<Catalog>();
  catalog->users = reversed(interactions.catalog->users);
  catalog->items = reversed(interactions.catalog->items);
  Interactions other;
  std::vector<Index> rows(interactions.size());
  std::iota(rows.begin(), rows.end(), Index{0});
  Rng(11).shuffle(rows);
  for (const Index row : rows) {
    other.users.push_back(interactions.num_users() - 1 - interactions.users[row]);
    other.items.push_back(interactions.num_items() - 1 - interactions.items[row]);
    other.values.push_back(interactions.values[row]);
    other.times.push_back(interactions.times[row]);
  }
  other.catalog = std::move(catalog);
  return other;
}

std::vector<std::string> pairs_of(const Interactions& interactions,
                                  const std::vector<Index>& rows) {
  std::vector<std::string> pairs;
  for (const Index row : rows) {
    pairs.push_back(interactions.catalog->users[interactions.users[row]] + " " +
                    interactions.catalog->items[interactions.items[row]]);
  }
  std::ranges::sort(pairs);
  return pairs;
}

TEST(Split, ByTimeEveryPartIsTheSameInWhateverOrderTheRowsCome) {
  Interactions some = some_interactions(500);
  for (const bool one_time : {false, true}) {
    if (one_time) std::ranges::fill(some.times, 7);
    const Interactions other = in_another_order(some);
    for (const SplitMethod method : {SplitMethod::time, SplitMethod::leave_last_out}) {
      SCOPED_TRACE(split_name(method));
      const SplitOptions options{.method = method, .leave_last = 3, .seed = 5};
      const auto with = [&](const Interactions& interactions) {
        return with_validation(interactions, the_split(interactions, options), options, 0.2);
      };
      const Split here = with(some);
      const Split there = with(other);
      EXPECT_EQ(pairs_of(some, here.test), pairs_of(other, there.test));
      EXPECT_EQ(pairs_of(some, here.validation), pairs_of(other, there.validation));
      EXPECT_EQ(pairs_of(some, here.train), pairs_of(other, there.train));
      const Split of_another_seed = the_split(some, {.method = method, .leave_last = 3, .seed = 6});
      if (one_time) {
        EXPECT_NE(pairs_of(some, here.test), pairs_of(some, of_another_seed.test));
      }
    }
  }
}

TEST(Split, LotsAmongRatingsOfOneTimeAreTheSameOnEveryMachine) {
  Interactions interactions = interactions_of(2, 3, {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {1, 0, 1}});
  std::ranges::fill(interactions.times, 7);
  const auto order = [&](std::uint32_t seed) {
    return joined(
        the_split(interactions, {.method = SplitMethod::time, .test_share = 0.5, .seed = seed}));
  };
  EXPECT_EQ(order(1), (std::vector<Index>{0, 2, 1, 3}));
  EXPECT_EQ(order(2), (std::vector<Index>{3, 1, 2, 0}));
}

// The number of `rows` by each user.
std::vector<Index> rows_by_user(const Interactions& interactions, const std::vector<Index>& rows) {
  std::vector<Index> counts(interactions.num_users());
  for (const Index row : rows) ++counts[interactions.users[row]];
  return counts;
}

TEST(Split, PerUserTakesAShareOfEachAndLeavesEveryUserARating) {
  // Users with 1, 2, 3, 4, 8 and 40 ratings.
  std::vector<Rating> ratings;
  const std::vector<Index> counts{1, 2, 3, 4, 8, 40};
  for (Index item = 0; item < 40; ++item) {
    for (Index user = 0; user < counts.size(); ++user) {
      if (item < counts[user]) ratings.emplace_back(user, item, 3.0F);
    }
  }
  const Interactions interactions = interactions_of(6, 40, ratings);
  const SplitOptions options{.method = SplitMethod::per_user, .test_share = 0.3, .seed = 4};
  const Split split = the_split(interactions, options);
  expect_partition(split, interactions.size());
  EXPECT_EQ(rows_by_user(interactions, split.test), (std::vector<Index>{0, 1, 1, 1, 2, 12}));
  const Split most = the_split(interactions, {.method = SplitMethod::per_user, .test_share = 0.9});
  EXPECT_EQ(rows_by_user(interactions, most.test), (std::vector<Index>{0, 1, 2, 3, 7, 36}));
  EXPECT_EQ(the_split(interactions, options), split);
  EXPECT_NE(
      the_split(interactions, {.method = SplitMethod::per_user, .test_share = 0.3, .seed = 5}),
      split);
}

TEST(Split, LeaveLastOutTakesTheLatestOfEachUser) {
  // Rows 0 .. 8; of user 0 the times 30, 10, 20, 31, of user 1 5, 4, 6, of user 2 one alone, of
  // user 3 none.
  Interactions interactions = interactions_of(
      4, 5,
      {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {0, 2, 1}, {1, 1, 1}, {2, 0, 1}, {0, 3, 1}, {1, 2, 1}});
  interactions.times = {30, 10, 5, 20, 4, 100, 31, 6};
  const auto leave = [&](Index last) {
    return the_split(interactions, {.method = SplitMethod::leave_last_out, .leave_last = last});
  };
  // By time: rows 4 2 7 1 3 0 6 5.
  EXPECT_EQ(leave(1), (Split{{4, 2, 1, 3, 0, 5}, {}, {7, 6}}));
  EXPECT_EQ(leave(2), (Split{{4, 1, 3, 5}, {}, {2, 7, 0, 6}}));
  EXPECT_EQ(leave(3), (Split{{4, 2, 7, 1, 5}, {}, {3, 0, 6}}))
      << "three ratings are too few to leave three out";
  const SplitOptions options{.method = SplitMethod::leave_last_out};
  EXPECT_EQ(with_validation(interactions, leave(1), options, 0.5),
            (Split{{4, 1, 3, 5}, {2, 0}, {7, 6}}));
  expect_error(ErrorCode::bad_data, "no user has more than 4 ratings", [&] { leave(4); });
  expect_error(ErrorCode::invalid_argument, "leave_last 0", [&] { leave(0); });
}

TEST(Split, PerUserNeedsAUserWithEnoughRatings) {
  const Interactions interactions =
      interactions_of(3, 2, {{0, 0, 1}, {1, 0, 1}, {2, 0, 1}, {2, 1, 1}});
  expect_error(ErrorCode::bad_data, "use a larger share", [&] {
    the_split(interactions, {.method = SplitMethod::per_user, .test_share = 0.2});
  });
}

// `counts` ratings of each user, whose rows are in no order.
Interactions with_counts(const std::vector<Index>& counts) {
  std::vector<Rating> ratings;
  const Index items = std::ranges::max(counts);
  for (Index item = 0; item < items; ++item) {
    for (Index user = 0; user < counts.size(); ++user) {
      if (item < counts[user]) ratings.emplace_back(user, (item * 7 + user) % items, 3.0F);
    }
  }
  return interactions_of(static_cast<Index>(counts.size()), items, ratings);
}

TEST(Split, UsersHoldsOutWholeUsersAndFoldsAShareOfEachIn) {
  const std::vector<Index> counts{1, 2, 3, 4, 8, 40, 0, 5, 10, 1, 100, 2};
  const Interactions interactions = with_counts(counts);
  for (const double share : {0.05, 0.5, 0.8, 0.99}) {
    for (std::uint32_t seed = 1; seed < 9; ++seed) {
      SCOPED_TRACE(fmt::format("share {}, seed {}", share, seed));
      const SplitOptions options{
          .method = SplitMethod::users, .test_share = 0.3, .fold_in_share = share, .seed = seed};
      const Split split = the_split(interactions, options);
      expect_partition(split, interactions.size());
      EXPECT_TRUE(std::ranges::is_sorted(split.train));
      const std::vector<Index> train = rows_by_user(interactions, split.train);
      const std::vector<Index> folded_in = rows_by_user(interactions, split.fold_in);
      const std::vector<Index> tested = rows_by_user(interactions, split.test);
      Index held_out = 0;
      for (Index user = 0; user < counts.size(); ++user) {
        if (tested[user] == 0) {
          EXPECT_EQ(train[user], counts[user]);
          EXPECT_EQ(folded_in[user], 0U);
          continue;
        }
        ++held_out;
        EXPECT_EQ(train[user], 0U);
        EXPECT_EQ(folded_in[user],
                  std::clamp(std::round(share * counts[user]), 1.0, counts[user] - 1.0));
      }
      EXPECT_EQ(held_out, 3U) << "three tenths of nine users with two ratings, rounded up";
      EXPECT_EQ(the_split(interactions, options), split);
    }
  }
}

TEST(Split, UsersAndTheirRowsAreDrawnByTheSeed) {
  const Interactions interactions = some_interactions(3000);
  const auto of_seed = [&](std::uint32_t seed) {
    return the_split(interactions, {.method = SplitMethod::users, .seed = seed});
  };
  EXPECT_NE(of_seed(1).train, of_seed(2).train);
  // The users are those that the first of NumPy's permutation names; each has a random share.
  const Split split = of_seed(3);
  std::vector<Index> users(interactions.num_users());
  std::iota(users.begin(), users.end(), Index{0});
  const std::vector<Index> counts = rows_by_user(interactions, joined(split));
  std::erase_if(users, [&](Index user) { return counts[user] < 2; });
  numpy_shuffle(users, 3);
  const auto size = static_cast<std::size_t>(std::ceil(0.2 * static_cast<double>(users.size())));
  const std::vector<Index> tested = rows_by_user(interactions, split.test);
  for (std::size_t n = 0; n < users.size(); ++n) EXPECT_EQ(tested[users[n]] > 0, n < size);
  std::vector<Index> rows = split.test;
  std::ranges::sort(rows);
  EXPECT_NE(rows, split.test) << "not in the order of the file";
}

TEST(Split, UsersHasAValidationPartOfRandomTrainRows) {
  const Interactions interactions = some_interactions(1000);
  const SplitOptions options{.method = SplitMethod::users, .seed = 7};
  const Split outer = the_split(interactions, options);
  const Split inner = with_validation(interactions, outer, options, 0.1);
  EXPECT_EQ(inner.fold_in, outer.fold_in);
  EXPECT_EQ(inner.test, outer.test);
  EXPECT_EQ(inner.validation, with_validation(interactions, outer, {.seed = 7}, 0.1).validation);
}

TEST(Split, UsersNeedsUsersToFoldInAndUsersToTrainOn) {
  const auto split = [](const std::vector<Index>& counts) {
    return [counts] { make_splits(with_counts(counts), {.method = SplitMethod::users}); };
  };
  expect_error(ErrorCode::bad_data, "0 users with two ratings or more are too few",
               split({1, 1, 1, 1, 1, 1}));
  expect_error(ErrorCode::bad_data, "1 users with two ratings or more are too few",
               split({1, 1, 9}));
  EXPECT_NO_THROW(split({1, 2, 2})());
}

TEST(Split, TrainValidationAndTestTogetherAreTheInput) {
  for (const SplitMethod method :
       {SplitMethod::random, SplitMethod::kfold, SplitMethod::time, SplitMethod::per_user,
        SplitMethod::leave_last_out, SplitMethod::notebook, SplitMethod::users}) {
    SCOPED_TRACE(split_name(method));
    const Interactions interactions = some_interactions(103);
    const SplitOptions options{.method = method, .test_share = 0.25, .folds = 4, .seed = 3};
    for (const Split& split : make_splits(interactions, options)) {
      expect_partition(split, 103);
      const Split with = with_validation(interactions, split, options, 0.1);
      expect_partition(with, 103);
      EXPECT_EQ(with.test, split.test);
      if (method == SplitMethod::leave_last_out) {
        EXPECT_EQ(with.validation.size(), 3U) << "one more of each user";
      } else if (method != SplitMethod::per_user) {
        EXPECT_EQ(with.validation.size(), (split.train.size() + 9) / 10);
      }
    }
  }
}

TEST(Split, ValidationIsCutByTheRuleOfTheTest) {
  const Interactions interactions = some_interactions(200);
  const auto time = [&](Index row) { return interactions.times[row]; };
  const SplitOptions by_time{.method = SplitMethod::time};
  const Split latest =
      with_validation(interactions, the_split(interactions, by_time), by_time, 0.2);
  EXPECT_LE(time(*std::ranges::max_element(latest.train, {}, time)),
            time(*std::ranges::min_element(latest.validation, {}, time)));
  EXPECT_LE(time(*std::ranges::max_element(latest.validation, {}, time)),
            time(*std::ranges::min_element(latest.test, {}, time)));

  // train_test_split of the train list: the positions in it that are recorded for its length.
  const SplitOptions at_random{.method = SplitMethod::random, .test_share = 0.2, .seed = 1};
  const Split outer = the_split(some_interactions(125), at_random);
  ASSERT_EQ(outer.train.size(), 100U);
  const Split inner = with_validation(some_interactions(125), outer, at_random, 0.2);
  std::vector<Index> positions;
  for (const Index row : inner.validation) {
    positions.push_back(
        static_cast<Index>(std::ranges::find(outer.train, row) - outer.train.begin()));
  }
  const auto of_a_hundred =
      std::ranges::find_if(recorded::kRandomSplits, [](const recorded::RandomSplit& split) {
        return split.n == 100 && split.test_share == 0.2 && split.seed == 1;
      });
  ASSERT_NE(of_a_hundred, std::ranges::end(recorded::kRandomSplits));
  expect_recorded(positions, of_a_hundred->test);
}

TEST(Split, ValidationLeavesTheOrderOfTheRest) {
  const Interactions interactions = some_interactions(103);
  const SplitOptions options{.seed = 5};
  const Split outer = the_split(interactions, options);
  const Split inner = with_validation(interactions, outer, options, 0.3);
  std::vector<Index> rest;
  for (const Index row : outer.train) {
    if (std::ranges::find(inner.validation, row) == inner.validation.end()) rest.push_back(row);
  }
  EXPECT_EQ(inner.train, rest);
}

TEST(Split, RefusesASplitWithAnEmptyPart) {
  const auto split = [](Index n, const SplitOptions& options) {
    return [n, options] { make_splits(some_interactions(n), options); };
  };
  for (const SplitMethod method : {SplitMethod::random, SplitMethod::notebook, SplitMethod::time}) {
    expect_error(ErrorCode::bad_data, "0 ratings", split(0, {.method = method}));
    expect_error(ErrorCode::bad_data, "1 ratings", split(1, {.method = method}));
  }
  expect_error(ErrorCode::bad_data, "4 ratings", split(4, {.test_share = 0.9}));
  expect_error(ErrorCode::bad_data, "4 ratings cannot be cut into 5 folds",
               split(4, {.method = SplitMethod::kfold}));
  const Split small = the_split(some_interactions(2), {});
  expect_error(ErrorCode::bad_data, "validation",
               [&] { with_validation(some_interactions(2), small, {}, 0.2); });
}

TEST(Split, RefusesOptionsOutOfRange) {
  const Interactions interactions = some_interactions(20);
  for (const double share : {0.0, 1.0, -0.1, 1.5, std::nan("")}) {
    expect_error(ErrorCode::invalid_argument, fmt::format("fold-in share {}", share), [&] {
      make_splits(interactions, {.method = SplitMethod::users, .fold_in_share = share});
    });
    for (const SplitMethod method :
         {SplitMethod::random, SplitMethod::per_user, SplitMethod::users}) {
      expect_error(ErrorCode::invalid_argument, fmt::format("{}", share),
                   [&] { make_splits(interactions, {.method = method, .test_share = share}); });
    }
    expect_error(ErrorCode::invalid_argument, fmt::format("{}", share),
                 [&] { with_validation(interactions, the_split(interactions, {}), {}, share); });
  }
  for (const Index folds : {0U, 1U}) {
    expect_error(ErrorCode::invalid_argument, fmt::format("folds {}", folds), [&] {
      make_splits(interactions, {.method = SplitMethod::kfold, .folds = folds});
    });
  }
}

TEST(Split, ByTimeNeedsTimes) {
  Interactions interactions = some_interactions(20);
  interactions.times.clear();
  for (const SplitMethod method : {SplitMethod::time, SplitMethod::leave_last_out}) {
    expect_error(ErrorCode::bad_data, "`method=random`",
                 [&] { make_splits(interactions, {.method = method}); });
  }
}

}  // namespace
}  // namespace palate
