#include "palate/algorithms/ease.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "linalg/symmetric.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/model/query.h"
#include "palate/recommend/history.h"
#include "small_data.h"

namespace palate {
namespace {

class Ease : public testing::Test {
 protected:
  TrainResult trained(const Interactions& interactions, const EaseOptions& options) {
    TrainContext context{.parallel = parallel};
    return train(Dataset(interactions, parallel), options, context);
  }
  Parallel parallel{1};
};

// X, row by row, with a column for each item.
std::vector<std::vector<double>> plain_weights(const Dataset& data, const Weighting& weighting) {
  std::vector<std::vector<double>> x(data.num_users(), std::vector<double>(data.num_items()));
  for (Index user = 0; user < data.num_users(); ++user) {
    const RatedItems row = weighted(data.by_user().row(user), weighting);
    for (Index t = 0; t < row.items.size(); ++t) x[user][row.items[t]] = double{row.values[t]};
  }
  return x;
}

// By the formulas, in double: B(j, i) at [j items + i], and the train loss.
struct PlainEase {
  std::vector<double> weights;
  double loss = 0;
  double lambda = 0;
};
PlainEase plain_ease(const std::vector<std::vector<double>>& x, double regularization) {
  const std::size_t items = x.front().size();
  std::vector<double> gram(items * items);
  double squares = 0;
  double chosen = 0;
  double items_chosen = 0;
  for (const std::vector<double>& row : x) {
    for (std::size_t j = 0; j < items; ++j) {
      squares += row[j] * row[j];
      chosen += row[j] > 0 ? 1 : 0;
      for (std::size_t i = 0; i < items; ++i) gram[j * items + i] += row[j] * row[i];
    }
  }
  for (std::size_t i = 0; i < items; ++i) items_chosen += gram[i * items + i] > 0 ? 1 : 0;
  PlainEase plain;
  plain.lambda = regularization * squares / chosen * std::sqrt(chosen / items_chosen);
  std::vector<double> inverse(items * items);
  for (std::size_t i = 0; i < items; ++i) {
    gram[i * items + i] += plain.lambda;
    inverse[i * items + i] = 1;
  }
  solve(gram, inverse);
  plain.weights.resize(items * items);
  for (std::size_t j = 0; j < items; ++j) {
    for (std::size_t i = 0; i < items; ++i) {
      if (i != j) plain.weights[j * items + i] = -inverse[j * items + i] / inverse[i * items + i];
    }
  }
  const auto squared = [](double value) { return value * value; };
  for (const std::vector<double>& row : x) {
    for (std::size_t i = 0; i < items; ++i) {
      double error = row[i];
      for (std::size_t j = 0; j < items; ++j) error -= row[j] * plain.weights[j * items + i];
      plain.loss += squared(error) / squares;
    }
  }
  for (const double weight : plain.weights) plain.loss += plain.lambda * squared(weight) / squares;
  return plain;
}

// W(j, i) at [j items + i].
std::vector<double> dense(const SparseMatrix& weights) {
  std::vector<double> all(std::size_t{weights.num_columns} * weights.num_columns);
  for (Index j = 0; j < weights.rows(); ++j) {
    const SparseRow row = weights.row(j);
    EXPECT_TRUE(std::ranges::is_sorted(row.columns));
    for (Index t = 0; t < row.size(); ++t)
      all[std::size_t{j} * weights.num_columns + row.columns[t]] = double{row.values[t]};
  }
  return all;
}

TEST_F(Ease, IsTheMinimumOfAPlainReference) {
  for (const Index items : {5U, 37U, 150U}) {
    for (const float regularization : {0.5F, 10.0F}) {
      for (const bool has_ratings : {true, false}) {
        SCOPED_TRACE(std::to_string(items) + " items, " + std::to_string(regularization));
        Interactions interactions = planted_interactions(200, items, 0.2, 2, 0.3, 7);
        if (!has_ratings) interactions.feedback = Feedback::weights;
        const EaseOptions options{
            .regularization = regularization, .neighbours = 0, .weight_exponent = 0.5F};
        const TrainResult result = trained(interactions, options);
        const Dataset data(interactions, parallel);
        const PlainEase expected =
            plain_ease(plain_weights(data, *result.scorer.weighting), double{regularization});
        const std::vector<double> weights = dense(*result.scorer.item_weights);
        for (std::size_t n = 0; n < weights.size(); ++n)
          ASSERT_NEAR(weights[n], expected.weights[n], 1e-4) << n;
        EXPECT_NEAR(result.report.curve.epochs[0].values[0], expected.loss, 1e-4);
      }
    }
  }
}

// Everybody has chosen items 0 and 1 or neither: of n users who have chosen both, X^T X is a matrix
// of n, so that B(0, 1) = n / (n + lambda) with lambda = regularization sqrt(n).
TEST_F(Ease, TwoItemsByHand) {
  Interactions interactions =
      interactions_of(4, 3, {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}, {2, 0, 1}, {2, 1, 1}});
  interactions.feedback = Feedback::weights;
  const Scorer scorer = trained(interactions, {.regularization = 2}).scorer;
  const double expected = 3 / (3 + 2 * std::sqrt(3.0));
  EXPECT_EQ(scorer.item_weights->starts, (std::vector<std::size_t>{0, 1, 2, 2}));
  EXPECT_EQ(scorer.item_weights->columns, (std::vector<Index>{1, 0}));
  for (const float weight : scorer.item_weights->values) EXPECT_NEAR(weight, expected, 1e-6);
}

TEST_F(Ease, EachItemKeepsItsLargestWeights) {
  const Interactions interactions = planted_interactions(200, 40, 0.3, 2, 0.3, 5);
  const std::vector<double> all =
      dense(*trained(interactions, {.neighbours = 0}).scorer.item_weights);
  const std::vector<double> kept =
      dense(*trained(interactions, {.neighbours = 7}).scorer.item_weights);
  for (std::size_t i = 0; i < 40; ++i) {
    std::vector<double> sizes;
    for (std::size_t j = 0; j < 40; ++j) sizes.push_back(std::abs(all[j * 40 + i]));
    std::ranges::sort(sizes, std::ranges::greater());
    for (std::size_t j = 0; j < 40; ++j) {
      const double weight = all[j * 40 + i];
      EXPECT_EQ(kept[j * 40 + i], std::abs(weight) >= sizes[6] ? weight : 0) << j << ", " << i;
    }
  }
}

TEST_F(Ease, TheSameBitsForAnyNumberOfThreads) {
  const Interactions interactions = planted_interactions(200, 333, 0.1, 2, 0.3, 8);
  const Scorer alone = trained(interactions, {.neighbours = 20}).scorer;
  for (const unsigned threads : {2U, 3U, 7U}) {
    Parallel several(threads);
    TrainContext context{.parallel = several};
    const Dataset data(interactions, several);
    EXPECT_TRUE(train(data, EaseOptions{.neighbours = 20}, context).scorer == alone) << threads;
  }
}

TEST_F(Ease, TheUnitOfCountsDoesNotMatter) {
  Interactions counts = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  counts.feedback = Feedback::weights;
  const EaseOptions options{.regularization = 10, .weight_exponent = 1};
  const std::vector<double> once = dense(*trained(counts, options).scorer.item_weights);
  for (float& value : counts.values) value *= 1000;
  const std::vector<double> often = dense(*trained(counts, options).scorer.item_weights);
  for (std::size_t n = 0; n < once.size(); ++n) EXPECT_NEAR(often[n], once[n], 1e-5);
}

// Without regularization the matrix of two items with the same users has no inverse.
TEST_F(Ease, LeastRegularizationOfEqualItemsIsRaised) {
  const Interactions interactions = interactions_of(
      3, 4, {{0, 0, 5}, {0, 1, 5}, {0, 2, 5}, {1, 0, 4}, {1, 1, 4}, {1, 2, 4}, {2, 0, 4}});
  const TrainResult result = trained(interactions, {.regularization = 1e-30F});
  EXPECT_EQ(result.report.ending, Ending::completed);
  for (const float weight : result.scorer.item_weights->values) EXPECT_LT(std::abs(weight), 1.01F);
}

TEST_F(Ease, WeightsBeyondAFloatAreADivergence) {
  Interactions interactions = interactions_of(2, 2, {{0, 0, 1e30F}, {0, 1, 4}, {1, 0, 4}});
  interactions.relevant = 1;
  const TrainResult result = trained(interactions, {.rating_exponent = 3});
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_NE(result.report.advice.find("rating_exponent"), std::string::npos);
  EXPECT_EQ(result.scorer.item_weights->size(), 0U);
}

TEST_F(Ease, MoreItemsThanItTakesAreRefusedButThoseThatNobodyChoseDoNotCount) {
  std::vector<Rating> ratings;
  for (Index item = 0; item < 10'001; ++item) ratings.emplace_back(0, item, 5.0F);
  try {
    trained(interactions_of(1, 10'001, ratings), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    const std::string message = error.what();
    for (const char* const part : {"10000", "10001", "0.5 GB", "`min_item_ratings`"})
      EXPECT_NE(message.find(part), std::string::npos) << message;
  }
  const Scorer scorer =
      trained(interactions_of(2, 20'000, {{0, 3, 5}, {0, 19'999, 5}, {1, 3, 4}}), {}).scorer;
  EXPECT_EQ(scorer.item_weights->size(), 2U);
}

TEST_F(Ease, SomebodyNewGetsTheAnswersOfAUserWithTheSameHistory) {
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  const Dataset data(interactions, parallel);
  const Scorer scorer = trained(interactions, {.neighbours = 15}).scorer;
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = data.by_user().row(user);
    RatedItems ratings;
    ratings.items.assign(row.columns.begin(), row.columns.end());
    ratings.values.assign(row.values.begin(), row.values.end());
    const QueryView known = query_of_user(scorer, user, row);
    const Query query = fold_in(scorer, ratings);
    for (Index item = 0; item < data.num_items(); ++item)
      ASSERT_EQ(score(scorer, query, item), score(scorer, known, item));
  }
}

}  // namespace
}  // namespace palate
