#include "experiment/compare_with_best.h"

#include <gtest/gtest.h>

namespace palate {
namespace {

// Three models of 99 draws that are `apart` from one to the next, measured by two metrics, the
// second of which is the primary one; by the first the last model would be the best.
Comparison by(Metric::Better better, double apart) {
  Comparison comparison;
  comparison.metrics = {{.name = "mse", .better = Metric::Better::lower},
                        {.name = "ndcg@10", .better = better}};
  comparison.primary = 1;
  for (int m = 0; m < 3; ++m) {
    const auto measured = [&](const Metric& metric, double value) {
      return Measured{metric, {value, value, value}, std::vector<double>(99, value)};
    };
    ModelResult& model = comparison.models.emplace_back();
    model.metrics = {measured(comparison.metrics[0], -m),
                     measured(comparison.metrics[1], 0.5 + apart * m)};
  }
  return comparison;
}

TEST(CompareWithBest, TheGreatestIsTheBestWhereHigherIsBetter) {
  Comparison comparison = by(Metric::Better::higher, -0.25);
  compare_with_best(comparison);
  EXPECT_FALSE(comparison.models[0].difference_to_best);
  EXPECT_TRUE(comparison.models[0].same_as_best);
  EXPECT_EQ(comparison.models[1].difference_to_best->value, -0.25);
  EXPECT_EQ(comparison.models[2].difference_to_best->high, -0.5);
  EXPECT_DOUBLE_EQ(*comparison.models[2].p_value, 0.02) << "in none of 99 draws is it as good";
  EXPECT_DOUBLE_EQ(*comparison.models[2].p_value_holm, 0.04);
  EXPECT_FALSE(comparison.models[2].same_as_best);
}

TEST(CompareWithBest, TheLeastIsTheBestWhereLowerIsBetter) {
  Comparison comparison = by(Metric::Better::lower, 0.25);
  compare_with_best(comparison);
  EXPECT_FALSE(comparison.models[0].difference_to_best);
  EXPECT_EQ(comparison.models[1].difference_to_best->value, 0.25);
  EXPECT_FALSE(comparison.models[2].same_as_best);
}

TEST(CompareWithBest, TheFirstOfEqualsIsTheBest) {
  Comparison comparison = by(Metric::Better::higher, 0);
  compare_with_best(comparison);
  EXPECT_FALSE(comparison.models[0].difference_to_best);
  EXPECT_EQ(comparison.models[1].difference_to_best->value, 0);
  EXPECT_TRUE(comparison.models[1].same_as_best);
}

TEST(CompareWithBest, AFigureThatIsTooOptimisticIsLeftOut) {
  Comparison comparison = by(Metric::Better::higher, -0.25);
  const std::vector<std::optional<std::uint64_t>> known_or_not{3, std::nullopt};
  for (const auto& seen : known_or_not) {
    comparison.models[0].seen = seen;
    compare_with_best(comparison);
    EXPECT_FALSE(comparison.models[0].difference_to_best);
    EXPECT_FALSE(comparison.models[0].p_value);
    EXPECT_FALSE(comparison.models[0].same_as_best);
    EXPECT_FALSE(comparison.models[1].difference_to_best) << "the best of the others";
    EXPECT_TRUE(comparison.models[1].same_as_best);
    EXPECT_EQ(comparison.models[2].difference_to_best->value, -0.25);
    EXPECT_DOUBLE_EQ(*comparison.models[2].p_value_holm, 0.02) << "one comparison alone";
  }
}

TEST(CompareWithBest, NobodyIsTheBestWhereEveryFigureIsTooOptimistic) {
  Comparison comparison = by(Metric::Better::higher, -0.25);
  for (ModelResult& model : comparison.models) model.seen = 1;
  compare_with_best(comparison);
  for (const ModelResult& model : comparison.models) EXPECT_FALSE(model.same_as_best);
}

TEST(CompareWithBest, NobodyIsTheBestWhereNeitherDirectionIsBetter) {
  Comparison comparison = by(Metric::Better::neither, 0.25);
  compare_with_best(comparison);
  for (const ModelResult& model : comparison.models) {
    EXPECT_FALSE(model.difference_to_best);
    EXPECT_FALSE(model.p_value);
    EXPECT_FALSE(model.same_as_best);
  }
}

}  // namespace
}  // namespace palate
