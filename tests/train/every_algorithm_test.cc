// What every algorithm promises, tried on all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/model/query.h"
#include "small_data.h"

namespace palate {
namespace {

// The whole table: a new algorithm is held to all of this by its line there.
class EveryAlgorithm : public testing::TestWithParam<AlgorithmInfo> {
 protected:
  AlgorithmOptions options() const { return GetParam().defaults; }
  AlgorithmOptions few_epochs(Index epochs) const {
    AlgorithmOptions chosen = options();
    if (option_text(chosen, "epochs")) set_option(chosen, "epochs", std::to_string(epochs));
    return chosen;
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
  const AlgorithmOptions chosen = few_epochs(3);
  std::vector<Scorer> all;
  for (const unsigned threads : {1U, 2U, 3U, 4U, 8U}) {
    Parallel parallel(threads);
    TrainContext context{.parallel = parallel};
    all.push_back(train(Dataset(interactions, parallel), chosen, context).scorer);
  }
  for (std::size_t n = 1; n < all.size(); ++n)
    EXPECT_TRUE(all[n] == all[0]) << "thread count number " << n;
}

TEST_P(EveryAlgorithm, FitsBetterThanTheMeanAlone) {
  if (GetParam().about.task == Task::lists) return;  // scores are not ratings
  // The mean itself is what all others are measured by.
  const double share_of_variance = GetParam().about.name == "mean" ? 1 + 1e-6 : 0.85;
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
  EXPECT_LT(mean_squared_error(result.scorer.factors, data), share_of_variance * variance);
}

// How often, over all users, an item that the user liked is scored above one that the user did not.
double share_in_order(const Scorer& scorer, const Dataset& data) {
  double in_order = 0;
  double pairs = 0;
  for (Index user = 0; user < data.num_users(); ++user) {
    const SparseRow row = data.by_user().row(user);
    std::vector<bool> liked(data.num_items());
    for (Index t = 0; t < row.size(); ++t)
      liked[row.columns[t]] = scorer.weighting->is_relevant(row.values[t]);
    const QueryView query = query_of_user(scorer, user, row);
    for (Index i = 0; i < data.num_items(); ++i) {
      for (Index j = 0; j < data.num_items(); ++j) {
        if (!liked[i] || liked[j]) continue;
        pairs += 1;
        in_order += score(scorer, query, i) > score(scorer, query, j) ? 1 : 0;
      }
    }
  }
  return in_order / pairs;
}

TEST_P(EveryAlgorithm, OfListsScoresWhatWasLikedAboveTheRest) {
  if (GetParam().about.task == Task::ratings) return;
  Parallel parallel(2);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(200, 100, 0.3, 2, 0.2, 2), parallel);
  const TrainResult result = train(data, options(), context);
  EXPECT_EQ(result.report.ending, Ending::completed);
  EXPECT_GT(share_in_order(result.scorer, data), 0.6);
}

TEST_P(EveryAlgorithm, UsersAndItemsWithoutRatingsAreNothingSpecial) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Interactions interactions =
      interactions_of(4, 4, {{0, 0, 5}, {0, 1, 1}, {2, 0, 4}, {2, 1, 2}});
  const TrainResult result = train(Dataset(interactions, parallel), options(), context);
  EXPECT_TRUE(result.scorer.factors.all_finite());
  EXPECT_EQ(result.scorer.factors.num_users(), 4U);
  EXPECT_EQ(result.scorer.factors.num_items(), 4U);
}

TEST_P(EveryAlgorithm, AStopRequestEndsItAfterTheEpoch) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel, .stop_requested = [] { return true; }};
  const TrainResult result =
      train(Dataset(planted_interactions(30, 20, 0.5, 1, 0.2, 3), parallel), options(), context);
  EXPECT_EQ(result.report.ending, Ending::interrupted);
  EXPECT_EQ(result.report.curve.epochs.size(), 1U);
}

TEST_P(EveryAlgorithm, HasNothingToLearnFromNothing) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  EXPECT_THROW(train(Dataset(interactions_of(2, 2, {}), parallel), options(), context), Error);
}

TEST_P(EveryAlgorithm, CountsTheRatingsOfEachItemAndKnowsTheirRange) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Interactions interactions = interactions_of(3, 3, {{0, 0, 5}, {0, 1, 1}, {2, 0, 4}});
  const Scorer scorer = train(Dataset(interactions, parallel), few_epochs(2), context).scorer;
  if (GetParam().about.task == Task::lists) {  // 1 is not relevant
    EXPECT_EQ(scorer.item_support, (std::vector<Index>{2, 0, 0}));
    EXPECT_EQ(scorer.weighting->at_least, 4);
    EXPECT_FALSE(scorer.range);
    return;
  }
  EXPECT_EQ(scorer.item_support, (std::vector<Index>{2, 1, 0}));
  EXPECT_EQ(scorer.range, (RatingRange{1, 5}));
}

