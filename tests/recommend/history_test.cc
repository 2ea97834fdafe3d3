#include "palate/recommend/history.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Texts = std::vector<std::string>;
using Ratings = std::vector<std::pair<Index, float>>;

class Histories : public testing::Test {
 protected:
  // Items 0, 1, ... of these ids and titles.
  static std::shared_ptr<const Catalog> catalog_of(const Texts& ids, const Texts& titles) {
    Catalog catalog;
    catalog.items = Ids::from_strings(ids);
    catalog.item_titles = titles;
    return std::make_shared<const Catalog>(catalog);
  }
  History read(const std::string& text, const HistoryOptions& options = {},
               std::optional<RatingRange> scale = RatingRange{1, 5}) {
    return read_history(folder_.write("h.csv", text), catalog_, scale, options);
  }
  Ratings ratings(const std::string& text, const HistoryOptions& options = {}) {
    const History history = read(text, options);
    Ratings pairs;
    for (std::size_t t = 0; t < history.ratings.items.size(); ++t)
      pairs.emplace_back(history.ratings.items[t], history.ratings.values[t]);
    return pairs;
  }
  std::string refusal(const std::string& text, const HistoryOptions& options = {}) {
    try {
      return "none: " + read(text, options).columns;
    } catch (const Error& error) {
      return folder_.without_path(error.what());
    }
  }
  void expect_refusal(const std::string& text, const std::string& part) {
    const std::string said = refusal(text);
    EXPECT_NE(said.find(part), std::string::npos) << said;
  }

  TemporaryFolder folder_;
  std::shared_ptr<const Catalog> catalog_ =
      catalog_of({"1", "2", "3", "4", "5", "6", "7"},
                 {"Toy Story (1995)", "Heat (1995)", "Matrix, The (1999)", "Sabrina (1954)",
                  "Sabrina (1995)", "Up in the Air (2009)", "Hunger Games, The (2012)"});
  const Ratings three_{{0, 4.5F}, {1, 1}, {2, 5}};
};

TEST_F(Histories, IdsStandInOrderAndTheLastOfAnItemCounts) {
  const History history = read("item,value\n5,3\n2,4.5\n5,1\n77,5\n");
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{1, 4}));
  EXPECT_EQ(history.ratings.values, (std::vector<float>{4.5F, 1}));
  EXPECT_EQ(history.ratings.unknown, 1U);
  EXPECT_EQ(history.unknown, (Texts{"77"}));
  EXPECT_EQ(history.columns, "items by id, column 1 'item'; ratings, column 2 'value'");
  EXPECT_EQ(ratings("item;value\n5;2,5\n"), (Ratings{{4, 2.5F}}));
  EXPECT_EQ(ratings("userId,movieId,rating\n9,1,5\n"), (Ratings{{0, 5}}));
}

TEST_F(Histories, ExportsOfSitesAreReadByTitleAndYear) {
  for (const char* const text :
       {"Date,Name,Year,Letterboxd URI,Rating\n2024-03-01,The Matrix,1999,https://x.org/a,5\n"
        "2024-03-02,Toy Story,1995,https://x.org/b,4.5\n2024-03-05,Heat,1995,https://x.org/c,1\n",
        "title,rating\n\"Matrix, The (1999)\",5\nToy Story,4.5\nHeat,1\n",
        "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Year\n"
        "tt0133093,5,2024-03-01,The Matrix,u,movie,8.7,1999\n"
        "tt0114709,4.5,2024-03-01,Toy Story,u,movie,8.3,1995\n"
        "tt0113277,1,2024-03-01,Heat,u,movie,8.3,1995\n",
        "rated_at,type,title,year,imdb_id,rating\n"
        "2024-03-01T10:00:00Z,movie,The Matrix,1999,tt0133093,5\n"
        "2024-03-02T10:00:00Z,movie,Toy Story,1995,tt0114709,4.5\n"
        "2024-03-02T10:00:00Z,movie,Heat,1995.0,tt0113277,1\n",
        "Film;Punkte\nmatrix;5\ntoy story;4,5\nHEAT;1\n",
        "The Matrix,5\nToy Story,4.5\nHeat,1\n"}) {
    EXPECT_EQ(ratings(text), three_) << text;
  }
  EXPECT_EQ(read("Date,Name,Year,Rating\n2024-03-01,Heat,1995,5\n").columns,
            "items by title, column 2 'Name', and year, column 3 'Year'; ratings, column 4 "
            "'Rating'");
}

