// A training that goes on where another ended.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/sample_model.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

AlgorithmOptions options_of(const std::string& algorithm,
                            const std::vector<std::pair<std::string, std::string>>& values) {
  AlgorithmOptions options = algorithm_named(algorithm).options;
  for (const auto& [name, value] : values) set_option(options, name, value);
  return options;
}

// The model of a training on all rows, after `epochs` epochs, through its file.
Model trained(const Interactions& interactions, AlgorithmOptions options, Index epochs,
              Parallel& parallel, const Model* start = nullptr) {
  const Dataset data(interactions, parallel);
  set_option(options, "epochs", std::to_string(epochs));
  TrainContext context{.parallel = parallel};
  std::optional<WarmStart> warm;
  if (start != nullptr) {
    context.start =
        &warm.emplace(warm_start(*start->ratings, *start->catalog, *interactions.catalog));
  }
  TrainResult result = train(data, options, context);
  NamedAlgorithm algorithm{std::string(algorithm_name(options)), options};
  const Model model{
      .catalog = interactions.catalog,
      .ratings = Fitted{std::move(algorithm),
                        std::move(result.scorer),
                        {.epochs = epochs, .optimizer = std::move(result.optimizer)}}};
  return decoded(encoded(model));
}

const Factors& factors_of(const Model& model) { return model.ratings->scorer.factors; }

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
  return "";
}

class WarmStartThreads : public testing::TestWithParam<unsigned> {
 protected:
  Parallel parallel_{GetParam()};
  Interactions interactions_ = planted_interactions(200, 80, 0.15, 2, 0.3, 1);
};

TEST_P(WarmStartThreads, ThreeEpochsAndThreeMoreAreSixBitForBit) {
  const std::vector<AlgorithmOptions> all{
      options_of("als", {{"factors", "7"}}),
      options_of("als", {{"factors", "32"}, {"seed", "3"}}),
      options_of("bias", {}),
      options_of("gradient", {}),
      options_of("gradient", {{"factors", "5"}, {"batch_size", "97"}}),
      options_of(
          "gradient",
          {{"factors", "2"}, {"biases", "false"}, {"penalty", "norm"}, {"regularization", "1e-5"}}),
      options_of("gradient", {{"factors", "2"},
                              {"optimizer", "sgd"},
                              {"batch_size", "100"},
                              {"learning_rate", "0.01"}}),
  };
  for (const AlgorithmOptions& options : all) {
    SCOPED_TRACE(std::string(algorithm_name(options)) + " " + options_to_json(options));
    const Model six = trained(interactions_, options, 6, parallel_);
    const Model three = trained(interactions_, options, 3, parallel_);
    const Model three_more = trained(interactions_, options, 3, parallel_, &three);
    EXPECT_FALSE(factors_of(three) == factors_of(six));
    EXPECT_TRUE(factors_of(three_more) == factors_of(six));
    EXPECT_EQ(three_more.ratings->told.optimizer, six.ratings->told.optimizer);
  }
}

INSTANTIATE_TEST_SUITE_P(, WarmStartThreads, testing::Values(1U, 2U, 5U),
                         testing::PrintToStringParamName());

class WarmStarts : public testing::Test {
 protected:
  Parallel parallel_{1};
  Interactions interactions_ = planted_interactions(30, 20, 0.4, 2, 0.3, 1);
};

TEST_F(WarmStarts, AdamsStateIsOfTheLastEpochOrNotThere) {
  const Dataset data(interactions_, parallel_);
  const AlgorithmOptions options = options_of("gradient", {{"epochs", "4"}});
  TrainContext context{.parallel = parallel_};
  const TrainResult whole = train(data, options, context);
  ASSERT_TRUE(whole.optimizer);
  EXPECT_EQ(whole.optimizer->steps, 4U);
  // The second epoch is the best, so that the factors are not those that Adam left.
  int epoch = 0;
  context.validation = {{.name = "loss", .better = Metric::Better::lower},
                        [&](const Scorer&) { return ++epoch == 2 ? 1.0 : 2.0; }};
  const TrainResult best = train(data, options, context);
  EXPECT_EQ(best.report.epochs_kept, 2U);
  EXPECT_FALSE(best.optimizer);
  context.validation.reset();
  EXPECT_FALSE(train(data,
                     options_of("gradient",
                                {{"optimizer", "sgd"}, {"epochs", "2"}, {"learning_rate", "1e-3"}}),
                     context)
                   .optimizer);
  EXPECT_FALSE(train(data, options_of("als", {{"epochs", "2"}}), context).optimizer);
}

