#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/model/query.h"
#include "palate/recommend/history.h"
#include "palate/recommend/recommend.h"
#include "palate/recommend/similar.h"
#include "small_data.h"

namespace palate {
namespace {

// Everybody has chosen what they have a row of.
Interactions choices_of(Index num_users, Index num_items,
                        const std::vector<std::pair<Index, Index>>& pairs) {
  std::vector<Rating> rows;
  for (const auto& [user, item] : pairs) rows.emplace_back(user, item, 1.0F);
  Interactions interactions = interactions_of(num_users, num_items, rows);
  interactions.feedback = Feedback::weights;
  return interactions;
}

class ItemKnn : public testing::Test {
 protected:
  Scorer trained(const Interactions& interactions, const ItemKnnOptions& options) {
    TrainContext context{.parallel = parallel};
    return train(Dataset(interactions, parallel), options, context).scorer;
  }
  Parallel parallel{1};
};

// What is kept by item i: the items j with a weight W(j, i).
std::vector<Index> kept_by(const Scorer& scorer, Index item) {
  std::vector<Index> kept;
  for (Index other = 0; other < scorer.item_weights->rows(); ++other) {
    if (std::ranges::binary_search(scorer.item_weights->row(other).columns, item))
      kept.push_back(other);
  }
  return kept;
}

// By the formula, with dense matrices in double: W as a dense matrix, row by row.
std::vector<double> plain_weights(const Dataset& data, const ItemKnnOptions& options) {
  const Index items = data.num_items();
  const bool has_ratings = data.relevant().has_value();
  const Weighting weighting{data.relevant(),
                            has_ratings ? options.rating_exponent : options.weight_exponent,
                            options.lower_weight};
  std::vector<std::vector<double>> w(items, std::vector<double>(data.num_users()));
  std::vector<int> support(items);
  double users = 0;
  double liked = 0;
  for (Index user = 0; user < data.num_users(); ++user) {
    const RatedItems row = weighted(data.by_user().row(user), weighting);
    double square = 0;
    for (const float value : row.values) square += double{value} * double{value};
    for (Index t = 0; t < row.items.size(); ++t)
      w[row.items[t]][user] = double{row.values[t]} / std::sqrt(square);
    users += row.items.empty() ? 0 : 1;
  }
  for (std::size_t t = 0; t < data.size(); ++t) {
    if (!weighting.is_relevant(data.values()[t])) continue;
    ++support[data.items()[t]];
    ++liked;
  }
  const auto product = [&](Index i, Index j) {
    double sum = 0;
    for (Index user = 0; user < data.num_users(); ++user) sum += w[i][user] * w[j][user];
    return sum;
  };
  std::vector<double> weights(std::size_t{items} * items);
  for (Index i = 0; i < items; ++i) {
    std::vector<std::tuple<float, int, Index>> all;  // the best comes first
    for (Index j = 0; j < items; ++j) {
      if (i == j || product(j, i) == 0) continue;
      const double a = double{options.asymmetry};
      const double lengths = std::pow(product(j, j), a) * std::pow(product(i, i), 1 - a);
      const double shrinkage = double{options.shrinkage} * users / liked;
      const auto similarity = static_cast<float>(product(j, i) / (lengths + shrinkage));
      all.emplace_back(-similarity, -support[j], j);
    }
    std::ranges::sort(all);
    all.resize(std::min<std::size_t>(all.size(), options.neighbours));
    for (const auto& [similarity, less, j] : all)
      weights[std::size_t{j} * items + i] = -double{similarity};
  }
  return weights;
}

// Where similarities are all but equal, rounding decides between the neighbours: these data have
// none such.
TEST_F(ItemKnn, KeepsTheNeighboursOfAPlainReference) {
  const auto expect_the_same = [&](const Interactions& interactions,
                                   const ItemKnnOptions& options) {
    const Scorer scorer = trained(interactions, options);
    ASSERT_TRUE(scorer.item_weights);
    const std::vector<double> expected = plain_weights(Dataset(interactions, parallel), options);
    ASSERT_EQ(scorer.item_weights->size(),
              expected.size() - static_cast<std::size_t>(std::ranges::count(expected, 0.0)));
    for (Index j = 0; j < 37; ++j) {
      const SparseRow row = scorer.item_weights->row(j);
      EXPECT_TRUE(std::ranges::is_sorted(row.columns));
      for (Index t = 0; t < row.size(); ++t)
        EXPECT_NEAR(row.values[t], expected[j * 37 + row.columns[t]], 1e-6);
    }
  };
  for (const ItemKnnOptions& options :
       {ItemKnnOptions{}, ItemKnnOptions{.neighbours = 1, .shrinkage = 0},
        ItemKnnOptions{.neighbours = 7, .shrinkage = 0.5F, .asymmetry = 0.5F, .lower_weight = 0},
        ItemKnnOptions{.neighbours = 3, .shrinkage = 100, .asymmetry = 1, .weight_exponent = 1},
        ItemKnnOptions{.neighbours = 1000, .weight_exponent = 0.5F, .lower_weight = 1}}) {
    for (const double density : {0.05, 0.2, 0.9}) {
      SCOPED_TRACE(options_to_json(options) + ", density " + std::to_string(density));
      Interactions interactions = planted_interactions(60, 37, density, 2, 0.3, 7);
      expect_the_same(interactions, options);
      interactions.feedback = Feedback::weights;
      expect_the_same(interactions, options);
    }
  }
}

// Users 0 and 1 have chosen items 0 and 1, user 2 has chosen 1 and 2: scaled, each weighs
// 1 / sqrt(2), so that n = (1, 3/2, 1/2, 0), and the products are 1 of 0 and 1, 1/2 of 1 and 2.
TEST_F(ItemKnn, SimilaritiesByHand) {
  const Interactions interactions =
      choices_of(3, 4, {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 1}, {2, 2}});
  const auto expect = [](const SparseMatrix& weights, const std::vector<double>& values) {
    EXPECT_EQ(weights.starts, (std::vector<std::size_t>{0, 1, 3, 4, 4}));
    EXPECT_EQ(weights.columns, (std::vector<Index>{1, 0, 2, 1}));
    for (std::size_t n = 0; n < 4; ++n) EXPECT_NEAR(weights.values[n], values[n], 1e-6);
  };
  // The mean user likes 2 items: a shrinkage of 2 adds 1.
  const double first = 1 / (std::sqrt(1.5) + 1);
  const double second = 0.5 / (std::sqrt(0.75) + 1);
  const Scorer cosine = trained(interactions, {.shrinkage = 2, .asymmetry = 0.5F});
  expect(*cosine.item_weights, {first, first, second, second});
  EXPECT_EQ(cosine.item_support, (std::vector<Index>{2, 3, 1, 0}));
  const Scorer by_chosen = trained(interactions, {.shrinkage = 0, .asymmetry = 1});
  expect(*by_chosen.item_weights, {1, 1 / 1.5, 0.5 / 1.5, 0.5 / 0.5});
}

TEST_F(ItemKnn, OfEquallySimilarItemsTheBetterSupportedIsKeptThenTheLowerIndex) {
  // Item 0 has one user in common with each of 1 to 4. They have one user more, but for 4, which
  // has two, and is less similar.
  const std::vector<std::pair<Index, Index>> pairs{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4},
                                                   {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 4}};
  const Scorer by_index = trained(choices_of(6, 5, pairs), {.neighbours = 2, .shrinkage = 0});
  EXPECT_EQ(kept_by(by_index, 0), (std::vector<Index>{1, 2}));
  // All weigh the same, and nobody likes 1 and 3.
  Interactions stars =
      interactions_of(2, 6, {{0, 0, 5}, {0, 1, 1}, {0, 2, 5}, {0, 3, 1}, {1, 4, 5}, {1, 5, 4}});
  stars.relevant = 4;
  const Scorer by_support =
      trained(stars, {.neighbours = 1, .shrinkage = 0, .rating_exponent = 0, .lower_weight = 1});
  EXPECT_EQ(kept_by(by_support, 0), std::vector<Index>{2});
}

