#include "data/id_twins.h"

#include <gtest/gtest.h>

#include <vector>

#include "palate/base/error.h"
#include "palate/data/inspect.h"
#include "temporary_folder.h"

namespace palate {
namespace {

Ids ids_of(const std::vector<std::string>& texts) { return Ids::from_strings(texts); }

std::string difference(const std::string& wanted, const std::string& known) {
  const auto twins = find_twins(ids_of({"zebra", known}), wanted);
  if (!twins) return "none";
  EXPECT_EQ(twins->wanted, wanted);
  EXPECT_EQ(twins->known, known);
  return twins->difference;
}

TEST(IdTwins, WhatSetsThemApartIsNamed) {
  EXPECT_EQ(difference("1", " 1"), "spaces");
  EXPECT_EQ(difference("1\t", "1"), "spaces");
  EXPECT_EQ(difference("1", "1\xC2\xA0"), "spaces");
  EXPECT_EQ(difference(" 1", "1 "), "spaces");
  EXPECT_EQ(difference("1", "1.0"), "\".0\"");
  EXPECT_EQ(difference("1.00", "1.0"), "\".0\"");
  EXPECT_EQ(difference("-12.0", "-12"), "\".0\"");
  EXPECT_EQ(difference("0439554934", "439554934"), "leading zeros");
  EXPECT_EQ(difference("1", "\"1\""), "quotes");
  EXPECT_EQ(difference("'a b'", "a b"), "quotes");
  EXPECT_EQ(difference("ABC", "abc"), "case");
  EXPECT_EQ(difference(" \"007.0\"", "7"), "spaces and quotes and \".0\" and leading zeros");
  EXPECT_EQ(difference("0", "0.0"), "\".0\"");
}

TEST(IdTwins, OthersAreNone) {
  for (const auto& [wanted, known] :
       std::vector<std::pair<std::string, std::string>>{{"1", "10"},
                                                        {"1", "1.5"},
                                                        {"1", "-1"},
                                                        {"a1", "a01"},
                                                        {"\"", "\"\""},
                                                        {".0", "0"},
                                                        {"  ", "   "},
                                                        {"1.0.0", "1.0"},
                                                        {"", "\"\""}}) {
    EXPECT_EQ(difference(wanted, known), "none") << wanted;
  }
  EXPECT_FALSE(find_twins(Ids{}, "1"));
}

TEST(IdTwins, OnlySpacesHaveAnOption) {
  EXPECT_EQ(find_twins(ids_of({" 1"}), "1")->option, "`trim_ids`, or `delimiter=\", \"`");
  EXPECT_EQ(find_twins(ids_of({"1 "}), "1")->option, "`trim_ids`");
  EXPECT_EQ(find_twins(ids_of({"1.0"}), "1")->option, "");
}

TEST(IdTwins, AFileHasThemWhereHardlyAnyIdIsFound) {
  const Ids known = ids_of({"1", "2", "3"});
  const auto first_of = [&](int found, const std::vector<std::string>& missed) {
    LookedUpIds ids;
    for (int i = 0; i < found; ++i) ids.add("1", true);
    for (const std::string& id : missed) ids.add(id, false);
    const auto twins = ids.twins_in(known);
    return twins ? twins->wanted : "none";
  };
  EXPECT_EQ(first_of(0, {"77", "2.0", "3.0"}), "2.0");
  EXPECT_EQ(first_of(0, {"77", "88"}), "none");
  EXPECT_EQ(first_of(0, {}), "none");
  const std::vector<std::string> many(10, "3.0");
  EXPECT_EQ(first_of(1, many), "3.0");
  EXPECT_EQ(first_of(2, many), "none");  // more than a tenth is found
  std::vector<std::string> others(20, "88");
  others.emplace_back("3.0");
  EXPECT_EQ(first_of(1, others), "none");  // by chance
}

class IdsOfFiles : public testing::Test {
 protected:
  RatingsTable read(const std::string& name, const std::string& text,
                    const ReadOptions& options = {}) {
    return read_ratings(folder_.write(name, text), options, parallel_);
  }
  static std::vector<std::string> warnings(const RatingsTable& table) {
    std::vector<std::string> texts;
    for (const DataWarning& warning : summarize(table, 0).warnings)
      texts.push_back(warning.message + " (" + warning.option + ")");
    return texts;
  }
  static std::size_t count_of(const RatingsTable& table, const std::string& part) {
    std::size_t count = 0;
    for (const std::string& text : warnings(table)) count += text.find(part) == text.npos ? 0 : 1;
    return count;
  }
  TemporaryFolder folder_;
  Parallel parallel_{1};
};

constexpr const char* kCommaSpace =
    "userId, movieId, rating\n1, 1, 5\n1, 2, 2\n2, 1, 4\n2, 22, 3\n";

TEST_F(IdsOfFiles, SpacesAroundIdsAreWarnedOf) {
  const RatingsTable table = read("r.csv", kCommaSpace);
  EXPECT_EQ(table.interactions.catalog->items[0], " 1");
  EXPECT_EQ(count_of(table,
                     "3 of 3 items begin or end with spaces, as in \" 1\": without "
                     "the spaces they would be other ids (`trim_ids`, or `delimiter=\", \"`)"),
            1U);
  EXPECT_EQ(count_of(table, "users begin"), 0U);
  const RatingsTable behind = read("b.csv", "user;item;rating\na ;1;5\nb;1;4\n");
  EXPECT_EQ(count_of(behind,
                     "1 of 2 users begin or end with spaces, as in \"a \": without "
                     "the spaces they would be other ids (`trim_ids`)"),
            1U);
}

TEST_F(IdsOfFiles, TrimmedTheyAreTheIdsOfAPlainTable) {
  std::string plain(kCommaSpace);
  std::erase(plain, ' ');
  const RatingsTable wanted = read("plain.csv", plain);
  for (const RatingsTable& table : {read("r.csv", kCommaSpace, {.trim_ids = true}),
                                    read("r.csv", kCommaSpace, {.delimiter = ", "})}) {
    EXPECT_TRUE(table.interactions.catalog->items.are_integers());
    EXPECT_EQ(*table.interactions.catalog, *wanted.interactions.catalog);
    EXPECT_EQ(table.interactions.items, wanted.interactions.items);
    EXPECT_EQ(table.interactions.values, wanted.interactions.values);
    EXPECT_EQ(count_of(table, "spaces"), 0U);
  }
}

TEST_F(IdsOfFiles, TrimmingReachesEveryRow) {
  std::string text = "user,item,rating\n";
  for (int row = 0; row < 1000; ++row) {
    text += std::to_string(row % 40) + (row % 7 == 0 ? " ," : ",") +
            (row % 300 == 299 ? "\t" : "") + std::to_string(row / 40) + ",3\n";
  }
  const RatingsTable table = read("r.csv", text, {.trim_ids = true});
  EXPECT_EQ(table.interactions.size(), 1000U);
  EXPECT_EQ(table.interactions.num_users(), 40U);
  EXPECT_EQ(table.interactions.num_items(), 25U);
}

TEST_F(IdsOfFiles, AnIdOfSpacesAloneIsTrimmedToNone) {
  try {
    read("r.csv", "user,item,rating\n1,2,3\n1, \xC2\xA0,3\n", {.trim_ids = true});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("r.csv:3: column 2 'item'"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("is an empty id"), std::string::npos);
  }
}

TEST_F(IdsOfFiles, TitlesThatKnowNoItemAreWarnedOf) {
  folder_.write("movies.csv", "movieId,title\n1,Heat\n2,Up\n");
  const RatingsTable table = read("ratings.csv", kCommaSpace);
  EXPECT_EQ(table.items_file, "");
  EXPECT_EQ(count_of(table, "movies.csv: none of its items is rated in"), 1U);
  EXPECT_EQ(count_of(table, "where its \"1\" may be \" 1\": they differ by spaces (`trim_ids`"),
            1U);
  const RatingsTable trimmed = read("ratings.csv", kCommaSpace, {.trim_ids = true});
  EXPECT_EQ(trimmed.interactions.catalog->item_titles[0], "Heat");
  EXPECT_EQ(count_of(trimmed, "movies.csv"), 0U);
  const RatingsTable without = read("ratings.csv", kCommaSpace, {.items_file = "none"});
  EXPECT_EQ(count_of(without, "movies.csv"), 0U);

  folder_.write("movies.csv", "movieId,title\n77,Heat\n");
  EXPECT_EQ(count_of(read("ratings.csv", kCommaSpace), "movies.csv: none of its items is rated in"),
            1U);
  EXPECT_EQ(count_of(read("ratings.csv", kCommaSpace), "(`items_file=FILE`, or `items_file=none`)"),
            1U);
}

TEST_F(IdsOfFiles, TitlesThatAreToldAndKnowNoItemAreRefusedWithTheTwin) {
  const std::string items = folder_.write("films.csv", "movieId,title\n1.0,Heat\n2.0,Up\n");
  try {
    read("ratings.csv", "1,1,5\n1,2,4\n", {.items_file = items});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("may be \"1\": they differ by \".0\""),
              std::string::npos);
  }
}

TEST_F(IdsOfFiles, ATestTableHasTheTwinsOfItsModel) {
  const RatingsTable train = read("r.csv", "1,1,5\n1,2,4\n2,1,3\n");
  const Catalog& known = *train.interactions.catalog;
  const auto tested = [&](const std::string& text) {
    return read_ratings_with(known, {folder_.write("t.csv", text)}, {}, parallel_).interactions;
  };
  const Interactions floats = tested("user,item,rating\n1.0,1.0,5\n2.0,2.0,4\n");
  EXPECT_EQ(looked_up_items(known, floats).twins_in(known.items)->known, "1");
  EXPECT_EQ(looked_up_users(known, floats).twins_in(known.users)->wanted, "1.0");
  const Interactions plain = tested("1,1,5\n7,2,4\n");
  EXPECT_FALSE(looked_up_users(known, plain).twins_in(known.users));
}

}  // namespace
}  // namespace palate