double product(std::span<const float> y, const std::vector<double>& x) {
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

// What the row objective of a row of weights says of x, in double.
double weighted_objective(const Scorer& scorer, SparseRow row, const std::vector<double>& x) {
  const Ridge& ridge = scorer.row->ridge;
  const Matrix& items = scorer.factors.item_factors;
  double sum = 0;
  double weights = 0;
  for (Index t = 0; t < row.size(); ++t) {
    weights += double{row.values[t]};
    const double error = double{scorer.row->target} - product(items.row(row.columns[t]), x);
    sum += double{row.values[t]} * error * error;
  }
  for (Index i = 0; i < items.rows(); ++i)
    sum += double{scorer.row->unobserved} * std::pow(product(items.row(i), x), 2);
  const double lambda = ridge.factors * std::pow(weights + ridge.offset, ridge.exponent);
  for (const double one : x) sum += lambda * one * one;
  return sum;
}

// What the row objective says of x and b, in double.
double row_objective(const Scorer& scorer, SparseRow row, double bias,
                     const std::vector<double>& x) {
  const Ridge& ridge = scorer.row->ridge;
  if (scorer.row->unobserved > 0) return weighted_objective(scorer, row, x);
  const double n = row.size();
  double sum = scorer.row->bias ? ridge.bias * std::pow(n, ridge.bias_exponent) * bias * bias : 0;
  for (const double one : x) sum += ridge.factors * std::pow(n, ridge.exponent) * one * one;
  for (Index t = 0; t < row.size(); ++t) {
    const auto y = scorer.factors.item_factors.row(row.columns[t]);
    double error = double{row.values[t]} - double{scorer.factors.global_mean} -
                   double{scorer.factors.item_bias[row.columns[t]]} - bias;
    for (std::size_t f = 0; f < x.size(); ++f) error -= x[f] * double{y[f]};
    sum += error * error;
  }
  return sum;
}

TEST_P(EveryAlgorithm, SomebodyNewIsFoldedInAtTheMinimumOfTheRowObjective) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Interactions interactions = planted_interactions(60, 40, 0.3, 2, 0.3, 5);
  const Scorer scorer = train(Dataset(interactions, parallel), few_epochs(10), context).scorer;
  const RatedItems ratings = rated_items({{3, 5.0F}, {8, 1.0F}, {20, 4.0F}, {21, 4.5F}});
  const Query query = fold_in(scorer, ratings);
  EXPECT_EQ(query.seen.items, ratings.items);
  if (!scorer.row) {  // nobody's ratings change the answer
    EXPECT_EQ(query.base, scorer.factors.global_mean);
    EXPECT_TRUE(query.vector.empty());
    return;
  }
  const double bias = double{query.base} - double{scorer.factors.global_mean};
  if (!scorer.row->bias) {
    EXPECT_EQ(bias, 0);
  }
  const std::vector<double> x(query.vector.begin(), query.vector.end());
  ASSERT_EQ(x.size(), scorer.factors.num_factors());
  const RatedItems weights =
      scorer.weighting ? weighted(ratings.row(), *scorer.weighting) : ratings;
  const double least = row_objective(scorer, weights.row(), bias, x);
  for (const double step : {-0.01, 0.01}) {
    if (scorer.row->bias) {
      EXPECT_GT(row_objective(scorer, weights.row(), bias + step, x), least);
    }
    for (std::size_t f = 0; f < x.size(); ++f) {
      std::vector<double> moved = x;
      moved[f] += step;
      EXPECT_GT(row_objective(scorer, weights.row(), bias, moved), least) << "factor " << f;
    }
  }
}

TEST_P(EveryAlgorithm, StartsFromAModelExactlyWhereTheTableSaysSo) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Interactions interactions = planted_interactions(30, 20, 0.4, 1, 0.3, 6);
  const Dataset data(interactions, parallel);
  const AlgorithmOptions options = few_epochs(2);
  const Fitted before{
      {std::string(algorithm_name(options)), options}, train(data, options, context).scorer, {}};
  const WarmStart start = warm_start(before, *interactions.catalog, *interactions.catalog);
  context.start = &start;
  if (GetParam().about.can_continue) {
    EXPECT_TRUE(train(data, options, context).scorer.factors.all_finite());
  } else {
    EXPECT_THROW(train(data, options, context), Error);
  }
}

INSTANTIATE_TEST_SUITE_P(Named, EveryAlgorithm, testing::ValuesIn(algorithms()),
                         [](const auto& row) {
                           std::string word(row.param.about.name);
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
  std::vector<AlgorithmOptions> configurable;
  for (const AlgorithmInfo& row : algorithms()) {
    if (!row.preset && options_to_json(row.defaults) != "{}") configurable.push_back(row.defaults);
  }
  int diverged = 0;
  for (std::uint64_t number = 0; number < configurations; ++number) {
    Rng rng(seed, number);
    AlgorithmOptions options = configurable[rng.below(static_cast<Index>(configurable.size()))];
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
      if (traits_of(options).task == Task::lists && shapes[s].name == "all zero") {
        ASSERT_THROW(train(datasets[s], options, context), Error) << "nothing weighs anything";
        continue;
      }
      const TrainResult result = train(datasets[s], options, context);
      ASSERT_TRUE(result.scorer.factors.all_finite());
      for (const EpochRecord& record : result.report.curve.epochs)
        ASSERT_TRUE(std::isfinite(record.values[0]));
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
