#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/base/error.h"
#include "palate/evaluate/report.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPlace = R"(<script type="application/json" id="palate-data">)";

// Both tasks, each with one model.
Json comparison() {
  const Json interval{{"value", 0.9}, {"low", 0.8}, {"high", 1.0}};
  const Json quantiles{{"minimum", 1},        {"lower_quartile", 1}, {"median", 2},
                       {"upper_quartile", 3}, {"ninetieth", 3},      {"maximum", 4}};
  const Json split{{"method", "random"}, {"description", "random"}, {"seed", 1}, {"folds", 1},
                   {"train", 3},         {"validation", 0},         {"test", 1}};
  const auto block = [&](const char* metric, const char* better, const Json& model) {
    Json json{{"split", split},
              {"metrics", {{{"name", metric}, {"better", better}}}},
              {"primary", metric},
              {"models", {model}}};
    json["models"][0].update({{"metrics", {{metric, interval}}},
                              {"difference_to_best", nullptr},
                              {"seconds", 0.1},
                              {"ending", "completed"},
                              {"epochs_kept", 1}});
    return json;
  };
  Json ratings = block("rmse", "lower",
                       {{"name", "als"},
                        {"algorithm", "als"},
                        {"options", {{"factors", 2}, {"weighted", false}}},
                        {"curve", {{{"epoch", 0}, {"train_loss", 1.5}, {"test_loss", 1.6}}}}});
  ratings["clipped"] = true;
  ratings["samples"] = {{{"user", "7"},
                         {"item", "1"},
                         {"title", "Toy Story"},
                         {"actual", 4},
                         {"predictions", {{"als", 3.9}}}}};
  Json lists = block("ndcg@10", "higher",
                     {{"name", "ials"},
                      {"algorithm", "ials"},
                      {"options", {{"factors", 2}}},
                      {"curve", {{{"epoch", 0}, {"train_loss", 1.5}, {"test_ndcg@10", 0.2}}}}});
  lists["relevant"] = 4;
  lists["users_without_relevant"] = 1;
  return {{"palate", "0.1.0"},
          {"command", "palate compare ratings.csv"},
          {"data",
           {{"file", "ratings.csv"},
            {"users", 2},
            {"items", 3},
            {"ratings", 4},
            {"density", 0.5},
            {"duplicates", 0},
            {"feedback", "ratings"},
            {"mean", 3.5},
            {"lowest", 1},
            {"highest", 5},
            {"histogram", {{1, 1}, {4.5, 3}}},
            {"ratings_per_user", quantiles},
            {"ratings_per_item", quantiles},
            {"time_span", nullptr},
            {"digest", "00ff"},
            {"warnings", {{{"message", "few users"}, {"option", ""}}}}}},
          {"ratings", std::move(ratings)},
          {"lists", std::move(lists)}};
}

