#include "palate/data/item_columns.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Texts = std::vector<std::string>;

Catalog catalog_with(std::vector<MetadataColumn> columns, Texts titles = {}) {
  const std::size_t num_items = columns.empty() ? titles.size() : columns.front().cells.size();
  Texts ids;
  for (std::size_t item = 0; item < num_items; ++item) ids.push_back(std::to_string(item));
  return {.users = {},
          .items = Ids::from_strings(ids),
          .item_titles = std::move(titles),
          .item_metadata = std::move(columns)};
}

// Of each item, with spaces between them.
Texts tags_of(const ItemTags& tags) {
  Texts all;
  for (Index item = 0; item + 1 < tags.starts.size(); ++item) {
    std::string joined;
    for (const Index tag : tags.of(item)) joined += (joined.empty() ? "" : " ") + tags.names[tag];
    all.push_back(joined);
  }
  return all;
}
Texts tags_of(const ItemColumn& column) { return tags_of(std::get<ItemTags>(column.cells)); }

// NaN as -1
std::vector<double> numbers_of(const ItemNumbers& numbers) {
  std::vector<double> all;
  for (const double number : numbers) all.push_back(std::isnan(number) ? -1 : number);
  return all;
}
std::vector<double> numbers_of(const ItemColumn& column) {
  return numbers_of(std::get<ItemNumbers>(column.cells));
}

std::vector<ItemColumn> columns_of_cells(const Texts& cells) {
  return item_columns(catalog_with({{"x", cells}}));
}

TEST(ItemColumns, AreNumbersWhereEveryCellIsOneOrEmpty) {
  EXPECT_EQ(numbers_of(columns_of_cells({"7", "", "-2.5", "1e3"}).at(0)),
            (std::vector<double>{7, -1, -2.5, 1000}));
  for (const Texts& cells : {Texts{"7", "x"}, Texts{"7", "nan"}, Texts{"7", "inf"}, Texts{"", ""}})
    EXPECT_EQ(std::get<ItemTexts>(columns_of_cells(cells).at(0).cells), cells);
}

TEST(ItemColumns, AreTagsWhereACellHasSeveral) {
  const ItemColumn column = columns_of_cells({"b|a", "", "a", " c d ||b"}).at(0);
  EXPECT_EQ(column.name, "x");
  EXPECT_EQ(std::get<ItemTags>(column.cells).names, (Texts{"b", "a", "c d"}));
  EXPECT_EQ(tags_of(column), (Texts{"b a", "", "a", "c d b"}));
  EXPECT_TRUE(std::holds_alternative<ItemTags>(columns_of_cells({"1|2", "3"}).at(0).cells));
  EXPECT_TRUE(std::holds_alternative<ItemTexts>(columns_of_cells({"a, b", "c"}).at(0).cells));
}

TEST(ItemColumns, YearAndGenresStandFirstInThePlaceOfColumnsOfTheirNames) {
  const Catalog catalog = catalog_with(
      {{"length", {"90", "120"}}, {"genres", {"War", "Drama,War"}}, {"country", {"US", ""}}},
      {"One (1950)", "Two"});
  const std::vector<ItemColumn> columns = item_columns(catalog);
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_EQ(columns[0].name, "year");
  EXPECT_EQ(numbers_of(columns[0]), (std::vector<double>{1950, -1}));
  EXPECT_EQ(columns[1].name, "genres");
  EXPECT_EQ(tags_of(columns[1]), (Texts{"War", "Drama War"}));
  EXPECT_EQ(columns[2].name, "length");
  EXPECT_EQ(columns[3].name, "country");
  EXPECT_TRUE(item_columns(catalog_with({}, {"One"})).empty());
}

TEST(ItemColumns, OfACatalogThatWasReadAreThoseOfTheItemsFile) {
  const TemporaryFolder folder;
  Parallel parallel(1);
  folder.write("movies.csv",
               "movieId,title,genres,score\n1,Heat (1995),Crime|Thriller,8.3\n"
               "2,\"Dragons (2006-2007)\",(no genres listed),\n");
  const RatingsTable table = read_ratings(
      folder.write("ratings.csv", "user,item,rating\n1,2,3\n1,1,4\n1,3,4\n"), {}, parallel);
  const std::vector<ItemColumn> columns = item_columns(*table.interactions.catalog);
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(numbers_of(columns[0]), (std::vector<double>{2006, 1995, -1}));
  EXPECT_EQ(tags_of(columns[1]), (Texts{"", "Crime Thriller", ""}));
  EXPECT_EQ(numbers_of(columns[2]), (std::vector<double>{-1, 8.3, -1}));
}

TEST(ItemYears, AreThoseOfTheirColumnAndOtherwiseOfTheTitles) {
  const auto years = [](const Texts& cells, const Texts& titles) {
    return numbers_of(years_of(catalog_with({{"release_year", cells}}, titles)).value());
  };
  EXPECT_EQ(years({"1995", "", "V", "1995.0", "95", "1995.5"},
                  {"A (1990)", "B (1991)", "C", "D", "E (1996)", "F"}),
            (std::vector<double>{1995, 1991, -1, 1995, 1996, -1}));
  EXPECT_EQ(years({"2001"}, {}), std::vector<double>{2001});
  EXPECT_EQ(years_of(catalog_with({{"release_year", {"", "V"}}}, {"A", "B"})), std::nullopt);
}

TEST(ItemGenres, AreCutWhereTheirColumnHasSeparators) {
  const auto genres = [](const std::string& name, const Texts& cells) {
    return tags_of(genres_of(catalog_with({{name, cells}})).value());
  };
  EXPECT_EQ(genres("genres", {"Action|Crime", "Film Noir", "(no genres listed)", ""}),
            (Texts{"Action Crime", "Film Noir", "", ""}));
  EXPECT_EQ(genres("category", {"Action, Film Noir"}), Texts{"Action Film Noir"});
  EXPECT_EQ(genres_of(catalog_with({{"class", {"Action War"}}}))->names, (Texts{"Action", "War"}));
  EXPECT_EQ(genres_of(catalog_with({{"genre", {"Film Noir"}}}))->names, Texts{"Film Noir"});
}

TEST(ItemGenres, MayBeColumnsOfFlags) {
  const auto genres = genres_of(catalog_with({{"unknown", {"1", "0", "0", "0"}},
                                              {"Action", {"0", "1", "0", ""}},
                                              {"none", {"0", "0", "0", "0"}},
                                              {"War", {"0", "1", "1", "0"}},
                                              {"stars", {"0", "1", "2", "0"}}}));
  EXPECT_EQ(tags_of(genres.value()), (Texts{"", "Action War", "War", ""}));
  EXPECT_FALSE(genres_of(catalog_with({{"adult", {"0", "1"}}, {"stars", {"1", "2"}}})));
}

TEST(YearOfTitle, StandsInBracketsAtItsEnd) {
  EXPECT_EQ(year_of_title("Heat (1995)"), 1995);
  EXPECT_EQ(year_of_title("Dragons (2006-2007) "), 2006);
  EXPECT_EQ(year_of_title("Dragons (1998–)"), 1998);
  for (const char* title :
       {"Heat", "(1995)", "Heat (1995) Again", "Heat (95)", "Heat (19956)", "Heat (part 1995)", ""})
    EXPECT_EQ(year_of_title(title), std::nullopt) << title;
}

}  // namespace
}  // namespace palate
