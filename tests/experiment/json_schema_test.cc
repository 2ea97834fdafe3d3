#include "experiment/json_schema.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace palate {
namespace {

TEST(JsonSchema, AsksForOneOfSeveralBesidesTheRest) {
  const auto schema = nlohmann::ordered_json::parse(R"({
    "type": "object", "additionalProperties": false, "required": ["a"],
    "anyOf": [{"required": ["b"]}, {"required": ["c"]}],
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "c": {"type": "integer"}}
    })");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a": 1, "b": 2})", ""},
      {R"({"a": 1, "c": 2})", ""},
      {R"({"a": 1, "b": 2, "c": 3})", ""},
      {R"({"a": 1})", "lacks \"b\""},
      {R"({"b": 2})", "lacks \"a\""},
      {R"({"a": "1", "c": 2})", "a: is string, should be integer"},
      {R"({"a": 1, "b": 2, "d": 4})", "d: is not expected"},
      {R"([])", "is array, should be object"},
  };
  for (const auto& [document, expected] : cases) {
    EXPECT_EQ(schema_violation(nlohmann::ordered_json::parse(document), schema).value_or(""),
              expected)
        << document;
  }
}

TEST(JsonSchema, NamesTheFirstPlaceThatBreaksIt) {
  const auto schema = nlohmann::ordered_json::parse(R"({
    "type": "object", "additionalProperties": false, "required": ["a"],
    "properties": {
      "a": {"type": "array", "minItems": 1, "maxItems": 3,
            "items": {"type": "number", "minimum": 0, "maximum": 1}},
      "b": {"type": "number", "exclusiveMinimum": 2},
      "c": {"type": ["integer", "null"]},
      "d": {"enum": ["x", "y"]}
    }})");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a": [0, 0.5, 1], "b": 2.1, "c": null, "d": "y"})", ""},
      {R"([])", "is array, should be object"},
      {R"({})", "lacks \"a\""},
      {R"({"a": []})", "a: has 0 items, should have at least 1"},
      {R"({"a": [0, 0, 0, 0]})", "a: has 4 items, should have at most 3"},
      {R"({"a": [0, -0.1]})", "a[1]: is -0.1, should be at least 0"},
      {R"({"a": [1.5]})", "a[0]: is 1.5, should be at most 1"},
      {R"({"a": ["1"]})", "a[0]: is string, should be number"},
      {R"({"a": [1], "b": 2})", "b: is 2, should be greater than 2"},
      {R"({"a": [1], "c": 1.5})", "c: is number, should be integer or null"},
      {R"({"a": [1], "d": "z"})", "d: should be one of [\"x\",\"y\"]"},
      {R"({"a": [1], "e": 0})", "e: is not expected"},
  };
  for (const auto& [document, expected] : cases) {
    EXPECT_EQ(schema_violation(nlohmann::ordered_json::parse(document), schema).value_or(""),
              expected)
        << document;
  }
}

}  // namespace
}  // namespace palate
