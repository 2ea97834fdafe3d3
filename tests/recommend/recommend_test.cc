#include "palate/recommend/recommend.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "palate/recommend/history.h"

namespace palate {
namespace {

// Two users, four items, one factor. User 0 likes what has a positive factor, user 1 the contrary.
Scorer small_scorer() {
  Factors factors(2, 4, 1);
  factors.global_mean = 3;
  factors.user_bias = {0.5F, -0.5F};
  factors.item_bias = {0, 0.25F, 0, 0};
  factors.user_factors.row(0)[0] = 1;
  factors.user_factors.row(1)[0] = -1;
  for (Index item = 0; item < 4; ++item)
    factors.item_factors.row(item)[0] = static_cast<float>(item);
  return {std::move(factors), {}, RatingRange{1, 5}, {9, 9, 9, 2}};
}

// What a user has seen.
struct Seen {
  std::vector<Index> items;
  std::vector<float> values = std::vector<float>(items.size(), 3);
  SparseRow row() const { return {items, values}; }
};

std::vector<Index> items_of(const std::vector<Recommendation>& list) {
  std::vector<Index> items;
  for (const Recommendation& entry : list) items.push_back(entry.item);
  return items;
}

TEST(Recommend, ListsTheBestFirst) {
  const Scorer scorer = small_scorer();
  const ListRules all{.count = 10, .min_support = 0};
  EXPECT_EQ(items_of(recommend(scorer, query_of_user(scorer, 0), all)),
            (std::vector<Index>{3, 2, 1, 0}));
  EXPECT_EQ(items_of(recommend(scorer, query_of_user(scorer, 1), all)),
            (std::vector<Index>{0, 1, 2, 3}));
}

TEST(Recommend, LeavesOutTheExcludedAndTheUnsupported) {
  const Scorer scorer = small_scorer();
  const Seen seen{{0, 2}};
  const QueryView query = query_of_user(scorer, 0, seen.row());
  EXPECT_EQ(items_of(recommend(scorer, query, {.count = 10, .min_support = 5})),
            (std::vector<Index>{1}));
  EXPECT_EQ(items_of(recommend(scorer, query, {.count = 1, .min_support = 0})),
            (std::vector<Index>{3}));
  EXPECT_TRUE(
      recommend(scorer, query_of_user(scorer, 0), {.count = 10, .min_support = 10}).empty());
}

TEST(Recommend, EqualScoresStandInOrderOfSupportThenOfIndex) {
  Scorer scorer = small_scorer();
  scorer.factors.item_bias = {0, -1, -2, -3};  // as much as user 0 likes them more
  scorer.item_support = {9, 2, 10, 9};
  EXPECT_EQ(items_of(recommend(scorer, query_of_user(scorer, 0), {.count = 4, .min_support = 0})),
            (std::vector<Index>{2, 0, 3, 1}));
}

TEST(Recommend, SomebodyOfWhomNothingIsKnownGetsTheBestSupportedItems) {
  Scorer scorer = small_scorer();
  scorer.item_support = {9, 9, 10, 2};
  const auto list =
      recommend(scorer, query_of_unknown_user(scorer), {.count = 3, .min_support = 0});
  EXPECT_EQ(items_of(list), (std::vector<Index>{2, 0, 1}));
  EXPECT_EQ(list[0].score, 10);
}

// A scorer of lists of the items by two users; the third has chosen nothing.
Scorer scorer_of_lists() {
  Factors factors(3, 4, 1);
  factors.user_factors.row(0)[0] = 1;
  factors.user_factors.row(1)[0] = -1;
  for (Index item = 0; item < 4; ++item)
    factors.item_factors.row(item)[0] = 1 - static_cast<float>(item);
  Scorer scorer{std::move(factors), {}, {}, {3, 8, 0, 8}};
  scorer.row = RowObjective{
      .ridge = {.factors = 0.1F, .exponent = 1, .offset = 1}, .bias = false, .unobserved = 0.25F};
  scorer.weighting = Weighting{.at_least = 4.0F, .lower = 0.2F};
  return scorer;
}

TEST(Recommend, WhoeverNothingIsKnownOfGetsWhatMostHaveChosen) {
  const Scorer scorer = scorer_of_lists();
  const RatedItems nothing;
  const RatedItems dislikes = rated_items({{0, 1.0F}, {1, 3.5F}});
  const auto expect_popular = [&](const QueryView& query, const std::vector<Index>& items) {
    EXPECT_TRUE(knows_nothing(scorer, query));
    const auto list = recommend(scorer, query, default_rules(scorer));
    EXPECT_EQ(items_of(list), items) << "by support, equal ones in order of index";
    for (const Recommendation& listed : list)
      EXPECT_EQ(listed.score, static_cast<float>(scorer.item_support[listed.item]));
  };
  expect_popular(query_of_unknown_user(scorer), {1, 3, 0});
  expect_popular(query_of_user(scorer, 2), {1, 3, 0});
  const Query empty = query_of_newcomer(scorer, nothing);
  expect_popular(empty, {1, 3, 0});
  const Query disliking = query_of_newcomer(scorer, dislikes);
  expect_popular(disliking, {3});
  EXPECT_FALSE(knows_nothing(scorer, query_of_user(scorer, 0)));
  Model model;
  model.lists = Fitted{algorithm_named("ials"), scorer, {}};
  EXPECT_EQ(count_unknown_users(model), 1U);
}

TEST(Recommend, WhatIsNotRelevantOfANewcomerIsOnlyLeftOut) {
  const Scorer scorer = scorer_of_lists();
  const Query both = query_of_newcomer(scorer, rated_items({{0, 5.0F}, {3, 1.0F}}));
  const Query liked = query_of_newcomer(scorer, rated_items({{0, 5.0F}}));
  EXPECT_EQ(both.vector, liked.vector);
  EXPECT_EQ(items_of(recommend(scorer, both, default_rules(scorer))), (std::vector<Index>{1}));
  EXPECT_EQ(items_of(recommend(scorer, liked, default_rules(scorer))), (std::vector<Index>{1, 3}));
  EXPECT_NE(fold_in(scorer, rated_items({{0, 5.0F}, {3, 1.0F}})).vector, liked.vector)
      << "in training a low rating weighs, too";
}

TEST(Recommend, ScorersOfListsTrustAnyItemThatSomebodyHasChosen) {
  EXPECT_EQ(default_rules(small_scorer()).min_support, 5U);
  EXPECT_EQ(default_rules(scorer_of_lists()).min_support, 1U);
}

TEST(Recommend, ThePredictedRatingsOfAListAreThoseOfItsItemsClipped) {
  const Scorer ratings = small_scorer();
  const std::vector<Recommendation> list{{3, 0.5F}, {0, 0.25F}};
  EXPECT_EQ(ratings_of(ratings, query_of_user(ratings, 0), list), (std::vector<float>{5, 3.5F}));
  EXPECT_EQ(ratings_of(ratings, query_of_unknown_user(ratings), list), (std::vector<float>{3, 3}));
}

TEST(Recommend, AnItemStandsWhereTheListWouldHaveIt) {
  const Scorer scorer = small_scorer();
  QueryView query = query_of_user(scorer, 0);
  const ListRules all{.count = 10, .min_support = 0};
  const std::vector<Recommendation> list = recommend(scorer, query, all);
  for (Index t = 0; t < list.size(); ++t) {
    const auto [rank, score] = standing(scorer, query, list[t].item, all);
    EXPECT_EQ(rank, t + 1);
    EXPECT_EQ(score, list[t].score);
  }
  EXPECT_EQ(standing(scorer, query, 0, {.count = 1, .min_support = 5}).rank, 3U);
  const Seen seen{{2, 3}};
  query.seen = seen.row();
  EXPECT_EQ(standing(scorer, query, 1, all).rank, 1U);
  EXPECT_EQ(standing(scorer, query, 2, all).rank, 1U)
      << "one that is left out: where it would stand";
}

TEST(Recommend, AMaskLetsInWhatIsMeant) {
  const Scorer scorer = small_scorer();
  ListRules rules{.count = 10, .min_support = 0};
  const auto listed = [&] { return items_of(recommend(scorer, query_of_user(scorer, 0), rules)); };
  rules.allowed.leave_out(std::vector<Index>{1}, 4);
  EXPECT_EQ(listed(), (std::vector<Index>{3, 2, 0}));
  rules.allowed.keep_only(std::vector<Index>{0, 1, 2}, 4);
  EXPECT_EQ(listed(), (std::vector<Index>{2, 0})) << "what was left out stays out";
  rules.allowed.keep_only({}, 4);
  EXPECT_TRUE(listed().empty());
}

TEST(PredictPairs, AreTheSameAsOneByOne) {
  const Scorer scorer = small_scorer();
  const std::vector<Index> users{0, 1, 7, 0, 7};
  const std::vector<Index> items{3, 1, 1, 9, 9};
  for (const bool clip : {true, false}) {
    const std::vector<float> predicted = predict_pairs(scorer, users, items, clip);
    for (std::size_t t = 0; t < users.size(); ++t) {
      const QueryView query =
          users[t] < 2 ? query_of_user(scorer, users[t]) : query_of_unknown_user(scorer);
      const auto item = items[t] < 4 ? std::optional(items[t]) : std::nullopt;
      EXPECT_FLOAT_EQ(predicted[t], predict(scorer, query, item, clip)) << t;
    }
  }
}

}  // namespace
}  // namespace palate