TEST_F(Histories, TheYearTellsTitlesApart) {
  EXPECT_EQ(ratings("Name,Year,Rating\nSabrina,1995,5\nSabrina,1954,2\n"),
            (Ratings{{3, 2}, {4, 5}}));
  const History history = read("Name,Rating\nSabrina,5\nHeat,2\n");
  EXPECT_EQ(history.ambiguous, (Texts{"Sabrina"}));
  EXPECT_EQ(history.ratings.unknown, 1U);
  EXPECT_EQ(read("Name,Year,Rating\nHeat,1986,5\nToy Story,1995,2\n").unknown, (Texts{"Heat"}));
}

TEST_F(Histories, TheYearOfAnItemMayStandInAColumnOfItsOwn) {
  Catalog catalog;
  catalog.items = Ids::from_strings(Texts{"1", "2", "3"});
  catalog.item_titles = {"Heat", "Heat", "Up"};
  catalog.item_metadata = {{"year", {"1986", "1995", "2009"}}};
  catalog_ = std::make_shared<const Catalog>(catalog);
  const History history = read("Name,Year,Rating\nHeat,1995,5\nUp,1976,3\n");
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{1}));
  EXPECT_EQ(history.unknown, (Texts{"Up"}));
}

TEST_F(Histories, IdsOfTheCatalogAreTakenSoonerThanTitles) {
  EXPECT_EQ(read("movieId,title,rating\n1,Toy Story,5\n2,Heat,4\n99,Sabrina (1995),4\n").columns,
            "items by id, column 1 'movieId'; ratings, column 3 'rating'");
  // of several columns of ids the one with most
  EXPECT_EQ(read("imdb_id,movie_id,tmdb_id,title,rating\ntt1,1,862,Toy Story,5\ntt2,2,1,Heat,4\n")
                .columns,
            "items by id, column 2 'movie_id'; ratings, column 5 'rating'");
}

TEST_F(Histories, IdsByChanceAreNotTaken) {
  const char* const kGoodreads =
      "Book Id,Title,Author,My Rating,Average Rating,Year Published\n"
      "3,Toy Story,A,5,4.1,1995\n1,Heat (Heat #1),B,4,4.0,1995\n2,Unheard Of,C,2,3.9,1995\n"
      "5,The Matrix,D,0,3.9,1999\n";
  const History history = read(kGoodreads);
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{0, 1}));
  EXPECT_EQ(history.ratings.values, (std::vector<float>{5, 4}));
  EXPECT_EQ(history.unknown, (Texts{"Unheard Of"}));
  EXPECT_EQ(history.not_rated, 1U);
  EXPECT_EQ(history.columns,
            "items by title, column 2 'Title', and year, column 6 'Year Published' (the ids of "
            "column 1 'Book Id' are of other titles here); ratings, column 4 'My Rating'");
  // who tells the column knows better
  EXPECT_EQ(ratings(kGoodreads, {.item_column = "Book Id"}), (Ratings{{0, 4}, {1, 2}, {2, 5}}));
  // none of these books is known: their numbers are no films
  expect_refusal("Book Id,Title,My Rating\n1,Dune,5\n2,Emma,4\n",
                 "the ids of column 1 'Book Id' are of other titles here (`item_column=1` takes");
}

