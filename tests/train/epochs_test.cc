#include "train/epochs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace palate {
namespace {

// An epoch that sets the mean to epoch + 1, so that a test sees whose factors were kept.
double counting_epoch(Factors& factors, Index epoch) {
  factors.global_mean = static_cast<float>(epoch + 1);
  return 1.0 / (epoch + 1);
}

class Epochs : public testing::Test {
 protected:
  // What is measured after epoch n is the n-th of these.
  static Validation by_losses(const std::vector<double>& losses,
                              Metric::Better better = Metric::Better::lower) {
    return {{.name = "loss", .better = better}, [losses](const Scorer& scorer) {
              return losses[static_cast<std::size_t>(scorer.factors.global_mean) - 1];
            }};
  }

  Parallel parallel_{1};
  TrainContext context_{.parallel = parallel_};
};

TEST_F(Epochs, AllRunAndTheLastIsKept) {
  std::vector<Index> seen;
  context_.on_epoch = [&](const Curve& so_far) { seen.push_back(so_far.epochs.back().epoch); };
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 3, context_, "", counting_epoch);
  EXPECT_EQ(result.scorer.factors.global_mean, 3);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_EQ(result.report.epochs_kept, 3U);
  EXPECT_EQ(seen, (std::vector<Index>{0, 1, 2}));
  EXPECT_EQ(result.report.curve.epochs.size(), 3U);
  EXPECT_EQ(result.report.curve.epochs[1].values[0], 0.5);
}

TEST_F(Epochs, EarlyStoppingKeepsTheBestEpoch) {
  const std::vector<double> losses{5, 3, 4, 3.5, 1, 1};
  context_.validation = by_losses(losses);
  context_.patience = 2;
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::early_stopped);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.scorer.factors.global_mean, 2);
  EXPECT_EQ(result.report.curve.epochs.size(), 4U);
  EXPECT_EQ(result.report.curve.epochs[1].values[1], 3);
}

TEST_F(Epochs, WithoutPatienceTheBestOfAllIsKept) {
  const std::vector<double> losses{5, 3, 4, 3.5, 1, 1};
  context_.validation = by_losses(losses);
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_EQ(result.report.epochs_kept, 5U) << "the first of equals";
}

TEST_F(Epochs, TheBestMayBeTheHighest) {
  context_.validation = by_losses({0.1, 0.3, 0.2, 0.3}, Metric::Better::higher);
  context_.validation->metric.name = "ndcg@10";
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 4, context_, "", counting_epoch);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.report.curve.names,
            (std::vector<std::string>{"train_loss", "validation_ndcg@10"}));
}

TEST_F(Epochs, TheTestIsMeasuredBesideAndDecidesNothing) {
  context_.validation = by_losses({2, 1, 3});
  context_.test = by_losses({9, 8, 7});
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 3, context_, "", counting_epoch);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.report.curve.names,
            (std::vector<std::string>{"train_loss", "validation_loss", "test_loss"}));
  EXPECT_EQ(result.report.curve.epochs[1].values, (std::vector<double>{0.5, 1, 8}));
}

TEST_F(Epochs, ADivergenceGivesBackTheLastFiniteEpoch) {
  const auto diverging = [](Factors& factors, Index epoch) {
    factors.global_mean = epoch < 2 ? 7.0F : std::numeric_limits<float>::quiet_NaN();
    return 1.0;
  };
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 6, context_, "a lower learning_rate", diverging);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_EQ(result.scorer.factors.global_mean, 7);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.report.advice, "diverged in epoch 2: try a lower learning_rate");
  EXPECT_EQ(result.report.curve.epochs.size(), 2U);
}

TEST_F(Epochs, ALossThatIsNotFiniteIsADivergence) {
  const auto lossless = [](Factors&, Index) { return std::numeric_limits<double>::infinity(); };
  const TrainResult result = run_epochs({.factors = Factors(1, 1, 0)}, 6, context_, "", lossless);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_TRUE(result.scorer.factors.all_finite());
  EXPECT_EQ(result.report.epochs_kept, 0U);
}

TEST_F(Epochs, AStopRequestEndsAfterTheEpochAndKeepsIt) {
  context_.stop_requested = [] { return true; };
  const TrainResult result =
      run_epochs({.factors = Factors(1, 1, 0)}, 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::interrupted);
  EXPECT_EQ(result.scorer.factors.global_mean, 1);
  EXPECT_EQ(result.report.epochs_kept, 1U);
}

}  // namespace
}  // namespace palate
