#include "palate/recommend/find_title.h"

#include <gtest/gtest.h>

#include "palate/base/error.h"
#include "small_data.h"

namespace palate {
namespace {

const std::vector<std::string> kTitles{
    "Toy Story (1995)",                                                 // 0
    "Toy Story 2 (1999)",                                               // 1
    "Matrix, The (1999)",                                               // 2
    "Sabrina (1995)",                                                   // 3
    "Sabrina (1954)",                                                   // 4
    "City of Lost Children, The (Cité des enfants perdus, La) (1995)",  // 5
    "Seven (a.k.a. Se7en) (1995)",                                      // 6
    "Die Hard (1988)",                                                  // 7
    "",                                                                 // 8
    "Misérables, Les (1998)",                                           // 9
    "(500) Days of Summer (2009)",                                      // 10
    "Star Wars: Episode V - The Empire Strikes Back (1980)",            // 11
    "Avventura, L' (1960)",                                             // 12
    "Planet Earth II (2016-2017)",                                      // 13
    "Hard Candy (2005)",                                                // 14
    "Up (2009)",                                                        // 15
};

TitleIndex index() {
  Catalog catalog;
  catalog.items = numbered_ids(static_cast<Index>(kTitles.size()));
  catalog.item_titles = kTitles;
  return TitleIndex(std::make_shared<const Catalog>(catalog));
}

Index item(std::string_view title) { return index().only_item(title); }

std::string refusal(std::string_view title) {
  try {
    const Index found = item(title);
    return "none: found " + kTitles[found];
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
}

TEST(FindTitle, CaseAccentsArticleAndYearDoNotMatter) {
  for (const char* const title : {"Matrix, The (1999)", "Matrix, The", "the matrix", "matrix",
                                  "THE MATRIX (1999)", "Matrix!"}) {
    EXPECT_EQ(item(title), 2U) << title;
  }
  for (const char* const title : {"Misérables, Les", "les miserables", "MISERABLES"})
    EXPECT_EQ(item(title), 9U) << title;
  for (const char* const title : {"L'Avventura", "avventura", "Avventura, L'"})
    EXPECT_EQ(item(title), 12U) << title;
  EXPECT_EQ(item("toy story"), 0U) << "Toy Story 2 only begins so";
  EXPECT_EQ(item("500 days of summer"), 10U);
  EXPECT_EQ(item("toystory"), 0U);
}

TEST(FindTitle, EveryTitleFindsItself) {
  for (Index i = 0; i < kTitles.size(); ++i) {
    if (kTitles[i].empty()) continue;
    EXPECT_EQ(item(kTitles[i]), i);
  }
}

TEST(FindTitle, EveryNameOfATitleFindsIt) {
  for (const char* const title :
       {"city of lost children", "la cité des enfants perdus", "cite des enfants perdus"}) {
    EXPECT_EQ(item(title), 5U) << title;
  }
  for (const char* const title : {"seven", "se7en", "Seven (1995)"})
    EXPECT_EQ(item(title), 6U) << title;
}

TEST(FindTitle, TheYearTellsTitlesApart) {
  EXPECT_EQ(item("sabrina (1954)"), 4U);
  EXPECT_EQ(item("sabrina 1995"), 3U);
  EXPECT_EQ(item("Planet Earth II (2016)"), 13U);
  EXPECT_NE(refusal("matrix (1998)").find("3 Matrix, The (1999)"), std::string::npos)
      << "a suggestion";
}

TEST(FindTitle, AnArticleThatIsAWordCounts) {
  EXPECT_EQ(item("die hard"), 7U);
  EXPECT_EQ(item("hard candy"), 14U);
}

TEST(FindTitle, BeginningsWordsAndMistakesFind) {
  EXPECT_EQ(item("mat"), 2U);
  EXPECT_EQ(item("empire strikes"), 11U);
  EXPECT_EQ(item("strikes empire"), 11U);
  EXPECT_EQ(item("matrxi"), 2U);
  EXPECT_EQ(item("toystory"), 0U);
  EXPECT_EQ(item("dei hard"), 7U);
  EXPECT_EQ(item("star wras"), 11U) << "a beginning with a mistake";
  EXPECT_EQ(item("toystroy"), 0U);
  const std::vector<FoundTitle> found = index().find("toystroy");
  EXPECT_EQ(found, (std::vector<FoundTitle>{{0, TitleMatch::misspelt, 2}}));
}

TEST(FindTitle, AllMatchesAreListedTheClosestFirst) {
  const std::vector<FoundTitle> found = index().find("hard");
  EXPECT_EQ(found, (std::vector<FoundTitle>{{7, TitleMatch::almost_same, 0},
                                            {14, TitleMatch::beginning, 0}}));
}

TEST(FindTitle, TheSameOnesAreThoseOfAllMatches) {
  for (const char* const title : {"the matrix", "Matrix, The (1999)", "matrix (1998)", "sabrina",
                                  "sabrina (1954)", "se7en", "hard", "toystroy", "", "zzz"}) {
    std::vector<FoundTitle> same = index().find(title);
    std::erase_if(same, [](const FoundTitle& f) { return f.match != TitleMatch::same; });
    EXPECT_EQ(index().find_same(title), same) << title;
  }
}

TEST(FindTitle, WhatIsFarLongerThanAllTitlesIsOfNone) {
  EXPECT_TRUE(index().find(std::string(1'000'000, 'x')).empty());
  EXPECT_NE(refusal("toy story " + std::string(1'000'000, 'x')).find("Toy Story"),
            std::string::npos);
}

TEST(FindTitle, SeveralAreNamedWithIdsAndYears) {
  const std::string message = refusal("sabrina");
  EXPECT_NE(message.find("may be 2 items: 4 Sabrina (1995), 5 Sabrina (1954);"), std::string::npos)
      << message;
  EXPECT_NE(refusal("toy").find("1 Toy Story (1995), 2 Toy Story 2 (1999)"), std::string::npos);
}

TEST(FindTitle, OfNoneTheNearestAreNamed) {
  const std::string message = refusal("empire strikes bakc");
  EXPECT_NE(message.find("is of no item; the nearest are: 12 Star Wars"), std::string::npos)
      << message;
  EXPECT_NE(refusal("???").find("no letter"), std::string::npos);
  EXPECT_NE(refusal("").find("no letter"), std::string::npos);
  EXPECT_NE(refusal("()").find("no letter"), std::string::npos);
}

TEST(FindTitle, AModelWithoutTitlesSaysSo) {
  const TitleIndex none(std::make_shared<const Catalog>());
  EXPECT_TRUE(none.find("heat").empty());
  EXPECT_THROW(none.only_item("heat"), Error);
}

// Texts far longer than any title: what took time in proportion to the square of their length.
TEST(FindTitle, LongTitlesAreFoundAndTakeNoTime) {
  Catalog catalog;
  const std::string name(300'000, 'a');
  std::string other = name;
  other[150'000] = 'b';
  std::string brackets;
  for (int n = 0; n < 30'000; ++n) brackets += " (" + std::to_string(n) + ")";
  std::string words;
  for (int n = 0; n < 30'000; ++n) words += " word" + std::to_string(n);
  catalog.item_titles = {"Heat (1995)", name, "First" + brackets, "Long" + words,
                         "Toy Story (1995)"};
  catalog.items = numbered_ids(static_cast<Index>(catalog.item_titles.size()));
  const TitleIndex titles(std::make_shared<const Catalog>(catalog));
  EXPECT_EQ(titles.only_item(name), 1U);
  EXPECT_EQ(titles.only_item(other), 1U) << "misspelt";
  EXPECT_EQ(titles.only_item("29999"), 2U) << "one of the last names in brackets";
  EXPECT_EQ(titles.only_item("word29999 word7"), 3U);
  EXPECT_EQ(titles.only_item("long" + words), 3U);
  EXPECT_THROW(titles.only_item("story" + words), Error);
  EXPECT_EQ(titles.only_item("toy stroy"), 4U);
}

}  // namespace
}  // namespace palate