TEST_F(ItemKnn, ListsWhatIsOfTheSameKind) {
  // Users choose half of the items of their own kind.
  Rng rng(3);
  std::vector<std::pair<Index, Index>> pairs;
  for (Index user = 0; user < 120; ++user) {
    for (Index item = 0; item < 60; ++item) {
      if (item % 3 == user % 3 && rng.below(2) == 0) pairs.emplace_back(user, item);
    }
  }
  const Interactions interactions = choices_of(120, 60, pairs);
  const Dataset data(interactions, parallel);
  const Scorer scorer = trained(interactions, {});
  for (Index user = 0; user < 120; ++user) {
    const QueryView query = query_of_user(scorer, user, data.by_user().row(user));
    const auto list = recommend(scorer, query, {.count = 5, .min_support = 1});
    ASSERT_EQ(list.size(), 5U);
    for (const Recommendation& one : list) EXPECT_EQ(one.item % 3, user % 3) << "user " << user;
  }
}

TEST_F(ItemKnn, TheSameBitsForAnyNumberOfThreads) {
  const Interactions interactions = planted_interactions(200, 333, 0.1, 2, 0.3, 8);
  const Scorer alone = trained(interactions, {.neighbours = 20});
  for (const unsigned threads : {2U, 3U, 7U}) {
    Parallel several(threads);
    TrainContext context{.parallel = several};
    const Dataset data(interactions, several);
    EXPECT_TRUE(train(data, ItemKnnOptions{.neighbours = 20}, context).scorer == alone) << threads;
  }
}

