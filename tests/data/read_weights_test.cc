// Tables without ratings: events, counts, and what is told of them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class ReadWeights : public testing::Test {
 protected:
  RatingsTable read(std::string_view text, const ReadOptions& options = {}) {
    return read_ratings(folder_.write("table.csv", text), options, parallel_);
  }
  std::vector<float> values_of(std::string_view text, const ReadOptions& options = {}) {
    return read(text, options).interactions.values;
  }
  Feedback feedback_of(std::string_view text, const ReadOptions& options = {}) {
    return read(text, options).interactions.feedback;
  }
  struct Failure {
    ErrorCode code{};
    std::string message;  // without the folder; "" where nothing failed
  };
  Failure failure_of(std::string_view text, const ReadOptions& options = {}) {
    try {
      read(text, options);
    } catch (const Error& error) {
      return {error.code(), folder_.without_path(error.what())};
    }
    return {};
  }
  std::string error_of(std::string_view text, const ReadOptions& options = {}) {
    return failure_of(text, options).message;
  }

  TemporaryFolder folder_;
  Parallel parallel_{2};
};

using Values = std::vector<float>;

// 31 counts of as many pairs, a few of which are large.
std::string counts(const std::string& header = "user,item,plays\n") {
  std::string text = header;
  for (int row = 1; row <= 31; ++row) {
    text += std::to_string(row % 5) + ',' + std::to_string(row) + ',' +
            std::to_string(row * row * row / 20 + row) + '\n';
  }
  return text;
}

TEST_F(ReadWeights, ATableWithoutValuesHasWeights) {
  const RatingsTable table = read("user,item\n1,1\n1,2\n2,1\n");
  EXPECT_EQ(table.interactions.feedback, Feedback::weights);
  EXPECT_FALSE(table.interactions.has_values);
  EXPECT_EQ(table.why_weights, "no ratings");
  EXPECT_EQ(feedback_of("1,1,5\n1,2,4\n", {.value_column = "none"}), Feedback::weights);
  const RatingsTable stars = read("1,1,5\n1,2,4\n");
  EXPECT_EQ(stars.interactions.feedback, Feedback::ratings);
  EXPECT_EQ(stars.why_weights, "");
}

TEST_F(ReadWeights, ValuesThatAreAllEqualAreWeights) {
  const RatingsTable table = read("user,item,rating\n1,1,1.0\n1,2,1\n2,1,1\n");
  EXPECT_EQ(table.interactions.feedback, Feedback::weights);
  EXPECT_TRUE(table.interactions.has_values);
  EXPECT_EQ(table.why_weights, "all values are 1");
  EXPECT_EQ(feedback_of("1,1,0\n1,2,1\n2,1,1\n", {.missing = {0}}), Feedback::weights);
  EXPECT_EQ(feedback_of("1,1,1\n1,2,1\n", {.feedback = Feedback::ratings}), Feedback::ratings);
}

TEST_F(ReadWeights, RepeatedEventsAreAddedUpUnlessToldOtherwise) {
  const std::string events = "user,item\n1,1\n1,2\n1,1\n1,1\n";
  EXPECT_EQ(values_of(events), (Values{1, 3}));
  EXPECT_EQ(read(events).resolved_by, Duplicates::sum);
  EXPECT_EQ(values_of(events, {.duplicates = Duplicates::last}), (Values{1, 1}));
  // weights are added up where ratings would all be kept
  EXPECT_EQ(values_of(events, {.duplicates = Duplicates::keep}), (Values{1, 3}));
  // the values are all equal before they are added up
  const std::string ones = "user,item,rating\n1,1,1\n1,2,1\n1,1,1\n";
  EXPECT_EQ(values_of(ones), (Values{1, 2}));
  EXPECT_EQ(values_of(ones, {.feedback = Feedback::ratings}), (Values{1, 1}));
  EXPECT_EQ(values_of(counts() + "1,1,7\n").back(), 8);
  EXPECT_EQ(values_of("1,1,5\n1,2,4\n1,1,3\n"), (Values{4, 3}));
}

