// Numbers, times and UTF-8 in cells, given any bytes: the fast ways give what the plain definitions
// give.
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/iso_time.h"
#include "base/parse.h"
#include "memory_file.h"

namespace {

// The integer that std::from_chars reads, if writing it gives the text again.
std::optional<std::int64_t> canonical(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  char again[24];
  const auto written = std::to_chars(again, again + sizeof again, number);
  if (std::string_view(again, static_cast<std::size_t>(written.ptr - again)) != text)
    return std::nullopt;
  return number;
}

void check_integers(std::string_view text) {
  const auto expected = canonical(text);
  require(palate::parse_canonical_integer(text) == expected);
  std::int64_t plain = 0;
  if (!text.empty() && palate::parse_plain_integer(text, plain)) require(expected == plain);
  if (text.size() <= 16 && expected && *expected >= 0)
    require(palate::parse_plain_integer(text, plain) && plain == *expected);
}

void check_numbers(std::string_view text) {
  const palate::ParsedNumber fast = palate::parse_number(text);
  const palate::ParsedNumber slow = palate::parse_number_slowly(text);
  require(fast.error == slow.error);
  if (fast.error == palate::NumberError::none)
    require(std::isfinite(fast.value) && fast.value == slow.value);
}

void check_times(std::string_view text) {
  const auto time = palate::parse_time(text);
  if (const auto integer = canonical(text)) require(time == integer);
  if (const auto iso = palate::parse_iso_time(text)) {
    require(time == iso);
    require(palate::parse_iso_time(palate::iso_time(*iso)) == iso || *iso < 0 ||
            *iso > 250'000'000'000);
  }
}

// By the table of well-formed sequences in the Unicode standard (3-7).
bool well_formed(std::string_view text) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto follows = [&](std::size_t at, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(at) >= low && byte(at) <= high;
  };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned first = byte(at);
    if (first < 0x80) {
      at += 1;
    } else if (first >= 0xC2 && first <= 0xDF && follows(at + 1)) {
      at += 2;
    } else if (first >= 0xE0 && first <= 0xEF &&
               follows(at + 1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) &&
               follows(at + 2)) {
      at += 3;
    } else if (first >= 0xF0 && first <= 0xF4 &&
               follows(at + 1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) &&
               follows(at + 2) && follows(at + 3)) {
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLongest = 64;
  if (size > kLongest) return -1;
  char cell[kLongest + 16] = {};  // sixteen bytes behind the text may be read
  if (size > 0) std::memcpy(cell, data, size);
  const std::string_view text(cell, size);
  check_integers(text);
  check_numbers(text);
  check_times(text);
  require(palate::is_valid_utf8(text) == well_formed(text));
  return 0;
}
