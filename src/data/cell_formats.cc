#include "data/cell_formats.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/iso_time.h"

namespace palate {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What may set thousands apart in any format: spaces, of which three do not break a line, the first
// also as Latin-1 has it, and apostrophes.
constexpr std::array<std::string_view, 7> kGroupMarks = {" ",    "\u00A0", "\u202F", "\u2009",
                                                         "\xA0", "'",      "\u2019"};

// A number as from_chars reads it, of one that has other separators.
struct PlainNumber {
  std::string text;
  bool ambiguous = false;  // "5,001": the only separator may be the decimal one
};

// "-1,234,567.5e3" with the separators of the format; nothing for other texts.
std::optional<PlainNumber> without_groups(char decimal, std::string_view cell) {
  const char other = decimal == '.' ? ',' : '.';
  PlainNumber number;
  std::string_view rest = trim_spaces(cell);
  const auto digits = [&] {
    std::size_t count = 0;
    while (count < rest.size() && is_digit(rest[count])) ++count;
    number.text += rest.substr(0, count);
    rest.remove_prefix(count);
    return count;
  };
  if (rest.starts_with('-')) {
    number.text += '-';
    rest.remove_prefix(1);
  }
  const bool grows = !rest.starts_with('0');
  const std::size_t first_group = digits();
  std::string_view mark = rest.substr(0, rest.starts_with(other) ? 1 : 0);
  for (const std::string_view one : kGroupMarks) {
    if (rest.starts_with(one)) mark = one;
  }
  std::size_t groups = 0;
  for (; !mark.empty() && rest.starts_with(mark); ++groups) {
    rest.remove_prefix(mark.size());
    if (digits() != 3) return std::nullopt;
  }
  if (groups > 0 && (!grows || first_group == 0 || first_group > 3)) return std::nullopt;
  number.ambiguous = groups == 1 && mark[0] == other && rest.empty();
  if (rest.starts_with(decimal)) {
    number.text += '.';
    rest.remove_prefix(1);
    digits();
  }
  if (!rest.empty() && rest[0] != 'e' && rest[0] != 'E') return std::nullopt;
  number.text += rest;
  return number;
}

}  // namespace

ParsedNumber parse_number_as(const NumberFormat& format, std::string_view cell) {
  // Where a comma is decimal, a point in a number without one has another meaning.
  if (format.decimal == '.' || cell.find('.') == std::string_view::npos) {
    const ParsedNumber number = parse_number(cell);
    if (number.error != NumberError::not_a_number) return number;
  }
  const auto plain = without_groups(format.decimal, cell);
  if (!plain || (plain->ambiguous && !format.thousands)) return {0, NumberError::not_a_number};
  return parse_number(plain->text);
}

bool is_number(std::string_view cell) {
  return parse_number_as({.decimal = '.', .thousands = true}, cell).error == NumberError::none ||
         parse_number_as({.decimal = ','}, cell).error == NumberError::none;
}

bool column_is_numeric(std::span<const Row> rows, std::size_t column) {
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && is_number(row[column]);
  });
}

std::optional<std::int64_t> seconds_of_digits(std::int64_t digits) {
  constexpr std::int64_t kHundred = 100;
  constexpr std::int64_t kDate = 100'000'000;  // dates are below
  constexpr std::int64_t kMinutes = kDate * kHundred * kHundred;
  constexpr std::int64_t kSeconds = kMinutes * kHundred;
  if (digits < kDate / 10 || digits >= kSeconds || (digits >= kDate && digits < kMinutes / 10) ||
      (digits >= kMinutes && digits < kSeconds / 10))
    return std::nullopt;
  const auto take_two = [&] {
    const std::int64_t last = digits % kHundred;
    digits /= kHundred;
    return last;
  };
  const std::int64_t second = digits >= kMinutes ? take_two() : 0;
  const bool has_clock = digits >= kDate;
  const std::int64_t minute = has_clock ? take_two() : 0;
  const std::int64_t hour = has_clock ? take_two() : 0;
  const std::int64_t day = take_two();
  const std::int64_t month = take_two();
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(digits)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  constexpr std::int64_t kNoEnd = 9999;
  const bool usual = (digits >= 1900 && digits <= 2100) || digits == kNoEnd;
  if (!usual || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return std::chrono::seconds(std::chrono::sys_days(date).time_since_epoch()).count() +
         hour * 3600 + minute * 60 + second;
}

std::optional<std::int64_t> seconds_of_excel_days(double days) {
  constexpr double kMost = 2'958'466;  // the day after 9999-12-31
  constexpr double kDay1970 = 25'569;
  constexpr double kSecondsOfDay = 86'400;
  if (!(days >= 0 && days < kMost)) return std::nullopt;
  return std::llround((days - kDay1970) * kSecondsOfDay);
}

ParsedNumber parse_time_number(std::string_view cell) {
  const ParsedNumber number = parse_number(cell);
  return number.error == NumberError::not_a_number ? parse_number_as({.decimal = ','}, cell)
                                                   : number;
}

std::optional<std::int64_t> parse_time_as(const TimeFormat& format, std::string_view cell) {
  if (const auto seconds = parse_iso_time(trim_spaces(cell))) {
    const std::int64_t count = per_second(format.unit);
    const bool fits = *seconds <= std::numeric_limits<std::int64_t>::max() / count &&
                      *seconds >= std::numeric_limits<std::int64_t>::min() / count;
    return fits ? std::optional(*seconds * count) : std::nullopt;
  }
  switch (format.style) {
    case TimeStyle::numbers:
      return parse_time(cell);
    case TimeStyle::iso_dates:
      return std::nullopt;
    case TimeStyle::yyyymmdd: {
      const auto digits = parse_time(cell);
      return digits ? seconds_of_digits(*digits) : std::nullopt;
    }
    case TimeStyle::excel_days: {
      const ParsedNumber days = parse_time_number(cell);
      return days.error == NumberError::none ? seconds_of_excel_days(days.value) : std::nullopt;
    }
  }
  return std::nullopt;
}

bool looks_like_times(std::span<const Row> rows, std::size_t column) {
  constexpr std::int64_t kLeast = 100'000'000;
  const auto all = [&](auto&& is_time) {
    return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
      return column < row.size() && is_time(parse_time(row[column]).value_or(0));
    });
  };
  return all([](std::int64_t time) { return time >= kLeast; }) ||
         all([](std::int64_t time) { return seconds_of_digits(time).has_value(); });
}

bool looks_like_dates(std::span<const Row> rows, std::size_t column) {
  const auto is_date = [](std::string_view cell) {
    cell = trim_spaces(cell);
    const std::size_t separator = cell.find_first_not_of("0123456789");
    if (separator == std::string_view::npos) return false;
    const char c = cell[separator];
    const std::string_view rest = cell.substr(separator + 1);
    const std::size_t second = rest.find_first_not_of("0123456789");
    if ((c != '-' && c != '/' && c != '.') || second == std::string_view::npos || rest[second] != c)
      return false;
    const std::string_view last = rest.substr(second + 1);
    const std::size_t end = std::min(last.find_first_not_of("0123456789"), last.size());
    const bool ends = end == last.size() || last[end] == ' ' || last[end] == 'T';
    const auto is_short = [](std::size_t digits) { return digits == 1 || digits == 2; };
    return ends && is_short(second) &&
           ((separator == 4 && is_short(end)) || (is_short(separator) && end == 4));
  };
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && is_date(row[column]);
  });
}

}  // namespace palate