TEST_F(ReadWeights, CountsAreWeights) {
  const RatingsTable table = read(counts());
  EXPECT_EQ(table.interactions.feedback, Feedback::weights);
  EXPECT_EQ(table.why_weights, "weights from 1 to 1520, half of them up to 220");
  EXPECT_EQ(feedback_of(counts(), {.feedback = Feedback::ratings}), Feedback::ratings);
}

TEST_F(ReadWeights, WhatIsInDoubtIsAsked) {
  std::string even = "user,item,n\n";
  for (int row = 1; row <= 60; ++row)
    even += "1," + std::to_string(row) + ',' + std::to_string(row % 41 + 1) + '\n';
  const Failure failure = failure_of(even);
  EXPECT_EQ(failure.code, ErrorCode::bad_data);
  EXPECT_EQ(failure.message,
            "table.csv: column 3 'n' has numbers from 1 to 41, half of them up to 16, which may be "
            "ratings or counts: `feedback=ratings` or `task=ratings` takes them as ratings, "
            "`feedback=weights` or `task=lists` as weights, and `value_column=none` leaves them "
            "out");
  for (const Feedback feedback : {Feedback::ratings, Feedback::weights}) {
    EXPECT_EQ(feedback_of(even, {.feedback = feedback}), feedback);
    EXPECT_TRUE(read(even, {.feedback = feedback}).format.doubts.empty());
    const RatingsTable doubted = read(even, {.if_doubtful = feedback});
    EXPECT_EQ(doubted.interactions.feedback, feedback);
    ASSERT_EQ(doubted.format.doubts.size(), 1U);
    EXPECT_EQ(doubted.format.doubts[0].option,
              "`feedback=ratings`, `feedback=weights`, or `value_column=none`");
  }
  EXPECT_EQ(feedback_of(even, {.value_column = "none"}), Feedback::weights);
}

// Test ratings that are all 5 are not weights, and those of counts are told.
TEST_F(ReadWeights, OfATableReadByTheIdsOfAnotherNothingIsGuessed) {
  const Catalog catalog = *read("1,1,5\n1,2,4\n").interactions.catalog;
  const auto feedback = [&](const std::string& text, const ReadOptions& options = {}) {
    return read_ratings_with(catalog, {folder_.write("test.csv", text)}, options, parallel_)
        .interactions.feedback;
  };
  EXPECT_EQ(feedback("1,1,5\n1,2,5\n"), Feedback::ratings);
  EXPECT_EQ(feedback(counts()), Feedback::ratings);
  EXPECT_EQ(feedback(counts(), {.feedback = Feedback::weights}), Feedback::weights);
  EXPECT_EQ(feedback("1,1\n1,2\n"), Feedback::weights);
}

TEST_F(ReadWeights, RatingsNeedAColumnOfThem) {
  const Failure failure = failure_of("user,item\n1,1\n1,2\n", {.feedback = Feedback::ratings});
  EXPECT_EQ(failure.code, ErrorCode::invalid_argument);
  EXPECT_EQ(failure.message,
            "table.csv: `feedback=ratings` needs a column of ratings: `value_column` tells it");
}

TEST_F(ReadWeights, ANegativeWeightIsNamedByItsRow) {
  const Failure failure = failure_of(counts() + "1,1,-3\n");
  EXPECT_EQ(failure.code, ErrorCode::bad_data);
  EXPECT_EQ(failure.message,
            "table.csv:33: column 3 'plays': \"-3\" is negative, and a weight is not (`missing` "
            "leaves such rows out, `feedback=ratings` takes the values as ratings)");
  EXPECT_EQ(values_of(counts() + "1,1,-3\n", {.missing = {-3}}), values_of(counts()));
  EXPECT_EQ(values_of(counts() + "9,9,0\n").back(), 0);
  // where weights are told, the row can be set aside
  const std::string stars = "user,item,rating\n1,1,5\n1,2,-1\n1,3,4\n";
  EXPECT_EQ(error_of(stars), "");
  EXPECT_TRUE(error_of(stars, {.feedback = Feedback::weights})
                  .starts_with("table.csv:3: column 3 'rating': \"-1\" is negative"));
  const RatingsTable rejected =
      read(stars, {.feedback = Feedback::weights, .rejects_file = folder_.path("rejects.csv")});
  EXPECT_EQ(rejected.interactions.values, (Values{5, 4}));
  EXPECT_EQ(rejected.rejects.size(), 1U);
}

