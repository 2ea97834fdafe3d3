#include <gtest/gtest.h>

#include <vector>

#include "palate/algorithms/train.h"
#include "small_data.h"

namespace palate {
namespace {

TEST(Bias, OneEpochIsTheFormula) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Dataset data(interactions_of(2, 3, {{0, 0, 5}, {0, 1, 3}, {1, 0, 1}}), parallel);
  const BiasOptions options{.epochs = 1, .user_regularization = 2, .item_regularization = 1};
  const Factors model = train(data, options, context).scorer.factors;
  // mean 3; items: (2 - 2) / (1 + 2), 0 / (1 + 1); users: (2 + 0) / (2 + 2), -2 / (2 + 1)
  EXPECT_EQ(model.global_mean, 3);
  EXPECT_EQ(model.item_bias, (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(model.user_bias, (std::vector<float>{0.5F, -2.0F / 3}));
  EXPECT_EQ(model.num_factors(), 0);
}

TEST(Bias, TheTrainLossIsThatOfTheModel) {
  Parallel parallel(2);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(50, 40, 0.3, 2, 0.4, 1), parallel);
  const TrainResult result = train(data, BiasOptions{}, context);
  double sum = 0;
  for (std::size_t t = 0; t < data.size(); ++t) {
    const double e =
        score_of(result.scorer.factors, data.users()[t], data.items()[t]) - data.values()[t];
    sum += e * e;
  }
  EXPECT_NEAR(result.report.curve.epochs.back().values[0], sum / static_cast<double>(data.size()),
              1e-5);
}

TEST(Mean, IsTheMeanForAll) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const TrainResult result =
      train(Dataset(interactions_of(2, 2, {{0, 0, 5}, {1, 1, 2}, {0, 1, 2}}), parallel),
            MeanOptions{}, context);
  EXPECT_EQ(score_of(result.scorer.factors, 1, 0), 3);
  ASSERT_EQ(result.report.curve.epochs.size(), 1U);
  EXPECT_EQ(result.report.curve.epochs[0].values[0], 2);
}

}  // namespace
}  // namespace palate
