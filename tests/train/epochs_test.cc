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
  Parallel parallel_{1};
  TrainContext context_{.parallel = parallel_};
};

TEST_F(Epochs, AllRunAndTheLastIsKept) {
  std::vector<Index> seen;
  context_.on_epoch = [&](const EpochRecord& record) { seen.push_back(record.epoch); };
  const TrainResult result = run_epochs(Factors(1, 1, 0), 3, context_, "", counting_epoch);
  EXPECT_EQ(result.factors.global_mean, 3);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_EQ(result.report.epochs_kept, 3U);
  EXPECT_EQ(seen, (std::vector<Index>{0, 1, 2}));
  EXPECT_EQ(result.report.curve.size(), 3U);
  EXPECT_EQ(result.report.curve[1].train_loss, 0.5);
}

TEST_F(Epochs, EarlyStoppingKeepsTheBestEpoch) {
  const std::vector<double> losses{5, 3, 4, 3.5, 1, 1};
  context_.validation_loss = [&](const Factors& factors) {
    return losses[static_cast<std::size_t>(factors.global_mean) - 1];
  };
  context_.patience = 2;
  const TrainResult result = run_epochs(Factors(1, 1, 0), 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::early_stopped);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.factors.global_mean, 2);
  EXPECT_EQ(result.report.curve.size(), 4U);
  EXPECT_EQ(result.report.curve[1].validation_loss, 3);
}

TEST_F(Epochs, WithoutPatienceTheBestOfAllIsKept) {
  const std::vector<double> losses{5, 3, 4, 3.5, 1, 1};
  context_.validation_loss = [&](const Factors& factors) {
    return losses[static_cast<std::size_t>(factors.global_mean) - 1];
  };
  const TrainResult result = run_epochs(Factors(1, 1, 0), 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_EQ(result.report.epochs_kept, 5U) << "the first of equals";
}

TEST_F(Epochs, ADivergenceGivesBackTheLastFiniteEpoch) {
  const auto diverging = [](Factors& factors, Index epoch) {
    factors.global_mean = epoch < 2 ? 7.0F : std::numeric_limits<float>::quiet_NaN();
    return 1.0;
  };
  const TrainResult result =
      run_epochs(Factors(1, 1, 0), 6, context_, "a lower learning_rate", diverging);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_EQ(result.factors.global_mean, 7);
  EXPECT_EQ(result.report.epochs_kept, 2U);
  EXPECT_EQ(result.report.advice, "diverged in epoch 2: try a lower learning_rate");
  EXPECT_EQ(result.report.curve.size(), 2U);
}

TEST_F(Epochs, ALossThatIsNotFiniteIsADivergence) {
  const auto lossless = [](Factors&, Index) { return std::numeric_limits<double>::infinity(); };
  const TrainResult result = run_epochs(Factors(1, 1, 0), 6, context_, "", lossless);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_TRUE(result.factors.all_finite());
  EXPECT_EQ(result.report.epochs_kept, 0U);
}

TEST_F(Epochs, AStopRequestEndsAfterTheEpochAndKeepsIt) {
  context_.stop_requested = [] { return true; };
  const TrainResult result = run_epochs(Factors(1, 1, 0), 6, context_, "", counting_epoch);
  EXPECT_EQ(result.report.ending, Ending::interrupted);
  EXPECT_EQ(result.factors.global_mean, 1);
  EXPECT_EQ(result.report.epochs_kept, 1U);
}

}  // namespace
}  // namespace palate
