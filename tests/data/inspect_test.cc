#include "palate/data/inspect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace palate {
namespace {

constexpr std::int64_t kNow = 1'500'000'000;

class Inspect : public testing::Test {
 protected:
  DataSummary summary_of(std::string_view text, const ReadOptions& options = {}) {
    return summarize(read_ratings(folder_.write("ratings.csv", text), options, parallel_), kNow);
  }
  // The warnings, each as "message [option]".
  std::vector<std::string> warnings_of(std::string_view text, const ReadOptions& options = {}) {
    std::vector<std::string> warnings;
    for (const DataWarning& warning : summary_of(text, options).warnings)
      warnings.push_back(warning.message + " [" + warning.option + "]");
    return warnings;
  }

  TemporaryFolder folder_;
  Parallel parallel_{1};
};
using Texts = std::vector<std::string>;

// Two users who both rated the same two items: nothing to warn of.
constexpr std::string_view kSound =
    "user,item,rating,timestamp\n1,1,4,1000000100\n1,2,2,1000000300\n2,1,5,1000000200\n2,2,4,"
    "1000000250\n";

TEST_F(Inspect, CountsAndQuantiles) {
  const DataSummary summary = summary_of(
      "user,item,rating,timestamp\n1,1,4,30\n1,2,2,10\n1,3,4,20\n2,1,5,40\n3,1,2,15\n1,1,4,31\n");
  EXPECT_EQ(summary.users, 3U);
  EXPECT_EQ(summary.items, 3U);
  EXPECT_EQ(summary.ratings, 5U);
  EXPECT_EQ(summary.duplicates, 1U);
  EXPECT_DOUBLE_EQ(summary.density, 5.0 / 9);
  EXPECT_DOUBLE_EQ(summary.mean, 17.0 / 5);
  EXPECT_EQ(summary.lowest, 2);
  EXPECT_EQ(summary.highest, 5);
  using Bins = std::vector<std::pair<double, std::uint64_t>>;
  EXPECT_EQ(summary.histogram, (Bins{{2, 2}, {4, 2}, {5, 1}}));
  // Ratings per user 3, 1, 1.
  EXPECT_EQ(summary.ratings_per_user.minimum, 1);
  EXPECT_EQ(summary.ratings_per_user.median, 1);
  EXPECT_EQ(summary.ratings_per_user.upper_quartile, 2);
  EXPECT_DOUBLE_EQ(summary.ratings_per_user.ninetieth, 2.6);
  EXPECT_EQ(summary.ratings_per_user.maximum, 3);
  EXPECT_EQ(summary.time_span, std::pair(std::int64_t{10}, std::int64_t{40}));
}

TEST_F(Inspect, ManyDistinctValuesAreBinned) {
  std::string text = "user,item,rating\n";
  for (int i = 0; i <= 100; ++i)
    text += std::to_string(i % 2) + "," + std::to_string(i / 2) + "," + std::to_string(i) + "\n";
  const DataSummary summary = summary_of(text);
  ASSERT_EQ(summary.histogram.size(), 20U);
  EXPECT_EQ(summary.histogram[0], std::pair(0.0, std::uint64_t{5}));
  EXPECT_EQ(summary.histogram[19], std::pair(95.0, std::uint64_t{6}))
      << "the highest value belongs to the last bin";
}

TEST_F(Inspect, SoundDataHasNoWarnings) { EXPECT_EQ(warnings_of(kSound), Texts{}); }

TEST_F(Inspect, EachWarningNamesItsOption) {
  const std::string sound(kSound);
  EXPECT_EQ(warnings_of(sound + "3,1,2,100\n"),
            (Texts{"1 of 3 users (33.3 %) with one rating: little can be learned about "
                   "them "
                   "[`regularization=X`, higher than the default]"}));
  EXPECT_EQ(warnings_of(sound + "2,3,2,100\n"),
            (Texts{"1 of 3 items (33.3 %) rated by one user alone: lists should not rest on "
                   "that [`min_support=N` leaves them out of lists]"}));
  EXPECT_EQ(warnings_of(sound + "2,2,2,100\n"),
            (Texts{"1 of 5 rows (20.0 %) repeat a (user, item) pair of an earlier row "
                   "[`duplicates=last|first|mean|sum|error`]"}));
  EXPECT_EQ(
      warnings_of("user,item,rating\n1,1,5\n1,2,5\n2,1,5\n2,2,5\n",
                  {.feedback = Feedback::ratings}),
      (Texts{
          "all ratings are 5: they tell who chose what, not who liked it [`value_column=none`]"}));
  EXPECT_EQ(
      warnings_of(
          "user,item,rating,timestamp\n1,1,4,100\n1,2,2,1500200000\n2,1,5,1500000000\n2,2,4,250\n"),
      (Texts{"1 of 4 times (25.0 %) are in the future [`time_column=COLUMN`, or "
             "`time_column=none`]"}));
  EXPECT_EQ(
      warnings_of("user,item,rating,timestamp\n1,1,4,1499999999000\n1,2,2,1499999999000\n2,1,"
                  "5,1499999999000\n2,2,4,1600000000000\n"),
      (Texts{
          "1 of 4 times (25.0 %) are in the future [`time_column=COLUMN`, or `time_column=none`]"}))
      << "milliseconds are times, too";
}

TEST_F(Inspect, ColumnsThatLookSwappedAreTold) {
  EXPECT_EQ(warnings_of("user,item,rating\n1,1,4\n1,2,2\n2,1,5\n2,2,4\n",
                        {.user_column = "item", .item_column = "user"}),
            (Texts{"users are taken from column 'item' and items from 'user': they look swapped "
                   "[`user_column=1` `item_column=2`]"}));
  EXPECT_EQ(warnings_of("user,item,timestamp,rating\n1,1,4,960000000\n1,2,2,970000000\n2,1,5,"
                        "960000000\n2,2,4,970000000\n"),
            (Texts{"the ratings of column 4 look like times [`value_column=3` `time_column=4`]"}));
  // No header: user, rating, item.
  std::string text;
  for (int user = 1; user <= 30; ++user) {
    for (int k = 0; k < 20; ++k) {
      const int item = 100 + (user * 37 + k * 13) % 900;
      text += std::to_string(user) + "," + std::to_string(item % 5 + 1) + "," +
              std::to_string(item) + "\n";
    }
  }
  const Texts warnings = warnings_of(text);
  EXPECT_EQ(
      std::ranges::count(
          warnings,
          "column 2 has 5 different items only, column 3 has numbers like ids: they look swapped "
          "[`item_column=3` `value_column=2`]"),
      1);
}

}  // namespace
}  // namespace palate