TEST_F(Histories, TitlesInAnotherLanguageDoNotMatterWhereIdsAreNoNumbers) {
  catalog_ = catalog_of({"tt1", "tt2"}, {"Toy Story (1995)", "Heat (1995)"});
  EXPECT_EQ(ratings("Const,Your Rating,Title\ntt1,5,Spielzeug\ntt2,3,Hitze\n"),
            (Ratings{{0, 5}, {1, 3}}));
}

TEST_F(Histories, TitlesMayBeTheIds) {
  catalog_ = catalog_of({"Heat", "Up"}, {});
  EXPECT_EQ(ratings("title,rating\nHeat,5\nDune,3\n"), (Ratings{{0, 5}}));
}

TEST_F(Histories, WhatIsNotRatedIsLeftOut) {
  const History history =
      read("Name,Year,Rating\nHeat,1995,\nToy Story,1995,0\nThe Matrix,1999,5\n");
  EXPECT_EQ(history.not_rated, 2U);
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{2}));
  EXPECT_EQ(read("movieId,rating\n1,0\n2,5\n", {}, RatingRange{0, 5}).not_rated, 0U);
  EXPECT_EQ(read("Book Id,My Rating\n1,0\n2,5\n", {}, RatingRange{0, 5}).not_rated, 1U);
  expect_refusal("movieId,rating\n1,\n2,0\n",
                 "h.csv: none of its 2 rows has a rating: column 2 'rating' was taken for it "
                 "(`value_column` tells another)");
}

TEST_F(Histories, ATitleThatIsOnlyLikeAnItemsIsNamedAndGivesWay) {
  const History history = read("title,rating\nUp in the Air,5\nUp,1\nToy Storry,3\n");
  EXPECT_EQ(history.likened,
            (std::vector<std::pair<std::string, Index>>{{"Up", 5}, {"Toy Storry", 0}}));
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{0, 5}));
  EXPECT_EQ(history.ratings.values, (std::vector<float>{3, 5}));
}

TEST_F(Histories, IdsAndTitlesMayStandInOneColumnAndNumbersAreIds) {
  const History history = read("item,rating\n1,5\nHeat,3\n1995,4\n");
  EXPECT_EQ(history.ratings.items, (std::vector<Index>{0, 1}));
  EXPECT_EQ(history.unknown, (Texts{"1995"}));
}

TEST_F(Histories, ColumnsCanBeTold) {
  const char* const kText = "a,b,c,d\nHeat,2,7,1\nToy Story,1,3,2\n";
  EXPECT_EQ(ratings(kText, {.item_column = "a", .value_column = "c"}), (Ratings{{0, 3}, {1, 7}}));
  EXPECT_EQ(ratings(kText, {.item_column = "2", .value_column = "3"}), (Ratings{{0, 3}, {1, 7}}));
  EXPECT_EQ(ratings("9,Heat,4\n9,Toy Story,2\n", {.item_column = "2", .value_column = "3"}),
            (Ratings{{0, 2}, {1, 4}}));
  EXPECT_NE(refusal(kText, {.item_column = "e"}).find("there is no column \"e\" for the item"),
            std::string::npos);
  EXPECT_NE(refusal(kText, {.item_column = "a", .value_column = "a"}).find("too"),
            std::string::npos);
}

TEST_F(Histories, OneWithoutAnItemOfTheCatalogIsRefused) {
  expect_refusal(
      "Name,Year,Rating\nDune,2021,5\nAlien,1979,4\n",
      "h.csv: not one of its 2 ratings is of a known item: column 1 'Name' was taken for "
      "the item, as in \"Dune\", and column 3 'Rating' for the rating (`item_column` and "
      "`value_column` tell others)");
  expect_refusal("movieId,rating\n1.0,5\n", "\"1.0\" may be \"1\": they differ by \".0\"");
  expect_refusal("movieId,rating\n 1,5\n", "differ by spaces (`trim_ids`");
  EXPECT_EQ(ratings("movieId,rating\n 1,5\n", {.trim_ids = true}), (Ratings{{0, 5}}));
  expect_refusal("title,rating\nSabrina,5\n", "several items may have such a title");
  expect_refusal("movieId,rating\n", "none of its 0 rows has a rating");
  catalog_ = catalog_of({"1"}, {});
  expect_refusal("title,rating\nHeat,5\n", "there are no titles here to find items by");
}

