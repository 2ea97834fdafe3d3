#include "experiment/named_metric.h"

#include <gtest/gtest.h>

#include "palate/base/error.h"
#include "palate/evaluate/rating_metrics.h"

namespace palate {
namespace {

TEST(NamedMetric, IsOfTheTaskThatHasIt) {
  for (const Metric& metric : rating_metrics()) {
    EXPECT_EQ(metric_named(metric.name).task, Task::ratings);
    EXPECT_EQ(metric_named(metric.name).metric, metric);
  }
  EXPECT_EQ(metric_named("RMSE").metric.name, "rmse");
  const auto [task, metric] = metric_named("NDCG@7");
  EXPECT_EQ(task, Task::lists);
  EXPECT_EQ(metric.name, "ndcg@7");
  EXPECT_EQ(metric.better, Metric::Better::higher);
}

TEST(NamedMetric, AnErrorListsThoseOfBothTasks) {
  for (const char* const name : {"accuracy", "ndcg", "ndcg@0", "rmse@10", ""}) {
    try {
      metric_named(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      const std::string message = error.what();
      EXPECT_NE(message.find(name), message.npos) << message;
      EXPECT_NE(message.find("recall@k"), message.npos) << message;
      EXPECT_TRUE(message.ends_with("; nor of: rmse, mae, mse")) << message;
    }
  }
}

}  // namespace
}  // namespace palate
