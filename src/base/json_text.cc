#include "base/json_text.h"

#include <nlohmann/json.hpp>

namespace palate {

nlohmann::json parse_json(std::string_view text) { return nlohmann::json::parse(text, nullptr, false); }

std::string json_text(const nlohmann::json& value) { return value.dump(); }
std::string json_text(const nlohmann::ordered_json& value) { return value.dump(); }

std::string json_string(std::string_view text) { return nlohmann::json(text).dump(); }

}  // namespace palate
