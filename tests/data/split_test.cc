#include "palate/split.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

#include "base/random.h"
#include "data/recorded_list.h"
#include "palate/error.h"

namespace palate {
namespace {

// n ratings of different (user, item) pairs in no order, at times of which many are equal.
Interactions some_interactions(Index n) {
  constexpr Index kItems = 37;
  std::vector<Index> cells(n);
  std::iota(cells.begin(), cells.end(), Index{0});
  Rng rng(7);
  rng.shuffle(cells);
  Interactions interactions;
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
    SCOPED_TRACE(fmt::format("{} rows, share {}, seed {}", expected.n, expected.test_share, expected.seed));
    const Split split = the_split(some_interactions(expected.n),
                                  {.method = SplitMethod::random, .test_share = expected.test_share, .seed = expected.seed});
    expect_recorded(split.train, expected.train);
    expect_recorded(split.test, expected.test);
    EXPECT_TRUE(split.validation.empty());
  }
}

TEST(Split, KfoldIsKFoldOfSurprise) {
  for (const recorded::Fold& expected : recorded::kFolds) {
    SCOPED_TRACE(fmt::format("{} rows, fold {} of {}, seed {}", expected.n, expected.fold, expected.folds, expected.seed));
    const std::vector<Split> splits = make_splits(
        some_interactions(expected.n), {.method = SplitMethod::kfold, .folds = expected.folds, .seed = expected.seed});
    ASSERT_EQ(splits.size(), expected.folds);
    expect_recorded(splits[expected.fold].train, expected.train);
    expect_recorded(splits[expected.fold].test, expected.test);
  }
}

TEST(Split, NotebookIsRandomOverTheRowsInOrderOfUserAndItem) {
  constexpr Index kRows = 1003;
  const Interactions interactions = some_interactions(kRows);
  std::vector<std::tuple<Index, Index, Index>> ordered;  // user, item, row
  for (Index row = 0; row < kRows; ++row) ordered.emplace_back(interactions.users[row], interactions.items[row], row);
  std::ranges::sort(ordered);
  const Split over_numbers = the_split(interactions, {.method = SplitMethod::random, .test_share = 0.2, .seed = 1});
  const auto rows = [&](const std::vector<Index>& numbers) {
    std::vector<Index> result;
    for (const Index number : numbers) result.push_back(std::get<2>(ordered[number]));
    return result;
  };
  // The method's share and seed are its own, whatever the options say.
  const Split split = the_split(interactions, {.method = SplitMethod::notebook, .test_share = 0.5, .seed = 9});
  EXPECT_EQ(split.train, rows(over_numbers.train));
  EXPECT_EQ(split.test, rows(over_numbers.test));
}

TEST(Split, TimeHoldsOutTheLatestAndKeepsFileOrderAmongEquals) {
  for (const Index n : {2U, 17U, 1003U}) {
    const Interactions interactions = some_interactions(n);
    std::vector<std::pair<std::int64_t, Index>> ordered;
    for (Index row = 0; row < n; ++row) ordered.emplace_back(interactions.times[row], row);
    std::ranges::sort(ordered);
    const Split split = the_split(interactions, {.method = SplitMethod::time, .test_share = 0.3});
    EXPECT_EQ(split.test.size(), (n * 3 + 9) / 10);
    const std::vector<Index> rows = joined(split);
    ASSERT_EQ(rows.size(), n);
    for (Index at = 0; at < n; ++at) EXPECT_EQ(rows[at], ordered[at].second);
  }
}

TEST(Split, TrainValidationAndTestTogetherAreTheInput) {
  for (const SplitMethod method : {SplitMethod::random, SplitMethod::kfold, SplitMethod::time, SplitMethod::notebook}) {
    const Interactions interactions = some_interactions(103);
    const SplitOptions options{.method = method, .test_share = 0.25, .folds = 4, .seed = 3};
    for (const Split& split : make_splits(interactions, options)) {
      expect_partition(split, 103);
      const Split with = with_validation(interactions, split, options, 0.1);
      expect_partition(with, 103);
      EXPECT_EQ(with.test, split.test);
      EXPECT_EQ(with.validation.size(), (split.train.size() + 9) / 10);
    }
  }
}

TEST(Split, ValidationIsCutByTheRuleOfTheTest) {
  const Interactions interactions = some_interactions(200);
  const auto time = [&](Index row) { return interactions.times[row]; };
  const SplitOptions by_time{.method = SplitMethod::time};
  const Split latest = with_validation(interactions, the_split(interactions, by_time), by_time, 0.2);
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
    positions.push_back(static_cast<Index>(std::ranges::find(outer.train, row) - outer.train.begin()));
  }
  const auto of_a_hundred = std::ranges::find_if(recorded::kRandomSplits, [](const recorded::RandomSplit& split) {
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
  expect_error(ErrorCode::bad_data, "4 ratings cannot be cut into 5 folds", split(4, {.method = SplitMethod::kfold}));
  const Split small = the_split(some_interactions(2), {});
  expect_error(ErrorCode::bad_data, "validation", [&] { with_validation(some_interactions(2), small, {}, 0.2); });
}

TEST(Split, RefusesOptionsOutOfRange) {
  const Interactions interactions = some_interactions(20);
  for (const double share : {0.0, 1.0, -0.1, 1.5, std::nan("")}) {
    expect_error(ErrorCode::invalid_argument, fmt::format("{}", share),
                 [&] { make_splits(interactions, {.test_share = share}); });
    expect_error(ErrorCode::invalid_argument, fmt::format("{}", share),
                 [&] { with_validation(interactions, the_split(interactions, {}), {}, share); });
  }
  for (const Index folds : {0U, 1U}) {
    expect_error(ErrorCode::invalid_argument, fmt::format("folds {}", folds),
                 [&] { make_splits(interactions, {.method = SplitMethod::kfold, .folds = folds}); });
  }
}

TEST(Split, ByTimeNeedsTimes) {
  Interactions interactions = some_interactions(20);
  interactions.times.clear();
  expect_error(ErrorCode::bad_data, "--split random", [&] { make_splits(interactions, {.method = SplitMethod::time}); });
}

}  // namespace
}  // namespace palate