// What the page's script element holds.
std::string data_of(const std::string& page) {
  const std::size_t begin = page.find(kPlace) + kPlace.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

std::string refused_page(const std::string& text) {
  try {
    report_page(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    return error.what();
  }
  return "accepted";
}

TEST(ReportPage, IsTheTemplateWithTheComparisonInIt) {
  const std::string page = report_page(comparison().dump(2));
  const std::string data = data_of(page);
  EXPECT_EQ(Json::parse(data), comparison());
  std::string without = page;
  without.erase(page.find(kPlace) + kPlace.size(), data.size());
  EXPECT_EQ(without, embedded_report_template());
}

TEST(ReportPage, TheTemplateHasOnePlaceAndItIsEmpty) {
  const std::string_view page = embedded_report_template();
  const std::size_t place = page.find(kPlace);
  ASSERT_NE(place, page.npos);
  EXPECT_EQ(page.find(kPlace, place + 1), page.npos);
  EXPECT_EQ(page.substr(place + kPlace.size(), 9), "</script>");
}

TEST(ReportPage, NoTitleCanEndTheScriptElement) {
  for (const std::string title :
       {"</script><script>alert(1)</script>", "<!--<script>", "</SCRIPT >", "]]>", "\u2028a\u2029b",
        "<", "\\", "\\u003c", "\"<\"", "a\u2027b\u202Ac"}) {
    Json hostile = comparison();
    hostile["ratings"]["samples"][0]["title"] = title;
    hostile["ratings"]["models"][0]["name"] = title;
    hostile["ratings"]["samples"][0]["predictions"] = {{title, 1}};
    const std::string data = data_of(report_page(hostile.dump()));
    EXPECT_EQ(data.find('<'), data.npos);
    EXPECT_EQ(data.find("\u2028"), data.npos);
    EXPECT_EQ(data.find("\u2029"), data.npos);
    EXPECT_EQ(Json::parse(data), hostile) << title;
  }
}

TEST(ReportPage, KeepsWholeNumbersAndDoublesAsTheyAre) {
  Json exact = comparison();
  exact["data"]["time_span"] = {std::int64_t{-9223372036854775807},
                                std::int64_t{9223372036854775807}};
  exact["data"]["mean"] = 0.1 + 0.2;
  EXPECT_EQ(Json::parse(data_of(report_page(exact.dump()))), exact);
}

TEST(ReportPage, RefusesWhatIsNotJson) {
  EXPECT_EQ(refused_page("").find("not a comparison: parse error at line 1, column 1"), 0U)
      << refused_page("");
  EXPECT_EQ(refused_page("{\"palate\": 1e999}").find("not a comparison: "), 0U);
  EXPECT_EQ(refused_page("{\"palate\": \"\xff\"}").find("not a comparison: "), 0U);
  EXPECT_EQ(refused_page("palate compare").find("not a comparison: "), 0U);
}

TEST(ReportPage, NamesThePlaceThatIsWrong) {
  const auto with = [](const char* pointer, const Json& value) {
    Json changed = comparison();
    changed[Json::json_pointer(pointer)] = value;
    return refused_page(changed.dump());
  };
  EXPECT_EQ(refused_page("[]"), "not a comparison: is array, should be object");
  EXPECT_EQ(refused_page("{}"), "not a comparison: lacks \"palate\"");
  EXPECT_EQ(with("/lists/relevant", "high"),
            "not a comparison: lists.relevant: is string, should be number or null");
  EXPECT_EQ(with("/lists/models/0/exposure_by_popularity", {0.5, 0.5}),
            "not a comparison: lists.models[0].exposure_by_popularity: has 2 items, should have at "
            "least 10");
  EXPECT_EQ(with("/lists/primary", "rmse"),
            "not a comparison: lists.primary: is \"rmse\", should be the name of a metric");
  EXPECT_EQ(with("/ratings/models/0/seconds", "fast"),
            "not a comparison: ratings.models[0].seconds: is string, should be number");
  EXPECT_EQ(with("/ratings/models/0/metrics/rmse/low", nullptr),
            "not a comparison: ratings.models[0].metrics.rmse.low: is null, should be number");
  EXPECT_EQ(with("/ratings/models/0/metrics/mae", 0.7),
            "not a comparison: ratings.models[0].metrics.mae: is number, should be object");
  EXPECT_EQ(with("/ratings/primary", "mae"),
            "not a comparison: ratings.primary: is \"mae\", should be the name of a metric");
  EXPECT_EQ(with("/ratings/metrics/1", {{"name", "mae"}, {"better", "lower"}}),
            "not a comparison: ratings.models[0].metrics: lacks \"mae\"");
  EXPECT_EQ(with("/ratings/models/0/curve/0/test_loss", "x"),
            "not a comparison: ratings.models[0].curve[0].test_loss: is string, should be number");
  EXPECT_EQ(with("/ratings/models/0/ending", "lost"),
            "not a comparison: ratings.models[0].ending: should be one of "
            "[\"completed\",\"early_stopped\",\"interrupted\",\"diverged\"]");
  EXPECT_EQ(with("/data/users", -1), "not a comparison: data.users: is -1, should be at least 0");
  EXPECT_EQ(with("/data/users", 1.5), "not a comparison: data.users: is number, should be integer");
  EXPECT_EQ(with("/data/time_span", 5),
            "not a comparison: data.time_span: is integer, should be array or null");
  EXPECT_EQ(with("/data/time_span", {1}),
            "not a comparison: data.time_span: has 1 items, should have at least 2");
  EXPECT_EQ(with("/data/histogram/0", {1, 2, 3}),
            "not a comparison: data.histogram[0][2]: is not expected");
  EXPECT_EQ(with("/ratings/samples/0/predictions/als", "4"),
            "not a comparison: ratings.samples[0].predictions.als: is string, should be number");
  EXPECT_EQ(with("/ratings/models/0/difference_to_best", Json::object()),
            "not a comparison: ratings.models[0].difference_to_best: lacks \"value\"");
}

// Every member that the schema requires is really asked for. A metric may have no interval.
TEST(ReportPage, RefusesAComparisonThatLacksAnything) {
  std::size_t tried = 0;
  const Json whole = comparison();
  const Json leaves = whole.flatten();
  for (const auto& [place, leaf] : leaves.items()) {
    if (place.find("/options/") != place.npos || place.find("/predictions/") != place.npos ||
        place.ends_with("/test_loss") || place.ends_with("/test_ndcg@10") ||
        place.ends_with("/low") || place.ends_with("/high"))
      continue;
    const Json::json_pointer pointer(place);
    const Json::json_pointer parent = pointer.parent_pointer();
    if (!whole[parent].is_object()) continue;
    Json less = whole;
    less[parent].erase(pointer.back());
    EXPECT_NE(refused_page(less.dump()), "accepted") << place;
    ++tried;
  }
  EXPECT_GT(tried, 50U);
}

TEST(ReportPage, IsOfOneTaskOrOfBoth) {
  for (const char* const task : {"ratings", "lists"}) {
    Json one = comparison();
    one.erase(task);
    EXPECT_EQ(Json::parse(data_of(report_page(one.dump()))), one);
  }
  Json neither = comparison();
  neither.erase("ratings");
  neither.erase("lists");
  EXPECT_EQ(refused_page(neither.dump()), "not a comparison: lacks \"ratings\"");
}

// A text that nests a million deep must not exhaust the stack.
TEST(ReportPage, OfListsThatAreNotMeasuredNeedsNoFigures) {
  Json unmeasured = comparison();
  unmeasured["lists"]["models"][0]["metrics"] = Json::object();
  EXPECT_NE(refused_page(unmeasured.dump()).find("lists.models[0].metrics: lacks \"ndcg@10\""),
            std::string::npos);
  unmeasured["lists"]["split"].update({{"tested", 0}, {"tested_users", 0}});
  EXPECT_EQ(Json::parse(data_of(report_page(unmeasured.dump()))), unmeasured);
}

TEST(ReportPage, RefusesDeepNesting) {
  Json deep = comparison();
  deep["ratings"]["models"][0]["options"]["factors"] = "HERE";
  std::string text = deep.dump();
  text.replace(text.find("\"HERE\""), 6, std::string(1'000'000, '[') + std::string(1'000'000, ']'));
  EXPECT_EQ(refused_page(text), "not a comparison: it is nested more than 32 levels deep");
  deep["ratings"]["models"][0]["options"]["factors"] = {{1}};
  EXPECT_EQ(refused_page(deep.dump()),
            "not a comparison: ratings.models[0].options.factors: is array, should be number or "
            "string or "
            "boolean");
}

}  // namespace
}  // namespace palate
