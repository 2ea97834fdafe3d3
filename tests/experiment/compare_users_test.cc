// A comparison on whole users who were held out and are folded in.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/final_model.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/evaluate/rating_metrics.h"
#include "palate/evaluate/tune.h"
#include "palate/json.h"
#include "palate/recommend/recommend.h"
#include "small_data.h"

namespace palate {
namespace {

class CompareUsers : public testing::Test {
 protected:
  static CompareOptions options_for(const std::vector<std::string>& names) {
    CompareOptions options{.split = kSplit};
    for (const std::string& name : names) options.algorithms.push_back(algorithm_named(name));
    return options;
  }

  // What a user's fold-in rows say, by hand.
  static RatedItems told(const Interactions& interactions, const Split& split, Index user) {
    std::vector<std::pair<Index, float>> ratings;
    for (const Index row : split.fold_in) {
      if (interactions.users[row] == user)
        ratings.emplace_back(interactions.items[row], interactions.values[row]);
    }
    return rated_items(std::move(ratings));
  }

  std::vector<std::string> all_of(Task task) const {
    std::vector<std::string> names;
    for (const AlgorithmInfo& row : algorithms()) {
      if (row.about.task == task && !row.preset) names.emplace_back(row.about.name);
    }
    return names;
  }

  static constexpr SplitOptions kSplit{
      .method = SplitMethod::users, .test_share = 0.3, .fold_in_share = 0.7, .seed = 4};
  Parallel parallel_{2};
  Interactions interactions_ = planted_interactions(70, 53, 0.3, 2, 0.4, 5);
  Split split_ = make_splits(interactions_, kSplit).front();
};

TEST_F(CompareUsers, RatingsArePredictedAsByFoldingInByHand) {
  CompareOptions options = options_for(all_of(Task::ratings));
  options.samples = static_cast<Index>(split_.test.size());
  const Comparison comparison = compare(interactions_, options, parallel_).front();
  ASSERT_EQ(comparison.samples.size(), split_.test.size());
  for (std::size_t m = 0; m < comparison.models.size(); ++m) {
    const ModelResult& model = comparison.models[m];
    SCOPED_TRACE(model.algorithm.name);
    const Scorer& scorer = model.trial.scorer;
    double squares = 0;
    for (std::size_t t = 0; t < split_.test.size(); ++t) {
      const Index row = split_.test[t];
      const Query query = fold_in(scorer, told(interactions_, split_, interactions_.users[row]));
      const float predicted = predict(scorer, query, interactions_.items[row]);
      ASSERT_EQ(comparison.samples[t].predicted[m], predicted);
      const double error =
          static_cast<double>(predicted) - static_cast<double>(interactions_.values[row]);
      squares += error * error;
    }
    EXPECT_NEAR(find_metric(model.metrics, "mse")->interval.value,
                squares / static_cast<double>(split_.test.size()), 1e-9);
  }
  EXPECT_LT(find_metric(comparison.models[0].metrics, "rmse")->interval.value,
            find_metric(comparison.models.back().metrics, "rmse")->interval.value)
      << "als against the mean";
}

TEST_F(CompareUsers, ListsAreThoseOfFoldingInByHand) {
  const CompareOptions options = options_for(all_of(Task::lists));
  ASSERT_GE(options.algorithms.size(), 3U) << "ials, item-knn and popular";
  const Comparison comparison = compare(interactions_, options, parallel_).front();
  for (const ModelResult& model : comparison.models) {
    SCOPED_TRACE(model.algorithm.name);
    const Scorer& scorer = model.trial.scorer;
    ListRules rules = default_rules(scorer);
    rules.count = longest_cutoff(comparison.metrics);
    ListSums sums(comparison.metrics);
    std::uint64_t without = 0;
    for (Index user = 0; user < interactions_.num_users(); ++user) {
      std::vector<Index> relevant;
      bool tested = false;
      for (const Index row : split_.test) {
        if (interactions_.users[row] != user) continue;
        tested = true;
        if (interactions_.values[row] >= *comparison.relevant)
          relevant.push_back(interactions_.items[row]);
      }
      if (!tested) continue;
      if (relevant.empty()) {
        ++without;
        continue;
      }
      std::ranges::sort(relevant);
      const RatedItems ratings = told(interactions_, split_, user);
      std::vector<Index> listed;
      for (const Recommendation& one : recommend(scorer, fold_in(scorer, ratings), rules)) {
        EXPECT_FALSE(std::ranges::binary_search(ratings.items, one.item)) << "it was told";
        listed.push_back(one.item);
      }
      sums.add(user, listed, relevant);
    }
    EXPECT_EQ(comparison.users_without_relevant, without);
    const auto by_hand = bootstrap(comparison.metrics, sums.sums(), parallel_, {.draws = 0});
    for (std::size_t n = 0; n < by_hand.size(); ++n) {
      EXPECT_DOUBLE_EQ(model.metrics[n].interval.value, by_hand[n].interval.value)
          << comparison.metrics[n].name;
    }
  }
}

TEST_F(CompareUsers, NoModelTrainsOnARowOfAHeldOutUser) {
  CompareOptions options = options_for({"als", "sgd", "gradient", "bias", "ials", "item-knn"});
  options.validation_share = 0.2;
  Interactions changed = interactions_;
  for (const std::vector<Index>* part : {&split_.test, &split_.fold_in}) {
    for (const Index row : *part) changed.values[row] = 5.5F - changed.values[row];
  }
  const auto before = compare(interactions_, options, parallel_);
  const auto after = compare(changed, options, parallel_);
  ASSERT_EQ(before.size(), 2U);
  for (std::size_t task = 0; task < 2; ++task) {
    for (std::size_t m = 0; m < before[task].models.size(); ++m) {
      EXPECT_EQ(before[task].models[m].trial.scorer, after[task].models[m].trial.scorer)
          << before[task].models[m].algorithm.name;
    }
    const Part& part = *before[task].part;
    for (const Index user : part.test.users) EXPECT_EQ(part.train.by_user().row(user).size(), 0U);
    EXPECT_GT(part.validation.size(), 0U);
  }
}

TEST_F(CompareUsers, TuningLooksAtNoneOfThem) {
  TuneOptions options{.algorithm = algorithm_named("ials:factors=4"), .split = kSplit, .trials = 2};
  const Tuning before = tune(interactions_, options, parallel_);
  Interactions changed = interactions_;
  for (const std::vector<Index>* part : {&split_.test, &split_.fold_in}) {
    for (const Index row : *part) changed.values[row] = 5.5F - changed.values[row];
  }
  const Tuning after = tune(changed, options, parallel_);
  ASSERT_EQ(before.trials.size(), after.trials.size());
  for (std::size_t t = 0; t < before.trials.size(); ++t)
    EXPECT_EQ(before.trials[t].value, after.trials[t].value);
}

TEST_F(CompareUsers, IsTheSameForAnyNumberOfThreads) {
  const CompareOptions options = options_for({"als", "ials", "item-knn"});
  Parallel alone(1);
  const auto with_two = compare(interactions_, options, parallel_);
  const auto with_one = compare(interactions_, options, alone);
  for (std::size_t task = 0; task < 2; ++task) {
    for (std::size_t m = 0; m < with_two[task].models.size(); ++m) {
      const auto& metrics = with_two[task].models[m].metrics;
      for (std::size_t n = 0; n < metrics.size(); ++n)
        EXPECT_EQ(metrics[n].interval.value, with_one[task].models[m].metrics[n].interval.value);
    }
  }
}

TEST_F(CompareUsers, IsToldOfWhomItIs) {
  const auto comparisons = compare(interactions_, options_for({"bias", "popular"}), parallel_);
  RatingsTable table;
  table.interactions = interactions_;
  const auto document = nlohmann::ordered_json::parse(
      to_json(comparisons, table, summarize(table, 0), "palate compare ratings.csv"));
  const auto& split = document["ratings"]["split"];
  EXPECT_EQ(split["method"], "users");
  EXPECT_EQ(split["description"], "30 % of the users, 70 % of whose ratings are folded in, seed 4");
  EXPECT_EQ(split["train"], split_.train.size());
  EXPECT_EQ(split["fold_in"], split_.fold_in.size());
  EXPECT_EQ(split["test"], split_.test.size());
  EXPECT_EQ(split["leak"]["users"]["cold"], 21) << "30 % of 70";
  EXPECT_EQ(split["leak"]["users"]["tested"], 21);
  EXPECT_FALSE(document["ratings"]["models"][0]["curve"][0].contains("test_loss"));
  const auto schema = nlohmann::ordered_json::parse(embedded_comparison_schema());
  EXPECT_EQ(schema_violation(document, schema).value_or(""), "");
  // Nobody is cold: what was told of a user counts.
  std::uint64_t ratings = 0;
  for (const GroupErrors& errors : comparisons[0].models[0].breakdowns[0].groups) {
    EXPECT_GE(errors.group.first, 1);
    ratings += errors.ratings;
  }
  EXPECT_EQ(ratings, split_.test.size());
}

TEST_F(CompareUsers, TheFinalModelIsOfAllRows) {
  const CompareOptions users = options_for({"als"});
  CompareOptions random = users;
  random.split = {};
  const auto final_of = [&](const CompareOptions& options) {
    const Comparison comparison = compare(interactions_, options, parallel_).front();
    return refitted_model(interactions_, {{comparison, comparison.models[0]}}, parallel_);
  };
  EXPECT_EQ(final_of(users).ratings->scorer, final_of(random).ratings->scorer);
}

TEST_F(CompareUsers, WhatIsNoRatingIsFoldedInToo) {
  Interactions weights = interactions_;
  weights.feedback = Feedback::weights;
  const Comparison comparison =
      compare(weights, options_for({"ials", "item-knn", "popular"}), parallel_).front();
  EXPECT_FALSE(comparison.relevant);
  EXPECT_EQ(comparison.split.tested, split_.test.size());
  EXPECT_EQ(comparison.split.tested_users, 21U);
}

}  // namespace
}  // namespace palate
