// What the cells of a column say: numbers and times in their dress. Layer: data.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace palate {

// A row of a table of text, cut into its cells.
using Row = std::vector<std::string>;

// The number that a cell says. Where semicolons set columns apart, a comma may stand for the
// decimal point, as it is written where that is usual.
ParsedNumber parse_number_between(std::string_view delimiter, std::string_view cell);
bool is_number(std::string_view delimiter, std::string_view cell);
// Whether the cells of a column are numbers, of one row at least.
bool column_is_numeric(std::string_view delimiter, std::span<const Row> rows, std::size_t column);

// Integers too large for ratings: seconds since 1970, from 1973 on.
bool looks_like_times(std::span<const Row> rows, std::size_t column);

}  // namespace palate
