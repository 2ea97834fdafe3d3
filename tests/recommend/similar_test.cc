#include "palate/recommend/similar.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "fitted_model.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

// Items in the plane, at these angles in degrees and lengths; two users.
Model items_at(const std::vector<std::pair<double, double>>& places) {
  const auto count = static_cast<Index>(places.size());
  Factors factors(2, count, 2);
  for (Index item = 0; item < count; ++item) {
    const double angle = places[item].first * std::acos(-1) / 180;
    factors.item_factors.row(item)[0] = static_cast<float>(places[item].second * std::cos(angle));
    factors.item_factors.row(item)[1] = static_cast<float>(places[item].second * std::sin(angle));
  }
  Model model = model_of({std::move(factors), {}, {}, std::vector<Index>(count, 9)}, "als");
  model.ratings->scorer.row = RowObjective{.ridge = {.factors = 0.5F, .bias = 3}};
  Catalog catalog;
  catalog.users = numbered_ids(2);
  catalog.items = numbered_ids(count);
  model.catalog = std::make_shared<const Catalog>(catalog);
  return model;
}

// The same for lists.
Model lists_at(const std::vector<std::pair<double, double>>& places) {
  Model model = items_at(places);
  std::swap(model.ratings, model.lists);
  Scorer& scorer = model.lists->scorer;
  scorer.row = RowObjective{
      .ridge = {.factors = 0.1F, .exponent = 1, .offset = 2}, .bias = false, .unobserved = 0.25F};
  scorer.weighting = Weighting{.at_least = 4.0F};
  return model;
}

std::vector<Index> items_in(const std::vector<Recommendation>& list) {
  std::vector<Index> result;
  for (const Recommendation& one : list) result.push_back(one.item);
  return result;
}

std::vector<Index> indices(const std::vector<Neighbour>& list) {
  std::vector<Index> result;
  for (const Neighbour& neighbour : list) result.push_back(neighbour.index);
  return result;
}

TEST(Similar, IsTheListOfSomebodyWhoLikesJustTheItem) {
  const Model model =
      lists_at({{0, 1}, {90, 1}, {10, 0.1}, {180, 2}, {-30, 3}, {20, 1}, {60, 0.5}});
  const Scorer& scorer = model.lists->scorer;
  for (Index item = 0; item < 7; ++item) {
    const Query query = fold_in(scorer, rated_items({{item, 5.0F}}));
    const std::vector<Recommendation> expected =
        recommend(scorer, query, {.count = 4, .min_support = 1});
    const std::vector<Recommendation> list = similar_items(model, item, {.count = 4});
    EXPECT_EQ(items_in(list), items_in(expected));
    for (std::size_t t = 0; t < list.size(); ++t)
      EXPECT_FLOAT_EQ(list[t].score, expected[t].score) << "nobody's score is 0";
  }
}

// With one rating x = y_i e / lambda, where e is what is left of the point that it surprises by.
TEST(Similar, OfRatingsNoBiasCountsAndTheBestItemHasNeighboursToo) {
  Model model = items_at({{0, 1}, {90, 1}, {10, 1}, {180, 1}, {-30, 1}});
  model.ratings->scorer.factors.item_bias = {9, 5, -5, 5, 0};
  model.ratings->scorer.range = RatingRange{1, 5};
  const std::vector<Recommendation> list = similar_items(model, 0);
  EXPECT_EQ(items_in(list), (std::vector<Index>{2, 4, 1, 3}));
  const double left = 1 / (1 + 1 / 0.5 + 1 / 3.0);
  const double to_bias = left / 3;
  EXPECT_NEAR(list[0].score, to_bias + left / 0.5 * std::cos(std::acos(-1) / 18), 1e-6);
  EXPECT_NEAR(list[2].score, to_bias, 1e-6);
}

TEST(Similar, LeavesOutTheUnsupportedAndWhatHasNoRatings) {
  Model model = items_at({{0, 1}, {10, 1}, {20, 1}, {0, 0}});
  model.ratings->scorer.item_support = {9, 4, 9, 0};
  EXPECT_EQ(items_in(similar_items(model, 0)), (std::vector<Index>{2}));
  EXPECT_EQ(items_in(similar_items(model, 0, {.count = 1, .min_support = 0})),
            (std::vector<Index>{1}));
  EXPECT_EQ(similar_items(model, 0, {.min_support = 0}).size(), 2U);
  EXPECT_THROW(similar_items(model, 3), Error);
  std::swap(model.ratings, model.lists);
  model.lists->scorer.weighting = Weighting{};
  model.lists->scorer.row->unobserved = 0.25F;
  model.lists->scorer.row->bias = false;
  EXPECT_EQ(items_in(similar_items(model, 0)), (std::vector<Index>{1, 2})) << "one user is enough";
}

TEST(Similar, EquallyNearOnesGoBySupportThenInOrderOfIndex) {
  Model model = items_at({{0, 1}, {0, 2}, {0, 2}, {0, 2}, {0, 2}});
  model.ratings->scorer.item_support = {9, 6, 9, 8, 8};
  EXPECT_EQ(items_in(similar_items(model, 2, {.count = 3})), (std::vector<Index>{3, 4, 1}));
}

TEST(Similar, UsersAreComparedToo) {
  Model model = items_at({{0, 1}});
  model.ratings->scorer.factors.user_factors.row(0)[0] = 2;
  model.ratings->scorer.factors.user_factors.row(1)[0] = 1;
  EXPECT_EQ(indices(similar_users(model, 0)), (std::vector<Index>{1}))
      << "without a history nobody's ratings are counted";
  model.seen = std::make_shared<const SparseMatrix>(SparseMatrix{1, {0, 1, 1}, {0}, {3}});
  EXPECT_TRUE(similar_users(model, 0).empty());
}

TEST(Similar, AModelOfBiasesAloneHasNothingToCompare) {
  Model model = items_at({{0, 1}, {1, 1}});
  model.ratings->scorer.factors = Factors(2, 2, 0);
  model.ratings->algorithm = algorithm_named("bias");
  try {
    similar_items(model, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("bias has no factors"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace palate
