#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"
#include "palate/evaluate/rating_metrics.h"

namespace palate {
namespace {

// The sums of RMSE, MAE and MSE, as rating_sums() has them.
std::vector<UserSums> sums_of(std::vector<double> counts, std::vector<double> squared,
                              std::vector<double> absolute) {
  return {{squared, counts}, {std::move(absolute), counts}, {squared, counts}};
}

Measured measured(const std::vector<UserSums>& sums, std::size_t metric, Parallel& parallel,
                  const BootstrapOptions& options = {}) {
  return bootstrap(rating_metrics(), sums, parallel, options)[metric];
}

constexpr std::size_t kRmse = 0;

TEST(Bootstrap, AHandWorkedTableHasItsValues) {
  Parallel parallel(1);
  const std::vector<UserSums> sums = sums_of({1, 2}, {0.25, 5}, {0.5, 3});
  const std::vector<Measured> metrics = bootstrap(rating_metrics(), sums, parallel);
  ASSERT_EQ(metrics.size(), 3U);
  const Interval mse = find_metric(metrics, "mse")->interval;
  EXPECT_DOUBLE_EQ(mse.value, 5.25 / 3);
  EXPECT_DOUBLE_EQ(find_metric(metrics, "rmse")->interval.value, std::sqrt(5.25 / 3));
  EXPECT_DOUBLE_EQ(find_metric(metrics, "mae")->interval.value, 3.5 / 3);
  EXPECT_EQ(find_metric(metrics, "ndcg@10"), nullptr);
  // Two users give three samples: the first twice, the second twice, both.
  EXPECT_DOUBLE_EQ(mse.low, 0.25);
  EXPECT_DOUBLE_EQ(mse.high, 2.5);
}

// The draws of each metric, added up one metric at a time with weights of its own, in the order in
// which users were drawn.
TEST(Bootstrap, EveryMetricHasTheDrawsItWouldHaveAlone) {
  Parallel parallel(2);
  constexpr Index kUsers = 37;
  constexpr Index kDraws = 70;
  const std::vector<Metric> metrics{{.name = "a", .root = true}, {.name = "b"}, {.name = "c"}};
  std::vector<UserSums> sums(metrics.size());
  Rng rng(3);
  for (UserSums& of_metric : sums) {
    for (Index user = 0; user < kUsers; ++user) {
      of_metric.sum.push_back(rng.uniform());
      of_metric.weight.push_back(rng.uniform());
    }
  }
  sums[2].weight = sums[0].weight;
  const std::vector<Measured> all =
      bootstrap(metrics, sums, parallel, {.draws = kDraws, .seed = 5});
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    EXPECT_EQ(all[m].metric, metrics[m]);
    for (Index draw = 0; draw < kDraws; ++draw) {
      Rng drawn(5, draw);
      double sum = 0;
      double weight = 0;
      for (Index n = 0; n < kUsers; ++n) {
        const Index user = drawn.below(kUsers);
        sum += sums[m].sum[user];
        weight += sums[m].weight[user];
      }
      const double mean = sum / weight;
      EXPECT_EQ(all[m].draws[draw], metrics[m].root ? std::sqrt(mean) : mean);
    }
  }
}

TEST(Bootstrap, NoUsersGiveZeros) {
  Parallel parallel(1);
  const Measured rmse = measured(rating_sums({}, {}, {}), kRmse, parallel);
  EXPECT_EQ(rmse.interval.value, 0);
  EXPECT_EQ(rmse.interval.low, 0);
  EXPECT_EQ(rmse.interval.high, 0);
  EXPECT_TRUE(bootstrap({}, {}, parallel).empty());
}

TEST(Bootstrap, UsersWithoutAnyWeightGiveZero) {
  Parallel parallel(1);
  const Measured rmse = measured(sums_of({0, 0}, {0, 0}, {0, 0}), kRmse, parallel);
  EXPECT_EQ(rmse.interval.value, 0);
  EXPECT_EQ(rmse.interval.high, 0);
}

TEST(Bootstrap, SumsOfOtherLengthsAreRefused) {
  Parallel parallel(1);
  std::vector<UserSums> sums = sums_of({1, 2}, {0.25, 5}, {0.5, 3});
  EXPECT_THROW(bootstrap(rating_metrics(), std::span(sums).first(2), parallel), Error);
  sums[1].weight.pop_back();
  EXPECT_THROW(bootstrap(rating_metrics(), sums, parallel), Error);
}

// Normal errors of `num_users` users with a spread of their own each, from 5 to 80 ratings a user,
// few of whom have many.
std::vector<UserSums> simulated_sums(Index num_users, std::uint64_t stream) {
  Rng rng(11, stream);
  std::vector<double> counts;
  std::vector<double> all_squared;
  std::vector<double> all_absolute;
  for (Index user = 0; user < num_users; ++user) {
    const double spread = 0.5 + rng.uniform();
    const auto count = static_cast<std::uint32_t>(5 * std::exp2(4 * rng.uniform() * rng.uniform()));
    double squared = 0;
    double absolute = 0;
    for (std::uint32_t rating = 0; rating < count; ++rating) {
      const double error = spread * rng.normal();
      squared += error * error;
      absolute += std::abs(error);
    }
    counts.push_back(count);
    all_squared.push_back(squared);
    all_absolute.push_back(absolute);
  }
  return sums_of(std::move(counts), std::move(all_squared), std::move(all_absolute));
}

TEST(Bootstrap, TheIntervalsCoverTheTruthIn93To97OfAHundredSamplesOfUsers) {
  // E[(0.5 + U)^2] and E[0.5 + U] sqrt(2 / pi) with U uniform in [0, 1), independent of how many
  // ratings a user has.
  const double mse = 0.25 + 0.5 + 1.0 / 3;
  const double mae = std::sqrt(2 / std::numbers::pi);
  Parallel parallel(2);
  constexpr int kTrials = 2000;
  int mse_covered = 0;
  int rmse_covered = 0;
  int mae_covered = 0;
  const auto covers = [](const Interval& interval, double truth) {
    return interval.low <= truth && truth <= interval.high;
  };
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const std::vector<Measured> metrics =
        bootstrap(rating_metrics(), simulated_sums(200, trial), parallel, {.draws = 400});
    rmse_covered += covers(metrics[0].interval, std::sqrt(mse));
    mae_covered += covers(metrics[1].interval, mae);
    mse_covered += covers(metrics[2].interval, mse);
  }
  for (const int covered : {mse_covered, rmse_covered, mae_covered}) {
    EXPECT_GE(covered, 0.93 * kTrials);
    EXPECT_LE(covered, 0.97 * kTrials);
  }
}

