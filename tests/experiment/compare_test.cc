#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compare_ratings.h"
#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/base/error.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/evaluation.h"
#include "palate/evaluate/final_model.h"
#include "palate/json.h"
#include "small_data.h"

namespace palate {
namespace {

CompareOptions options_for(const std::vector<std::string>& names) {
  CompareOptions options;
  for (const std::string& name : names) options.algorithms.push_back(algorithm_named(name));
  return options;
}

double value_of(const std::vector<Measured>& metrics, const char* name) {
  return find_metric(metrics, name)->interval.value;
}

class Compare : public testing::Test {
 protected:
  Parallel parallel_{2};
  Interactions interactions_ = planted_interactions(80, 60, 0.3, 2, 0.4, 5);
};

TEST_F(Compare, TheMeanIsMeasuredAsByHand) {
  CompareOptions options = options_for({"mean"});
  options.split.test_share = 0.25;
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const Split split = make_splits(interactions_, options.split).front();
  const auto value = [&](Index row) { return static_cast<double>(interactions_.values[row]); };
  double mean = 0;
  for (const Index row : split.train) mean += value(row) / static_cast<double>(split.train.size());
  double squared = 0;
  for (const Index row : split.test)
    squared += (value(row) - mean) * (value(row) - mean) / static_cast<double>(split.test.size());
  EXPECT_NEAR(value_of(comparison.models[0].metrics, "mse"), squared, 1e-5);
  EXPECT_EQ(comparison.split.train, split.train.size());
  EXPECT_EQ(comparison.split.test, split.test.size());
}

TEST_F(Compare, TheBestHasNoDifferenceAndTheOthersOneAboveZero) {
  const Comparison comparison =
      compare_ratings(interactions_, options_for({"mean", "gradient", "bias"}), parallel_);
  int best = 0;
  for (const ModelResult& model : comparison.models) {
    if (!model.difference_to_best) {
      ++best;
    } else {
      EXPECT_GE(model.difference_to_best->value, 0) << model.algorithm.name;
    }
  }
  EXPECT_EQ(best, 1);
}

TEST_F(Compare, TheTableSaysWhoCannotBeToldApartFromTheBest) {
  CompareOptions options = options_for({"mean", "bias", "bias"});
  options.algorithms[2].name = "twin";
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const ModelResult& mean = comparison.models[0];
  const ModelResult& twin = comparison.models[2];
  EXPECT_FALSE(mean.same_as_best);
  EXPECT_DOUBLE_EQ(*mean.p_value, 2 / 1001.0) << "of a thousand draws none puts it first";
  EXPECT_DOUBLE_EQ(*mean.p_value_holm, 4 / 1001.0);
  EXPECT_TRUE(comparison.models[1].same_as_best);
  EXPECT_FALSE(comparison.models[1].p_value.has_value()) << "the best is compared with nobody";
  EXPECT_TRUE(twin.same_as_best);
  EXPECT_EQ(twin.difference_to_best->value, 0);
  EXPECT_EQ(*twin.p_value_holm, 1);
}

TEST_F(Compare, TheSpreadOverSeedsIsThatOfOneTrainingAfterTheOther) {
  CompareOptions options = options_for({"gradient", "bias"});
  set_option(options.algorithms[0].options, "seed", "7");
  set_option(options.algorithms[0].options, "epochs", "10");
  options.split.method = SplitMethod::kfold;
  options.split.folds = 2;
  std::vector<double> rmse;
  for (const char* const seed : {"7", "8", "9"}) {
    CompareOptions one = options;
    set_option(one.algorithms[0].options, "seed", seed);
    rmse.push_back(
        value_of(compare_ratings(interactions_, one, parallel_).models[0].metrics, "rmse"));
  }
  options.seeds = 3;
  std::vector<std::string> runs;
  const Watch watch{.on_start = [&](const NamedAlgorithm& algorithm, Index fold) {
    runs.push_back(algorithm.name + std::to_string(fold));
  }};
  const Comparison comparison = compare_ratings(interactions_, options, parallel_, watch);
  const ModelResult& gradient = comparison.models[0];
  EXPECT_EQ(value_of(gradient.metrics, "rmse"), rmse[0]) << "what is told beside is of the first";
  ASSERT_TRUE(gradient.over_seeds);
  EXPECT_EQ(gradient.over_seeds->seeds, 3U);
  ASSERT_EQ(gradient.over_seeds->metrics.size(), comparison.metrics.size());
  const double mean = (rmse[0] + rmse[1] + rmse[2]) / 3;
  const auto square = [&](double value) { return (value - mean) * (value - mean); };
  EXPECT_NEAR(gradient.over_seeds->metrics[0].mean, mean, 1e-12);
  EXPECT_GT(gradient.over_seeds->metrics[0].standard_deviation, 0);
  EXPECT_NEAR(gradient.over_seeds->metrics[0].standard_deviation,
              std::sqrt((square(rmse[0]) + square(rmse[1]) + square(rmse[2])) / 2), 1e-12);
  EXPECT_FALSE(comparison.models[1].over_seeds) << "biases have no seed";
  EXPECT_EQ(runs, (std::vector<std::string>{"gradient0", "gradient, seed 80", "gradient, seed 90",
                                            "bias0", "gradient1", "gradient, seed 81",
                                            "gradient, seed 91", "bias1"}));
  options.seeds = 0;
  EXPECT_THROW(compare_ratings(interactions_, options, parallel_), Error);
}

TEST_F(Compare, ErrorsAreBrokenDownAsByHand) {
  // Train: user 0 rated five items, user 1 one; item 0 has two ratings. User 2 and item 6 are cold.
  Interactions train =
      interactions_of(2, 5, {{0, 0, 4}, {0, 1, 4}, {0, 2, 2}, {0, 3, 2}, {0, 4, 3}, {1, 0, 3}});
  Interactions test = interactions_of(3, 6, {{0, 5, 5}, {1, 1, 3}, {2, 0, 1}, {2, 5, 3}});
  test.times = {100, 200, 300, 400};
  const Comparison comparison =
      compare_ratings(train, test, options_for({"mean"}), parallel_);  // which is 3 for all
  const std::vector<Breakdown>& parts = comparison.models[0].breakdowns;
  const auto ratings = [](const Breakdown& breakdown) {
    std::vector<std::pair<double, std::uint64_t>> counts;
    for (const GroupErrors& errors : breakdown.groups)
      counts.emplace_back(errors.group.first, errors.ratings);
    return counts;
  };
  using Counts = std::vector<std::pair<double, std::uint64_t>>;
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].by, "user_ratings");
  EXPECT_EQ(ratings(parts[0]), (Counts{{0, 2}, {1, 1}, {5, 1}}));
  EXPECT_NEAR(parts[0].groups[0].rmse, std::sqrt(2.0), 1e-6) << "of 1 and 3";
  EXPECT_NEAR(parts[0].groups[0].mae, 1, 1e-6);
  EXPECT_NEAR(parts[0].groups[2].rmse, 2, 1e-6) << "of 5";
  EXPECT_EQ(parts[1].by, "item_ratings");
  EXPECT_EQ(ratings(parts[1]), (Counts{{0, 2}, {1, 2}}));
  EXPECT_EQ(ratings(parts[2]), (Counts{{1, 1}, {3, 2}, {5, 1}}));
  EXPECT_EQ(ratings(parts[3]), (Counts{{100, 1}, {200, 1}, {300, 1}, {400, 1}}));
  test.times.clear();
  EXPECT_EQ(
      compare_ratings(train, test, options_for({"mean"}), parallel_).models[0].breakdowns.size(),
      3U);
}

