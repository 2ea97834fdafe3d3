#include "model/strict_json.h"

namespace palate {

void StrictJson::parse(std::string_view text) {
  // nlohmann-json takes a zero byte for the end of the text.
  if (text.find('\0') != std::string_view::npos)
    fail(ErrorCode::bad_model, "{} is not valid JSON: it has a zero byte", what_);
  nlohmann::json::sax_parse(text.begin(), text.end(), this);
}

}  // namespace palate
