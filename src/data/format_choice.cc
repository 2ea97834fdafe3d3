#include "data/format_choice.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/iso_time.h"
#include "data/cell_formats.h"
#include "data/json_rows.h"

namespace palate {
namespace {

// Calls visit(cells) for every data row of the sample that is as wide as the first.
void for_each_sample_row(const Sample& sample, const TextLayout& layout, auto&& visit) {
  constexpr int kMostBadRows = 16;  // each may have been searched to the end for its closing quote
  bool skip = layout.header_row;
  with_row_parser(sample.text.substr(layout.preamble_bytes), layout.dialect, sample.is_whole_file,
                  [&](auto& parser) {
                    std::vector<std::string_view> cells;
                    for (int bad_rows = 0; bad_rows < kMostBadRows;) {
                      if (parser.next(cells)) {
                        if (!std::exchange(skip, false) && cells.size() == layout.width())
                          visit(cells);
                      } else if (parser.error()) {
                        parser.skip_line();
                        ++bad_rows;
                      } else {
                        return;
                      }
                    }
                  });
}

// What the cells of a column say of its decimal separator.
class NumberEvidence {
 public:
  void add(std::string_view cell) {
    cell = trim_spaces(cell);
    const std::size_t point = cell.find('.');
    const bool has_comma = cell.find(',') != std::string_view::npos;
    const bool as_most = point != std::string_view::npos && !has_comma && cell.size() != point + 4;
    if (as_most && parse_number(cell).error == NumberError::none) {
      ++points_;
      return;
    }
    if (point == std::string_view::npos && !has_comma) {
      const ParsedNumber number = parse_number_as({}, cell);
      if (number.error != NumberError::none) return;
      has_plain_ = true;
      largest_plain_ = std::max(largest_plain_, std::abs(number.value));
      return;
    }
    const auto reads = [&](char decimal) {
      return parse_number_as({.decimal = decimal, .thousands = true}, cell).error ==
             NumberError::none;
    };
    const bool by_point = reads('.');
    const bool by_comma = reads(',');
    if (by_point && by_comma) {
      std::string& example = has_comma ? ambiguous_comma_ : ambiguous_point_;
      if (example.empty()) example = cell;
    } else if (by_point) {
      ++points_;
      if (has_comma) grouping_comma_ = true;
    } else if (by_comma) {
      ++commas_;
      if (point != std::string_view::npos) grouping_point_ = true;
    }
  }

  // Nothing where both are as good.
  std::optional<NumberFormat> decision() const {
    const bool some_comma = !ambiguous_comma_.empty();
    const bool some_point = !ambiguous_point_.empty();
    const bool agreed = points_ == 0 || commas_ == 0;  // else the fewer are bad rows
    if (commas_ > points_) return NumberFormat{',', agreed && (grouping_point_ || some_point)};
    if (points_ > 0) return NumberFormat{'.', agreed && (grouping_comma_ || some_comma)};
    if (!some_comma && !some_point) return NumberFormat{};
    if (some_comma && some_point) return std::nullopt;
    constexpr double kLeastCount = 100;
    constexpr double kThousand = 1000;
    constexpr double kLargestRating = 10;
    if (largest_plain_ >= kLeastCount && largest_plain_ < kThousand)
      return NumberFormat{some_comma ? '.' : ',', true, true};
    const bool beside_ratings = !has_plain_ || largest_plain_ <= kLargestRating;
    if (some_point && (beside_ratings || largest_plain_ >= kThousand)) return NumberFormat{};
    return std::nullopt;
  }
  // A cell that may be 5 as well as 5001.
  std::string_view example() const {
    return ambiguous_comma_.empty() ? ambiguous_point_ : ambiguous_comma_;
  }

 private:
  std::uint64_t points_ = 0;  // cells that are numbers with a decimal point alone
  std::uint64_t commas_ = 0;
  bool grouping_comma_ = false;  // some of these have thousands
  bool grouping_point_ = false;
  bool has_plain_ = false;  // a number without either
  double largest_plain_ = 0;
  std::string ambiguous_comma_;
  std::string ambiguous_point_;
};

[[noreturn]] void fail_for(const NumberEvidence& evidence, const Sample& sample,
                           const TextLayout& layout, std::size_t column) {
  const std::string_view cell = evidence.example();
  std::string digits(cell);
  std::erase_if(digits, [](char c) { return c == ',' || c == '.'; });
  std::string with_point(cell);
  std::ranges::replace(with_point, ',', '.');
  fail(ErrorCode::bad_data,
       "{}: column {}{}: {} may be {} or {}, and the other numbers do not tell: `decimal=.` or "
       "`decimal=,` names the decimal separator",
       sample.name, column + 1,
       layout.header ? fmt::format(" '{}'", layout.columns[column]) : std::string(), excerpt(cell),
       digits, with_point);
}

// What the cells of a column say of how its times are written.
class TimeEvidence {
 public:
  void add(std::string_view cell) {
    std::int64_t integer = 0;
    if (parse_plain_integer(cell, integer)) {
      numbers_.push_back(static_cast<double>(integer));
    } else if (const ParsedNumber number = parse_time_number(cell);
               number.error == NumberError::none) {
      numbers_.push_back(number.value);
    } else if (parse_iso_time(trim_spaces(cell))) {
      ++dates_;
    }
  }