TEST_F(WarmStarts, IdsAreMatchedByName) {
  // The same ratings with users and items numbered backwards, and one more user and item in front.
  const Index users = interactions_.num_users();
  const Index items = interactions_.num_items();
  Interactions other = interactions_of(0, 0, {});
  auto catalog = std::make_shared<Catalog>();
  const auto backwards = [](Index count) {
    std::vector<std::int64_t> ids{1000};
    for (Index i = 0; i < count; ++i) ids.push_back(count - i);
    return Ids::integers(ids);
  };
  catalog->users = backwards(users);
  catalog->items = backwards(items);
  other.catalog = catalog;
  for (Index row = 0; row < interactions_.size(); ++row) {
    other.users.push_back(users - interactions_.users[row]);
    other.items.push_back(items - interactions_.items[row]);
    other.values.push_back(interactions_.values[row]);
  }
  other.users.push_back(0);
  other.items.push_back(0);
  other.values.push_back(3);
  for (const std::string algorithm : {"als", "gradient"}) {
    const AlgorithmOptions options = options_of(algorithm, {{"factors", "3"}});
    const Model before = trained(interactions_, options, 5, parallel_);
    const WarmStart start = warm_start(*before.ratings, *before.catalog, *other.catalog);
    EXPECT_FALSE(start.users[0] || start.items[0]) << "which are new";
    EXPECT_EQ(start.users[1], users - 1);
    EXPECT_EQ(start.items[items], 0U);
    // One epoch more does little to a model that knows its rows already, and much to one that does
    // not.
    const Model continued = trained(other, options, 1, parallel_, &before);
    const Model fresh = trained(other, options, 1, parallel_);
    double moved = 0;
    double moved_fresh = 0;
    for (Index row = 0; row < interactions_.size(); ++row) {
      const float was =
          score_of(factors_of(before), interactions_.users[row], interactions_.items[row]);
      const auto distance = [&](const Model& model) {
        return std::abs(static_cast<double>(
            score_of(factors_of(model), other.users[row], other.items[row]) - was));
      };
      moved += distance(continued);
      moved_fresh += distance(fresh);
    }
    EXPECT_LT(moved, 0.5 * moved_fresh) << algorithm;
    EXPECT_TRUE(factors_of(continued).all_finite());
    if (algorithm == "gradient") {
      EXPECT_EQ(continued.ratings->told.optimizer->steps, 6U);
    }
  }
}

TEST_F(WarmStarts, WhatDoesNotFitIsRefusedWithWhatToDo) {
  const Model als = trained(interactions_, options_of("als", {{"factors", "3"}}), 1, parallel_);
  const Model gradient =
      trained(interactions_, options_of("gradient", {{"factors", "3"}}), 1, parallel_);
  const auto refusal = [&](const Model& start, const AlgorithmOptions& options) {
    return message_of([&] { trained(interactions_, options, 1, parallel_, &start); });
  };
  EXPECT_EQ(refusal(als, options_of("als", {{"factors", "4"}})),
            "the model to start from has factors 3, not 4: use `factors=3`");
  EXPECT_EQ(refusal(als, options_of("gradient", {})),
            "the model to start from is of als, not of gradient: use `algorithm=als`");
  EXPECT_EQ(refusal(als, options_of("sgd", {})),
            "sgd cannot start from a model: als, gradient, bias can");
  EXPECT_EQ(refusal(gradient, options_of("gradient", {{"factors", "3"}, {"biases", "false"}})),
            "the model to start from has biases true, not false: use `biases=true`");
}

}  // namespace
}  // namespace palate
