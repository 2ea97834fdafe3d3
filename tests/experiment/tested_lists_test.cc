#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/base/error.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/json.h"
#include "palate/recommend/recommend.h"
#include "small_data.h"

namespace palate {
namespace {

class TestedListsTest : public testing::Test {
 protected:
  static CompareOptions options_for(const std::vector<std::string>& names) {
    CompareOptions options{.cutoffs = {3, 7}};
    for (const std::string& name : names) options.algorithms.push_back(algorithm_named(name));
    return options;
  }
  Comparison lists_of(const CompareOptions& options) {
    return *find_task(compare(interactions_, options, parallel_), Task::lists);
  }
  std::string refused(const CompareOptions& options) {
    try {
      compare(interactions_, options, parallel_);
      return "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      return error.what();
    }
  }

  Parallel parallel_{2};
  Interactions interactions_ = planted_interactions(80, 63, 0.3, 2, 0.4, 5);
};

// Every list again, and every item's place among all by its train ratings.
TEST_F(TestedListsTest, ExposureIsThatOfTheListsByTenthsOfTheItems) {
  const Comparison comparison = lists_of(options_for({"ials", "popular"}));
  const Part& part = *comparison.part;
  const Index num_items = part.train.num_items();
  const auto support = [&](Index item) { return part.train.by_item().row(item).size(); };
  const auto place = [&](Index item) {
    Index before = 0;
    for (Index other = 0; other < num_items; ++other) {
      before += support(other) > support(item) || (support(other) == support(item) && other < item)
                    ? 1
                    : 0;
    }
    return before;
  };
  std::vector<bool> measured(part.train.num_users());
  for (std::size_t t = 0; t < part.test.size(); ++t)
    if (part.test.values[t] >= *comparison.relevant) measured[part.test.users[t]] = true;

  for (const ModelResult& model : comparison.models) {
    const Scorer& scorer = model.trial.scorer;
    ListRules rules = default_rules(scorer);
    rules.count = 3;
    std::vector<double> places(10);
    double all = 0;
    for (Index user = 0; user < part.train.num_users(); ++user) {
      if (!measured[user]) continue;
      const QueryView query = query_of_user(scorer, user, part.train.by_user().row(user));
      for (const Recommendation& listed : recommend(scorer, query, rules)) {
        ++places[place(listed.item) * 10 / num_items];
        ++all;
      }
    }
    ASSERT_GT(all, 0);
    ASSERT_EQ(model.exposure_by_popularity.size(), places.size());
    for (std::size_t tenth = 0; tenth < places.size(); ++tenth) {
      EXPECT_DOUBLE_EQ(model.exposure_by_popularity[tenth], places[tenth] / all)
          << model.algorithm.name << ", tenth " << tenth;
    }
  }
  const std::vector<double>& of_popular = comparison.models[1].exposure_by_popularity;
  EXPECT_EQ(std::ranges::max(of_popular), of_popular[0]);
}

TEST_F(TestedListsTest, AreMeasuredAtTheCutoffsThatAreAsked) {
  const Comparison comparison = lists_of(options_for({"popular"}));
  std::vector<std::string> names;
  for (const Metric& metric : comparison.metrics) names.push_back(metric.name);
  EXPECT_EQ(names, (std::vector<std::string>{"ndcg@3", "recall@3", "precision@3", "map@3", "mrr@3",
                                             "hit_rate@3", "ndcg@7", "recall@7"}));
  EXPECT_EQ(comparison.models[0].exposure.front().metric.name, "coverage@3");
  CompareOptions twice = options_for({"popular"});
  twice.cutoffs = {3, 7, 3};
  EXPECT_EQ(refused(twice), "cutoff 3 is named twice");
}

TEST_F(TestedListsTest, AreComparedByTheMetricThatIsNamed) {
  CompareOptions options = options_for({"ials", "popular", "als", "mean"});
  const auto primary_of = [](const Comparison& comparison) {
    return comparison.metrics[comparison.primary].name;
  };
  for (const std::string name : {"ndcg@3", "recall@7", "MRR@5", "ndcg@20"}) {
    options.metric = name;
    const auto both = compare(interactions_, options, parallel_);
    const Comparison& lists = *find_task(both, Task::lists);
    EXPECT_EQ(primary_of(lists), list_metric_named(name).name);
    EXPECT_EQ(primary_of(*find_task(both, Task::ratings)), "rmse");
    const std::size_t best = lists.models[0].difference_to_best ? 1 : 0;
    const ModelResult& other = lists.models[1 - best];
    EXPECT_DOUBLE_EQ(other.difference_to_best->value,
                     other.metrics[lists.primary].interval.value -
                         lists.models[best].metrics[lists.primary].interval.value);
    EXPECT_LE(other.difference_to_best->value, 0);
    const Curve& curve = lists.models[0].trial.report.curve;
    EXPECT_EQ(curve.names.back(), "test_" + primary_of(lists));
    EXPECT_DOUBLE_EQ(curve.epochs.back().values.back(),
                     lists.models[0].metrics[lists.primary].interval.value);
  }
  options.metric = "mae";
  const auto both = compare(interactions_, options, parallel_);
  const Comparison& ratings = *find_task(both, Task::ratings);
  EXPECT_EQ(primary_of(ratings), "mae");
  EXPECT_EQ(primary_of(*find_task(both, Task::lists)), "ndcg@3");
  const ModelResult& mean = ratings.models[1];
  EXPECT_EQ(mean.trial.report.curve.names.back(), "test_mae");
  EXPECT_NEAR(mean.trial.report.curve.epochs.back().values.back(), mean.metrics[1].interval.value,
              1e-6);
}

// The epoch that is kept is the best by the metric that is named.
TEST_F(TestedListsTest, StopEarlyByTheMetricThatIsNamed) {
  for (const std::string name : {"recall@1", "mae"}) {
    CompareOptions options = options_for({name == "mae" ? "sgd" : "ials"});
    set_option(options.algorithms[0].options, "epochs", "30");
    options.validation_share = 0.2;
    options.patience = 3;
    options.metric = name;
    const Comparison comparison = compare(interactions_, options, parallel_).front();
    const TrainReport& report = comparison.models[0].trial.report;
    const auto column = std::ranges::find(report.curve.names, "validation_" + name);
    ASSERT_NE(column, report.curve.names.end());
    const auto value = [&](const EpochRecord& record) {
      return record.values[static_cast<std::size_t>(column - report.curve.names.begin())];
    };
    const Metric& metric = comparison.metrics[comparison.primary];
    for (const EpochRecord& record : report.curve.epochs) {
      EXPECT_FALSE(
          is_better(metric, value(record), value(report.curve.epochs.at(report.epochs_kept - 1))))
          << name << ", epoch " << record.epoch;
    }
  }
}

TEST_F(TestedListsTest, AMetricOfNoAlgorithmIsRefused) {
  CompareOptions options = options_for({"ials"});
  options.metric = "rmse";
  EXPECT_EQ(refused(options), "metric rmse is of ratings, and no algorithm here is for ratings");
  options = options_for({"als"});
  options.metric = "ndcg@10";
  EXPECT_EQ(refused(options), "metric ndcg@10 is of lists, and no algorithm here is for lists");
}

TEST_F(TestedListsTest, TheirJsonFollowsTheSchema) {
  RatingsTable table;
  table.interactions = interactions_;
  const auto schema = nlohmann::ordered_json::parse(embedded_comparison_schema());
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"ials", "popular"}, {"ials", "popular", "als", "mean"}}) {
    const auto json = nlohmann::ordered_json::parse(to_json(
        compare(interactions_, options_for(names), parallel_), table, summarize(table, 0), "x"));
    EXPECT_EQ(schema_violation(json, schema), std::nullopt);
    EXPECT_EQ(json.contains("ratings"), names.size() > 2);
    EXPECT_EQ(json["lists"]["models"][0]["exposure_by_popularity"].size(), 10U);
    EXPECT_EQ(json["lists"]["models"][0]["exposure"].size(), 3U);
  }
}

}  // namespace
}  // namespace palate
