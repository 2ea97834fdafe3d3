#include "data/titles.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Texts = std::vector<std::string>;

Catalog catalog_of(const Texts& items) { return {.items = Ids::from_strings(items)}; }

class Titles : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Parallel parallel_{1};
};

TEST_F(Titles, MoviesCsvWithFurtherColumnsAsMetadata) {
  Catalog catalog = catalog_of({"3", "1", "7"});
  const std::string path =
      folder_.write("movies.csv",
                    "movieId,title,genres\n1,\"American President, The "
                    "(1995)\",Drama|Romance\n3,Heat,Action\n3,Again,\n9,Unrated,\n");
  EXPECT_EQ(read_titles(path, catalog).num_known, 2U);
  EXPECT_EQ(catalog.item_titles, (Texts{"Heat", "American President, The (1995)", ""}));
  ASSERT_EQ(catalog.item_metadata.size(), 1U);
  EXPECT_EQ(catalog.item_metadata[0], (MetadataColumn{"genres", {"Action", "Drama|Romance", ""}}));
  EXPECT_EQ(catalog.item_name(0), "Heat");
  EXPECT_EQ(catalog.item_name(2), "7");
}

TEST_F(Titles, OfManyColumnsThoseOfYearsAndGenresAndTheFirst64OthersAreKept) {
  std::string header = "movieId,title";
  std::string row = "1,Heat";
  for (int c = 1; c <= 100; ++c) {
    header += ",c" + std::to_string(c);
    row += "," + std::to_string(c);
  }
  const std::string path =
      folder_.write("movies.csv", header + ",genres,year,genres\n" + row + ",Crime,1995,more\n");
  Catalog catalog = catalog_of({"1"});
  const TitlesRead read = read_titles(path, catalog);
  EXPECT_EQ(read.num_columns, 103U);
  EXPECT_EQ(read.num_left_out, 37U);
  ASSERT_EQ(catalog.item_metadata.size(), 66U);
  EXPECT_EQ(catalog.item_metadata[63], (MetadataColumn{"c64", {"64"}}));
  EXPECT_EQ(catalog.item_metadata[64], (MetadataColumn{"genres", {"Crime"}}));
  EXPECT_EQ(catalog.item_metadata[65], (MetadataColumn{"year", {"1995"}}));

  const RatingsTable table =
      read_ratings(folder_.write("ratings.csv", "user,item,rating\n1,1,3\n"), {}, parallel_);
  ASSERT_EQ(table.items_warnings.size(), 1U);
  EXPECT_EQ(folder_.without_path(table.items_warnings[0].message),
            "movies.csv: 37 of its 103 columns beside ids and titles are left out: those of years "
            "and genres are kept, and the first of others, 64 at most");
}

// Else a line could fill the memory: all items have a cell in each column.
TEST_F(Titles, AFileThatKnowsFewOfManyItemsKeepsFewerColumns) {
  constexpr std::size_t kItems = 50'000;
  std::vector<std::string> ids;
  for (std::size_t i = 1; i <= kItems; ++i) ids.push_back(std::to_string(i));
  Catalog catalog = catalog_of(ids);
  std::string row = "7::Heat";
  for (int c = 0; c < 64; ++c) row += "::x";
  const TitlesRead read = read_titles(folder_.write("movies.dat", row + "\n"), catalog);
  EXPECT_EQ(read.num_known, 1U);
  EXPECT_EQ(catalog.item_titles[6], "Heat");
  EXPECT_EQ(catalog.item_metadata.size(), 10U);
  EXPECT_EQ(catalog.item_metadata.back().cells[6], "x");
  EXPECT_EQ(read.num_left_out, 54U);
}

TEST_F(Titles, ANameThatAModelCannotKeepIsRefused) {
  Catalog catalog = catalog_of({"1"});
  const auto refusal = [&](const std::string& text) -> std::string {
    try {
      read_titles(folder_.write("movies.csv", text), catalog);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_data);
      return error.what();
    }
    return "";
  };
  const std::string long_name(kLongestColumnName + 1, 'n');
  EXPECT_NE(refusal("movieId,title," + long_name + "\n1,Heat,x\n").find("column 3 has 1001 bytes"),
            std::string::npos);
  EXPECT_EQ(refusal("movieId,title," + long_name.substr(1) + "\n1,Heat,x\n"), "");
}

TEST_F(Titles, MoviesDatKeepsQuotesAsTheyAre) {
  Catalog catalog = catalog_of({"1", "2"});
  EXPECT_EQ(
      read_titles(
          folder_.write("movies.dat",
                        "1::\"Cats\" on 5:00, Les Mis\xE9rables::Drama\n2::Two::Action|Comedy\n"),
          catalog)
          .num_known,
      2U);
  EXPECT_EQ(catalog.item_titles, (Texts{"\"Cats\" on 5:00, Les Mis\xC3\xA9rables", "Two"}));
  EXPECT_EQ(catalog.item_metadata[0].name, "genres");
}

TEST_F(Titles, UItemIsLatin1) {
  Catalog catalog = catalog_of({"1"});
  const std::string flags = "|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n";
  EXPECT_EQ(
      read_titles(
          folder_.write("u.item", "1|Mis\xE9rables, Les (1995)|01-Jan-1995||http://x/?a" + flags),
          catalog)
          .num_known,
      1U);
  EXPECT_EQ(catalog.item_titles, (Texts{"Mis\xC3\xA9rables, Les (1995)"}));
  EXPECT_EQ(catalog.item_metadata.size(), 22U);
  EXPECT_EQ(catalog.item_metadata[0], (MetadataColumn{"release date", {"01-Jan-1995"}}));
  EXPECT_EQ(catalog.item_metadata[6], (MetadataColumn{"Animation", {"1"}}));
}

