// What every algorithm promises, tried on all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

const std::vector<std::string> kNames{"als",  "sgd",           "gradient",    "bias",
                                      "mean", "notebook-adam", "notebook-sgd"};

class EveryAlgorithm : public testing::TestWithParam<std::string> {
 protected:
  AlgorithmOptions options() const { return algorithm_named(GetParam()).options; }
  bool has_field(const std::string& name) const {
    return options_to_json(options()).find("\"" + name + "\"") != std::string::npos;
  }
};

double mean_squared_error(const Factors& factors, const Dataset& data) {
  const std::vector<float> predicted = scores(factors, data.users(), data.items());
  double sum = 0;
  for (std::size_t t = 0; t < data.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(data.values()[t]);
    sum += error * error;
  }
  return sum / static_cast<double>(data.size());
}

TEST_P(EveryAlgorithm, SameSeedGivesTheSameBitsForAnyNumberOfThreads) {
  const Interactions interactions = planted_interactions(300, 200, 0.15, 2, 0.3, 1);
  AlgorithmOptions chosen = options();
  if (has_field("epochs")) set_option(chosen, "epochs", "3");
  std::vector<Factors> all;
  for (const unsigned threads : {1U, 2U, 3U, 4U, 8U}) {
    Parallel parallel(threads);
    TrainContext context{.parallel = parallel};
    all.push_back(train(Dataset(interactions, parallel), chosen, context).factors);
  }
  for (std::size_t n = 1; n < all.size(); ++n)
    EXPECT_TRUE(all[n] == all[0]) << "thread count number " << n;
}

TEST_P(EveryAlgorithm, FitsBetterThanTheMeanAlone) {
  const double share_of_variance = GetParam() == "mean" ? 1 + 1e-6 : 0.85;  // it is the mean
  Parallel parallel(2);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(200, 100, 0.3, 2, 0.2, 2), parallel);
  double variance = 0;
  for (const float value : data.values())
    variance +=
        (static_cast<double>(value) - data.mean()) * (static_cast<double>(value) - data.mean());
  variance /= static_cast<double>(data.size());
  const TrainResult result = train(data, options(), context);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_LT(mean_squared_error(result.factors, data), share_of_variance * variance);
}

TEST_P(EveryAlgorithm, UsersAndItemsWithoutRatingsAreNothingSpecial) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Interactions interactions =
      interactions_of(4, 4, {{0, 0, 5}, {0, 1, 1}, {2, 0, 4}, {2, 1, 2}});
  const TrainResult result = train(Dataset(interactions, parallel), options(), context);
  EXPECT_TRUE(result.factors.all_finite());
  EXPECT_EQ(result.factors.num_users(), 4U);
  EXPECT_EQ(result.factors.num_items(), 4U);
}

TEST_P(EveryAlgorithm, AStopRequestEndsItAfterTheEpoch) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel, .stop_requested = [] { return true; }};
  const TrainResult result =
      train(Dataset(planted_interactions(30, 20, 0.5, 1, 0.2, 3), parallel), options(), context);
  EXPECT_EQ(result.report.ending, Ending::interrupted);
  EXPECT_EQ(result.report.curve.size(), 1U);
}

TEST_P(EveryAlgorithm, HasNothingToLearnFromNothing) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  EXPECT_THROW(train(Dataset(interactions_of(2, 2, {}), parallel), options(), context), Error);
}

INSTANTIATE_TEST_SUITE_P(Named, EveryAlgorithm, testing::ValuesIn(kNames), [](const auto& name) {
  std::string word = name.param;
  std::erase(word, '-');
  return word;
});

// -------------------------------------------------------------------------------------------------

struct Shape {
  std::string name;
  Interactions interactions;
};

