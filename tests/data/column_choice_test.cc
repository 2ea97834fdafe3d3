#include "data/column_choice.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class ColumnChoice : public testing::Test {
 protected:
  RatingsTable read(const std::string& text, const ReadOptions& options = {}) {
    return read_ratings(folder_.write("ratings.csv", text), options, parallel_);
  }
  // "user item value time", from 1; "-" for none.
  std::string columns_of(const std::string& text, const ReadOptions& options = {}) {
    const TableFormat format = read(text, options).format;
    const auto number = [](std::optional<std::size_t> position) {
      return position ? std::to_string(*position + 1) : "-";
    };
    return number(format.user) + " " + number(format.item) + " " + number(format.value) + " " +
           number(format.time);
  }

  TemporaryFolder folder_;
  Parallel parallel_{1};
};

TEST_F(ColumnChoice, WhatIsToldIsNotDoubted) {
  const std::string text = "user,item,price,quantity\n1,1,9.5,1\n1,2,8.5,2\n";
  EXPECT_EQ(columns_of(text), "1 2 4 -");
  ASSERT_EQ(read(text).format.doubts.size(), 1U);
  EXPECT_EQ(read(text).format.doubts[0].option, "`value_column=3`");
  EXPECT_EQ(columns_of(text, {.value_column = "price"}), "1 2 3 -");
  EXPECT_TRUE(read(text, {.value_column = "price"}).format.doubts.empty());
  EXPECT_EQ(columns_of(text, {.value_column = "none"}), "1 2 - -");
}

TEST_F(ColumnChoice, AnIndexIsTakenWhereItIsTold) {
  const std::string text = ",user,item,rating\n0,a,x,1\n1,b,y,2\n";
  EXPECT_EQ(columns_of(text), "2 3 4 -");
  EXPECT_EQ(columns_of(text, {.item_column = "1"}), "2 1 4 -");
}

TEST_F(ColumnChoice, NamesInOtherScriptsAreNames) {
  EXPECT_EQ(columns_of("\u7528\u6237,\u7535\u5f71,\u8bc4\u5206\n1,1,4\n1,2,3\n"), "1 2 3 -");
}

TEST_F(ColumnChoice, TheEntriesOfMatrixMarketAreValuesHoweverLarge) {
  EXPECT_EQ(columns_of("%%MatrixMarket matrix coordinate integer general\n2 2 3\n1 1 2000\n"
                       "1 2 3000\n2 1 4000\n"),
            "1 2 3 -");
  EXPECT_EQ(columns_of("1,1,2000\n1,2,3000\n2,1,4000\n"), "1 2 - -");
}

TEST_F(ColumnChoice, TimesBehindOtherColumnsAreFound) {
  EXPECT_EQ(columns_of("user,item,words,points,when\n1,1,good,4,1260759144\n"), "1 2 4 5");
}

TEST_F(ColumnChoice, MissingValuesCountAsEntriesOfTheFile) {
  const std::string text =
      "%%MatrixMarket matrix coordinate integer general\n2 2 3\n1 1 0\n1 2 3\n2 1 0\n";
  const RatingsTable table = read(text, {.missing = {0, 7}});
  EXPECT_EQ(table.interactions.size(), 1U);
  EXPECT_EQ(table.interactions.num_users(), 1U) << "nobody without a rating is left";
  EXPECT_EQ(table.left_out, (std::vector<LeftOut>{{"a value of 0 or 7 means \"not rated\"", 2}}));
}

TEST_F(ColumnChoice, MissingRowsLeaveLongTablesAlike) {
  std::string all = "user,item,rating\n";
  std::string rated = all;
  for (int row = 0; row < 50'000; ++row) {
    const bool is_missing = row % 3 == 0;
    const std::string line = std::to_string(row % 97) + "," + std::to_string(row / 97) + ",";
    all += line + (is_missing ? "-1.0\n" : "3.5\n");
    if (!is_missing) rated += line + "3.5\n";
  }
  const std::string digest_of_rated = digest(read(rated).interactions);
  const RatingsTable table = read(all, {.missing = {-1}});
  EXPECT_EQ(digest(table.interactions), digest_of_rated);
  EXPECT_EQ(table.left_out.front().ratings, 16'667U);
  EXPECT_EQ(table.rows_read, 33'333U);
}

}  // namespace
}  // namespace palate