TEST_F(Titles, ItemFileWithTypedHeader) {
  Catalog catalog = catalog_of({"2"});
  EXPECT_EQ(read_titles(folder_.write("x.item",
                                      "item_id:token\tmovie_title:token_seq\tclass:token_"
                                      "seq\n2\t\"Golden\" Eye\tAction Thriller\n"),
                        catalog)
                .num_known,
            1U);
  EXPECT_EQ(catalog.item_titles, (Texts{"\"Golden\" Eye"}));
  EXPECT_EQ(catalog.item_metadata[0].name, "class");
}

TEST_F(Titles, AFileBesideTheRatingsIsFound) {
  const std::string ratings =
      folder_.write("ml-100k.inter", "user_id:token\titem_id:token\trating:float\n1\t2\t3\n");
  EXPECT_EQ(find_items_file(ratings), std::nullopt);
  const auto found = [&] { return folder_.without_path(find_items_file(ratings).value_or("")); };
  folder_.write("a.item", "");
  EXPECT_EQ(found(), "a.item");
  folder_.write("ml-100k.item", "");
  EXPECT_EQ(found(), "ml-100k.item");
  folder_.write("u.item", "");
  EXPECT_EQ(found(), "u.item");
  folder_.write("movies.dat", "");
  EXPECT_EQ(found(), "movies.dat");
  folder_.write("movies.csv", "movieId,title\n2,Two\n");
  EXPECT_EQ(found(), "movies.csv");
  const RatingsTable table = read_ratings(ratings, {}, parallel_);
  EXPECT_EQ(folder_.without_path(table.items_file), "movies.csv");
  EXPECT_EQ(table.interactions.catalog->item_titles, (Texts{"Two"}));
}

TEST_F(Titles, TheirFileIsKnownBeforeTheyAreRead) {
  const std::string ratings = folder_.write("ratings.csv", "user,item,rating\n1,2,3\n");
  const std::string pattern = folder_.path("rating?.csv");
  EXPECT_EQ(titles_file({ratings}, {}), std::nullopt);
  const std::string movies = folder_.write("movies.csv", "movieId,title\n2,Two\n");
  for (const std::string& path : {ratings, pattern}) {
    EXPECT_EQ(read_ratings(path, {}, parallel_).items_file, movies);
    EXPECT_EQ(titles_file({path}, {}), movies);
    EXPECT_EQ(titles_file({path}, {.items_file = "a.csv"}), "a.csv");
    EXPECT_EQ(titles_file({path}, {.items_file = "none"}), std::nullopt);
    EXPECT_EQ(files_meant({path, "-"}), (Texts{ratings, "-"}));
  }
  EXPECT_EQ(titles_file({"-"}, {}), std::nullopt);
  EXPECT_EQ(titles_file({ratings}, {.items_file = "ml.zip:movies.csv"}), "ml.zip");
  EXPECT_EQ(files_meant({"ml.zip:ml/ratings.csv", "ml.zip"}), (Texts{"ml.zip", "ml.zip"}));
  EXPECT_THROW(files_meant({folder_.path("none-*.csv")}), Error);
}

TEST_F(Titles, ToldOrLeftOut) {
  const std::string ratings = folder_.write("ratings.csv", "user,item,rating\n1,2,3\n");
  folder_.write("movies.csv", "movieId,title\n2,Two\n");
  const std::string other = folder_.write("other.csv", "movieId,title\n2,Deux\n");
  EXPECT_EQ(
      read_ratings(ratings, {.items_file = other}, parallel_).interactions.catalog->item_name(0),
      "Deux");
  const RatingsTable without = read_ratings(ratings, {.items_file = "none"}, parallel_);
  EXPECT_EQ(without.items_file, "");
  EXPECT_TRUE(without.interactions.catalog->item_titles.empty());
}

TEST_F(Titles, AFileThatCannotBeUsedIsNamed) {
  const std::string ratings = folder_.write("ratings.csv", "user,item,rating\n1,2,3\n");
  const auto message = [&](const ReadOptions& options) -> std::string {
    try {
      read_ratings(ratings, options, parallel_);
    } catch (const Error& error) {
      return folder_.without_path(error.what());
    }
    return "";
  };
  const std::string bad = folder_.write("movies.csv", "movieId,title\n2,Two\n3\n");
  EXPECT_EQ(message({.items_file = bad}), "movies.csv:3: 1 columns where the header has 2");
  EXPECT_EQ(message({}),
            "movies.csv:3: 1 columns where the header has 2 (found beside the ratings: "
            "`items_file=FILE` tells another, `items_file=none` does without)");
  const std::string others = folder_.write("others.csv", "movieId,title\n7,Seven\n");
  EXPECT_EQ(message({.items_file = others}),
            "others.csv: none of its items is rated in ratings.csv");
  folder_.write("movies.csv", "movieId,title\n7,Seven\n");
  EXPECT_EQ(read_ratings(ratings, {}, parallel_).items_file, "") << "found, but of other items";
}

}  // namespace
}  // namespace palate
