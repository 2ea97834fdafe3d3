#include "data/rating_rows.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>
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

// Gives the ids of a column their indices. Integers wait until there are some: a loop over them alone has many look-ups, each
// a miss of the nearest cache, under way at the same time.
class IdColumn {
 public:
  IdColumn(PieceIds& ids, const IdTable& known, std::vector<RatingRow>& rows, Index RatingRow::* index)
      : ids_(ids), rows_(rows), index_(index) {
    ids.known = &known;
    ids.num_known = known.size();
    ids.fresh.clear();
  }

  // The id of the row behind those that were given so far. Throws the reason, a string, for what cannot be an id.
  void give(const TableFormat& format, std::size_t column, std::string_view id) {
    if (id.empty()) throw wrong_cell(format, column, id, "is an empty id");
    if (num_waiting_ == waiting_.size()) number_waiting();
    if (parse_plain_integer(id, waiting_[num_waiting_])) {
      ++num_waiting_;
      return;
    }
    number_waiting();
    const Index count = ids_.fresh.size();
    const Index index = numbered(id);
    if (index == ids_.num_known + count && !is_valid_utf8(id)) throw wrong_cell(format, column, id, "is not valid UTF-8");
    rows_[num_numbered_++].*index_ = index;
  }

  void number_waiting() {
    // Kept in variables of the loop: as members they would be written and read again for every row.
    RatingRow* row = rows_.data() + num_numbered_;
    std::int64_t integer = last_integer_;
    Index index = last_index_;
    for (const std::int64_t waiting : std::span(waiting_).first(num_waiting_)) {
      if (waiting != integer) {  // files are often sorted by user
        integer = waiting;
        index = numbered(integer);
      }
      (row++)->*index_ = index;
    }
    last_integer_ = integer;
    last_index_ = index;
    num_numbered_ += num_waiting_;
    num_waiting_ = 0;
  }

 private:
  template <class Id>
  Index numbered(Id id) {
    const Index known = ids_.known->index_of(id);
    return known != IdTable::kNone ? known : ids_.num_known + ids_.fresh.add(id);
  }

  PieceIds& ids_;
  std::vector<RatingRow>& rows_;
  Index RatingRow::* index_;  // where in a row the index belongs
  std::size_t num_numbered_ = 0;
  std::array<std::int64_t, 256> waiting_;
  std::size_t num_waiting_ = 0;
  std::int64_t last_integer_ = -1;  // none: a plain integer is not negative
  Index last_index_ = 0;
};

float value_of(const TableFormat& format, std::string_view cell) {
  const ParsedNumber number = parse_number(cell);
  const float value = static_cast<float>(number.value);
  if (number.error == NumberError::not_a_number) throw wrong_cell(format, *format.value, cell, "is not a number");
  if (number.error == NumberError::not_finite || !std::isfinite(value)) {
    throw wrong_cell(format, *format.value, cell, "is not a finite 32-bit number");
  }
  return value;
}

std::int64_t time_of(const TableFormat& format, std::string_view cell) {
  if (std::int64_t seconds; parse_plain_integer(cell, seconds)) return seconds;
  const auto time = parse_time(cell);
  if (!time) throw wrong_cell(format, *format.time, cell, "is not a time in seconds (--time none leaves times out)");
  return *time;
}

void check_cells(const TableFormat& format, const Cells& cells) {
  if (cells.size() == format.columns.size()) return;
  throw fmt::format("{} {} where the {} has {}", cells.size(), cells.size() == 1 ? "column" : "columns",
                    format.header ? "header" : "first row", format.columns.size());
}

}  // namespace

void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first, const RatingRowsOptions& options,
                       RatingRows& rows) {
  rows.rows.clear();
  rows.lines.clear();
  rows.error.reset();
  const TableFormat& format = options.format;
  IdColumn users(rows.users, options.known_users, rows.rows, &RatingRow::user);
  IdColumn items(rows.items, options.known_items, rows.rows, &RatingRow::item);
  RowParser parser(text, options.dialect, file_ends);
  Cells cells;
  try {
    while (parser.next(cells)) {
      if (std::exchange(skip_first, false)) continue;
      check_cells(format, cells);
      RatingRow& row = rows.rows.emplace_back();
      users.give(format, format.user, cells[format.user]);
      items.give(format, format.item, cells[format.item]);
      if (format.value) row.value = value_of(format, cells[*format.value]);
      if (format.time) row.time = time_of(format, cells[*format.time]);
      if (options.with_lines) rows.lines.push_back(parser.line());
    }
    users.number_waiting();
    items.number_waiting();
  } catch (const RowError& error) {
    rows.error = error;
  } catch (const std::string& reason) {
    rows.error = RowError{parser.line(), reason};
  }
  rows.num_lines = parser.lines_passed();
  rows.consumed = parser.consumed();
}

}  // namespace palate
