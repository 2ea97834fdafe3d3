#include "palate/recommend/similar.h"

#include <gtest/gtest.h>

#include <cmath>

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
  Catalog catalog;
  catalog.users = numbered_ids(2);
  catalog.items = numbered_ids(count);
  model.catalog = std::make_shared<const Catalog>(catalog);
  return model;
}

std::vector<Index> indices(const std::vector<Neighbour>& list) {
  std::vector<Index> result;
  for (const Neighbour& neighbour : list) result.push_back(neighbour.index);
  return result;
}

TEST(Similar, TheNearestAngleIsFirstWhateverTheLength) {
  const Model model = items_at({{0, 1}, {90, 1}, {10, 0.1}, {180, 5}, {-30, 100}});
  const std::vector<Neighbour> list = similar_items(model, 0);
  EXPECT_EQ(indices(list), (std::vector<Index>{2, 4, 1, 3}));
  EXPECT_NEAR(list[0].cosine, std::cos(std::acos(-1) / 18), 1e-6);
  EXPECT_NEAR(list[3].cosine, -1, 1e-6);
}

TEST(Similar, LeavesOutTheUnsupportedAndWhatHasNoDirection) {
  Model model = items_at({{0, 1}, {10, 1}, {20, 1}, {0, 0}});
  model.ratings->scorer.item_support[1] = 4;
  EXPECT_EQ(indices(similar_items(model, 0)), (std::vector<Index>{2}));
  EXPECT_EQ(indices(similar_items(model, 0, {.count = 1, .min_support = 0})),
            (std::vector<Index>{1}));
  EXPECT_THROW(similar_items(model, 3), Error);
}

TEST(Similar, EquallyNearOnesStandInOrderOfIndex) {
  const Model model = items_at({{0, 1}, {0, 2}, {0, 2}, {0, 4}});
  EXPECT_EQ(indices(similar_items(model, 2, {.count = 2})), (std::vector<Index>{0, 1}));
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
