#include "data/cell_formats.h"

#include <algorithm>
#include <cstdint>

namespace palate {

ParsedNumber parse_number_between(std::string_view delimiter, std::string_view cell) {
  const ParsedNumber number = parse_number(cell);
  if (number.error != NumberError::not_a_number || delimiter != ";") return number;
  const std::size_t comma = cell.find(',');
  if (comma == std::string_view::npos) return number;
  std::string with_point(cell);
  with_point[comma] = '.';
  return parse_number(with_point);
}

bool is_number(std::string_view delimiter, std::string_view cell) {
  return parse_number_between(delimiter, cell).error == NumberError::none;
}

bool column_is_numeric(std::string_view delimiter, std::span<const Row> rows, std::size_t column) {
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && is_number(delimiter, row[column]);
  });
}

bool looks_like_times(std::span<const Row> rows, std::size_t column) {
  constexpr std::int64_t kLeast = 100'000'000;
  return !rows.empty() && std::ranges::all_of(rows, [&](const Row& row) {
    return column < row.size() && parse_time(row[column]).value_or(0) >= kLeast;
  });
}

}  // namespace palate