std::vector<Shape> twelve_shapes() {
  const auto row_of = [](Index count, auto value, bool users) {
    std::vector<Rating> ratings;
    for (Index n = 0; n < count; ++n) ratings.emplace_back(users ? n : 0, users ? 0 : n, value(n));
    return ratings;
  };
  const auto dense = [](Index users, Index items, auto value) {
    std::vector<Rating> ratings;
    for (Index u = 0; u < users; ++u) {
      for (Index i = 0; i < items; ++i) ratings.emplace_back(u, i, value(u, i));
    }
    return ratings;
  };
  const auto stars = [](Index n) { return static_cast<float>(n % 5 + 1); };
  return {
      {"one rating", interactions_of(1, 1, {{0, 0, 4}})},
      {"all equal", interactions_of(5, 4, dense(5, 4, [](Index, Index) { return 3.0F; }))},
      {"all zero", interactions_of(5, 4, dense(5, 4, [](Index, Index) { return 0.0F; }))},
      {"one user", interactions_of(1, 20, row_of(20, stars, false))},
      {"one item", interactions_of(20, 1, row_of(20, stars, true))},
      {"empty rows", interactions_of(9, 9, {{1, 1, 5}, {1, 7, 1}, {8, 7, 2}})},
      {"fewer ratings than factors", interactions_of(2, 2, {{0, 0, 5}, {1, 1, 1}, {0, 1, 2}})},
      {"1e30",
       interactions_of(
           4, 4, dense(4, 4, [](Index u, Index i) { return (u + i) % 2 == 0 ? 1e30F : -1e30F; }))},
      {"near the largest float",
       interactions_of(3, 3,
                       dense(3, 3, [](Index u, Index i) { return u == i ? 3.4e38F : -3.4e38F; }))},
      {"denormals",
       interactions_of(
           4, 4,
           dense(4, 4, [](Index u, Index i) { return 1e-42F * static_cast<float>(u + 3 * i); }))},
      {"huge and tiny", interactions_of(4, 4,
                                        dense(4, 4,
                                              [](Index u, Index i) {
                                                return u == 0 ? 1e20F
                                                              : 1e-20F * static_cast<float>(i);
                                              }))},
      {"a long tail", planted_interactions(12, 10, 0.3, 2, 0.5, 4)},
  };
}

// A value anywhere in the field's bounds, large and small alike; sizes and epochs stay small so
// that the test ends.
template <class T>
T random_value(const Field& field, Rng& rng) {
  if constexpr (std::same_as<T, bool>) {
    return rng.below(2) == 1;
  } else if constexpr (std::is_enum_v<T>) {
    return static_cast<T>(rng.below(static_cast<Index>(choice_names<T>.size())));
  } else if constexpr (std::is_integral_v<T>) {
    const Index most = field.name == "factors" ? 40 : field.name == "epochs" ? 6 : 50;
    return static_cast<T>(field.bounds.low) + rng.below(most);
  } else {
    constexpr double kDecades = 76;  // 1e-38 .. 1e38
    const double value = std::pow(10.0, kDecades * (rng.uniform() - 0.5));
    if (field.bounds.low >= 0 && !field.bounds.above_low && rng.below(10) == 0) return 0;
    return static_cast<T>(std::clamp(value, field.bounds.low, field.bounds.high));
  }
}

// A number from the environment, for scripts/campaign.
std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr ? std::stoull(value) : otherwise;
}

TEST(Robustness, NoValidConfigurationOnAnyShapeGivesANumberThatIsNotFinite) {
  const std::uint64_t configurations = setting("PALATE_CONFIGURATIONS", 2000);
  const std::uint64_t seed = setting("PALATE_SEED", 3);
  const std::vector<Shape> shapes = twelve_shapes();
  Parallel parallel(1);
  std::vector<Dataset> datasets;
  for (const Shape& shape : shapes) datasets.push_back(Dataset(shape.interactions, parallel));
  int diverged = 0;
  for (std::uint64_t number = 0; number < configurations; ++number) {
    Rng rng(seed, number);
    AlgorithmOptions options = algorithm_named(kNames[rng.below(4)]).options;
    std::visit(
        [&](auto& chosen) {
          visit_fields(chosen, [&]<class T>(const Field& field, T& value) {
            if (rng.below(3) > 0) value = random_value<T>(field, rng);
            if constexpr (std::same_as<T, Index>) {
              if (field.name == "epochs") value = std::min<Index>(value, 6);
            }
          });
        },
        options);
    for (std::size_t s = 0; s < shapes.size(); ++s) {
      SCOPED_TRACE(std::string(algorithm_name(options)) + " " + options_to_json(options) + " on " +
                   shapes[s].name);
      TrainContext context{.parallel = parallel};
      const TrainResult result = train(datasets[s], options, context);
      ASSERT_TRUE(result.factors.all_finite());
      for (const EpochRecord& record : result.report.curve)
        ASSERT_TRUE(std::isfinite(record.train_loss));
      if (result.report.ending == Ending::diverged) {
        ++diverged;
        ASSERT_FALSE(result.report.advice.empty());
      }
    }
  }
  EXPECT_GT(diverged, 0) << "the configurations are too tame to try anything";
}

}  // namespace
}  // namespace palate
