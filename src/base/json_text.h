// JSON to text and back. nlohmann-json's parser and writer take long to compile: here they are
// compiled once.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace palate {

// One value. A discarded one, and in `problem` why, where `text` is not JSON, has a name twice, or
// goes on behind a zero byte: "is not valid JSON".
nlohmann::json parse_json(std::string_view text, std::string& problem);
// The same of text that is known to be JSON.
nlohmann::ordered_json parse_ordered_json(std::string_view text);

// On one line. Strings have to be UTF-8.
std::string json_text(const nlohmann::json& value);
std::string json_text(const nlohmann::ordered_json& value);

// Indented by two spaces a level. Strings may be any bytes: what is not UTF-8 becomes U+FFFD.
std::string json_document(const nlohmann::ordered_json& value);

// A string of JSON, in its quotes.
std::string json_string(std::string_view text);

}  // namespace palate
