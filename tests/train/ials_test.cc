#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "model/axes.h"
#include "model/half_step.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/model/query.h"
#include "small_data.h"

namespace palate {
namespace {

// Users of two clusters choose nearly all of their cluster's items and few of the others: counts
// from 1 to 5. Every fifth user and every seventh item has none.
Interactions clusters(Index users, Index items, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<Rating> counts;
  for (Index user = 0; user < users; ++user) {
    for (Index item = 0; item < items; ++item) {
      const double count = 1 + rng.below(5);
      const bool chosen = rng.uniform() < (user % 2 == item % 2 ? 0.6 : 0.05);
      if (user % 5 != 4 && item % 7 != 6 && chosen)
        counts.emplace_back(user, item, static_cast<float>(count));
    }
  }
  Interactions interactions = interactions_of(users, items, counts);
  interactions.feedback = Feedback::weights;
  return interactions;
}

// The same without any thought of speed, in double.
class PlainIals {
 public:
  PlainIals(const Dataset& data, const IalsOptions& options)
      : options_(options), w_(Eigen::MatrixXd::Zero(data.num_users(), data.num_items())) {
    for (std::size_t t = 0; t < data.size(); ++t)
      w_(data.users()[t], data.items()[t]) =
          std::pow(double{data.values()[t]}, double{options.weight_exponent});
    users_ = static_cast<double>((w_.rowwise().sum().array() > 0).count());
    items_ = static_cast<double>((w_.colwise().sum().array() > 0).count());
    c_ = double{options.unobserved} * w_.sum() / (users_ * items_);
    x_ = Eigen::MatrixXd::Zero(w_.rows(), options.factors);
    y_ = Eigen::MatrixXd::Zero(w_.cols(), options.factors);
    for (Eigen::Index user = 0; user < w_.rows(); ++user) {
      Rng rng(options.seed, static_cast<std::uint64_t>(user));
      for (double& value : x_.row(user))
        value = w_.row(user).sum() > 0 ? 0.1 / std::sqrt(options.factors) * rng.normal() : 0;
    }
  }
  // Of factors that training has left.
  PlainIals(const Dataset& data, const IalsOptions& options, const Factors& model)
      : PlainIals(data, options) {
    for (Index f = 0; f < options.factors; ++f) {
      for (Index user = 0; user < data.num_users(); ++user)
        x_(user, f) = double{model.user_factors.row(user)[f]};
      for (Index item = 0; item < data.num_items(); ++item)
        y_(item, f) = double{model.item_factors.row(item)[f]};
    }
  }

  void epoch() {
    solve(w_.transpose(), x_, users_, y_);
    solve(w_, y_, items_, x_);
  }
  Eigen::MatrixXd scores() const { return x_ * y_.transpose(); }
  // Observed, unobserved, regularization, divided by the sum of the weights.
  std::vector<double> loss() const {
    const double observed = (w_.array() * (1 - scores().array()).square()).sum();
    double regularization = 0;
    for (Eigen::Index user = 0; user < w_.rows(); ++user)
      regularization += lambda(w_.row(user).sum(), items_) * x_.row(user).squaredNorm();
    for (Eigen::Index item = 0; item < w_.cols(); ++item)
      regularization += lambda(w_.col(item).sum(), users_) * y_.row(item).squaredNorm();
    return {observed / w_.sum(), c_ * scores().squaredNorm() / w_.sum(), regularization / w_.sum()};
  }
  double total_loss() const {
    const std::vector<double> parts = loss();
    return std::accumulate(parts.begin(), parts.end(), 0.0);
  }
  const Eigen::MatrixXd& weights() const { return w_; }

