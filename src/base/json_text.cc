#include "base/json_text.h"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/parse.h"

namespace palate {

using nlohmann::json;
using nlohmann::ordered_json;

json parse_json(std::string_view text, std::string& problem) {
  std::vector<std::set<std::string>> names;  // of the objects that are not yet closed
  std::string twice;
  const auto see = [&](int, json::parse_event_t event, const json& value) {
    if (event == json::parse_event_t::object_start) names.emplace_back();
    if (event == json::parse_event_t::object_end) names.pop_back();
    if (event == json::parse_event_t::key && !names.back().insert(value).second)
      twice = value.get<std::string>();
    return true;
  };
  // nlohmann-json takes a zero byte for the end of the text.
  const bool has_zero = text.find('\0') != std::string_view::npos;
  json value = has_zero ? json(json::value_t::discarded) : json::parse(text, see, false);
  if (value.is_discarded()) {
    problem = "is not valid JSON";
  } else if (!twice.empty()) {
    problem = "has " + excerpt(twice) + " twice";
    value = json(json::value_t::discarded);
  }
  return value;
}

ordered_json parse_ordered_json(std::string_view text) {
  return ordered_json::parse(text, nullptr, false);
}

std::string json_text(const json& value) { return value.dump(); }
std::string json_text(const ordered_json& value) { return value.dump(); }

std::string json_document(const ordered_json& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace);
}

std::string json_string(std::string_view text) { return json(text).dump(); }

}  // namespace palate
