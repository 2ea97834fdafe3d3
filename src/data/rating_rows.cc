#include "data/rating_rows.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/parse.h"
#include "data/table_format.h"

namespace palate {
namespace {

// What is wrong with a cell: `column 3 'rating': "4,5" is not a number`.
std::string wrong_cell(const TableFormat& format, std::size_t column, std::string_view cell, std::string_view what) {
  const std::string name = format.header ? fmt::format(" '{}'", format.columns[column]) : "";
  return fmt::format("column {}{}: {} {}", column + 1, name, excerpt(cell), what);
}

void clear(PieceIds& ids, const IdTable& known) {
  ids.known = &known;
  ids.num_known = known.size();
  ids.fresh.clear();
  ids.index.clear();
}

template <class Id>
Index numbered(PieceIds& ids, Id id) {
  const Index known = ids.known->index_of(id);
  return known != IdTable::kNone ? known : ids.num_known + ids.fresh.add(id);
}

Index id_of(const TableFormat& format, std::size_t column, std::string_view id, PieceIds& ids) {
  if (id.empty()) throw wrong_cell(format, column, id, "is an empty id");
  const Index count = ids.fresh.size();
  const Index index = numbered(ids, id);
  if (index == ids.num_known + count && !is_valid_utf8(id)) throw wrong_cell(format, column, id, "is not valid UTF-8");
  return index;
}

float value_of(const TableFormat& format, std::string_view cell) {
  const ParsedNumber number = parse_number_between(format.delimiter, cell);
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
  if (!time)
    throw wrong_cell(format, *format.time, cell,
                     "is not a time, in seconds or as in 2026-11-24T16:30:00Z (--time none leaves times out)");
  return *time;
}

// Some rows of a piece, cut into cells: row r has those from r * width on.
struct Batch {
  static constexpr std::size_t kRows = 256;
  std::vector<std::string_view> cells;
  std::size_t width = 0;
  std::vector<std::uint64_t> lines;  // of each row

  std::size_t size() const { return lines.size(); }
  std::string_view cell(std::size_t row, std::size_t column) const { return cells[row * width + column]; }
};

// Cuts the next rows. Returns what is wrong with the one that follows them in the batch, if anything is.
std::optional<RowError> cut(RowParser& parser, const TableFormat& format, Batch& batch) {
  batch.cells.clear();
  batch.lines.clear();
  try {
    while (batch.size() < Batch::kRows && parser.append_next(batch.cells)) {
      const std::size_t count = batch.cells.size() - batch.size() * batch.width;
      if (count != batch.width) {
        return RowError{parser.line(), fmt::format("{} {} where the {} has {}", count, count == 1 ? "column" : "columns",
                                                   format.header ? "header" : "first row", batch.width)};
      }
      batch.lines.push_back(parser.line());
    }
  } catch (const RowError& error) {
    return error;
  }
  return std::nullopt;
}

// Turns cells into the columns of `rows`.
class Decoder {
 public:
  Decoder(const TableFormat& format, RatingRows& rows) : format_(format), rows_(rows) {}

  // Throws RowError for the first row that cannot be used.
  void decode(const Batch& batch) {
    if (decode_plain(batch)) return;
    for (std::size_t r = 0; r < batch.size(); ++r) {
      try {
        decode_row(batch, r);
      } catch (const std::string& reason) {
        throw RowError{batch.lines[r], reason};
      }
    }
  }

 private:
  // What most batches are: integers for ids and times, and numbers. Column by column: short loops have the work of many rows under
  // way at the same time, the look-ups above all. False where a cell is something else: then nothing was added.
  bool decode_plain(const Batch& batch) {
    if (!plain_integers(batch, format_.user, users_) || !plain_integers(batch, format_.item, items_)) return false;
    if (format_.time && !plain_integers(batch, *format_.time, times_)) return false;
    if (format_.value && !plain_values(batch, *format_.value)) return false;
    number(std::span(users_).first(batch.size()), rows_.users);
    number(std::span(items_).first(batch.size()), rows_.items);
    if (format_.time) rows_.times.insert(rows_.times.end(), times_.begin(), times_.begin() + batch.size());
    if (format_.value) {
      rows_.values.insert(rows_.values.end(), values_.begin(), values_.begin() + batch.size());
    } else {
      rows_.values.resize(rows_.values.size() + batch.size(), 1);
    }
    return true;
  }

  using Integers = std::array<std::int64_t, Batch::kRows>;

  static bool plain_integers(const Batch& batch, std::size_t column, Integers& integers) {
    for (std::size_t r = 0; r < batch.size(); ++r) {
      if (!parse_plain_integer(batch.cell(r, column), integers[r])) return false;
    }
    return true;
  }

  bool plain_values(const Batch& batch, std::size_t column) {
    for (std::size_t r = 0; r < batch.size(); ++r) {
      const ParsedNumber number = parse_number(batch.cell(r, column));
      values_[r] = static_cast<float>(number.value);
      if (number.error != NumberError::none || !std::isfinite(values_[r])) return false;
    }
    return true;
  }

  static void number(std::span<const std::int64_t> integers, PieceIds& ids) {
    const std::size_t size = ids.index.size();
    ids.index.resize(size + integers.size());
    Index* index = ids.index.data() + size;
    std::int64_t last = -1;  // none: a plain integer is not negative
    Index last_index = 0;
    for (const std::int64_t integer : integers) {
      if (integer != last) {  // files are often sorted by user
        last = integer;
        last_index = numbered(ids, integer);
      }
      *index++ = last_index;
    }
  }

  // Throws the reason, a string.
  void decode_row(const Batch& batch, std::size_t r) {
    const Index user = id_of(format_, format_.user, batch.cell(r, format_.user), rows_.users);
    const Index item = id_of(format_, format_.item, batch.cell(r, format_.item), rows_.items);
    const float value = format_.value ? value_of(format_, batch.cell(r, *format_.value)) : 1;
    if (format_.time) rows_.times.push_back(time_of(format_, batch.cell(r, *format_.time)));
    rows_.users.index.push_back(user);
    rows_.items.index.push_back(item);
    rows_.values.push_back(value);
  }

  const TableFormat& format_;
  RatingRows& rows_;
  Integers users_;
  Integers items_;
  Integers times_;
  std::array<float, Batch::kRows> values_;
};

}  // namespace

void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first, const RatingRowsOptions& options,
                       RatingRows& rows) {
  clear(rows.users, options.known_users);
  clear(rows.items, options.known_items);
  rows.values.clear();
  rows.times.clear();
  rows.lines.clear();
  rows.error.reset();
  const TableFormat& format = options.format;
  RowParser parser(text, options.dialect, file_ends);
  Batch batch{.width = format.columns.size()};
  Decoder decoder(format, rows);
  try {
    if (skip_first) parser.next(batch.cells);
    do {
      std::optional<RowError> broken = cut(parser, format, batch);
      decoder.decode(batch);
      rows.error = std::move(broken);
      if (options.with_lines) rows.lines.insert(rows.lines.end(), batch.lines.begin(), batch.lines.end());
    } while (!rows.error && batch.size() == Batch::kRows);
  } catch (const RowError& error) {
    rows.error = error;
  }
  rows.num_lines = parser.lines_passed();
  rows.consumed = parser.consumed();
}

}  // namespace palate
