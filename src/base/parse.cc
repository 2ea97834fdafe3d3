#include "base/parse.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/iso_time.h"
#include "base/utf8.h"
#include "palate/base/visible.h"

namespace palate {
namespace {

// Whether a number that no double can say is above 1, by the place of its first digit that is not 0
// and its exponent.
bool is_above_one(std::string_view text) {
  constexpr std::int64_t kFar = std::int64_t{1} << 62;
  const std::size_t end = std::min(text.find_first_of("eE"), text.size());
  const std::string_view digits = text.substr(0, end);
  const auto point = static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<std::int64_t>(digits.find_first_of("123456789"));
  std::int64_t exponent = 0;
  if (end < text.size()) {
    const bool negative = text[end + 1] == '-';
    const char* const begin = text.data() + end + (text[end + 1] == '+' ? 2 : 1);
    const auto error = std::from_chars(begin, text.data() + text.size(), exponent).ec;
    if (error == std::errc::result_out_of_range) exponent = negative ? -kFar : kFar;
  }
  // The number is 0.d1 d2 .. times ten to the power of this, and d1 is not 0.
  const std::int64_t power = first < point ? point - first : point + 1 - first;
  return std::clamp(exponent, -kFar, kFar) + power > 0;
}

}  // namespace

ParsedNumber parse_number_slowly(std::string_view text) {
  text = trim_spaces(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || error == std::errc::invalid_argument)
    return {0, NumberError::not_a_number};
  if (error == std::errc::result_out_of_range)  // too large, or so small that it is zero
    return {0, is_above_one(text) ? NumberError::not_finite : NumberError::none};
  if (!std::isfinite(value)) return {0, NumberError::not_finite};
  return {value, NumberError::none};
}

std::optional<std::int64_t> parse_time_slowly(std::string_view text) {
  text = trim_spaces(text);
  const ParsedNumber seconds = parse_number(text);
  constexpr double kLimit = 0x1p63;
  if (seconds.error != NumberError::none) return parse_iso_time(text);
  if (seconds.value < -kLimit || seconds.value >= kLimit) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(seconds.value));
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string utf8_or_latin1(std::string_view text) {
  if (is_valid_utf8(text)) return std::string(text);
  std::string utf8;
  utf8.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xC0 | (byte >> 6));
      utf8 += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return utf8;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string quoted = "\"";
  while (!text.empty() && quoted.size() < kLongest) {
    const std::string_view front = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
    quoted += visible(front);
    text.remove_prefix(front.size());
  }
  quoted += text.empty() ? "\"" : "...\"";
  return quoted;
}

}  // namespace palate
