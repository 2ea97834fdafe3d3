#include "data/text_layout.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// Rows of three columns, a few users and items.
std::string rows(int count = 12) {
  std::string text;
  for (int n = 0; n < count; ++n)
    text += std::to_string(n % 4 + 1) + "," + std::to_string(n / 4 + 1) + "," +
            std::to_string(n % 5 + 1) + "\n";
  return text;
}

TextLayout layout_of(const std::string& text,
                     std::optional<std::uint64_t> skip_lines = std::nullopt) {
  const std::string name = "a.csv";
  return guess_layout({text, true, name}, std::nullopt, std::nullopt, skip_lines);
}

std::string layout_refusal_of(const std::string& text,
                              std::optional<std::uint64_t> skip_lines = std::nullopt) {
  try {
    layout_of(text, skip_lines);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TextLayout, LinesAboveTheTableAreCounted) {
  const std::string header = "user,item,rating\n";
  const std::vector<std::pair<std::string, std::uint64_t>> cases = {
      {"", 0},
      {"sep=,\n", 1},
      {"# made by hand\n", 1},
      {"sep=,\n# made\n\n% by hand\n", 4},
      {"4\n12\n", 2},
      {"A title\n\n", 2},
      {"A title, and more of it\n", 1},
      {"A title, of 3, cells\n", 1},
  };
  for (const auto& [above, lines] : cases) {
    for (const std::string& names : {header, std::string()}) {
      // of several cells, it may be a header of the wrong size or a row
      if (names.empty() && above.starts_with("A title,")) continue;
      SCOPED_TRACE(above + names);
      const TextLayout layout = layout_of(above + names + rows());
      EXPECT_EQ(layout.preamble_lines, lines);
      EXPECT_EQ(layout.preamble_bytes, above.size());
      EXPECT_EQ(layout.header, !names.empty());
      EXPECT_EQ(layout.columns.size(), 3U);
      EXPECT_EQ(layout.rows.size(), 12U);
    }
  }
}

TEST(TextLayout, CountsInAsManyCellsAsTheRowsAreTheNumbersOfThem) {
  EXPECT_EQ(layout_of("4,3,12\n" + rows()).preamble_lines, 1U);
  EXPECT_EQ(layout_of("12,4,3\n" + rows()).preamble_lines, 0U);  // 3 may be a rating
  EXPECT_EQ(layout_of("4,3,11\n" + rows()).preamble_lines, 0U);
  EXPECT_EQ(layout_of("4,2,12\n" + rows()).preamble_lines, 0U);
}

TEST(TextLayout, ACommentMayNameTheColumns) {
  const TextLayout layout = layout_of("# by hand\n#item, user, rating\n" + rows());
  EXPECT_EQ(layout.columns, (std::vector<std::string>{"item", " user", " rating"}));
  EXPECT_TRUE(layout.header);
  EXPECT_FALSE(layout.header_row);
  EXPECT_EQ(layout.rows.size(), 12U);
}

TEST(TextLayout, ARowIsNoComment) {
  EXPECT_EQ(layout_of("#a,1,5\nb,1,4\nc,2,3\n").preamble_lines, 0U);
  EXPECT_EQ(layout_of("#a,1,5\n#b,1,4\n#c,2,3\n").preamble_lines, 0U);
}

TEST(TextLayout, ToldLinesArePassedOverAndNoOther) {
  EXPECT_EQ(layout_of("a\nb\n" + rows(), 2).preamble_lines, 2U);
  EXPECT_TRUE(layout_refusal_of("a\nb\n# c\n" + rows(), 2).starts_with("a.csv:3: no tab"));
  EXPECT_EQ(layout_of("#1,1,5\n" + rows(), 0).rows.size(), 13U);
  EXPECT_EQ(layout_refusal_of("a,b\nc,d\n", 2), "a.csv: `skip_lines=2` leaves none of its 2 lines");
  EXPECT_EQ(layout_refusal_of("a,b\nc,d\n", 9), "a.csv: `skip_lines=9` leaves none of its 2 lines");
}

class ReadLayout : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Parallel parallel_{2};
};

TEST_F(ReadLayout, TheTableTellsWhatWasPassedOver) {
  const std::string a = folder_.write("a.csv", "");
  const std::string b = folder_.write("b.csv", "sep=,\n# made by hand\n" + rows());
  const std::string c = folder_.write("c.csv", "user,item,rating\n");
  const RatingsTable table = read_ratings(std::vector{a, b, c}, {}, parallel_);
  EXPECT_EQ(table.rows_read, 12U);
  EXPECT_EQ(table.format.lines_above, 2U);
  EXPECT_EQ(table.empty_files, (std::vector{a, c}));
  EXPECT_EQ(table.path, b);
  EXPECT_EQ(read_ratings(b, {.skip_lines = 2}, parallel_).format.lines_above, 2U);
}

TEST_F(ReadLayout, PlacesInAJsonArrayAreThoseOfTheFile) {
  const std::string text =
      "\xEF\xBB\xBF[\n {\"user\": 1, \"item\": 2, \"rating\": 3},\n {\"user\": 1, \"item\": 3, "
      "\"rating\": \"x\"}\n]\n";
  const std::string rejects = folder_.path("rejects.csv");
  const RatingsTable table =
      read_ratings(folder_.write("a.json", text), {.rejects_file = rejects}, parallel_);
  EXPECT_EQ(table.rows_read, 1U);
  const std::string set_aside = read_file(rejects);
  const std::string place = ",2," + std::to_string(text.find(",\n {") + 1) + ",3,is not a number,";
  EXPECT_NE(set_aside.find(place), std::string::npos) << set_aside;
}

}  // namespace
}  // namespace palate