  // Nothing where there are no times but 0.
  std::optional<TimeFormat> decision() {
    if (dates_ > numbers_.size()) return TimeFormat{TimeStyle::iso_dates, TimeUnit::seconds};
    std::erase(numbers_, 0.0);
    if (numbers_.empty()) return std::nullopt;
    if (most([](double number) {
          constexpr double kExact = 0x1p53;
          return number >= 0 && number < kExact &&
                 seconds_of_digits(static_cast<std::int64_t>(number));
        }))
      return TimeFormat{TimeStyle::yyyymmdd, TimeUnit::seconds};
    if (most([](double number) {
          constexpr double kDay1970 = 25'569;
          constexpr double kDay2064 = 60'000;
          constexpr double kNoEnd = 2'958'465;  // 9999-12-31
          return (number >= kDay1970 && number < kDay2064) || std::floor(number) == kNoEnd;
        }))
      return TimeFormat{TimeStyle::excel_days, TimeUnit::seconds};
    return TimeFormat{TimeStyle::numbers, unit()};
  }

 private:
  // Nearly all: the others are bad rows.
  bool most(auto&& condition) const {
    constexpr double kMost = 0.9;
    return static_cast<double>(std::ranges::count_if(numbers_, condition)) >=
           kMost * static_cast<double>(numbers_.size());
  }

  // By the median, which a few ends of time do not move. Each limit is the year 1973 in the larger
  // unit and 5138 in the smaller.
  TimeUnit unit() {
    const auto size = [](double number) { return std::abs(number); };
    const auto median = numbers_.begin() + static_cast<std::ptrdiff_t>(numbers_.size() / 2);
    std::ranges::nth_element(numbers_, median, {}, size);
    constexpr std::array<double, 3> kLimits = {1e11, 1e14, 1e17};
    return static_cast<TimeUnit>(std::ranges::upper_bound(kLimits, size(*median)) -
                                 kLimits.begin());
  }

  std::vector<double> numbers_;
  std::uint64_t dates_ = 0;
};

NumberFormat told_number_format(const std::string& decimal) {
  if (decimal != "." && decimal != ",")
    fail(ErrorCode::invalid_argument, "decimal {} is neither a point nor a comma",
         excerpt(decimal));
  return {decimal[0], true};
}

TimeFormat told_time_format(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, TimeFormat>, 7> kFormats{
      {{"seconds", {TimeStyle::numbers, TimeUnit::seconds}},
       {"milliseconds", {TimeStyle::numbers, TimeUnit::milliseconds}},
       {"microseconds", {TimeStyle::numbers, TimeUnit::microseconds}},
       {"nanoseconds", {TimeStyle::numbers, TimeUnit::nanoseconds}},
       {"iso", {TimeStyle::iso_dates, TimeUnit::seconds}},
       {"yyyymmdd", {TimeStyle::yyyymmdd, TimeUnit::seconds}},
       {"excel", {TimeStyle::excel_days, TimeUnit::seconds}}}};
  for (const auto& [known, format] : kFormats) {
    if (name == known) return format;
  }
  fail(ErrorCode::invalid_argument,
       "time format {} is none of seconds, milliseconds, microseconds, nanoseconds, iso, yyyymmdd "
       "and excel",
       excerpt(name));
}

// Formats of numbers that a standard prescribes: JSON's and MatrixMarket's.
bool has_points_alone(const TextLayout& layout) {
  return !layout.dialect.keys.empty() || layout.size;
}

}  // namespace

void choose_formats(const Sample& sample, const TextLayout& layout, const RatingPlaces& places,
                    const ReadOptions& options, const TableFormat* first, TableFormat& format) {
  if (options.decimal) format.numbers = told_number_format(*options.decimal);
  if (options.time_format) format.times = told_time_format(*options.time_format);
  const bool guess_numbers = format.value && !options.decimal && !has_points_alone(layout);
  const bool guess_times = format.time && !options.time_format;
  if (!guess_numbers && !guess_times) return;
  NumberEvidence numbers;
  TimeEvidence times;
  for_each_sample_row(sample, layout, [&](const std::vector<std::string_view>& cells) {
    if (guess_numbers) numbers.add(cells[*places.value]);
    if (guess_times) times.add(cells[*places.time]);
  });
  if (guess_numbers) {
    const auto decision = numbers.decision();
    if (!decision && !first) fail_for(numbers, sample, layout, *format.value);
    format.numbers = decision ? *decision : first->numbers;
  }
  if (guess_times) format.times = times.decision().value_or(first ? first->times : TimeFormat{});
}

std::optional<NumberFormat> choose_number_format(const Sample& sample, const TextLayout& layout,
                                                 std::size_t column) {
  if (has_points_alone(layout)) return NumberFormat{};
  NumberEvidence numbers;
  for_each_sample_row(sample, layout, [&](const std::vector<std::string_view>& cells) {
    numbers.add(cells[column]);
  });
  return numbers.decision();
}

std::string_view number_format_name(const NumberFormat& format) {
  if (format.decimal == '.') return format.thousands ? "commas between thousands" : "";
  return format.thousands ? "decimal commas and points between thousands" : "decimal commas";
}

std::string_view time_format_name(const TimeFormat& format) {
  constexpr std::array<std::string_view, 4> kUnits = {"seconds", "milliseconds", "microseconds",
                                                      "nanoseconds"};
  switch (format.style) {
    case TimeStyle::numbers:
      return kUnits[static_cast<std::size_t>(format.unit)];
    case TimeStyle::iso_dates:
      return "ISO dates";
    case TimeStyle::yyyymmdd:
      return "dates as YYYYMMDD";
    case TimeStyle::excel_days:
      return "Excel days";
  }
  return "";
}

}  // namespace palate