TEST_F(ItemKnn, LowRatingsCountForLittleAndNotAlone) {
  Interactions interactions =
      interactions_of(3, 4, {{0, 0, 5}, {0, 1, 5}, {1, 0, 5}, {1, 2, 1}, {2, 1, 1}, {2, 3, 1}});
  interactions.relevant = 4;
  const Scorer scorer =
      trained(interactions,
              {.shrinkage = 0, .asymmetry = 0.5F, .rating_exponent = 0, .lower_weight = 0.25F});
  const SparseRow of_first = scorer.item_weights->row(0);
  EXPECT_TRUE(std::ranges::equal(of_first.columns, std::vector<Index>{1, 2}));
  const double square = 1 + 0.25 * 0.25;  // of user 1
  const double product = 0.25 / square;
  const double lengths = std::sqrt((0.5 + 1 / square) * (0.25 * 0.25 / square));
  EXPECT_NEAR(of_first.values[1], product / lengths, 1e-6);
  EXPECT_EQ(scorer.item_weights->row(3).size(), 0U) << "user 2 likes nothing";
}

// Multiplying all weights changes nothing of what is similar.
TEST_F(ItemKnn, TheUnitOfCountsDoesNotMatter) {
  Interactions counts = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  counts.feedback = Feedback::weights;
  const Scorer once = trained(counts, {.weight_exponent = 1});
  for (float& value : counts.values) value *= 1000;
  const Scorer often = trained(counts, {.weight_exponent = 1});
  ASSERT_EQ(often.item_weights->columns, once.item_weights->columns);
  for (std::size_t n = 0; n < once.item_weights->size(); ++n)
    EXPECT_NEAR(often.item_weights->values[n], once.item_weights->values[n], 1e-6);
}

TEST_F(ItemKnn, ANegativeWeightIsRefused) {
  Interactions interactions = choices_of(2, 2, {{0, 0}, {1, 1}});
  interactions.values[1] = -1;
  try {
    trained(interactions, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_NE(std::string(error.what()).find("-1"), std::string::npos) << error.what();
  }
}

TEST_F(ItemKnn, SomebodyNewGetsTheAnswersOfAUserWithTheSameHistory) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  const Dataset data(interactions, parallel);
  const Scorer scorer = trained(interactions, {.neighbours = 15});
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = data.by_user().row(user);
    RatedItems ratings;
    ratings.items.assign(row.columns.begin(), row.columns.end());
    ratings.values.assign(row.values.begin(), row.values.end());
    const QueryView known = query_of_user(scorer, user, row);
    const Query query = fold_in(scorer, ratings);
    for (Index item = 0; item < data.num_items(); ++item)
      ASSERT_EQ(score(scorer, query, item), score(scorer, known, item));
    const auto list = recommend(scorer, query, {});
    const auto expected = recommend(scorer, known, {});
    ASSERT_EQ(list.size(), expected.size());
    for (std::size_t n = 0; n < list.size(); ++n) EXPECT_EQ(list[n].item, expected[n].item);
  }
}