 private:
  double lambda(double sum, double others) const {
    const double exponent = options_.regularization_exponent;
    const double mean = w_.sum() / static_cast<double>((w_.array() > 0).count());
    return double{options_.regularization} * std::pow(mean, 1 - exponent) *
           std::pow(sum + c_ * others, exponent);
  }
  void solve(const Eigen::MatrixXd& weights, const Eigen::MatrixXd& fixed, double others,
             Eigen::MatrixXd& solved) const {
    const Eigen::MatrixXd unobserved = c_ * fixed.transpose() * fixed;
    for (Eigen::Index row = 0; row < weights.rows(); ++row) {
      const double sum = weights.row(row).sum();
      if (sum == 0) continue;
      Eigen::MatrixXd a = unobserved;
      Eigen::VectorXd right = Eigen::VectorXd::Zero(a.rows());
      for (Eigen::Index t = 0; t < weights.cols(); ++t) {
        if (weights(row, t) == 0) continue;
        a += weights(row, t) * fixed.row(t).transpose() * fixed.row(t);
        right += weights(row, t) * fixed.row(t);
      }
      a.diagonal().array() += lambda(sum, others);
      solved.row(row) = a.ldlt().solve(right);
    }
  }

  IalsOptions options_;
  Eigen::MatrixXd w_;
  double users_ = 0;
  double items_ = 0;
  double c_ = 0;
  Eigen::MatrixXd x_, y_;
};

class Ials : public testing::Test {
 protected:
  TrainResult trained(const Dataset& data, const IalsOptions& options) {
    TrainContext context{.parallel = parallel};
    return train(data, options, context);
  }
  Parallel parallel{2};
};

TEST_F(Ials, IsThePlainAlgorithm) {
  const std::tuple<Index, Index, Index> sizes[] = {
      {1, 1, 1}, {2, 3, 5}, {7, 9, 3}, {40, 30, 17}, {33, 50, 40}};
  for (const auto& [users, items, factors] : sizes) {
    for (const float exponent : {0.0F, 0.5F, 1.0F}) {
      SCOPED_TRACE(std::to_string(users) + " x " + std::to_string(items) + ", " +
                   std::to_string(factors) + " factors, exponent " + std::to_string(exponent));
      Interactions interactions = clusters(users, items, users);
      if (interactions.size() == 0) interactions = interactions_of(users, items, {{0, 0, 3}});
      interactions.feedback = Feedback::weights;
      const Dataset data(interactions, parallel);
      const IalsOptions options{.factors = factors,
                                .epochs = 3,
                                .regularization_exponent = 1 - exponent / 2,
                                .weight_exponent = exponent};
      PlainIals plain(data, options);
      for (Index epoch = 0; epoch < options.epochs; ++epoch) plain.epoch();
      const TrainResult result = trained(data, options);
      const Factors& model = result.scorer.factors;
      const Eigen::MatrixXd scores = plain.scores();
      for (Index user = 0; user < users; ++user) {
        for (Index item = 0; item < items; ++item)
          ASSERT_NEAR(score_of(model, user, item), scores(user, item), 2e-4);
      }
      const std::vector<double>& curve = result.report.curve.epochs.back().values;
      for (std::size_t part = 0; part < 3; ++part)
        EXPECT_NEAR(curve[part + 1], plain.loss()[part], 1e-4 * plain.total_loss()) << part;
    }
  }
}

TEST_F(Ials, ThePartsOfTheLossAreSumsOverAllPairs) {
  const Dataset data(clusters(50, 40, 1), parallel);
  for (const Index factors : {1U, 8U, 33U}) {
    const IalsOptions options{.factors = factors, .epochs = 3, .weight_exponent = 1};
    const TrainResult result = trained(data, options);
    const Curve& curve = result.report.curve;
    EXPECT_EQ(curve.names, (std::vector<std::string>{"train_loss", "train_observed",
                                                     "train_unobserved", "train_regularization"}));
    const PlainIals plain(data, options, result.scorer.factors);
    const std::vector<double>& values = curve.epochs.back().values;
    EXPECT_NEAR(values[0], plain.total_loss(), 1e-5 * plain.total_loss());
    for (std::size_t part = 0; part < 3; ++part)
      EXPECT_NEAR(values[part + 1], plain.loss()[part], 1e-5 * plain.total_loss()) << part;
  }
}

TEST_F(Ials, NoEpochRaisesTheLoss) {
  const Dataset data(clusters(80, 60, 2), parallel);
  for (const float unobserved : {0.1F, 6.0F, 100.0F}) {
    for (const Index factors : {1U, 5U, 40U}) {
      const TrainResult result =
          trained(data, {.factors = factors, .epochs = 12, .unobserved = unobserved});
      const std::vector<EpochRecord>& epochs = result.report.curve.epochs;
      ASSERT_EQ(epochs.size(), 12U);
      for (std::size_t epoch = 1; epoch < epochs.size(); ++epoch)
        EXPECT_LE(epochs[epoch].values[0], epochs[epoch - 1].values[0] * (1 + 1e-6));
    }
  }
}

// Half-steps by a solver, each of them measured, from a model of one epoch on.
template <class Solver, class... Settings>
void expect_no_half_step_raises_the_loss(const Dataset& data, const IalsOptions& options,
                                         const Scorer& start, Parallel& parallel,
                                         const Settings&... settings) {
  const Weights weights = weighted(data, *start.weighting);
  const RowObjective of_user = *start.row;
  RowObjective of_item = of_user;
  const auto is_filled = [&](Index user) { return weights.by_user.row(user).size() > 0; };
  Index users = 0;
  for (Index user = 0; user < data.num_users(); ++user) users += is_filled(user) ? 1 : 0;
  of_item.ridge.offset = of_user.unobserved * static_cast<float>(users);
  HalfStepOf<Solver> items(weights.by_item, options.factors, of_item, parallel, settings...);
  HalfStepOf<Solver> users_(weights.by_user, options.factors, of_user, parallel, settings...);
  const auto all_rows = [](const Matrix& matrix) {
    std::vector<Index> all(matrix.rows());
    std::iota(all.begin(), all.end(), Index{0});
    return all;
  };
  Factors model = start.factors;
  double before = PlainIals(data, options, model).total_loss();
  const double at_start = before;
  const auto expect_no_rise = [&] {
    const double after = PlainIals(data, options, model).total_loss();
    EXPECT_LE(after, before * (1 + 1e-6));
    before = after;
  };
  for (int epoch = 0; epoch < 3; ++epoch) {
    const std::vector<float> of_users =
        turn_to_axes(model.user_factors, model.item_factors, all_rows(model.item_factors),
                     of_item.unobserved, parallel);
    FixedSide fixed = fixed_users(model);
    fixed.axes = of_users;
    items(fixed, items_of(model));
    expect_no_rise();
    const std::vector<float> of_items =
        turn_to_axes(model.item_factors, model.user_factors, all_rows(model.user_factors),
                     of_user.unobserved, parallel);
    fixed = fixed_items(model);
    fixed.axes = of_items;
    users_(fixed, users_of(model));
    expect_no_rise();
  }
  EXPECT_LT(before, at_start);
}

TEST_F(Ials, WeightsInOtherUnitsGiveTheSameScores) {
  Interactions counts = clusters(40, 30, 6);
  const Dataset data(counts, parallel);
  for (float& value : counts.values) value *= 1000;
  const Dataset in_other_units(counts, parallel);
  for (const float exponent : {0.0F, 0.5F, 1.0F}) {
    const IalsOptions options{
        .factors = 6, .epochs = 3, .regularization_exponent = exponent, .weight_exponent = 1};
    const Factors one = trained(data, options).scorer.factors;
    const Factors other = trained(in_other_units, options).scorer.factors;
    for (Index user = 0; user < data.num_users(); ++user) {
      for (Index item = 0; item < data.num_items(); ++item)
        ASSERT_NEAR(score_of(one, user, item), score_of(other, user, item), 1e-4) << exponent;
    }
  }
}

TEST_F(Ials, NoHalfStepRaisesTheLoss) {
  const Dataset data(clusters(80, 60, 2), parallel);
  for (const float unobserved : {0.5F, 6.0F, 50.0F}) {
    for (const Index factors : {1U, 5U, 20U}) {
      const IalsOptions options{.factors = factors,
                                .epochs = 1,
                                .unobserved = unobserved,
                                .regularization_exponent = 0.5F,
                                .weight_exponent = 1};
      const Scorer start = trained(data, options).scorer;
      expect_no_half_step_raises_the_loss<RowSolver>(data, options, start, parallel, kernels(),
                                                     true);
      expect_no_half_step_raises_the_loss<ConjugateGradient>(data, options, start, parallel, 2U);
      expect_no_half_step_raises_the_loss<Subspace>(data, options, start, parallel, 4U);
    }
  }
}

constexpr IalsSolver kSolvers[] = {IalsSolver::exact, IalsSolver::cg, IalsSolver::subspace};

TEST_F(Ials, EverySolverComesToTheSameLoss) {
  // So many items of few weights that the exact solver, too, turns the factors.
  const Dataset data(clusters(25, 600, 10), parallel);
  IalsOptions options{.factors = 40, .epochs = 2, .weight_exponent = 1};
  PlainIals plain(data, options);
  for (Index epoch = 0; epoch < options.epochs; ++epoch) plain.epoch();
  const Eigen::MatrixXd scores = plain.scores();
  const Factors exact = trained(data, options).scorer.factors;
  for (Index user = 0; user < data.num_users(); ++user) {
    for (Index item = 0; item < data.num_items(); ++item)
      ASSERT_NEAR(score_of(exact, user, item), scores(user, item), 2e-4);
  }
  options.epochs = 20;
  std::vector<double> losses;
  for (const IalsSolver solver : kSolvers) {
    options.solver = solver;
    losses.push_back(trained(data, options).report.curve.epochs.back().values[0]);
  }
  for (const double loss : losses) EXPECT_NEAR(loss, losses[0], 1e-3 * losses[0]);
}

TEST_F(Ials, SaysWhichSolverItChooses) {
  const auto method = [](Index factors, IalsSolver solver) {
    return method_of(AlgorithmOptions(IalsOptions{.factors = factors, .solver = solver}));
  };
  EXPECT_EQ(method(64, IalsSolver::automatic), "exact");
  EXPECT_EQ(method(65, IalsSolver::automatic), "cg");
  EXPECT_EQ(method(200, IalsSolver::exact), "exact");
  EXPECT_EQ(method(8, IalsSolver::subspace), "subspace");
  EXPECT_EQ(method_of(AlgorithmOptions(AlsOptions{})), "");
}

TEST_F(Ials, FoldInEqualsAUserHalfStepToTheBit) {
  Interactions interactions = planted_interactions(60, 45, 0.3, 2, 0.4, 3);
  for (const Feedback feedback : {Feedback::ratings, Feedback::weights}) {
    interactions.feedback = feedback;
    const Dataset data(interactions, parallel);
    for (const Index factors : {1U, 7U, 40U, 100U}) {
      const Scorer scorer = trained(data, {.factors = factors,
                                           .epochs = 2,
                                           .weight_exponent = 0.5F,
                                           .solver = IalsSolver::exact})
                                .scorer;
      const FoldIn fold_in(scorer);
      for (Index user = 0; user < data.num_users(); ++user) {
        const SparseRow row = data.by_user().row(user);
        const Query query = fold_in(
            {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
        ASSERT_TRUE(std::ranges::equal(query.vector, scorer.factors.user_factors.row(user)))
            << "user " << user << ", " << factors << " factors";
        ASSERT_EQ(query.base, 0);
      }
    }
  }
}

TEST_F(Ials, WithNothingUnobservedItIsAlsOnTargetsOfOne) {
  Interactions ones = clusters(30, 25, 4);
  std::ranges::fill(ones.values, 1.0F);
  const Dataset data(ones, parallel);
  for (const Index factors : {3U, 8U, 21U}) {
    const Scorer scorer = trained(data, {.factors = factors,
                                         .epochs = 3,
                                         .unobserved = 1e-20F,
                                         .regularization = 0.1F,
                                         .regularization_exponent = 0.5F})
                              .scorer;
    const RowObjective without{.ridge = scorer.row->ridge, .bias = false};
    Factors model = scorer.factors;
    HalfStep(data.by_user(), factors, without, parallel)(fixed_items(model), users_of(model));
    for (Index user = 0; user < data.num_users(); ++user) {
      for (Index item = 0; item < data.num_items(); ++item) {
        EXPECT_NEAR(score_of(model, user, item), score_of(scorer.factors, user, item), 1e-4)
            << factors;
      }
    }
  }
}

TEST_F(Ials, RecoversPlantedClusters) {
  const Interactions interactions = clusters(80, 60, 5);
  const Dataset data(interactions, parallel);
  const Factors model = trained(data, {.factors = 2}).scorer.factors;
  const PlainIals plain(data, {.factors = 2});
  for (Index user = 0; user < 80; ++user) {
    double least_own = 1;
    double most_other = 0;
    for (Index item = 0; item < 60; ++item) {
      if (user % 5 == 4 || item % 7 == 6 || plain.weights()(user, item) > 0) continue;
      const double score = score_of(model, user, item);
      if (user % 2 == item % 2) {
        least_own = std::min(least_own, score);
      } else {
        most_other = std::max(most_other, score);
      }
    }
    EXPECT_GE(least_own, most_other) << user;
  }
}

TEST_F(Ials, WhoHasChosenNothingStaysZero) {
  // Of these ratings those of at least 3 are relevant. User 1 has none, user 3 no rating at all.
  const Interactions interactions = interactions_of(
      4, 5, {{0, 0, 5}, {0, 1, 4}, {0, 2, 1}, {1, 0, 1}, {1, 3, 2}, {2, 1, 5}, {2, 0, 3}});
  const Dataset data(interactions, parallel);
  ASSERT_EQ(data.relevant(), 3);
  const Scorer scorer = trained(data, {.factors = 6, .lower_weight = 0.5F}).scorer;
  const auto is_zero = [](std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return value == 0; });
  };
  for (const Index user : {1U, 3U}) {
    EXPECT_TRUE(is_zero(scorer.factors.user_factors.row(user)));
    EXPECT_TRUE(knows_nothing(scorer, query_of_user(scorer, user)));
  }
  EXPECT_FALSE(is_zero(scorer.factors.user_factors.row(0)));
  // Item 2 is rated low by somebody who has chosen others, item 3 only by somebody who has not.
  EXPECT_FALSE(is_zero(scorer.factors.item_factors.row(2)));
  for (const Index item : {3U, 4U}) EXPECT_TRUE(is_zero(scorer.factors.item_factors.row(item)));
  // Somebody new with nothing but low ratings.
  const Query query = fold_in(scorer, rated_items({{0, 1.0F}, {3, 2.0F}}));
  EXPECT_TRUE(knows_nothing(scorer, query));
  EXPECT_EQ(query.seen.items.size(), 2U);
}

TEST_F(Ials, WeighsByTheExponent) {
  const Interactions counts = clusters(40, 30, 6);
  Interactions squared = counts;
  for (float& value : squared.values) value *= value;
  const Dataset data(counts, parallel);
  const Dataset of_squares(squared, parallel);
  const auto factors_of = [&](const Dataset& of, float exponent) {
    return trained(of, {.factors = 5, .epochs = 3, .weight_exponent = exponent}).scorer.factors;
  };
  EXPECT_TRUE(factors_of(data, 1) == factors_of(of_squares, 0.5F));
  EXPECT_TRUE(factors_of(data, 0) == factors_of(of_squares, 0));
  EXPECT_FALSE(factors_of(data, 1) == factors_of(of_squares, 1));
}

// By the formula of palate/algorithms/ials.h, as weights that are stated.
TEST_F(Ials, RatingsWeighByTheirSizeAndLessBelowTheRelevant) {
  const Interactions interactions = planted_interactions(40, 30, 0.3, 2, 0.4, 7);
  const Dataset data(interactions, parallel);
  const float relevant = data.relevant().value();
  for (const float exponent : {0.0F, 1.5F, 3.0F}) {
    const Scorer scorer =
        trained(data,
                {.factors = 5, .epochs = 3, .rating_exponent = exponent, .lower_weight = 0.25F})
            .scorer;
    // Who has chosen nothing has no weights.
    Interactions weights = interactions;
    weights.feedback = Feedback::weights;
    for (Index row = 0; row < weights.size(); ++row) {
      const auto& values = data.by_user().row(weights.users[row]).values;
      const bool has_relevant =
          std::ranges::any_of(values, [&](float value) { return value >= relevant; });
      float& value = weights.values[row];
      const float share = value >= relevant ? 1 : 0.25F;
      value = has_relevant ? share * std::pow(value / relevant, exponent) : 0;
    }
    const Scorer same =
        trained(Dataset(weights, parallel), {.factors = 5, .epochs = 3, .weight_exponent = 1})
            .scorer;
    EXPECT_TRUE(scorer.factors == same.factors) << exponent;
  }
}

TEST_F(Ials, RatingsOfAScaleThatGoesBelowZeroWeighAlike) {
  Interactions interactions = planted_interactions(40, 30, 0.3, 2, 0.4, 7);
  for (float& value : interactions.values) value -= 4;
  const Dataset data(interactions, parallel);
  ASSERT_LT(data.range().low, 0);
  EXPECT_EQ(trained(data, {.factors = 3, .epochs = 1}).scorer.weighting->exponent, 0);
}

TEST_F(Ials, GivesTheSameBitsForAnyNumberOfThreads) {
  const Interactions interactions = clusters(60, 800, 8);
  for (const IalsSolver solver : kSolvers) {
    const IalsOptions options{.factors = 40, .epochs = 2, .weight_exponent = 1, .solver = solver};
    std::vector<TrainResult> results;
    for (const unsigned threads : {1U, 2U, 3U}) {
      Parallel some(threads);
      TrainContext context{.parallel = some};
      results.push_back(train(Dataset(interactions, some), options, context));
    }
    for (const TrainResult& result : results) {
      EXPECT_TRUE(result.scorer == results[0].scorer);
      EXPECT_EQ(result.report.curve.epochs.back().values,
                results[0].report.curve.epochs.back().values);
    }
  }
}

TEST_F(Ials, ThreeEpochsAndTwoMoreAreFiveBitForBit) {
  const Interactions interactions = clusters(25, 600, 9);
  const Dataset data(interactions, parallel);
  for (const IalsSolver solver : kSolvers) {
    for (const Index factors : {3U, 40U}) {
      const auto after = [&](Index epochs, const WarmStart* start) {
        const IalsOptions options{.factors = factors, .epochs = epochs, .solver = solver};
        TrainContext context{.parallel = parallel, .start = start};
        return train(data, options, context).scorer;
      };
      const Fitted three{
          {"ials", IalsOptions{.factors = factors, .solver = solver}}, after(3, nullptr), {}};
      const WarmStart start = warm_start(three, *interactions.catalog, *interactions.catalog);
      const Scorer five = after(5, nullptr);
      EXPECT_TRUE(after(2, &start) == five) << factors;
      EXPECT_FALSE(three.scorer == five) << factors;
    }
  }
}

TEST_F(Ials, RefusesNegativeWeightsAndNothingChosen) {
  Interactions weights = interactions_of(2, 2, {{0, 0, 1}, {1, 1, -1}});
  weights.feedback = Feedback::weights;
  EXPECT_THROW(trained(Dataset(weights, parallel), {}), Error);
  weights.values = {0, 0};
  EXPECT_THROW(trained(Dataset(weights, parallel), {}), Error);
}

}  // namespace
}  // namespace palate