TEST_F(Compare, FilesInDifferentUnitsOfTimeAreComparedInSeconds) {
  Interactions train = interactions_of(2, 2, {{0, 0, 4}, {0, 1, 2}, {1, 0, 3}});
  train.times = {1'000'000'000, 1'000'000'100, 1'000'000'200};
  Interactions test = interactions_of(2, 2, {{1, 1, 3}, {0, 1, 1}});
  test.times = {1'000'000'150'000, 1'000'000'050'000};
  test.time_unit = TimeUnit::milliseconds;
  const Comparison comparison = compare_ratings(train, test, options_for({"mean"}), parallel_);
  EXPECT_EQ(comparison.split.leak.before_own, 2U) << "both users rated later in the train file";
  EXPECT_EQ(comparison.split.leak.before_half, 1U) << "the median is 1000000100";
  const std::vector<GroupErrors>& groups = comparison.models[0].breakdowns.back().groups;
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].group.first, 1'000'000'050);
  EXPECT_EQ(groups[1].group.first, 1'000'000'150);
}

TEST_F(Compare, TheGroupsOfFoldsHoldEveryRatingOnce) {
  CompareOptions options = options_for({"bias"});
  options.split.method = SplitMethod::kfold;
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const ModelResult& bias = comparison.models[0];
  for (const Breakdown& breakdown : bias.breakdowns) {
    std::uint64_t ratings = 0;
    double squared = 0;
    for (const GroupErrors& errors : breakdown.groups) {
      ratings += errors.ratings;
      squared += errors.rmse * errors.rmse * static_cast<double>(errors.ratings);
    }
    EXPECT_EQ(ratings, interactions_.size()) << breakdown.by;
    EXPECT_NEAR(squared / static_cast<double>(ratings), value_of(bias.metrics, "mse"), 1e-9)
        << breakdown.by;
  }
}

TEST_F(Compare, FoldsMeasureEveryRatingOnce) {
  CompareOptions options = options_for({"bias", "mean"});
  options.split.method = SplitMethod::kfold;
  options.split.folds = 4;
  std::vector<std::string> runs;
  const Watch watch{.on_start = [&](const NamedAlgorithm& algorithm, Index fold) {
    runs.push_back(algorithm.name + std::to_string(fold));
  }};
  const Comparison comparison = compare_ratings(interactions_, options, parallel_, watch);
  EXPECT_EQ(comparison.split.folds, 4U);
  EXPECT_EQ(runs, (std::vector<std::string>{"bias0", "mean0", "bias1", "mean1", "bias2", "mean2",
                                            "bias3", "mean3"}));
  EXPECT_LT(value_of(comparison.models[0].metrics, "rmse"),
            value_of(comparison.models[1].metrics, "rmse"));
}

TEST_F(Compare, SamplesStandBesideActualRatings) {
  const CompareOptions options = options_for({"mean", "bias"});
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const Split split = make_splits(interactions_, options.split).front();
  ASSERT_EQ(comparison.samples.size(), 5U);
  for (std::size_t s = 0; s < 5; ++s) {
    const Index row = split.test[s];
    EXPECT_EQ(comparison.samples[s].actual, interactions_.values[row]);
    EXPECT_EQ(comparison.samples[s].user, interactions_.catalog->users[interactions_.users[row]]);
    ASSERT_EQ(comparison.samples[s].predicted.size(), 2U);
  }
  EXPECT_EQ(comparison.samples[0].predicted[0], comparison.samples[1].predicted[0])
      << "the mean is the same for all";
}

TEST_F(Compare, ValidationStopsEarlyAndKeepsTheBestEpoch) {
  CompareOptions options = options_for({"gradient", "notebook-sgd"});
  options.validation_share = 0.2;
  options.patience = 3;
  set_option(options.algorithms[0].options, "regularization", "0");
  set_option(options.algorithms[0].options, "learning_rate", "0.1");
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const ModelResult& gradient = comparison.models[0];
  EXPECT_EQ(gradient.ending, Ending::early_stopped);
  const TrainReport& report = gradient.trial.report;
  ASSERT_EQ(report.curve.names,
            (std::vector<std::string>{"train_loss", "validation_loss", "test_loss"}));
  const auto best = std::ranges::min_element(report.curve.epochs, {},
                                             [](const EpochRecord& r) { return r.values[1]; });
  EXPECT_EQ(report.epochs_kept, best->epoch + 1);
  EXPECT_EQ(report.curve.epochs.size(), best->epoch + 1 + options.patience);
  EXPECT_EQ(comparison.models[1].ending, Ending::completed) << "presets do no early stopping";
  EXPECT_EQ(comparison.models[1].trial.report.curve.epochs.size(), 50U);
}

TEST_F(Compare, PredictionsAreClippedUnlessAPresetMadeThem) {
  // The second item is liked so little by all that the biases leave the scale for the one who likes
  // little.
  std::vector<Rating> ratings;
  for (Index user = 1; user < 40; ++user) {
    ratings.emplace_back(user, 0, 5.0F);
    ratings.emplace_back(user, 1, 1.0F);
    ratings.emplace_back(0, user + 1, 1.0F);
    ratings.emplace_back(user, user + 1, 5.0F);
  }
  const Interactions train = interactions_of(40, 41, ratings);
  const Interactions test = interactions_of(40, 41, {{0, 1, 1.0F}});
  const Comparison comparison =
      compare_ratings(train, test, options_for({"notebook-sgd", "sgd"}), parallel_);
  for (const ModelResult& model : comparison.models) {
    const double unclipped = model.trial.report.curve.epochs.back().values.back();
    ASSERT_GT(unclipped, 1e-4) << model.algorithm.name;
    EXPECT_NEAR(value_of(model.metrics, "mse"), model.algorithm.preset ? unclipped : 0,
                1e-6 * unclipped)
        << model.algorithm.name;
  }
}

TEST_F(Compare, AGivenTestFileIsTheTestPart) {
  Interactions train = interactions_of(3, 2, {{0, 0, 5}, {1, 0, 3}, {2, 1, 1}});
  Interactions test = interactions_of(4, 3, {{3, 2, 4}, {0, 1, 2}});  // user 3 and item 2 are new
  const Comparison comparison =
      compare_ratings(train, test, options_for({"mean", "bias"}), parallel_);
  EXPECT_EQ(comparison.split.method, "files");
  EXPECT_EQ(comparison.split.train, 3U);
  EXPECT_EQ(comparison.split.test, 2U);
  EXPECT_NEAR(value_of(comparison.models[0].metrics, "mae"), 1, 1e-6);
}

TEST_F(Compare, TestRatingsOfAFileThatAreTrainRatingsTooAreCounted) {
  const Interactions train = interactions_of(3, 2, {{0, 0, 5}, {1, 0, 3}, {2, 1, 1}, {2, 0, 4}});
  const Interactions test =
      interactions_of(4, 3, {{2, 0, 4}, {3, 2, 4}, {0, 1, 2}, {0, 0, 1}, {0, 2, 1}});
  CompareOptions options = options_for({"mean"});
  EXPECT_EQ(compare_ratings(train, test, options, parallel_).split.leak.in_train, 2U);
  options.validation_share = 0.5;
  EXPECT_EQ(compare_ratings(train, test, options, parallel_).split.leak.in_train, 2U)
      << "wherever in the train file they stand";
  EXPECT_FALSE(compare_ratings(interactions_, options, parallel_).split.leak.in_train);
}

TEST_F(Compare, WhatMeasuresNothingIsRefused) {
  const CompareOptions options = options_for({"mean"});
  Interactions without_values = interactions_;
  without_values.has_values = false;
  without_values.feedback = Feedback::weights;
  EXPECT_THROW(compare_ratings(without_values, options, parallel_), Error);
  EXPECT_THROW(compare_ratings(interactions_, without_values, options, parallel_), Error);
  EXPECT_THROW(compare_ratings(without_values, interactions_, options, parallel_), Error);
  const Interactions strangers = interactions_of(82, 62, {{80, 60, 3}, {81, 61, 4}});
  EXPECT_THROW(compare_ratings(interactions_, strangers, options, parallel_), Error);
  const Comparison measured = compare_ratings(interactions_, options, parallel_);
  const Model model = measured_model(interactions_, {{measured, measured.models[0]}});
  EXPECT_THROW(evaluate(model, without_values, true, parallel_), Error);
  EXPECT_THROW(evaluate(model, strangers, true, parallel_), Error);
}

TEST_F(Compare, FoldsAreCountedTogether) {
  CompareOptions options = options_for({"mean"});
  options.split = {.method = SplitMethod::kfold, .folds = 4};
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  EXPECT_LT(comparison.split.test, comparison.split.tested);
  EXPECT_EQ(comparison.split.tested, interactions_.size());
  EXPECT_EQ(comparison.split.tested_users, 80U);
  const Model model = measured_model(interactions_, {{comparison, comparison.models[0]}});
  EXPECT_EQ(model.ratings->provenance.measured->test_ratings, interactions_.size());
}

TEST_F(Compare, AStartThatHasSeenTheTestRatingsIsTold) {
  const auto started_from = [&](const Model& init) {
    CompareOptions options = options_for({"als", "bias"});
    options.init = &init;
    options.split = {.method = SplitMethod::kfold, .folds = 2};
    return compare_ratings(interactions_, options, parallel_);
  };
  const Comparison first = compare_ratings(interactions_, options_for({"als"}), parallel_);
  EXPECT_EQ(first.models[0].seen, 0U);
  Model init = refitted_model(interactions_, {{first, first.models[0]}}, parallel_);
  const Comparison seen = started_from(init);
  EXPECT_EQ(seen.models[0].seen, interactions_.size()) << "of both folds";
  EXPECT_EQ(seen.models[1].seen, 0U);
  EXPECT_TRUE(seen.models[1].same_as_best) << "the only one that is compared";
  const Model model = measured_model(interactions_, {{seen, seen.models[0]}}, &init);
  EXPECT_EQ(model.ratings->provenance.measured->seen, interactions_.size());
  init.seen = nullptr;
  EXPECT_FALSE(started_from(init).models[0].seen) << "not known without a history";
  EXPECT_FALSE(evaluate(init, interactions_, true, parallel_).familiarity.seen);
}

TEST_F(Compare, AnInterruptedRunGivesBackWhatWasMeasured) {
  int asked = 0;
  const Watch watch{.stop_requested = [&] { return ++asked > 5; }};
  const Comparison comparison =
      compare_ratings(interactions_, options_for({"mean", "gradient", "bias"}), parallel_, watch);
  ASSERT_EQ(comparison.models.size(), 2U);
  EXPECT_EQ(comparison.models[1].ending, Ending::interrupted);
  EXPECT_TRUE(comparison.models[1].trial.scorer.factors.all_finite());
}

TEST_F(Compare, ListsWithoutAnythingRelevantHaveNoFigures) {
  Interactions train = interactions_;
  train.relevant = 100.0F;
  for (Index row = 0; row < train.size() / 2; ++row) train.values[row] = 100;
  // Of the last user: everything that is new to that one, and nothing of it liked.
  Interactions test{.catalog = train.catalog};
  for (Index item = 0; item < train.num_items(); ++item) {
    test.users.push_back(train.num_users() - 1);
    test.items.push_back(item);
    test.values.push_back(1);
  }
  const std::vector<Comparison> comparisons =
      compare(train, test, options_for({"als", "ials", "popular"}), parallel_);
  const Comparison& lists = *find_task(comparisons, Task::lists);
  EXPECT_TRUE(comparisons.front().is_measured());
  EXPECT_FALSE(lists.is_measured());
  EXPECT_EQ(lists.users_without_relevant, 1U);
  for (const ModelResult& model : lists.models) {
    EXPECT_TRUE(model.metrics.empty() && model.exposure.empty());
    EXPECT_FALSE(model.difference_to_best || model.same_as_best);
  }
  EXPECT_EQ(best_with_factors(lists), &lists.models.front());
  const Model model = measured_model(train, {{lists, lists.models.front()}});
  EXPECT_TRUE(model.lists->provenance.measured->values.empty());
}

TEST_F(Compare, ANameStandsOnce) {
  EXPECT_THROW(compare_ratings(interactions_, options_for({"bias", "bias"}), parallel_), Error);
}

TEST_F(Compare, RefittingUsesAllRowsAndTheEpochsThatWereKept) {
  CompareOptions options = options_for({"gradient"});
  options.validation_share = 0.2;
  options.patience = 2;
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const ModelResult& result = comparison.models[0];
  const Model measured = measured_model(interactions_, {{comparison, result}});
  EXPECT_TRUE(measured.ratings->scorer == result.trial.scorer);
  EXPECT_EQ(measured.seen->size(), comparison.split.train);
  const Model refitted = refitted_model(interactions_, {{comparison, result}}, parallel_);
  EXPECT_EQ(refitted.seen->size(), interactions_.size());
  EXPECT_TRUE(refitted.ratings->provenance.measured->refitted);
  EXPECT_FALSE(measured.ratings->provenance.measured->refitted);
  EXPECT_EQ(refitted.ratings->provenance.measured->values[0].metric, "rmse");
  EXPECT_EQ(refitted.ratings->provenance.measured->values[0].value,
            value_of(result.metrics, "rmse"));
  TrainContext context{.parallel = parallel_};
  AlgorithmOptions kept = result.algorithm.options;
  set_option(kept, "epochs", std::to_string(result.trial.report.epochs_kept));
  EXPECT_TRUE(train(Dataset(interactions_, parallel_), kept, context).scorer ==
              refitted.ratings->scorer);
}

TEST_F(Compare, RefittingTakesOverByWhatTheRowWasMultiplied) {
  Comparison comparison =
      compare(interactions_, options_for({"ials:factors=4:epochs=3"}), parallel_).front();
  ModelResult& result = comparison.models[0];
  const Model exact = refitted_model(interactions_, {{comparison, result}}, parallel_);
  EXPECT_FALSE(exact.lists->provenance.fold_in);
  const FoldInMeasurement measured{.users = 70, .trained = 0.5, .folded_in = 0.25};
  result.trial.fold_in = {.unobserved = 4, .ridge = 0.125F, .target = 3, .measured = measured};
  const Model model = refitted_model(interactions_, {{comparison, result}}, parallel_);
  EXPECT_EQ(model.lists->provenance.fold_in, measured);
  const RowObjective& left = *exact.lists->scorer.row;
  RowObjective expected = left;
  expected.unobserved *= 4;
  expected.ridge.offset *= 4;
  expected.ridge.factors *= 0.125F;
  expected.target *= 3;
  EXPECT_TRUE(*model.lists->scorer.row == expected);
}

TEST_F(Compare, TheDocumentSaysWhereFoldingInIsApproximate) {
  std::vector<Comparison> comparisons =
      compare(interactions_, options_for({"ials:factors=2:epochs=1", "popular"}), parallel_);
  Trial& trial = comparisons.front().models[0].trial;
  RatingsTable table;
  table.interactions = interactions_;
  const auto schema = nlohmann::ordered_json::parse(embedded_comparison_schema());
  const auto document = [&] {
    const auto json = nlohmann::ordered_json::parse(
        to_json(comparisons, table, summarize(table, 0), "palate compare"));
    EXPECT_EQ(schema_violation(json, schema).value_or(""), "");
    return json["lists"]["models"];
  };
  EXPECT_FALSE(document()[0].contains("fold_in"));
  trial.scorer.row->approximate = true;
  EXPECT_EQ(document()[0]["fold_in"], nlohmann::ordered_json::parse(R"({"approximate": true,
      "users": null, "trained": null, "folded_in": null})"));
  trial.fold_in = {.measured = {.users = 70, .trained = 0.5, .folded_in = 0.25}};
  EXPECT_EQ(document()[0]["fold_in"], nlohmann::ordered_json::parse(R"({"approximate": true,
      "users": 70, "trained": 0.5, "folded_in": 0.25})"));
  EXPECT_FALSE(document()[1].contains("fold_in"));
}

// What is kept is what was trained on, whatever split the options speak of.
TEST_F(Compare, AModelMeasuredOnAFileKnowsWhatItWasTrainedOn) {
  Interactions test = interactions_of(90, 70, {{0, 1, 4}, {85, 3, 2}, {2, 65, 5}, {86, 66, 1}});
  CompareOptions options = options_for({"gradient", "bias", "als"});
  options.split.method = SplitMethod::time;  // of which there are none
  options.validation_share = 0.1;
  const Comparison comparison = compare_ratings(interactions_, test, options, parallel_);
  EXPECT_EQ(comparison.split.leak.users.ratings, 2U);
  EXPECT_EQ(comparison.split.leak.items.ratings, 2U);
  for (const ModelResult& result : comparison.models) {
    const Model model = measured_model(interactions_, {{comparison, result}});
    EXPECT_EQ(model.catalog, interactions_.catalog) << "the test's users and items are unknown";
    EXPECT_EQ(model.seen->size(), comparison.split.train);
    EXPECT_EQ(model.seen->size() + comparison.split.validation, interactions_.size());
    EXPECT_EQ(model.ratings->scorer.factors.num_users(), interactions_.num_users());
    std::uint64_t support = 0;
    for (const Index ratings : model.ratings->scorer.item_support) support += ratings;
    EXPECT_EQ(support, model.seen->size());
    // Measured again it is as good.
    const Evaluation again = evaluate(model, test, true, parallel_);
    EXPECT_DOUBLE_EQ(value_of(again.ratings->metrics, "rmse"), value_of(result.metrics, "rmse"));
    EXPECT_EQ(again.familiarity.unknown_users, 2U);
    // A test file changes nothing of the model that is measured on it.
    Interactions other = test;
    other.values = {1, 1, 1, 1};
    const Comparison otherwise = compare_ratings(interactions_, other, options, parallel_);
    const auto m = static_cast<std::size_t>(&result - comparison.models.data());
    EXPECT_TRUE(otherwise.models[m].trial.scorer == result.trial.scorer);
  }
}

TEST_F(Compare, EvaluationTellsWhatIsTooOptimistic) {
  CompareOptions options = options_for({"bias"});
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const Model model =
      refitted_model(interactions_, {{comparison, comparison.models[0]}}, parallel_);
  const Evaluation itself = evaluate(model, interactions_, true, parallel_);
  EXPECT_EQ(itself.familiarity.seen, interactions_.size());
  EXPECT_LT(value_of(itself.ratings->metrics, "rmse"),
            value_of(comparison.models[0].metrics, "rmse"));
  const Interactions strangers = interactions_of(81, 61, {{80, 60, 3}, {80, 0, 3}, {0, 60, 3}});
  const Evaluation unknown = evaluate(model, strangers, true, parallel_);
  EXPECT_EQ(unknown.familiarity.unknown_users, 2U);
  EXPECT_EQ(unknown.familiarity.unknown_items, 2U);
  EXPECT_EQ(unknown.familiarity.unknown_pairs, 1U);
  EXPECT_TRUE(unknown.familiarity.no_pair_is_known());
  EXPECT_FALSE(itself.familiarity.no_pair_is_known());
  EXPECT_EQ(unknown.familiarity.seen, 0U);
  EXPECT_FALSE(itself.lists) << "a model of ratings alone";
}

TEST_F(Compare, TheJsonSaysWhatTheSchemaAsks) {
  RatingsTable table;
  table.interactions = interactions_;
  table.path = "ratings.csv";
  CompareOptions options = options_for({"notebook-adam", "bias"});
  options.seeds = 2;
  const Comparison comparison = compare_ratings(interactions_, options, parallel_);
  const auto document = nlohmann::ordered_json::parse(
      to_json(std::span(&comparison, 1), table, summarize(table, 0), "palate compare ratings.csv"));
  const auto& json = document["ratings"];
  EXPECT_EQ(json["models"][0]["name"], "notebook-adam");
  EXPECT_EQ(json["models"][0]["algorithm"], "gradient");
  EXPECT_EQ(json["models"][0]["options"]["epochs"], 250);
  EXPECT_EQ(json["models"][0]["curve"].size(), 250U);
  EXPECT_TRUE(json["models"][0]["curve"][0].contains("test_loss"));
  EXPECT_EQ(json["models"][1]["metrics"]["rmse"]["value"],
            value_of(comparison.models[1].metrics, "rmse"));
  EXPECT_FALSE(document.contains("lists"));
  EXPECT_EQ(document["models"][1]["task"], "ratings");
  EXPECT_EQ(document["models"][1]["name"], "bias");
  EXPECT_EQ(document["models"][1]["metrics"], json["models"][1]["metrics"]);
  EXPECT_EQ(json["primary"], "rmse");
  EXPECT_EQ(json["metrics"][1]["name"], "mae");
  EXPECT_EQ(json["metrics"][1]["better"], "lower");
  for (const auto& metric : json["metrics"])
    EXPECT_TRUE(metric["description"].get<std::string>().ends_with('.'));
  EXPECT_EQ(document["data"]["name"], "ratings.csv");
  EXPECT_EQ(json["models"][0]["over_seeds"]["metrics"]["mse"]["mean"],
            comparison.models[0].over_seeds->metrics[2].mean);
  EXPECT_EQ(json["models"][1]["same_as_best"], comparison.models[1].same_as_best);
  EXPECT_EQ(json["models"][0].contains("p_value_holm"),
            comparison.models[0].p_value_holm.has_value());
  EXPECT_EQ(json["split"]["leak"]["test"], comparison.split.test);
  EXPECT_EQ(json["samples"].size(), 5U);
  EXPECT_EQ(document["data"]["ratings"], interactions_.size());
  EXPECT_EQ(json["split"]["method"], "random");
  const auto schema = nlohmann::ordered_json::parse(embedded_comparison_schema());
  CompareOptions continued = options_for({"als", "bias"});
  const Comparison first = compare_ratings(interactions_, continued, parallel_);
  const Model init = refitted_model(interactions_, {{first, first.models[0]}}, parallel_);
  continued.init = &init;
  const auto optimistic = nlohmann::ordered_json::parse(
      to_json(compare(interactions_, interactions_, continued, parallel_), table,
              summarize(table, 0), "palate train ratings.csv"));
  EXPECT_EQ(optimistic["ratings"]["models"][0]["seen"], interactions_.size());
  EXPECT_EQ(optimistic["ratings"]["split"]["leak"]["in_train"], interactions_.size());
  EXPECT_EQ(optimistic["ratings"]["split"]["scale"]["in_doubt"], false);
  EXPECT_EQ(schema_violation(optimistic, schema).value_or(""), "");
  EXPECT_EQ(schema_violation(document, schema).value_or(""), "");
}

}  // namespace
}  // namespace palate