TEST_F(Histories, WithoutRatingsEachItemIsLiked) {
  const HistoryOptions options{.liked = 5.0F};
  const Ratings both{{0, 5}, {2, 5}};
  for (const char* text :
       {"Date,Name,Year,Letterboxd URI\n2024-03-01,The Matrix,1999,u\n"
        "2024-03-02,Toy Story,1995,u\n",
        "movieId\n3\n1\n", "3\n1\n", "user,item\n9,3\n9,1\n", "item,note\n1,good\n3,bad\n"}) {
    const History history = read(text, options);
    EXPECT_FALSE(history.has_values) << text;
    EXPECT_EQ(ratings(text, options), both) << text;
    EXPECT_NE(history.columns.find("no ratings: each is liked"), std::string::npos);
    EXPECT_TRUE(refusal(text).find("none: ") != 0) << "who needs ratings refuses it";
  }
  const History rated = read("item,value\n5,3\n2,4.5\n", options);
  EXPECT_TRUE(rated.has_values);
  EXPECT_EQ(rated.ratings.values, (std::vector<float>{4.5F, 3}));
  const HistoryOptions none{.value_column = "none", .liked = 5.0F};
  EXPECT_EQ(ratings("item,value\n3,1\n1,4.5\n", none), both);
  EXPECT_NE(refusal("item,rating\n1,4.0 out of 5 stars\n", options).find("is not a number"),
            std::string::npos)
      << "what is named a rating and is none is not taken for a like";
  EXPECT_NE(refusal("title\nDune\n", options).find("not one of its 1 rows is of a known item"),
            std::string::npos);
}

TEST(LikedValue, IsTheHighestOfTheScaleOrOne) {
  const Scorer scorer{Factors(1, 2, 0), {}, {}, {1, 1}};
  Model model;
  model.ratings = Fitted{algorithm_named("als"), scorer, {}};
  model.ratings->scorer.range = RatingRange{0.5F, 5};
  EXPECT_EQ(liked_value(model), std::nullopt) << "a model of ratings alone needs ratings";
  EXPECT_EQ(rating_scale(model), (RatingRange{0.5F, 5}));
  model.lists = Fitted{algorithm_named("ials"), scorer, {}};
  model.lists->scorer.weighting = Weighting{.at_least = 4.0F};
  EXPECT_EQ(liked_value(model), 5.0F);
  model.ratings.reset();
  EXPECT_EQ(liked_value(model), 4.0F) << "nothing tells the scale";
  model.seen = std::make_shared<const SparseMatrix>(SparseMatrix{2, {0, 2}, {0, 1}, {1, 4.5F}});
  EXPECT_EQ(liked_value(model), 4.5F);
  EXPECT_EQ(rating_scale(model), (RatingRange{1, 4.5F}));
  model.lists->scorer.weighting = Weighting{};
  EXPECT_EQ(liked_value(model), 1.0F);
  EXPECT_EQ(rating_scale(model), std::nullopt);
}

TEST_F(Histories, WhatCannotBeReadIsNamed) {
  expect_refusal("item,value\n5,3\n2\n", "h.csv:3: 1 columns where the header has 2");
  expect_refusal("item,value\n5,inf\n", "h.csv:2: column 2: \"inf\"");
  expect_refusal("Name,Author,Rating\nHeat,X,good\n",
                 "h.csv:2: column 3: \"good\" is not a number");
  expect_refusal("Name,Author,Publisher\nHeat,X,Y\n", "no column is left for the rating");
  expect_refusal("7,1,5\n7,4,3\n", "item,rating");
  EXPECT_THROW(read_history(folder_.path("missing"), catalog_, {}), Error);
}

}  // namespace
}  // namespace palate
