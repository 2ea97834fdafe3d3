// JSON read event by event, where the shape of the document is known: nothing is built that was not
// expected, so memory stays in proportion to the text, and a repeated name is seen. nlohmann-json's
// tree would swallow both.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/fail.h"

namespace palate {

// Refuses every event; a reader of some kind of document overrides those that it expects, and may
// throw.
class StrictJson : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit StrictJson(std::string_view what) : what_(what) {}

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("a truth value"); }
  bool number_integer(number_integer_t) override { return refuse("a negative number"); }
  bool number_unsigned(number_unsigned_t) override { return refuse("a number"); }
  bool number_float(number_float_t, const string_t&) override { return refuse("a fraction"); }
  bool string(string_t&) override { return refuse("a string"); }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool start_object(std::size_t) override { return refuse("an object"); }
  bool key(string_t&) override { return refuse("a name"); }
  bool end_object() override { return refuse("the end of an object"); }
  bool start_array(std::size_t) override { return refuse("a list"); }
  bool end_array() override { return refuse("the end of a list"); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    fail(ErrorCode::bad_model, "{} is not valid JSON at its byte {}", what_, position);
  }

  // Reads the whole of `text`.
  void parse(std::string_view text);

 protected:
  [[noreturn]] bool refuse(std::string_view event) const {
    fail(ErrorCode::bad_model, "{} has {} in an unexpected place", what_, event);
  }

 private:
  std::string_view what_;
};

}  // namespace palate
