#include <gtest/gtest.h>

#include <vector>

#include "palate/evaluate/rating_metrics.h"

namespace palate {
namespace {

TEST(RatingMetrics, ErrorsArePooledByUserInOrderOfIndex) {
  const std::vector<Index> users{7, 2, 7};
  const std::vector<float> predicted{4, 3, 1};
  const std::vector<float> actual{5, 3.5F, 3};
  const std::vector<UserSums> sums = rating_sums(users, predicted, actual);
  ASSERT_EQ(sums.size(), 3U);
  for (const UserSums& of_metric : sums)
    EXPECT_EQ(of_metric.weight, (std::vector<double>{1, 2})) << "how many ratings";
  EXPECT_EQ(sums[0].sum, (std::vector<double>{0.25, 5})) << "of RMSE";
  EXPECT_EQ(sums[1].sum, (std::vector<double>{0.5, 3})) << "of MAE";
  EXPECT_EQ(sums[2].sum, (std::vector<double>{0.25, 5})) << "of MSE";
}

TEST(RatingMetrics, LessErrorIsBetter) {
  for (const Metric& metric : rating_metrics()) {
    EXPECT_TRUE(is_better(metric, 0.8, 0.9)) << metric.name;
    EXPECT_FALSE(is_better(metric, 0.9, 0.8)) << metric.name;
    EXPECT_FALSE(is_better(metric, 0.9, 0.9)) << metric.name;
  }
}

TEST(RatingMetrics, AnotherMetricKnowsItsOwnDirection) {
  const Metric ndcg{.name = "ndcg@10", .better = Metric::Better::higher};
  EXPECT_TRUE(is_better(ndcg, 0.9, 0.8));
  EXPECT_FALSE(is_better(ndcg, 0.8, 0.9));
  const Metric coverage{.name = "coverage@10", .better = Metric::Better::neither};
  EXPECT_FALSE(is_better(coverage, 0.9, 0.8));
  EXPECT_FALSE(is_better(coverage, 0.8, 0.9));
}

}  // namespace
}  // namespace palate
