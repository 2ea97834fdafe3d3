#include "palate/evaluate/tune.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

class Tune : public testing::Test {
 protected:
  static TuneOptions options_for(const std::string& name, Index trials) {
    return {.algorithm = algorithm_named(name), .trials = trials};
  }
  std::string message_of(const TuneOptions& options) {
    try {
      tune(interactions_, options, parallel_);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  Parallel parallel_{2};
  Interactions interactions_ = planted_interactions(80, 60, 0.4, 2, 0.3, 1);
};

TEST_F(Tune, GivesTheSameForTheSameSeedOnAnyNumberOfThreads) {
  const TuneOptions options = options_for("ials:factors=4", 10);
  Parallel alone(1);
  const Tuning one = tune(interactions_, options, parallel_);
  const Tuning two = tune(interactions_, options, alone);
  ASSERT_EQ(one.trials.size(), two.trials.size());
  for (std::size_t t = 0; t < one.trials.size(); ++t) {
    EXPECT_TRUE(one.trials[t].options == two.trials[t].options) << t;
    EXPECT_EQ(one.trials[t].value, two.trials[t].value) << t;
  }
  EXPECT_TRUE(one.algorithm == two.algorithm);
}

TEST_F(Tune, BeginsWithWhatIsGivenAndThinsOutByThrees) {
  TuneOptions options = options_for("als:factors=3", 9);
  options.fixed = {"factors"};
  const Tuning tuning = tune(interactions_, options, parallel_);
  // Eight for a ninth of 30 epochs, three for a third, one for all; what was given each time.
  std::vector<std::string> epochs;
  std::vector<std::string> epochs_of_given;
  for (const TunedTrial& trial : tuning.trials) {
    std::vector<std::string>& of_it = trial.number == 0 ? epochs_of_given : epochs;
    of_it.push_back(option_text(trial.options, "epochs").value());
  }
  EXPECT_EQ(epochs_of_given, (std::vector<std::string>{"3", "10", "30"}));
  EXPECT_EQ(std::ranges::count(epochs, "3"), 8);
  EXPECT_EQ(std::ranges::count(epochs, "10"), 3);
  EXPECT_EQ(std::ranges::count(epochs, "30"), 1);
  EXPECT_EQ(option_text(tuning.trials[0].options, "regularization"),
            option_text(AlsOptions{}, "regularization"));
  EXPECT_NE(option_text(tuning.trials[1].options, "regularization"),
            option_text(AlsOptions{}, "regularization"));
  for (const TunedTrial& trial : tuning.trials)
    EXPECT_EQ(option_text(trial.options, "factors"), "3") << "it is fixed";
}

TEST_F(Tune, ComparesByTheMetricThatIsNamed) {
  for (const auto& [name, metric] : std::vector<std::pair<std::string, std::string>>{
           {"ials:factors=4", "recall@5"}, {"als:factors=2", "mae"}}) {
    TuneOptions options = options_for(name, 9);
    options.metric = metric;
    const Tuning tuning = tune(interactions_, options, parallel_);
    EXPECT_EQ(tuning.metric.name, metric);
    EXPECT_EQ(tuning.metric.better == Metric::Better::higher, metric == "recall@5");
    const TunedTrial& best = tuning.trials[tuning.best];
    for (const TunedTrial& trial : tuning.trials)
      EXPECT_FALSE(is_better(tuning.metric, *trial.value, *best.value)) << metric;
  }
  TuneOptions options = options_for("ials:factors=4", 9);
  options.metric = "mae";
  EXPECT_EQ(message_of(options), "metric mae is not of lists, for which ials:factors=4 is");
  options.metric = "fun";
  EXPECT_NE(message_of(options).find("fun"), std::string::npos);
}

TEST_F(Tune, TheBestIsTheBestOfAllByItsMetric) {
  for (const char* name : {"ials:factors=4", "als:factors=2"}) {
    const Tuning tuning = tune(interactions_, options_for(name, 9), parallel_);
    const TunedTrial& best = tuning.trials[tuning.best];
    for (const TunedTrial& trial : tuning.trials)
      EXPECT_FALSE(is_better(tuning.metric, *trial.value, *best.value)) << name;
    EXPECT_EQ(option_text(tuning.algorithm.options, "epochs"), std::to_string(best.epochs_kept));
  }
}

TEST_F(Tune, AStopLeavesTheFirstTrialAtTheLeast) {
  for (const bool at_once : {true, false}) {
    std::size_t trials = 0;
    const TuneWatch watch{.on_trial = [&](const Tuning& so_far) { trials = so_far.trials.size(); },
                          .stop_requested = [&] { return at_once || trials >= 4; }};
    const Tuning tuning = tune(interactions_, options_for("ials:factors=4", 36), parallel_, watch);
    EXPECT_EQ(tuning.trials.size(), at_once ? 1U : 4U);
    EXPECT_EQ(tuning.trials.size(), trials);
    if (at_once) {
      EXPECT_EQ(tuning.trials[0].epochs_kept, 1U);
    }
    EXPECT_EQ(option_text(tuning.algorithm.options, "epochs"),
              std::to_string(tuning.trials[tuning.best].epochs_kept));
  }
}

TEST_F(Tune, NeverLooksAtTheTestRows) {
  const TuneOptions options = options_for("ials:factors=4", 3);
  const Tuning before = tune(interactions_, options, parallel_);
  Interactions changed = interactions_;
  const Split split = make_splits(changed, *options.split).front();
  for (const Index row : split.test) changed.values[row] = 5.5F - changed.values[row];
  const Tuning after = tune(changed, options, parallel_);
  for (std::size_t t = 0; t < before.trials.size(); ++t)
    EXPECT_EQ(before.trials[t].value, after.trials[t].value);
}

TEST_F(Tune, WorksForEveryAlgorithmThatHasSomethingToSearch) {
  for (const AlgorithmInfo& row : algorithms()) {
    bool any = false;
    visit_all_fields(row.defaults,
                     [&](const Field& field, const auto&) { any |= field.search.has_value(); });
    if (row.preset || !any) continue;
    const Tuning tuning =
        tune(interactions_, options_for(std::string(row.about.name), 2), parallel_);
    EXPECT_GE(tuning.trials.size(), 2U) << row.about.name;
    EXPECT_TRUE(tuning.trials[tuning.best].value) << row.about.name;
  }
}

TEST_F(Tune, EndsWithItsTimeAndKeepsWhatItHasWhenItIsStopped) {
  TuneOptions options = options_for("ials:factors=4", 3);
  options.trials.reset();
  options.seconds = 0.05;
  EXPECT_GE(tune(interactions_, options, parallel_).trials.size(), 1U);
  Index trials = 0;
  const TuneWatch watch{.on_trial = [&](const Tuning&) { ++trials; },
                        .stop_requested = [&] { return trials == 4; }};
  EXPECT_EQ(tune(interactions_, options_for("ials:factors=4", 100), parallel_, watch).trials.size(),
            4U);
}

TEST_F(Tune, SaysWhatItCannotDo) {
  TuneOptions options = options_for("als", 3);
  options.trials.reset();
  EXPECT_EQ(message_of(options), "a search needs `trials` or seconds");
  EXPECT_EQ(message_of(options_for("als", 0)), "trials 0 is out of range: at least 1");
  EXPECT_EQ(message_of(options_for("mean", 3)), "mean has no option left to search");
  options = options_for("als", 3);
  options.validation_share = 0;
  EXPECT_EQ(message_of(options), "validation share 0 is out of range: above 0 and below 1");
}

}  // namespace
}  // namespace palate
