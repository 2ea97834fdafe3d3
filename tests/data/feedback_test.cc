#include "data/feedback.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"

namespace palate {
namespace {

using Values = std::vector<float>;

bool differs() { return false; }

std::optional<Feedback> found(const Values& values, std::string_view name) {
  return feedback_of(values, name, differs).feedback;
}

// What they are taken for under the name of a rating, of a count, and under none: r, w, or ? where
// that is in doubt.
std::string under_each_name(const Values& values) {
  std::string all;
  for (const std::string_view name : {"rating", "plays", ""}) {
    const auto feedback = found(values, name);
    all += !feedback ? '?' : *feedback == Feedback::ratings ? 'r' : 'w';
  }
  return all;
}

// Each value as often as it says.
Values repeated(const std::vector<std::pair<float, std::size_t>>& counts) {
  Values values;
  for (const auto& [value, count] : counts) values.insert(values.end(), count, value);
  return values;
}

// 1000 numbers of which half are below `middle`, and few are far above: middle * e^normal.
Values long_tail(double middle) {
  Rng rng(1, 0);
  Values values(1000);
  for (float& value : values) value = static_cast<float>(middle * std::exp(1.5 * rng.normal()));
  return values;
}

Values rounded_up(Values values) {
  for (float& value : values) value = std::ceil(value);
  return values;
}

// first, first + step, and so on to last, `times` each.
Values evenly(float first, float last, float step, std::size_t times) {
  Values values;
  const auto steps = static_cast<int>((last - first) / step);
  for (int s = 0; s <= steps; ++s)
    values.insert(values.end(), times, first + step * static_cast<float>(s));
  return values;
}

Values with(Values values, const Values& more) {
  values.insert(values.end(), more.begin(), more.end());
  return values;
}

TEST(Feedback, ScalesAreRatings) {
  EXPECT_EQ(under_each_name(repeated({{1, 5}, {2, 8}, {3, 20}, {4, 40}, {5, 27}})), "r?r");
  EXPECT_EQ(under_each_name(repeated({{.5F, 2}, {1, 5}, {3, 20}, {3.5F, 30}, {4, 40}, {5, 27}})),
            "r?r");
  EXPECT_EQ(under_each_name(repeated({{0, 60}, {5, 5}, {7, 10}, {8, 20}, {10, 9}})), "r?r");
  EXPECT_EQ(under_each_name(repeated({{0, 60}, {1, 40}})), "rwr");  // dislikes and likes, or clicks
  EXPECT_EQ(under_each_name(repeated({{-1, 20}, {1, 40}})), "rwr");
}

TEST(Feedback, PercentPilesUpAtTheTopOrAtTens) {
  EXPECT_EQ(under_each_name(with(evenly(0, 100, 1, 2), Values(30, 100.F))), "r?r");
  EXPECT_EQ(under_each_name(with(evenly(0, 99, 1, 1), evenly(0, 90, 10, 20))), "rwr");
  EXPECT_EQ(under_each_name(evenly(0, 100, 1, 2)), "rw?");
  EXPECT_EQ(under_each_name(with(evenly(0, 500, 5, 1), Values(30, 500.F))), "r??");
}

TEST(Feedback, CountsAreWeights) {
  EXPECT_EQ(under_each_name(rounded_up(long_tail(3))), "?ww");
  EXPECT_EQ(under_each_name(rounded_up(long_tail(300))), "?ww");
  EXPECT_EQ(under_each_name(evenly(1, 1000, 1, 1)), "rww");
  EXPECT_EQ(found(rounded_up(long_tail(3)), "value"), Feedback::weights);
  EXPECT_EQ(found(rounded_up(long_tail(3)), "my score"), std::nullopt);
}

TEST(Feedback, SmallCountsAreWeightsByTheirName) {
  EXPECT_EQ(under_each_name(repeated({{1, 60}, {2, 20}, {3, 9}, {4, 4}, {7, 1}})), "rw?");
  EXPECT_EQ(under_each_name(repeated({{1, 60}, {5, 40}})), "rwr");
  EXPECT_EQ(under_each_name({3, 17, 250, 4}), "rw?");
}

TEST(Feedback, TimesSpentAreWeightsByTheirName) {
  EXPECT_EQ(under_each_name(long_tail(3)), "?w?");
  EXPECT_EQ(under_each_name(evenly(0, 5, .125F, 3)), "rwr");
}

TEST(Feedback, NegativeNumbersAreRatingsUnlessTheyAreRareAmongCounts) {
  EXPECT_EQ(under_each_name(evenly(-10, 10, .125F, 2)), "rwr");
  EXPECT_EQ(under_each_name(evenly(-50, 50, 1, 2)), "rwr");
  EXPECT_EQ(under_each_name(with(rounded_up(long_tail(3)), {-1})), "rww");
  EXPECT_EQ(under_each_name({-1, -2, -3}), "rwr");
}

TEST(Feedback, ValuesThatAreAllEqualAreWeights) {
  const FeedbackFound ones = feedback_of(Values{1, 1, 1}, "rating", differs);
  EXPECT_EQ(ones.feedback, Feedback::weights);
  EXPECT_EQ(ones.why, "all values are 1");
  EXPECT_EQ(under_each_name({4, 4}), "www");
  EXPECT_EQ(under_each_name({4}), "rwr");  // one alone is equal to nothing
  EXPECT_EQ(under_each_name({}), "rrr");
}

TEST(Feedback, PricesAreInDoubt) {
  const Values values = rounded_up(long_tail(300));
  const auto is_same_for_all = [] { return true; };
  EXPECT_EQ(feedback_of(values, "", is_same_for_all).feedback, std::nullopt);
  EXPECT_EQ(feedback_of(values, "plays", is_same_for_all).feedback, Feedback::weights);
}

TEST(Feedback, SaysWhatItSaw) {
  Values counts = evenly(1, 200, 1, 1);
  counts.back() = 5000;
  EXPECT_EQ(feedback_of(counts, "plays", differs).why,
            "weights from 1 to 5000, half of them up to 101");
  EXPECT_EQ(feedback_of(counts, "rating", differs).why,
            "numbers from 1 to 5000, half of them up to 101");
  EXPECT_EQ(feedback_of(evenly(1, 5, 1, 9), "rating", differs).why, "");
}

// Not every row is looked at, but the highest that is told is that of all.
TEST(Feedback, ALongTableIsJudgedByAPartOfIt) {
  Values values;
  for (std::size_t row = 0; row < (std::size_t{1} << 18) + 1; ++row)
    values.push_back(static_cast<float>(row % 1001 < 990 ? row % 7 + 1 : row % 89 + 1));
  values[1] = 12345;
  const FeedbackFound judged = feedback_of(values, "plays", differs);
  EXPECT_EQ(judged.feedback, Feedback::weights);
  EXPECT_EQ(judged.why, "weights from 1 to 12345, half of them up to 4");
}

TEST(Feedback, OneValueEachNeedsRepeatsAndNoExceptions) {
  std::vector<Index> owners;
  Values values;
  for (Index row = 0; row < 30; ++row) {
    owners.push_back(row % 3);
    values.push_back(static_cast<float>(row % 3));
  }
  EXPECT_TRUE(is_one_value_each(owners, values, 3));
  values.back() = 9;
  EXPECT_FALSE(is_one_value_each(owners, values, 3));
  EXPECT_FALSE(is_one_value_each(std::vector<Index>{0, 0}, Values{1, 1}, 1));
}

}  // namespace
}  // namespace palate
