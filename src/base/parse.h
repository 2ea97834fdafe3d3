// Numbers and text out of the cells of a file, and cells into messages.
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace palate {

// The 64-bit integer whose only decimal form is `text`: "7", "-3", but not "07", "+7", "-0" or "
// 7".
inline std::optional<std::int64_t> parse_canonical_integer(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return std::nullopt;
  if (digits.size() <= 18) {  // cannot overflow
    std::int64_t number = 0;
    for (const char c : digits) {
      const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
      if (digit > 9) return std::nullopt;
      number = number * 10 + digit;
    }
    return negative ? -number : number;
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The number that n digits at `at` are, 1 <= n <= 8, all at once; false when one is no digit. Reads
// eight bytes.
inline bool parse_digits(const char* at, std::size_t n, std::int64_t& number) {
  constexpr std::uint64_t kZeros = 0x3030303030303030U;
  std::uint64_t digits;
  std::memcpy(&digits, at, 8);
  // Zeros go in front, and what stood behind the digits out: "42,5..." becomes "00000042".
  digits = (digits << (64 - 8 * n)) | (kZeros >> (8 * n - 8) >> 8);
  digits ^= kZeros;
  if (((digits | (digits + 0x0606060606060606U)) & 0xF0F0F0F0F0F0F0F0U) != 0) return false;
  digits = digits * 10 + (digits >> 8);  // pairs, in every other byte
  constexpr std::uint64_t kPairs = 0x000000FF000000FFU;
  digits =
      (digits & kPairs) * 0x000F424000000064U + ((digits >> 16) & kPairs) * 0x0000271000000001U;
  number = static_cast<std::int64_t>(digits >> 32);
  return true;
}

// parse_canonical_integer of the commonest forms, 1 to 16 digits: false means nothing. Reads eight
// bytes at least.
inline bool parse_plain_integer(std::string_view text, std::int64_t& number) {
  const std::size_t size = text.size();
  if (size - 1 >= 16 || (text.front() == '0' && size > 1)) return false;
  if (size <= 8) return parse_digits(text.data(), size, number);
  std::int64_t front;
  if (!parse_digits(text.data(), size - 8, front) ||
      !parse_digits(text.data() + size - 8, 8, number))
    return false;
  number += front * 100'000'000;
  return true;
}

inline std::string_view trim_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// What a cell of numbers says, spaces around it aside.
enum class NumberError { none, not_a_number, not_finite };
struct ParsedNumber {
  double value = 0;
  NumberError error = NumberError::none;
};

ParsedNumber parse_number_slowly(std::string_view text);

// 0.0, 0.1, .. 9.9, and on to where seven bits lead: sooner looked up than divided.
inline constexpr std::array<double, 128> kTenths = [] {
  std::array<double, 128> tenths{};
  for (std::size_t n = 0; n < tenths.size(); ++n) tenths[n] = static_cast<double>(n) / 10.0;
  return tenths;
}();

// "4", "4.5", "-0.25": at most 15 digits make an exact integer, and one division by an exact power
// of ten is rounded correctly, as std::from_chars is. Everything else goes there.
inline ParsedNumber parse_number(std::string_view text) {
  constexpr double kPowersOfTen[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.size() == 3 && text[1] == '.') {  // most ratings
    const unsigned whole = static_cast<unsigned char>(text[0]) - unsigned{'0'};
    const unsigned tenths = static_cast<unsigned char>(text[2]) - unsigned{'0'};
    if (whole <= 9 && tenths <= 9) return {kTenths[whole * 10 + tenths], NumberError::none};
  }
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view rest = text.substr(negative ? 1 : 0);
  if (rest.empty() || rest.size() > 16) return parse_number_slowly(text);
  std::int64_t digits = 0;
  std::size_t num_digits = 0;
  std::size_t point = rest.size();  // where it stands
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(rest[i]) - unsigned{'0'};
    if (digit <= 9) {
      digits = digits * 10 + digit;
      ++num_digits;
    } else if (rest[i] == '.' && point == rest.size()) {
      point = i;
    } else {
      return parse_number_slowly(text);
    }
  }
  if (num_digits == 0 || num_digits > 15) return parse_number_slowly(text);
  const std::size_t decimals = point == rest.size() ? 0 : rest.size() - point - 1;
  const double value = static_cast<double>(digits) / kPowersOfTen[decimals];
  return {negative ? -value : value, NumberError::none};
}

// A number as an integer, a fraction ("881250949.0", "8.8e8") cut off downwards, or a time in ISO
// 8601 (base/iso_time.h) in seconds since 1970.
std::optional<std::int64_t> parse_time_slowly(std::string_view text);
inline std::optional<std::int64_t> parse_time(std::string_view text) {
  if (const auto time = parse_canonical_integer(text)) return time;
  return parse_time_slowly(text);
}

// as Unicode has it: no surrogates, no overlong forms
bool is_valid_utf8(std::string_view text);
// as UTF-8; taken for Latin-1 where it is not UTF-8 already
std::string utf8_or_latin1(std::string_view text);
std::string ascii_lower(std::string_view text);

// `text` for a message: in quotes, visible (palate/base/visible.h), cut after 60 bytes.
std::string excerpt(std::string_view text);

}  // namespace palate
