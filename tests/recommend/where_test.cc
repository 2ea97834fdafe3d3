#include "palate/recommend/where.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

// 0 Toy Story, 1 Heat, 2 Amélie, 3 of nothing known.
Catalog catalog() {
  Catalog catalog;
  catalog.items = numbered_ids(4);
  catalog.item_titles = {"Toy Story (1995)", "Heat (1995)", "Amélie (2001)", ""};
  catalog.item_metadata = {{"genres", {"Comedy|Sci-Fi", "Action|Crime", "Comedy|Romance", ""}},
                           {"minutes", {"81", "170", "122.5", ""}},
                           {"Studio name", {"Pixar", "Warner Bros.", "UGC", ""}},
                           {"released", {"1995-11-22", "1995-12-15", "2001-04-25", ""}}};
  return catalog;
}

using Items = std::vector<Index>;

Items items(std::string_view expression) { return items_where(catalog(), expression); }

struct Refusal {
  std::string message;
  std::size_t place = 0;
};

Refusal refusal(std::string_view expression) {
  try {
    items(expression);
  } catch (const ExpressionError& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return {error.what(), error.place()};
  }
  ADD_FAILURE() << expression << " was taken";
  return {};
}

TEST(Where, ComparesNumbers) {
  EXPECT_EQ(items("year = 1995"), (Items{0, 1}));
  EXPECT_EQ(items("year==1995"), (Items{0, 1}));
  EXPECT_EQ(items("year != 1995"), (Items{2}));
  EXPECT_EQ(items("year <> 1995"), (Items{2}));
  EXPECT_EQ(items("minutes < 122.5"), (Items{0}));
  EXPECT_EQ(items("minutes <= 122.5"), (Items{0, 2}));
  EXPECT_EQ(items("minutes > 122.5"), (Items{1}));
  EXPECT_EQ(items("minutes >= 122.5"), (Items{1, 2}));
  EXPECT_EQ(items("minutes > -1"), (Items{0, 1, 2}));
  EXPECT_EQ(items("minutes in (81, 170, 5)"), (Items{0, 1}));
  EXPECT_EQ(items("minutes in 81"), (Items{0}));
}

TEST(Where, FindsTags) {
  EXPECT_EQ(items("genres has Comedy"), (Items{0, 2}));
  EXPECT_EQ(items("genres has comedy"), (Items{0, 2}));
  EXPECT_EQ(items("genres has 'sci fi'"), (Items{0}));
  EXPECT_EQ(items("genres has (Crime, \"Romance\")"), (Items{1, 2}));
  EXPECT_EQ(items("genres in (Crime, Romance)"), (Items{1, 2}));
  EXPECT_EQ(items("genres not has Comedy"), (Items{1, 3}));
}

TEST(Where, PrefersTheExactSpelling) {
  Catalog catalog;
  catalog.items = numbered_ids(3);
  catalog.item_metadata = {{"language", {"C|C++", "C++|Ada", "Ada|ADA"}}};
  EXPECT_EQ(items_where(catalog, "language has C"), (Items{0}));
  EXPECT_EQ(items_where(catalog, "language has C++"), (Items{0, 1}));
  EXPECT_EQ(items_where(catalog, "language has Ada"), (Items{1, 2}));
  EXPECT_EQ(items_where(catalog, "language has ADA"), (Items{2}));
}

TEST(Where, ComparesText) {
  EXPECT_EQ(items("title has story"), (Items{0}));
  EXPECT_EQ(items("title has AMELIE"), (Items{2}));
  EXPECT_EQ(items("'Studio name' = Pixar"), (Items{0}));
  EXPECT_EQ(items("\"studio NAME\" = 'warner bros'"), (Items{1}));
  EXPECT_EQ(items("'Studio name' != Pixar"), (Items{1, 2}));
  EXPECT_EQ(items("'Studio name' in (UGC, Pixar, A24)"), (Items{0, 2}));
  EXPECT_EQ(items("released < 1995-12-01"), (Items{0}));
  EXPECT_EQ(items("released >= 1995-12-15"), (Items{1, 2}));
  EXPECT_EQ(items("title = 'It''s not there'"), Items{});
}

TEST(Where, FindsIds) { EXPECT_EQ(items("item in (1, 3)").size(), 2U); }

TEST(Where, JoinsComparisons) {
  EXPECT_EQ(items("year = 1995 and genres has Comedy"), (Items{0}));
  EXPECT_EQ(items("YEAR = 2001 OR genres HAS Crime"), (Items{1, 2}));
  EXPECT_EQ(items("year = 2001 or year = 1995 and genres has Crime"), (Items{1, 2}));
  EXPECT_EQ(items("(year = 2001 or year = 1995) and genres has Crime"), (Items{1}));
  EXPECT_EQ(items("not (year = 2001 or genres has Crime)"), (Items{0, 3}));
  EXPECT_EQ(items("not year = 1995 and genres has Comedy"), (Items{2}));
  EXPECT_EQ(items("not not year = 1995"), (Items{0, 1}));
}

TEST(Where, LeavesOutWhatIsNotKnownButByNot) {
  EXPECT_EQ(items("year != 1900"), (Items{0, 1, 2}));
  EXPECT_EQ(items("'Studio name' != A24"), (Items{0, 1, 2}));
  EXPECT_EQ(items("not year = 1900"), (Items{0, 1, 2, 3}));
}

TEST(Where, PointsAtWhatItDoesNotTake) {
  const auto says = [](std::string_view expression, std::size_t place, std::string_view part) {
    const auto [message, at] = refusal(expression);
    EXPECT_NE(message.find(part), std::string::npos) << expression << ": " << message;
    EXPECT_EQ(at, place) << expression;
  };
  says("yaer > 1990", 0,
       "`where`, character 1: there is no column \"yaer\"; did you mean \"year\"?");
  says("year > 1990 and genres has Comdey", 27,
       "no item has the tag \"Comdey\" in \"genres\"; did you mean \"Comedy\"?");
  says("title = Amélie and year > soon", 27,
       "character 27: \"year\" holds numbers, and \"soon\" is none");
  says("year >", 6, "character 7: a value is missing at the end");
  says("", 0, "a column is missing at the end");
  says("year", 4, "one of = != < <= > >= in has is missing");
  says("year 1990", 5, "\"1990\" stands where one of =");
  says("(year = 1990", 12, "\")\" is missing");
  says("year = 1990)", 11, "\")\" stands where \"and\" or \"or\" is expected");
  says("year = 1990 genres has Crime", 12, "\"genres\" stands where \"and\" or \"or\"");
  says("year in (1990 1991)", 14, "\"1991\" stands where \",\" or \")\"");
  says("year in ()", 9, "\")\" stands where a value");
  says("year not = 1990", 9, "\"=\" stands where \"in\" or \"has\"");
  says("year has 1990", 5, "\"year\" holds numbers, which are compared by = != < <= > >= in");
  says("genres = Comedy", 7, "\"genres\" holds tags, which are compared by has, in");
  says("title = 'Heat", 8, "the quote does not end");
  says("colour = red", 0,
       "the columns are year, genres, minutes, Studio name, released, title, item");
  says(std::string(200, '(') + "year = 1990", 100, "more than 100 brackets");
}

}  // namespace
}  // namespace palate
