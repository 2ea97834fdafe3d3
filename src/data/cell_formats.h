// What the cells of a column say: numbers and times in their formats. Layer: data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"
#include "palate/data/read.h"

namespace palate {

// A row of a table of text, cut into its cells.
using Row = std::vector<std::string>;

// The number that a cell says when numbers are written like that. Where nothing says what sets
// thousands apart, "5,001" is no number, and "1,234,567" and "1,234.5" are.
ParsedNumber parse_number_as(const NumberFormat& format, std::string_view cell);
// Whether it is a number in some format.
bool is_number(std::string_view cell);
// Whether the cells of a column are numbers, of one row at least.
bool column_is_numeric(std::span<const Row> rows, std::size_t column);

// The time that a cell says when times are written like that: in the unit of the format. An ISO
// date among numbers is brought to their unit; a number among ISO dates is no time.
std::optional<std::int64_t> parse_time_as(const TimeFormat& format, std::string_view cell);

// The number of a cell of times; a comma may stand for its decimal point.
ParsedNumber parse_time_number(std::string_view cell);

// Seconds since 1970 of 20100131, 201001312359 and 20100131235959, of the years 1900 to 2100 and of
// 9999, which stands for no end. Nothing for other numbers.
std::optional<std::int64_t> seconds_of_digits(std::int64_t digits);

// Seconds since 1970 of a day as spreadsheets count them: 25569 is the first of 1970.
std::optional<std::int64_t> seconds_of_excel_days(double days);

// Whether all cells begin with a day, in any order of its parts: "2010-01-31", "31.1.2010 17:05".
bool looks_like_dates(std::span<const Row> rows, std::size_t column);

// Dates, or integers too large for ratings: seconds since 1970, from 1973 on.
bool looks_like_times(std::span<const Row> rows, std::size_t column);

}  // namespace palate
