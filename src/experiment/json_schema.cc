#include "experiment/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/json_text.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;
using Violation = std::optional<std::string>;

std::string_view type_name(const Json& value) {
  if (value.is_number_integer()) return "integer";
  return value.type_name();
}

bool has_type(const Json& value, std::string_view type) {
  return type == type_name(value) || (type == "number" && value.is_number());
}

// `is null, should be array or null`, or nothing.
Violation type_violation(const Json& value, const Json& types) {
  if (types.is_string()) {
    if (has_type(value, types.get_ref<const std::string&>())) return {};
    return fmt::format("is {}, should be {}", type_name(value),
                       types.get_ref<const std::string&>());
  }
  std::string wanted;
  for (const auto& type : types) {
    const auto& name = type.get_ref<const std::string&>();
    if (has_type(value, name)) return {};
    wanted += (wanted.empty() ? "" : " or ") + name;
  }
  return fmt::format("is {}, should be {}", type_name(value), wanted);
}

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  Violation check(const Json& value, const Json& schema, const std::string& place) const {
    if (schema.is_boolean()) return schema.get<bool>() ? Violation() : at(place, "is not expected");
    if (schema.contains("$ref")) {
      return check(
          value,
          root_.at(Json::json_pointer(schema["$ref"].get_ref<const std::string&>().substr(1))),
          place);
    }
    if (Violation violation = check_keywords(value, schema, place)) return violation;
    return schema.contains("anyOf") ? check_choices(value, schema["anyOf"], place) : Violation();
  }

 private:
  static Violation at(const std::string& place, const std::string& what) {
    return place.empty() ? what : place + ": " + what;
  }

  // What the first choice misses, where every choice misses something.
  Violation check_choices(const Json& value, const Json& choices, const std::string& place) const {
    Violation first;
    for (const auto& choice : choices) {
      Violation violation = check(value, choice, place);
      if (!violation) return {};
      if (!first) first = std::move(violation);
    }
    return first;
  }

  // All but anyOf.
  Violation check_keywords(const Json& value, const Json& schema, const std::string& place) const {
    if (schema.contains("type")) {
      if (const Violation violation = type_violation(value, schema["type"]))
        return at(place, *violation);
    }
    if (schema.contains("enum") &&
        std::ranges::find(schema["enum"], value) == schema["enum"].end()) {
      return at(place, "should be one of " + json_text(schema["enum"]));
    }
    if (schema.contains("minimum") && value.is_number() &&
        value.get<double>() < schema["minimum"].get<double>()) {
      return at(place, fmt::format("is {}, should be at least {}", json_text(value),
                                   json_text(schema["minimum"])));
    }
    if (schema.contains("exclusiveMinimum") && value.is_number() &&
        value.get<double>() <= schema["exclusiveMinimum"].get<double>()) {
      return at(place, fmt::format("is {}, should be greater than {}", json_text(value),
                                   json_text(schema["exclusiveMinimum"])));
    }
    if (schema.contains("maximum") && value.is_number() &&
        value.get<double>() > schema["maximum"].get<double>()) {
      return at(place, fmt::format("is {}, should be at most {}", json_text(value),
                                   json_text(schema["maximum"])));
    }
    if (value.is_object()) return check_object(value, schema, place);
    if (value.is_array()) return check_array(value, schema, place);
    return {};
  }

  Violation check_object(const Json& object, const Json& schema, const std::string& place) const {
    if (schema.contains("required")) {
      for (const auto& name : schema["required"]) {
        if (!object.contains(name.get_ref<const std::string&>()))
          return at(place, fmt::format("lacks {}", json_text(name)));
      }
    }
    for (const auto& [name, value] : object.items()) {
      const std::string inside = place.empty() ? name : place + "." + name;
      const bool known = schema.contains("properties") && schema["properties"].contains(name);
      if (!known && !schema.contains("additionalProperties")) continue;
      if (auto violation = check(
              value, known ? schema["properties"][name] : schema["additionalProperties"], inside)) {
        return violation;
      }
    }
    return {};
  }

  Violation check_array(const Json& array, const Json& schema, const std::string& place) const {
    if (schema.contains("minItems") && array.size() < schema["minItems"].get<std::size_t>()) {
      return at(place, fmt::format("has {} items, should have at least {}", array.size(),
                                   json_text(schema["minItems"])));
    }
    if (schema.contains("maxItems") && array.size() > schema["maxItems"].get<std::size_t>()) {
      return at(place, fmt::format("has {} items, should have at most {}", array.size(),
                                   json_text(schema["maxItems"])));
    }
    const std::size_t prefix = schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i >= prefix && !schema.contains("items")) break;
      const Json& expected = i < prefix ? schema["prefixItems"][i] : schema["items"];
      if (auto violation = check(array[i], expected, fmt::format("{}[{}]", place, i)))
        return violation;
    }
    return {};
  }

  const Json& root_;
};

}  // namespace

std::optional<std::string> schema_violation(const Json& document, const Json& schema) {
  return Checker(schema).check(document, schema, "");
}

}  // namespace palate
