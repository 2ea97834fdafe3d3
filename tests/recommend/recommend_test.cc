#include "palate/recommend/recommend.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace palate {
namespace {

// Two users, four items, one factor. User 0 likes what has a positive factor, user 1 the contrary.
Model small_model() {
  Model model;
  model.factors = Factors(2, 4, 1);
  model.factors.global_mean = 3;
  model.factors.user_bias = {0.5F, -0.5F};
  model.factors.item_bias = {0, 0.25F, 0, 0};
  model.factors.user_factors.row(0)[0] = 1;
  model.factors.user_factors.row(1)[0] = -1;
  for (Index item = 0; item < 4; ++item)
    model.factors.item_factors.row(item)[0] = static_cast<float>(item);
  model.range = {1, 5};
  model.item_support = {9, 9, 9, 2};
  return model;
}

std::vector<Index> items_of(const std::vector<Recommendation>& list) {
  std::vector<Index> items;
  for (const Recommendation& entry : list) items.push_back(entry.item);
  return items;
}

TEST(Recommend, ListsTheBestFirst) {
  const Model model = small_model();
  const RecommendOptions all{.count = 10, .min_support = 0};
  EXPECT_EQ(items_of(recommend(model, query_of_user(model, 0), all)),
            (std::vector<Index>{3, 2, 1, 0}));
  EXPECT_EQ(items_of(recommend(model, query_of_user(model, 1), all)),
            (std::vector<Index>{0, 1, 2, 3}));
}

TEST(Recommend, LeavesOutTheExcludedAndTheUnsupported) {
  const Model model = small_model();
  const std::vector<Index> excluded{0, 2};
  EXPECT_EQ(items_of(recommend(model, query_of_user(model, 0), {.count = 10, .min_support = 5},
                               excluded)),
            (std::vector<Index>{1}));
  EXPECT_EQ(
      items_of(recommend(model, query_of_user(model, 0), {.count = 1, .min_support = 0}, excluded)),
      (std::vector<Index>{3}));
  EXPECT_TRUE(recommend(model, query_of_user(model, 0), {.count = 10, .min_support = 10}).empty());
}

TEST(Recommend, EqualScoresStandInOrderOfIndex) {
  Model model = small_model();
  model.factors.item_bias = {0, 0, 0, 0};
  EXPECT_EQ(
      items_of(recommend(model, query_of_unknown_user(model), {.count = 3, .min_support = 0})),
      (std::vector<Index>{0, 1, 2}));
}

TEST(Recommend, AnUnknownUserGetsTheBiasOnlyAnswer) {
  const Model model = small_model();
  const auto list = recommend(model, query_of_unknown_user(model), {.count = 1, .min_support = 0});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].item, 1U);
  EXPECT_FLOAT_EQ(list[0].score, 3.25F);
}

TEST(Recommend, AnItemStandsWhereTheListWouldHaveIt) {
  const Model model = small_model();
  const Query query = query_of_user(model, 0);
  const RecommendOptions all{.count = 10, .min_support = 0};
  const std::vector<Recommendation> list = recommend(model, query, all);
  for (Index t = 0; t < list.size(); ++t) {
    const auto [rank, score] = standing(model, query, list[t].item, all);
    EXPECT_EQ(rank, t + 1);
    EXPECT_EQ(score, list[t].score);
  }
  const std::vector<Index> excluded{2, 3};
  EXPECT_EQ(standing(model, query, 1, all, excluded).rank, 1U);
  EXPECT_EQ(standing(model, query, 2, all, excluded).rank, 1U)
      << "one that is left out: where it would stand";
  EXPECT_EQ(standing(model, query, 0, {.count = 1, .min_support = 5}).rank, 3U);
}

TEST(Predict, IsTheScoreClippedToTheRange) {
  const Model model = small_model();
  EXPECT_FLOAT_EQ(predict(model, query_of_user(model, 0), 1), 4.75F);
  EXPECT_FLOAT_EQ(predict(model, query_of_user(model, 0), 3), 5);
  EXPECT_FLOAT_EQ(predict(model, query_of_user(model, 0), 3, false), 6.5F);
  EXPECT_FLOAT_EQ(predict(model, query_of_user(model, 0), std::nullopt), 3.5F) << "an unknown item";
  EXPECT_FLOAT_EQ(predict(model, query_of_unknown_user(model), std::nullopt), 3);
}

TEST(Predict, OfAPresetIsNotClipped) {
  Model model = small_model();
  model.algorithm = "notebook-adam";
  EXPECT_FLOAT_EQ(predict(model, query_of_user(model, 0), 3), 6.5F);
}

}  // namespace
}  // namespace palate