TEST(Bootstrap, EqualsAreToldApartInFiveOfAHundredSamplesOfUsers) {
  // Two models that share half of their errors, equally good on the whole.
  Parallel parallel(2);
  constexpr int kTrials = 1000;
  int covered = 0;
  int significant = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    Rng rng(12, trial);
    std::vector<UserSums> one(1);
    std::vector<UserSums> other(1);
    for (Index user = 0; user < 150; ++user) {
      const double spread = 0.5 + rng.uniform();
      for (auto* const sums : {&one, &other}) {
        sums->front().sum.push_back(0);
        sums->front().weight.push_back(10);
      }
      for (int rating = 0; rating < 10; ++rating) {
        const double shared = spread * rng.normal();
        for (auto* const sums : {&one, &other})
          sums->front().sum.back() += std::pow(shared + spread * rng.normal(), 2);
      }
    }
    const std::span rmse = std::span(rating_metrics()).first(1);
    const Measured model = bootstrap(rmse, one, parallel, {.draws = 400}).front();
    const Measured reference = bootstrap(rmse, other, parallel, {.draws = 400}).front();
    const Interval apart = difference(model, reference);
    covered += apart.low <= 0 && 0 <= apart.high;
    significant += p_value(model, reference) < 0.05;
  }
  EXPECT_GE(covered, 0.93 * kTrials);
  EXPECT_LE(covered, 0.97 * kTrials);
  EXPECT_GE(significant, 0.03 * kTrials);
  EXPECT_LE(significant, 0.07 * kTrials);
}

TEST(Bootstrap, DrawsDoNotDependOnTheThreads) {
  Parallel one(1);
  Parallel three(3);
  const std::vector<UserSums> sums = simulated_sums(100, 5);
  EXPECT_EQ(measured(sums, kRmse, one).draws, measured(sums, kRmse, three).draws);
}

TEST(Bootstrap, APairedDifferenceIsNarrowerThanItsParts) {
  Parallel parallel(1);
  const std::vector<UserSums> sums = simulated_sums(100, 5);
  std::vector<UserSums> worse = sums;
  for (double& squared : worse[kRmse].sum) squared *= 1.1;
  const Measured model = measured(worse, kRmse, parallel);
  const Measured reference = measured(sums, kRmse, parallel);
  const Interval apart = difference(model, reference);
  EXPECT_DOUBLE_EQ(apart.value, model.interval.value - reference.interval.value);
  EXPECT_GT(apart.low, 0) << "every draw is worse by the same factor";
  EXPECT_LT(apart.high - apart.low, 0.2 * (reference.interval.high - reference.interval.low));
  const Interval itself = difference(reference, reference);
  EXPECT_EQ(itself.low, 0);
  EXPECT_EQ(itself.high, 0);
}

// Two models of many users, the second a little worse.
std::array<std::vector<UserSums>, 2> many_users() {
  constexpr Index kUsers = 150'000;
  std::array<std::vector<UserSums>, 2> models{std::vector<UserSums>(1), std::vector<UserSums>(1)};
  Rng rng(13);
  for (Index user = 0; user < kUsers; ++user) {
    // A trend in the order of users, which buckets in that order would take for a difference.
    const double spread = 0.6 + 0.3 * rng.uniform() + 0.3 * user / kUsers;
    const auto count = static_cast<double>(5 + rng.below(30));
    const double squared = count * spread * spread * (0.5 + rng.uniform());
    for (std::size_t m = 0; m < models.size(); ++m) {
      models[m].front().weight.push_back(count);
      models[m].front().sum.push_back(squared * (m == 0 ? 1 : 0.95 + 0.12 * rng.uniform()));
    }
  }
  return models;
}

