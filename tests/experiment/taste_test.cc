#include "palate/evaluate/taste.h"
#include "compare_ratings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/final_model.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/json.h"
#include "palate/recommend/explain.h"
#include "palate/recommend/recommend.h"
#include "small_data.h"

namespace palate {
namespace {

class TasteTest : public testing::Test {
 protected:
  // Items are called "Film 1 (1901)", "Film 2 (1902)", ...; the tenth has no year.
  TasteTest() {
    interactions_ = planted_interactions(80, 60, 0.3, 2, 0.4, 5);
    Catalog catalog = *interactions_.catalog;
    MetadataColumn genres{"genres", {}};
    for (Index item = 0; item < 60; ++item) {
      const std::string number = std::to_string(item + 1);
      catalog.item_titles.push_back("Film " + number +
                                    (item == 9 ? "" : " (" + std::to_string(1901 + item) + ")"));
      genres.cells.push_back(item % 3 == 0   ? "(no genres listed)"
                             : item % 3 == 1 ? "Crime|War"
                                             : "Drama");
    }
    catalog.item_metadata.push_back(std::move(genres));
    interactions_.catalog = std::make_shared<const Catalog>(std::move(catalog));
  }

  Comparison comparison_of(const std::vector<std::string>& names) {
    CompareOptions options;
    for (const std::string& name : names) options.algorithms.push_back(algorithm_named(name));
    return compare_ratings(interactions_, options, parallel_);
  }

  // That of the best model with factors, trained on all rows.
  Taste taste_of(const Comparison& comparison) {
    return taste(
        refitted_model(interactions_, {{comparison, *best_with_factors(comparison)}}, parallel_));
  }

