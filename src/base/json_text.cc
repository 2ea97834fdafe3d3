#include "base/json_text.h"

#include <nlohmann/json.hpp>

namespace palate {

using nlohmann::json;
using nlohmann::ordered_json;

json parse_json(std::string_view text) { return json::parse(text, nullptr, false); }
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