TEST(Bootstrap, PooledUsersHaveTheIntervalsOfUsers) {
  Parallel parallel(2);
  const std::span rmse = std::span(rating_metrics()).first(1);
  const auto models = many_users();
  const auto measure = [&](std::size_t model, Index pool_above) {
    return bootstrap(rmse, models[model], parallel, {.draws = 400, .pool_above = pool_above})
        .front();
  };
  const auto expect_near = [](const Interval& pooled, const Interval& all) {
    EXPECT_EQ(pooled.value, all.value);
    EXPECT_NEAR(pooled.low, all.low, 0.0002);
    EXPECT_NEAR(pooled.high, all.high, 0.0002);
    EXPECT_LT(pooled.low, pooled.high);
    EXPECT_NEAR((pooled.high - pooled.low) / (all.high - all.low), 1, 0.15);
  };
  const Measured one = measure(0, 1'000'000);
  const Measured other = measure(1, 1'000'000);
  const Measured pooled_one = measure(0, 100'000);
  const Measured pooled_other = measure(1, 100'000);
  EXPECT_NEAR(one.interval.value, 0.9, 0.05);
  expect_near(pooled_one.interval, one.interval);
  expect_near(pooled_other.interval, other.interval);
  expect_near(difference(pooled_other, pooled_one), difference(other, one));
  EXPECT_NE(pooled_one.draws, one.draws);
}

TEST(Bootstrap, ThePoolIsTheSameForAnyNumberOfThreads) {
  const std::vector<UserSums> sums = simulated_sums(300, 5);
  const BootstrapOptions options{.draws = 50, .pool_above = 299};
  Parallel one(1);
  const std::vector<double> draws = measured(sums, kRmse, one, options).draws;
  for (const unsigned threads : {2U, 4U}) {
    Parallel several(threads);
    EXPECT_EQ(measured(sums, kRmse, several, options).draws, draws);
  }
  EXPECT_NE(measured(sums, kRmse, one, {.draws = 50, .pool_above = 300}).draws, draws)
      << "as many are not pooled";
}

TEST(Bootstrap, AStopLeavesTheValueWithoutAnInterval) {
  Parallel parallel(2);
  const std::vector<UserSums> sums = simulated_sums(100, 5);
  int asked = 0;
  const auto measured_until = [&](int stop) {
    asked = 0;
    return measured(sums, kRmse, parallel,
                    {.stop_requested = [&, stop] { return ++asked == stop; }});
  };
  const Measured whole = measured(sums, kRmse, parallel);
  for (const int stop : {1, 3}) {
    const Measured stopped = measured_until(stop);
    EXPECT_EQ(asked, stop) << "nothing goes on";
    EXPECT_TRUE(stopped.draws.empty());
    EXPECT_EQ(stopped.interval.value, whole.interval.value);
    EXPECT_EQ(stopped.interval.low, whole.interval.value);
    EXPECT_EQ(stopped.interval.high, whole.interval.value);
  }
  EXPECT_EQ(measured_until(0).draws, whole.draws) << "to be asked changes nothing";
  EXPECT_GT(asked, 10);
}

TEST(Bootstrap, OtherDrawsAreNotCompared) {
  Parallel parallel(1);
  const std::vector<UserSums> sums = simulated_sums(10, 5);
  EXPECT_THROW(
      difference(measured(sums, kRmse, parallel, {.draws = 10}), measured(sums, kRmse, parallel)),
      Error);
}

TEST(Bootstrap, HandWorkedDrawsGiveTheirPValue) {
  const auto with_draws = [](std::vector<double> draws) {
    return Measured{.metric = {}, .interval = {}, .draws = std::move(draws)};
  };
  const Measured reference = with_draws(std::vector<double>(9, 1.0));
  const auto p_of = [&](std::vector<double> draws) {
    return p_value(with_draws(std::move(draws)), reference);
  };
  EXPECT_DOUBLE_EQ(p_of({2, 2, 2, 2, 2, 2, 2, 2, 2}), 2 * 1 / 10.0) << "all above";
  EXPECT_DOUBLE_EQ(p_of({0, 0, 0, 0, 0, 0, 0, 0, 0}), 2 * 1 / 10.0) << "all below";
  EXPECT_DOUBLE_EQ(p_of({2, 2, 2, 0, 2, 2, 1, 2, 2}), 2 * 3 / 10.0) << "one below, one equal";
  EXPECT_DOUBLE_EQ(p_of({2, 0, 2, 0, 2, 0, 2, 0, 2}), 1) << "never above 1";
  EXPECT_DOUBLE_EQ(p_of({1, 1, 1, 1, 1, 1, 1, 1, 1}), 1) << "the same model";
  EXPECT_THROW(p_of({2}), Error);
}

}  // namespace
}  // namespace palate
