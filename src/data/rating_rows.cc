#include "data/rating_rows.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

#include "base/parse.h"

namespace palate {
namespace {

using Cells = std::vector<std::string_view>;

// What is wrong with a cell: `column 3 'rating': "4,5" is not a number`.
std::string wrong_cell(const TableFormat& format, std::size_t column, std::string_view cell, std::string_view what) {
  const std::string name = format.header ? fmt::format(" '{}'", format.columns[column]) : "";
  return fmt::format("column {}{}: {} {}", column + 1, name, excerpt(cell), what);
}

class RowReader {
 public:
  RowReader(const RatingRowsOptions& options, RatingRows& rows) : format_(options.format), rows_(rows) {}

  // Throws the reason, a string, for a row that cannot be used.
  void add(const Cells& cells) {
    if (cells.size() != format_.columns.size()) {
      throw fmt::format("{} {} where the {} has {}", cells.size(), cells.size() == 1 ? "column" : "columns",
                        format_.header ? "header" : "first row", format_.columns.size());
    }
    const Index user = add_id(rows_.user_ids, cells, format_.user);
    const Index item = add_id(rows_.item_ids, cells, format_.item);
    if (format_.value) rows_.values.push_back(value_of(cells[*format_.value]));
    if (format_.time) rows_.times.push_back(time_of(cells[*format_.time]));
    rows_.users.push_back(user);
    rows_.items.push_back(item);
  }

 private:
  Index add_id(IdTable& ids, const Cells& cells, std::size_t column) const {
    const std::string_view id = cells[column];
    if (id.empty()) throw wrong_cell(format_, column, id, "is an empty id");
    const Index count = ids.size();
    const Index index = ids.add(id);
    if (index == count && !ids.are_integers() && !is_valid_utf8(id)) {
      throw wrong_cell(format_, column, id, "is not valid UTF-8");
    }
    return index;
  }

  float value_of(std::string_view cell) const {
    const ParsedNumber number = parse_number(cell);
    const float value = static_cast<float>(number.value);
    if (number.error == NumberError::not_a_number) throw wrong_cell(format_, *format_.value, cell, "is not a number");
    if (number.error == NumberError::not_finite || !std::isfinite(value)) {
      throw wrong_cell(format_, *format_.value, cell, "is not a finite 32-bit number");
    }
    return value;
  }

  std::int64_t time_of(std::string_view cell) const {
    const auto time = parse_time(cell);
    if (!time) throw wrong_cell(format_, *format_.time, cell, "is not a time in seconds (--time none leaves times out)");
    return *time;
  }

  const TableFormat& format_;
  RatingRows& rows_;
};

void clear(RatingRows& rows) {
  rows.user_ids.clear();
  rows.item_ids.clear();
  rows.users.clear();
  rows.items.clear();
  rows.values.clear();
  rows.times.clear();
  rows.lines.clear();
  rows.error.reset();
}

}  // namespace

void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first, const RatingRowsOptions& options,
                       RatingRows& rows) {
  clear(rows);
  RowParser parser(text, options.dialect, file_ends);
  RowReader reader(options, rows);
  Cells cells;
  try {
    while (parser.next(cells)) {
      if (std::exchange(skip_first, false)) continue;
      reader.add(cells);
      if (options.with_lines) rows.lines.push_back(parser.line());
    }
  } catch (const RowError& error) {
    rows.error = error;
  } catch (const std::string& reason) {
    rows.error = RowError{parser.line(), reason};
  }
  rows.num_lines = parser.lines_passed();
  rows.consumed = parser.consumed();
}

}  // namespace palate