TEST_F(ItemKnn, OfSomebodyWhoLikesNothingItKnowsNothing) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  const Scorer scorer = trained(interactions, {});
  const float least = *scorer.weighting->at_least;
  EXPECT_TRUE(knows_nothing(scorer, query_of_unknown_user(scorer)));
  EXPECT_TRUE(knows_nothing(scorer, fold_in(scorer, {})));
  EXPECT_TRUE(knows_nothing(scorer, fold_in(scorer, {{3, 4}, {least - 1, least - 0.5F}})));
  EXPECT_FALSE(knows_nothing(scorer, fold_in(scorer, {{3, 4}, {least - 1, least}})));
}

TEST_F(ItemKnn, WhatANewcomerRatedLowIsOnlyLeftOut) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  const Scorer scorer = trained(interactions, {});
  const float least = *scorer.weighting->at_least;
  const Query both = query_of_newcomer(scorer, rated_items({{3, least}, {4, least - 1}}));
  const Query liked = fold_in(scorer, rated_items({{3, least}}));
  for (Index item = 0; item < 40; ++item)
    EXPECT_EQ(score(scorer, both, item), score(scorer, liked, item));
  for (const Recommendation& one : recommend(scorer, both, {.count = 40, .min_support = 0}))
    EXPECT_TRUE(one.item != 3 && one.item != 4);
}

TEST_F(ItemKnn, ToLikeAnItemIsToBeShownWhatKeepsIt) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  Model model{.catalog = interactions.catalog};
  const ItemKnnOptions options{.neighbours = 5, .weight_exponent = 0};
  model.lists = Fitted{{"item-knn", options}, trained(interactions, options), {}};
  for (Index item = 0; item < 40; ++item) {
    const SparseRow row = model.lists->scorer.item_weights->row(item);
    std::vector<std::pair<float, Index>> expected;
    for (Index t = 0; t < row.size(); ++t) {
      if (model.lists->scorer.item_support[row.columns[t]] > 0)
        expected.emplace_back(-row.values[t], row.columns[t]);
    }
    std::ranges::sort(expected);
    const auto similar = similar_items(model, item, {.count = 40});
    ASSERT_EQ(similar.size(), expected.size());
    for (std::size_t n = 0; n < similar.size(); ++n)
      EXPECT_EQ(similar[n].score, -expected[n].first);
  }
  EXPECT_THROW(similar_users(model, 0), Error);
}

TEST_F(ItemKnn, PairsAreScoredByWhatTheUsersHaveRated) {
  const Interactions interactions = planted_interactions(30, 20, 0.4, 2, 0.3, 5);
  const Dataset data(interactions, parallel);
  const Scorer scorer = trained(interactions, {});
  const std::vector<Index> users{4, 4, 999, 7};
  const std::vector<Index> items{2, 999, 2, 19};
  const std::vector<float> pairs = predict_pairs(scorer, users, items, true, &data.by_user());
  EXPECT_EQ(pairs[0], score(scorer, query_of_user(scorer, 4, data.by_user().row(4)), 2));
  EXPECT_GT(pairs[0], 0);
  EXPECT_EQ(pairs[1], 0);
  EXPECT_EQ(pairs[2], 0);
  EXPECT_EQ(pairs[3], score(scorer, query_of_user(scorer, 7, data.by_user().row(7)), 19));
  EXPECT_EQ(predict_pairs(scorer, users, items), std::vector<float>(4));
}

}  // namespace
}  // namespace palate