  Parallel parallel_{2};
  Interactions interactions_;
};

TEST_F(TasteTest, IsThatOfTheBestModelWithFactors) {
  const Comparison comparison = comparison_of({"bias", "notebook-adam", "als"});
  const auto rmse = [&](std::size_t m) { return comparison.models[m].metrics[0].interval.value; };
  ASSERT_LT(rmse(2), rmse(1));
  EXPECT_EQ(taste_of(comparison).model, "als");
  EXPECT_EQ(best_with_factors(comparison_of({"bias", "mean"})), nullptr);
}

TEST_F(TasteTest, GenresAndYearsAreThoseOfTheMapsItems) {
  const Taste found = taste_of(comparison_of({"als"}));
  ASSERT_EQ(found.map.items.size(), 60U);
  for (std::size_t k = 0; k < 60; ++k) {
    const Index item = found.map.items[k];
    EXPECT_EQ(found.genres[k], item % 3 == 0 ? "" : item % 3 == 1 ? "Crime" : "Drama");
    EXPECT_EQ(found.years[k],
              item == 9 ? std::nullopt : std::optional(1901 + static_cast<int>(item)));
  }
}

TEST_F(TasteTest, FlagsOfGenresAreGenres) {
  Catalog catalog = *interactions_.catalog;
  catalog.item_metadata.clear();
  for (const std::string name : {"unknown", "Action", "War"})
    catalog.item_metadata.push_back({name, std::vector<std::string>(60, "0")});
  catalog.item_metadata[0].cells[0] = "1";
  catalog.item_metadata[1].cells[1] = "1";
  catalog.item_metadata[2].cells[1] = "1";
  catalog.item_metadata[2].cells[2] = "1";
  interactions_.catalog = std::make_shared<const Catalog>(std::move(catalog));
  const Taste found = taste_of(comparison_of({"als"}));
  // Neither genre is common: of those two the second has more items.
  const std::vector<std::string> expected{"", "War", "War", ""};
  for (std::size_t k = 0; k < 60; ++k) {
    if (found.map.items[k] < 4) {
      EXPECT_EQ(found.genres[k], expected[found.map.items[k]]);
    }
  }
}

TEST_F(TasteTest, ListsAreThoseOfRecommendAndReasonsThoseOfExplain) {
  const Comparison comparison = comparison_of({"als"});
  const Model model =
      refitted_model(interactions_, {{comparison, comparison.models[0]}}, parallel_);
  const Scorer& scorer = model.ratings->scorer;
  const Taste found = taste(model);
  ASSERT_EQ(found.users.size(), 5U);
  Index before = 0;
  for (const UserTaste& user : found.users) {
    const SparseRow row = model.seen_by(user.user);
    EXPECT_EQ(user.ratings, row.size());
    EXPECT_GE(user.ratings, before);
    before = user.ratings;
    for (const LikedItem& liked : user.liked) EXPECT_LE(liked.value, user.liked.front().value);
    EXPECT_EQ(user.liked.front().value, *std::ranges::max_element(row.values));
    const auto list = recommend(scorer, query_of_user(scorer, user.user, row), {.count = 5});
    ASSERT_EQ(user.recommended.size(), list.size());
    for (std::size_t k = 0; k < list.size(); ++k) {
      EXPECT_EQ(user.recommended[k].item, list[k].item);
      const Explanation explanation = explain(model, Task::ratings, user.user, list[k].item);
      float largest = 0;
      for (const RatingContribution& rating : *explanation.ratings)
        largest = std::max(largest, rating.contribution());
      const std::vector<Reason>& because = user.recommended[k].because;
      if (largest > 0) {
        EXPECT_EQ(because.at(0).adds, largest);
      }
      for (const Reason& reason : because)
        EXPECT_TRUE(!reason.is_similarity && reason.what.starts_with("Film "));
    }
  }
}

TEST_F(TasteTest, FactorsAloneGiveReasonsByWhatIsLikedAndSimilar) {
  const Comparison comparison = comparison_of({"als"});
  Model model = refitted_model(interactions_, {{comparison, comparison.models[0]}}, parallel_);
  model.ratings->scorer.row.reset();  // as of factors that another program trained
  const Taste found = taste(model);
  std::size_t reasons = 0;
  for (const UserTaste& user : found.users) {
    for (const RecommendedItem& item : user.recommended) {
      float before = 1.0001F;
      for (const Reason& reason : item.because) {
        EXPECT_TRUE(reason.is_similarity && reason.what.starts_with("Film "));
        EXPECT_GT(reason.adds, 0);
        EXPECT_LE(reason.adds, before);
        before = reason.adds;
        ++reasons;
      }
    }
  }
  EXPECT_GT(reasons, 0U);
}

TEST_F(TasteTest, TheGenreOfAnItemIsItsLeastCommonOneUnlessHardlyAnyHasThat) {
  // All are dramas, every third a war film, too, and one of those was shown on large screens.
  Catalog catalog = *interactions_.catalog;
  catalog.item_metadata = {{"genres", {}}};
  for (std::size_t item = 0; item < catalog.items.size(); ++item)
    catalog.item_metadata[0].cells.emplace_back(item == 3       ? "Drama|IMAX|War"
                                                : item % 3 == 0 ? "Drama|War"
                                                                : "Drama");
  interactions_.catalog = std::make_shared<const Catalog>(std::move(catalog));
  const Taste found = taste_of(comparison_of({"als"}));
  for (std::size_t k = 0; k < found.map.items.size(); ++k)
    EXPECT_EQ(found.genres[k], found.map.items[k] % 3 == 0 ? "War" : "Drama");
}

TEST_F(TasteTest, EveryRowObjectiveGivesReasonsByRatings) {
  const Taste found = taste_of(comparison_of({"sgd"}));
  for (const UserTaste& user : found.users) {
    for (const RecommendedItem& item : user.recommended) {
      EXPECT_FALSE(item.because.empty());
      for (const Reason& reason : item.because) {
        EXPECT_TRUE(reason.what.starts_with("Film ") && !reason.is_similarity);
        EXPECT_GT(reason.adds, 0);
      }
    }
  }
}

TEST_F(TasteTest, ItsJsonFollowsTheSchema) {
  RatingsTable table;
  table.interactions = interactions_;
  const DataSummary summary = summarize(table, 0);
  const Comparison comparison = comparison_of({"als", "sgd", "mean"});
  const Taste found = taste_of(comparison);
  const auto json = nlohmann::ordered_json::parse(
      to_json(std::span(&comparison, 1), table, summary, "palate report", &found));
  const auto schema = nlohmann::ordered_json::parse(embedded_comparison_schema());
  EXPECT_EQ(schema_violation(json, schema), std::nullopt);
  EXPECT_EQ(json["taste"]["map"]["titles"].size(), 60U);
  EXPECT_EQ(json["taste"]["map"]["titles"][0],
            interactions_.catalog->item_name(found.map.items[0]));
  EXPECT_EQ(json["taste"]["users"].size(), 5U);
  EXPECT_EQ(json["ratings"]["models"][0]["residuals"]["counts"].size(), 41U);
  EXPECT_GT(json["ratings"]["models"][2]["predicted"].size(), 5U);
  EXPECT_EQ(json["data"]["profile"]["long_tail"].size(), 101U);
}

// Lists are ranked by the model of lists, and have the ratings of the other one beside.
TEST_F(TasteTest, OfBothTasksRanksByListsAndPredictsRatings) {
  CompareOptions options{.algorithms = {algorithm_named("als"), algorithm_named("ials")}};
  const std::vector<Comparison> both = compare(interactions_, options, parallel_);
  std::vector<Chosen> chosen;
  for (const Comparison& comparison : both) chosen.push_back({comparison, comparison.models[0]});
  const Model model = refitted_model(interactions_, chosen, parallel_);
  const Taste found = taste(model);
  EXPECT_EQ(found.model, "ials");
  EXPECT_EQ(found.task, Task::lists);
  EXPECT_EQ(found.ratings_model, "als");
  const Scorer& ranks = model.lists->scorer;
  const Scorer& predicts = model.ratings->scorer;
  for (const UserTaste& user : found.users) {
    ListRules rules = default_rules(ranks);
    rules.count = 5;
    const auto list =
        recommend(ranks, query_of_user(ranks, user.user, model.seen_by(user.user)), rules);
    ASSERT_EQ(user.recommended.size(), list.size());
    for (std::size_t k = 0; k < list.size(); ++k) {
      EXPECT_EQ(user.recommended[k].item, list[k].item);
      EXPECT_EQ(user.recommended[k].score,
                score(predicts, query_of_user(predicts, user.user), list[k].item));
    }
  }
  RatingsTable table;
  table.interactions = interactions_;
  const auto json = nlohmann::ordered_json::parse(
      to_json(both, table, summarize(table, 0), "palate report", &found));
  EXPECT_EQ(schema_violation(json, nlohmann::ordered_json::parse(embedded_comparison_schema())),
            std::nullopt);
  const auto& user = json["taste"]["users"][0];
  EXPECT_TRUE(user["liked"][0].contains("rating"));
  EXPECT_TRUE(user["recommended"][0].contains("rating"));
  EXPECT_FALSE(user["recommended"][0].contains("score"));
}

TEST_F(TasteTest, OfWeightsHasScoresAndNoRatings) {
  interactions_.feedback = Feedback::weights;
  const CompareOptions options{.algorithms = {algorithm_named("ials")}};
  const std::vector<Comparison> lists = compare(interactions_, options, parallel_);
  const Model model = refitted_model(interactions_, {{lists[0], lists[0].models[0]}}, parallel_);
  const Taste found = taste(model);
  EXPECT_FALSE(found.ratings_model.has_value());
  EXPECT_FALSE(found.values_are_ratings);
  RatingsTable table;
  table.interactions = interactions_;
  const auto json = nlohmann::ordered_json::parse(
      to_json(lists, table, summarize(table, 0), "palate report", &found));
  EXPECT_EQ(schema_violation(json, nlohmann::ordered_json::parse(embedded_comparison_schema())),
            std::nullopt);
  EXPECT_EQ(json["data"]["feedback"], "weights");
  for (const auto& user : json["taste"]["users"]) {
    for (const auto& liked : user["liked"]) EXPECT_FALSE(liked.contains("rating"));
    EXPECT_TRUE(user["liked"][0].contains("weight"));
    for (const auto& item : user["recommended"]) {
      EXPECT_TRUE(item.contains("score"));
      EXPECT_FALSE(item.contains("rating"));
    }
  }
}

}  // namespace
}  // namespace palate