// The first of a table in many pieces, whichever thread finds it.
TEST_F(ReadWeights, TheFirstNegativeWeightIsNamed) {
  std::string text = "user,item,plays\n";
  for (int row = 0; row < 100'000; ++row) {
    const bool is_negative = row == 70'000 || row == 90'000;
    text += std::to_string(row) + ",1," + (is_negative ? "-1" : std::to_string(row % 97)) + '\n';
  }
  EXPECT_TRUE(error_of(text).starts_with("table.csv:70002: column 3 'plays': \"-1\" is negative"));
}

TEST_F(ReadWeights, EventsBecomeOneWeightOfAPair) {
  const std::string events =
      "user,item,type,at\n1,1,view,100\n1,1,buy,200\n1,2,view,300\n2,1,click,400\n1,1,view,500\n"
      "2,1,hover,600\n2,2,click,700\n2,2,cart,800\n";
  const ReadOptions options{.event_column = "type",
                            .event_weights = {{"view", 1}, {"cart", 3}, {"buy", 5}}};
  const RatingsTable table = read(events, options);
  EXPECT_EQ(table.interactions.values, (Values{1, 7, 3}));
  EXPECT_EQ(table.interactions.feedback, Feedback::weights);
  EXPECT_TRUE(table.interactions.has_values);
  EXPECT_EQ(table.why_weights, "events");
  EXPECT_EQ(table.format.event, 2U);
  ASSERT_EQ(table.left_out.size(), 1U);
  EXPECT_EQ(table.left_out[0].condition, "events without a weight: click 2, hover 1");
  EXPECT_EQ(table.left_out[0].ratings, 3U);
  // who has left out events alone is not there
  EXPECT_EQ(table.interactions.num_users(), 2U);
  const std::string json =
      R"({"type": "buy", "user": 1, "item": 7}
{"user": 2, "item": 7, "type": "view"}
)";
  EXPECT_EQ(values_of(json, options), (Values{5, 1}));
}

// Batches of rows with known events alone are read column by column, others row by row.
TEST_F(ReadWeights, EventsOfManyRowsAreThoseOfEachRow) {
  const ReadOptions options{
      .event_column = "3", .event_weights = {{"a", 1}, {"b", 2}}, .header = false};
  std::string text;
  Values expected;
  std::uint64_t others = 0;
  for (int row = 0; row < 5000; ++row) {
    const bool is_other = row % 1024 == 700;
    text += std::to_string(row) + ',' + std::to_string(row % 50) + ',' +
            (is_other       ? "c"
             : row % 3 == 0 ? "a"
                            : "b") +
            '\n';
    if (is_other) {
      ++others;
    } else {
      expected.push_back(row % 3 == 0 ? 1.0F : 2.0F);
    }
  }
  const RatingsTable table = read(text, options);
  EXPECT_EQ(table.interactions.values, expected);
  EXPECT_EQ(table.left_out.at(0).ratings, others);
}

