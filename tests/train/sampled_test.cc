#include "palate/algorithms/sampled.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "palate/algorithms/train.h"
#include "palate/model/query.h"
#include "small_data.h"

namespace palate {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Of two items every user has chosen one, so that the other is the only negative. All pairs fit one
// batch: an epoch is one step, that the formulas of palate/algorithms/sampled.h tell from where it
// began.
class OneStep : public testing::Test {
 protected:
  static constexpr Index kUsers = 50;
  static Index chosen_by(Index user) { return user % 3 == 0 ? 1 : 0; }

  static Interactions interactions() {
    std::vector<Rating> rows;
    for (Index user = 0; user < kUsers; ++user) rows.emplace_back(user, chosen_by(user), 1.0F);
    Interactions made = interactions_of(kUsers, 2, rows);
    made.feedback = Feedback::weights;
    return made;
  }

  // The model that this training leaves, and the one that it has begun with.
  struct Step {
    Factors before;
    Factors after;
    double loss;
  };
  Step step(const SampledOptions& options) {
    const Interactions made = interactions();
    const Dataset data(made, parallel);
    SampledOptions first = options;
    first.epochs = 3;
    TrainContext context{.parallel = parallel};
    const Fitted before{{"sampled", first}, train(data, first, context).scorer, {}};
    const WarmStart start = warm_start(before, *made.catalog, *made.catalog);
    context.start = &start;
    SampledOptions one = options;
    one.epochs = 1;
    const TrainResult result = train(data, one, context);
    return {before.scorer.factors, result.scorer.factors,
            result.report.curve.epochs.front().values.front()};
  }
  Parallel parallel{1};
};

// A row before the step, its gradient by x / temperature or of its bias, and the row after it.
Vector moved(const Vector& x, Vector g, double regularization, const SampledOptions& options) {
  for (std::size_t f = 0; f < x.size(); ++f) g[f] += regularization * x[f];
  if (options.cosine) {
    const double along = dot(g, x);
    for (std::size_t f = 0; f < x.size(); ++f) g[f] -= along * x[f];
  }
  const double rate = double{options.learning_rate} / std::sqrt(1 + dot(g, g));
  Vector result = x;
  for (std::size_t f = 0; f < x.size(); ++f) result[f] -= rate * g[f];
  const double length = options.cosine ? std::sqrt(dot(result, result)) : 1;
  for (double& one : result) one /= length;
  return result;
}

Vector row_of(const Matrix& matrix, Index row) {
  return Vector(matrix.row(row).begin(), matrix.row(row).end());
}

// By how much a training differs from the formulas, where each item was drawn so many times.
double difference(const Factors& before, const Factors& after, double loss_told,
                  const std::array<double, 2>& drawn, const SampledOptions& options,
                  auto chosen_by) {
  const bool is_softmax = options.loss == RankingLoss::softmax;
  const double temperature = is_softmax ? double{options.temperature} : 1;
  const std::vector<Vector> y{row_of(before.item_factors, 0), row_of(before.item_factors, 1)};
  std::vector<Vector> item_gradients(2, Vector(before.num_factors()));
  Vector pairs(2);
  Vector bias_gradients(2);
  double loss = 0;
  double most = 0;
  const auto compare = [&](const Vector& expected, const Vector& found) {
    for (std::size_t f = 0; f < expected.size(); ++f)
      most = std::max(most, std::abs(expected[f] - found[f]));
  };
  for (Index user = 0; user < before.num_users(); ++user) {
    const Index i = chosen_by(user);
    const Index j = 1 - i;
    const double times = drawn[j];
    const Vector x = row_of(before.user_factors, user);
    const auto score = [&](Index item) {
      return (dot(x, y[item]) + double{before.item_bias[item]}) / temperature;
    };
    double pull = 0;  // the gradients by the scores are -pull and push
    double push = 0;
    if (is_softmax) {
      const double exponent = double{options.negative_exponent};
      const double all = std::exp(score(i)) + times * std::exp(score(j));
      loss += exponent * std::log(all) - score(i);
      pull = 1 - exponent * std::exp(score(i)) / all;
      push = exponent * times * std::exp(score(j)) / all;
    } else {
      const double share = double{options.negative_weight} * times / options.negatives;
      const double above = score(j) - double{options.margin};
      loss += std::max(0.0, 1 - score(i)) + share * std::max(0.0, above);
      pull = score(i) < 1 ? 1 : 0;
      push = above > 0 ? share : 0;
    }
    Vector g(x.size());
    for (std::size_t f = 0; f < x.size(); ++f) {
      g[f] = push * y[j][f] - pull * y[i][f];
      item_gradients[i][f] -= pull * x[f];
      item_gradients[j][f] += push * x[f];
    }
    pairs[i] += 1;
    bias_gradients[i] -= pull;
    bias_gradients[j] += push;
    compare(moved(x, g, double{options.user_regularization}, options),
            row_of(after.user_factors, user));
  }
  for (const Index item : {0U, 1U}) {
    compare(moved(y[item], item_gradients[item], pairs[item] * double{options.item_regularization},
                  options),
            row_of(after.item_factors, item));
    const double g = options.item_bias ? bias_gradients[item] : 0;
    const double rate = double{options.learning_rate} / std::sqrt(1 + g * g);
    compare({double{before.item_bias[item]} - rate * g}, {double{after.item_bias[item]}});
  }
  return std::max(most, std::abs(loss / before.num_users() - loss_told));
}

TEST_F(OneStep, OfBprIsThatOfItsFormula) {
  SampledOptions options = presets_of(SampledOptions{})[0].options;
  options.factors = 5;
  options.learning_rate = 0.4F;
  options.user_regularization = 0.3F;
  options.item_regularization = 0.02F;
  const auto [before, after, loss] = step(options);
  EXPECT_NE(before.item_bias, std::vector<float>(2));
  EXPECT_LT(difference(before, after, loss, {1, 1}, options, chosen_by), 1e-5);
}

// How often either item was drawn is not told, but together it is as often as there are negatives.
TEST_F(OneStep, BesideSharedNegativesIsThatOfTheFormula) {
  std::vector<SampledOptions> all(6, SampledOptions{.factors = 5, .negatives = 64});
  all[1].negative_exponent = 1;
  all[2].cosine = false;
  all[2].item_bias = true;
  all[2].temperature = 0.7F;
  all[2].item_regularization = 0.1F;
  all[2].user_regularization = 0.2F;
  all[3].loss = RankingLoss::ccl;
  all[3].margin = -2;
  all[4].loss = RankingLoss::ccl;
  all[4].margin = 2;
  all[5].item_bias = true;
  for (const SampledOptions& options : all) {
    SCOPED_TRACE(options_to_json(options));
    const auto [before, after, loss] = step(options);
    double least = 1;
    for (double times = 0; times <= options.negatives; ++times) {
      const std::array<double, 2> drawn{times, options.negatives - times};
      least = std::min(least, difference(before, after, loss, drawn, options, chosen_by));
    }
    EXPECT_LT(least, 1e-5);
  }
}

TEST_F(OneStep, KeepsUnitVectorsAtTheirLength) {
  const Factors after = step({.factors = 5, .negatives = 40}).after;
  for (Index user = 0; user < kUsers; ++user) {
    const Vector x = row_of(after.user_factors, user);
    EXPECT_NEAR(dot(x, x), 1, 1e-6) << user;
  }
}

// The share of users for whom what they have chosen scores above all of the rest.
double share_on_top(const Scorer& scorer, const Dataset& data) {
  double on_top = 0;
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = data.by_user().row(user);
    const QueryView query = query_of_user(scorer, user);
    float least_chosen = 1e9F;
    float most_of_rest = -1e9F;
    for (Index item = 0; item < data.num_items(); ++item) {
      const float s = score(scorer, query, item);
      if (std::ranges::binary_search(row.columns, item)) {
        least_chosen = std::min(least_chosen, s);
      } else {
        most_of_rest = std::max(most_of_rest, s);
      }
    }
    on_top += least_chosen > most_of_rest ? 1 : 0;
  }
  return on_top / data.num_users();
}

TEST(Sampled, TellsTwoCrowdsApart) {
  // Users of the one choose among the first 20 items, those of the other among the rest.
  std::vector<Rating> rows;
  for (Index user = 0; user < 40; ++user) {
    for (Index n = 0; n < 20; ++n) rows.emplace_back(user, user % 2 * 20 + n, 1.0F);
  }
  Interactions made = interactions_of(40, 40, rows);
  made.feedback = Feedback::weights;
  Parallel parallel(2);
  TrainContext context{.parallel = parallel};
  const Dataset data(made, parallel);
  for (const Index negatives : {1U, 5U, 31U, 32U, 64U}) {
    for (const RankingLoss loss : {RankingLoss::softmax, RankingLoss::ccl}) {
      const SampledOptions options{
          .factors = 8, .epochs = 50, .loss = loss, .negatives = negatives};
      EXPECT_GT(share_on_top(train(data, options, context).scorer, data), 0.95)
          << options_to_json(options);
    }
  }
}

}  // namespace
}  // namespace palate
