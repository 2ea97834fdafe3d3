#include "base/iso_time.h"

#include <fmt/format.h>

#include <chrono>

namespace palate {
namespace {

// What is taken off the front of a text, piece by piece.
struct Rest {
  std::string_view text;

  bool skip(char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t count) {
    int number = 0;
    if (text.size() < count) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      if (text[i] < '0' || text[i] > '9') return std::nullopt;
      number = number * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return number;
  }
  // Two digits in [0, limit).
  std::optional<int> two_digits(int limit) {
    const auto number = digits(2);
    return number && *number < limit ? number : std::nullopt;
  }
};

// "15:55", "15:55:49", "15:55:49.250": the seconds since midnight.
std::optional<std::int64_t> parse_iso_clock(Rest& rest) {
  constexpr int kLeapSecond = 60;
  const auto hour = rest.two_digits(24);
  if (!hour || !rest.skip(':')) return std::nullopt;
  const auto minute = rest.two_digits(60);
  std::optional<int> second = 0;
  if (rest.skip(':')) {
    second = rest.two_digits(kLeapSecond + 1);
    if (rest.skip('.') || rest.skip(',')) {
      if (!rest.digits(1)) return std::nullopt;
      while (rest.digits(1)) continue;
    }
  }
  if (!minute || !second) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

// "Z", "+01:00", "-0330", "+01", " UTC" or nothing: the seconds that the zone is ahead of UTC.
std::optional<std::int64_t> parse_iso_zone(Rest& rest) {
  if (rest.text == " UTC") rest.text = {};
  if (rest.text.empty() || rest.skip('Z') || rest.skip('z')) return 0;
  const bool behind = rest.skip('-');
  if (!behind && !rest.skip('+')) return std::nullopt;
  const auto hours = rest.two_digits(24);
  rest.skip(':');
  const auto minutes = rest.text.empty() ? 0 : rest.two_digits(60);
  if (!hours || !minutes) return std::nullopt;
  return (behind ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

}  // namespace

std::optional<std::int64_t> parse_iso_time(std::string_view text) {
  Rest rest{text};
  const auto year = rest.digits(4);
  const char dash = rest.text.starts_with('/') ? '/' : '-';
  if (!year || !rest.skip(dash)) return std::nullopt;
  const auto month = rest.digits(2);
  if (!month || !rest.skip(dash)) return std::nullopt;
  const auto day = rest.digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t seconds =
      std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count();
  if (rest.text.empty()) return seconds;
  if (!rest.skip('T') && !rest.skip('t') && !rest.skip(' ')) return std::nullopt;
  const auto clock = parse_iso_clock(rest);
  if (!clock) return std::nullopt;
  const auto zone = parse_iso_zone(rest);
  if (!zone || !rest.text.empty()) return std::nullopt;
  return seconds + *clock - *zone;
}

std::string iso_time(std::int64_t seconds) {
  constexpr std::int64_t kYear0 = -62'167'219'200;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  if (seconds < kYear0 || seconds >= kYear10000) return std::to_string(seconds);
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (time != day) {
    text += fmt::format("T{:02}:{:02}:{:02}Z", clock.hours().count(), clock.minutes().count(),
                        clock.seconds().count());
  }
  return text;
}

}  // namespace palate