TEST_F(ReadWeights, WhatIsToldOfEventsMustBeWhole) {
  const std::string events = "user,item,type,n\n1,1,view,2\n1,2,buy,3\n";
  const std::vector<EventWeight> weights{{"view", 1}, {"buy", 5}};
  const auto error = [&](const ReadOptions& options) {
    const Failure failure = failure_of(events, options);
    EXPECT_EQ(failure.code, ErrorCode::invalid_argument);
    return failure.message;
  };
  EXPECT_EQ(error({.event_column = "type"}),
            "`event_column` needs `event_weights`: what each event is worth");
  // A column that has a name of events needs no telling.
  EXPECT_EQ(read(events, {.event_weights = weights}).interactions.values,
            (std::vector<float>{1, 5}));
  EXPECT_EQ(failure_of("user,item,kind\n1,1,view\n1,2,buy\n", {.event_weights = weights}).message,
            "table.csv: `event_weights` needs `event_column`: no column has a name of events");
  EXPECT_EQ(error({.value_column = "n", .event_column = "type", .event_weights = weights}),
            "`value_column` and `event_column` exclude each other: a row has the weight of its "
            "event");
  EXPECT_EQ(
      error({.event_column = "type", .event_weights = weights, .feedback = Feedback::ratings}),
      "`feedback=ratings` and `event_column` exclude each other: events are weights");
  EXPECT_EQ(error({.event_column = "type", .event_weights = {{"view", -1}}}),
            "`event_weights`: \"view\" has -1, and a weight is 0 or more");
  EXPECT_EQ(error({.event_column = "type", .event_weights = {{"view", 1}, {"view", 2}}}),
            "`event_weights`: \"view\" has two weights");
  EXPECT_TRUE(error({.event_column = "kind", .event_weights = weights})
                  .starts_with("table.csv: there is no column \"kind\" for the event: "));
  EXPECT_EQ(error_of(events, {.event_column = "type", .event_weights = {{"like", 1}}}),
            "table.csv: none of its events has a weight in `event_weights`: buy 1, view 1");
}

TEST_F(ReadWeights, EventsThatAreNotToldAreNamed) {
  const auto doubts = [&](const std::string& text) { return read(text).format.doubts; };
  const auto named = doubts("user,item,type\n1,1,view\n1,2,buy\n");
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].message,
            "column 3 'type' holds buy, view, and a row counts 1 whatever it holds");
  EXPECT_EQ(named[0].option, "`event_column=3` `event_weights=buy=1,view=1`");
  std::string without_header;
  for (int row = 0; row < 12; ++row)
    without_header += std::to_string(row % 4) + ",7," + (row % 3 == 0 ? "pv" : "fav") + '\n';
  EXPECT_EQ(doubts(without_header).size(), 1U);
  EXPECT_TRUE(doubts("user,item,city\n1,1,Bonn\n1,2,Graz\n").empty());
  EXPECT_TRUE(doubts("user,item,type,rating\n1,1,view,5\n1,2,buy,4\n").empty());
}

TEST_F(ReadWeights, ARatingInWordsIsNoImplicitFeedback) {
  const std::string what_to_do =
      " is not a number, as nothing in this column is: write the numbers alone into the file, or "
      "`value_column` tells another column, and `value_column=none` reads who chose what";
  for (const std::string name : {"stars", "review_rating", "rating in words", "my score"}) {
    const std::string text = "user,item," + name + "\n1,1,4.0 out of 5 stars\n1,2,2.0 out of 5\n";
    const Failure failure = failure_of(text);
    EXPECT_EQ(failure.code, ErrorCode::bad_data);
    EXPECT_EQ(failure.message,
              "table.csv:2: column 3 '" + name + "': \"4.0 out of 5 stars\"" + what_to_do);
    EXPECT_EQ(feedback_of(text, {.value_column = "none"}), Feedback::weights);
  }
  EXPECT_TRUE(error_of("user,item,stars_text,plays\n1,1,four,2\n1,2,five,3\n")
                  .starts_with("table.csv:2: column 3 'stars_text': \"four\""));
  EXPECT_EQ(feedback_of("user,item,content_rating\n1,1,PG-13\n1,2,R\n"), Feedback::weights);
  EXPECT_EQ(error_of("1,1,4.0 out of 5 stars\n1,2,2.0 out of 5\n"),
            "table.csv:1: column 3: \"4.0 out of 5 stars\"" + what_to_do);
}

}  // namespace
}  // namespace palate
