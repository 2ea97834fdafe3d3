#include "data/rating_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/id_twins.h"
#include "data/json_rows.h"
#include "data/lines_above.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

bool is_id(std::string_view cell, std::string_view& reason) {
  reason = cell.empty() ? "is an empty id" : is_valid_utf8(cell) ? "" : "is not valid UTF-8";
  return reason.empty();
}

// What is wrong with a cell that is no number in the format of its column.
std::string_view why_no_number(const NumberFormat& format, std::string_view cell) {
  const auto reads = [&](char decimal) {
    return parse_number_as({.decimal = decimal, .thousands = true}, cell).error ==
           NumberError::none;
  };
  const bool by_point = reads('.');
  const bool by_comma = reads(',');
  if (by_point && by_comma)
    return "is not a number before it is told whether it has thousands (`decimal=.` or "
           "`decimal=,` names the decimal separator)";
  if (format.decimal == '.' && by_comma)
    return "is not a number where others have decimal points (`decimal=,` reads commas)";
  if (format.decimal == ',' && by_point)
    return "is not a number where others have decimal commas (`decimal=.` reads points)";
  return "is not a number";
}

constexpr std::string_view kTextValue =
    "is not a number, as nothing in this column is: write the numbers alone into the file, or "
    "`value_column` tells another column, and `value_column=none` reads who chose what";

bool is_value(const NumberFormat& format, std::string_view cell, float& value,
              std::string_view& reason) {
  const ParsedNumber number = parse_number_as(format, cell);
  value = static_cast<float>(number.value);
  const bool is_finite = number.error != NumberError::not_finite && std::isfinite(value);
  reason = number.error == NumberError::not_a_number ? why_no_number(format, cell)
           : is_finite                               ? ""
                                                     : "is not a finite 32-bit number";
  return reason.empty();
}

// What is wrong with a cell that is no time in the format of its column.
std::string_view why_no_time(const TimeFormat& format, std::string_view cell) {
  if (cell.find('/') != std::string_view::npos)
    return "is not a time: day and month are not told apart, write it as 2026-11-24 "
           "(`time_column=none` leaves times out)";
  if (!cell.empty() && format.style == TimeStyle::yyyymmdd)
    return "is not a date as others of its column are, 20261124 (`time_column=none` leaves times "
           "out)";
  if (!cell.empty() && format.style == TimeStyle::excel_days)
    return "is not a day as others of its column are, 40189.5 (`time_column=none` leaves times "
           "out)";
  if (format.style == TimeStyle::iso_dates && parse_time(cell))
    return "is a number where others are dates (`time_format=seconds` reads it)";
  return "is not a time, in seconds or as in 2026-11-24T16:30:00Z (`time_column=none` leaves times "
         "out)";
}

bool is_time(const TimeFormat& format, std::string_view cell, std::int64_t& time,
             std::string_view& reason) {
  if (format.style == TimeStyle::numbers && parse_plain_integer(cell, time)) return true;
  const auto found = parse_time_as(format, cell);
  if (found) time = *found;
  reason = found ? "" : why_no_time(format, cell);
  return reason.empty();
}

// Some rows of a piece, cut into cells: row r has those from r * width on.
struct Batch {
  static constexpr std::size_t kRows = 256;
  static constexpr std::size_t kCells = std::size_t{1} << 16;  // wider rows are fewer
  explicit Batch(std::size_t row_width)
      : width(row_width),
        capacity(std::clamp(kCells / row_width, std::size_t{1}, kRows)),
        cells(capacity * row_width) {}

  std::size_t width;
  std::size_t capacity;
  std::size_t size = 0;
  std::vector<std::string_view> cells;
  std::vector<std::string_view> odd_row;  // the cells of one that is not plain
  std::array<CutRow, kRows> rows;
  std::optional<BadRow> bad;  // what follows them, if it is a row that cannot be cut

  std::span<std::string_view> cells_from(std::size_t row) {
    return std::span(cells).subspan(row * width);
  }
  std::span<CutRow> rows_from(std::size_t row) {
    return std::span(rows).first(capacity).subspan(row);
  }
  std::string_view cell(std::size_t row, std::size_t column) const {
    return cells[row * width + column];
  }
};

constexpr std::string_view kComment = "is in a line that begins with # or %, as comments do";

std::string_view wrong_width(std::string_view row, std::size_t count, const TableFormat& format,
                             RatingRows& rows) {
  if (begins_as_comment(row)) return "the line begins with # or %: a comment, not a row";
  std::string& reason = rows.wrong_widths[count];
  if (reason.empty()) {
    reason = fmt::format("{} {} where the {} has {}", count, count == 1 ? "column" : "columns",
                         format.header ? "header" : "first row", format.columns.size());
  }
  return reason;
}

// Cuts the next rows, up to a bad one; false at the end of the text.
template <class Parser>
bool cut(Parser& parser, const TableFormat& format, RatingRows& rows, Batch& batch) {
  batch.bad.reset();
  std::vector<std::string_view>& cells = batch.odd_row;
  for (batch.size = 0; batch.size < batch.capacity; ++batch.size) {
    batch.size += parser.cut_plain_rows(batch.cells_from(batch.size), batch.rows_from(batch.size));
    if (batch.size == batch.capacity) break;
    cells.clear();
    if (!parser.append_next(cells)) {
      if (!parser.error()) return false;
      batch.bad = {.line = static_cast<std::uint32_t>(parser.line()),
                   .reason = parser.error()->reason,
                   .text = {}};
      parser.skip_line();
      batch.bad->text = parser.row();
      return true;
    }
    if (cells.size() != batch.width) {
      batch.bad = {.line = static_cast<std::uint32_t>(parser.line()),
                   .reason = wrong_width(parser.row(), cells.size(), format, rows),
                   .text = parser.row()};
      return true;
    }
    std::ranges::copy(cells, batch.cells_from(batch.size).begin());
    batch.rows[batch.size] = {parser.row(), parser.line()};
  }
  return true;
}

std::optional<std::uint64_t> line_beyond_limit(const Batch& batch) {
  for (std::size_t r = 0; r < batch.size; ++r) {
    if (batch.rows[r].text.size() > kLongestRow) return batch.rows[r].line;
  }
  if (batch.bad && batch.bad->text.size() > kLongestRow) return batch.bad->line;
  return {};
}

// Turns cells into the columns of `rows`.
class Decoder {
 public:
  Decoder(const RatingRowsOptions& options, RatingRows& rows)
      : format_(options.format),
        places_(options.places),
        missing_(options.missing),
        event_weights_(options.event_weights),
        size_(options.size),
        trim_ids_(options.trim_ids),
        with_lines_(options.with_lines),
        are_weights_(options.are_weights),
        values_are_text_(options.values_are_text),
        may_be_plain_((!format_.value || format_.numbers.decimal == '.') &&
                      (!format_.time || format_.times.style == TimeStyle::numbers ||
                       format_.times.style == TimeStyle::yyyymmdd)),
        rows_(rows) {}

  void decode(const Batch& batch) {
    constexpr std::size_t kWorthwhile = 16;  // fewer rows are decoded sooner one by one
    if (may_be_plain_ && batch.size >= kWorthwhile && decode_plain(batch)) return;
    for (std::size_t r = 0; r < batch.size; ++r) decode_row(batch, r);
  }

 private:
  // What most batches are: integers for ids and times, and numbers. Column by column: short loops
  // have the work of many rows under way at the same time, the look-ups above all. False where a
  // cell is something else: then nothing was added.
  bool decode_plain(const Batch& batch) {
    if (!plain_integers(batch, places_.user, users_) ||
        !plain_integers(batch, places_.item, items_))
      return false;
    if (size_ && !(are_within(users_, batch.size, size_->users) &&
                   are_within(items_, batch.size, size_->items)))
      return false;
    if (places_.time && !plain_times(batch, *places_.time)) return false;
    if (places_.value && !plain_values(batch, *places_.value)) return false;
    if (places_.event && !plain_events(batch, *places_.event)) return false;
    rows_.users.append(std::span(users_).first(batch.size));
    rows_.items.append(std::span(items_).first(batch.size));
    if (format_.time)
      rows_.times.insert(rows_.times.end(), times_.begin(), times_.begin() + batch.size);
    if (format_.value || format_.event) {
      rows_.values.insert(rows_.values.end(), values_.begin(), values_.begin() + batch.size);
    } else {
      rows_.values.resize(rows_.values.size() + batch.size, 1);
    }
    for (std::size_t r = 0; with_lines_ && r < batch.size; ++r)
      rows_.lines.push_back(batch.rows[r].line);
    return true;
  }

  using Integers = std::array<std::int64_t, Batch::kRows>;

  static bool plain_integers(const Batch& batch, std::size_t column, Integers& integers) {
    return kernels().parse_integers(batch.cells.data() + column, batch.width, batch.size,
                                    integers.data());
  }

  static bool is_within(std::int64_t id, std::int64_t size) { return id >= 1 && id <= size; }
  static bool are_within(const Integers& ids, std::size_t count, std::int64_t size) {
    return std::ranges::all_of(std::span(ids).first(count),
                               [&](std::int64_t id) { return is_within(id, size); });
  }

  bool plain_times(const Batch& batch, std::size_t column) {
    if (!plain_integers(batch, column, times_)) return false;
    if (format_.times.style == TimeStyle::numbers) return true;
    for (std::int64_t& time : std::span(times_).first(batch.size)) {
      const auto seconds = seconds_of_digits(time);
      if (!seconds) return false;
      time = *seconds;
    }
    return true;
  }

  bool plain_values(const Batch& batch, std::size_t column) {
    if (!missing_.empty()) return false;  // rows may have to go
    if (values_in_tenths(batch, column)) return true;
    for (std::size_t r = 0; r < batch.size; ++r) {
      const ParsedNumber number = parse_number(batch.cell(r, column));
      values_[r] = static_cast<float>(number.value);
      if (number.error != NumberError::none || !std::isfinite(values_[r])) return false;
      if (values_[r] < 0 && (are_weights_ || !rows_.first_negative)) return false;
    }
    return true;
  }

  bool plain_events(const Batch& batch, std::size_t column) {
    for (std::size_t r = 0; r < batch.size; ++r) {
      const EventWeight* known = find_event(batch.cell(r, column));
      if (!known) return false;
      values_[r] = known->weight;
    }
    return true;
  }

  // Null where no weight is told for it.
  const EventWeight* find_event(std::string_view event) const {
    const auto found = std::ranges::find(event_weights_, event, &EventWeight::event);
    return found == event_weights_.end() ? nullptr : &*found;
  }

  // Most values are as 4.5: then all are, and no branch is needed for each. False where one is not.
  bool values_in_tenths(const Batch& batch, std::size_t column) {
    std::size_t wrong = 0;
    for (std::size_t r = 0; r < batch.size; ++r) {
      const std::string_view cell = batch.cell(r, column);
      std::uint32_t text;  // with a byte behind
      std::memcpy(&text, cell.size() == 3 ? cell.data() : "0.0", sizeof text);
      const std::uint32_t whole = (text & 0xFF) - '0';
      const std::uint32_t tenths = (text >> 16 & 0xFF) - '0';
      wrong |= (cell.size() ^ 3) | ((text >> 8 & 0xFF) ^ '.') | std::size_t{whole > 9} |
               std::size_t{tenths > 9};
      values_[r] = static_cast<float>(kTenths[(whole * 10 + tenths) & 127]);
    }
    return wrong == 0;
  }

  // Adds the row, to the bad ones where a cell says nothing: then no id of it is numbered.
  void decode_row(const Batch& batch, std::size_t r) {
    std::string_view reason;
    float value = 1;
    std::int64_t time = 0;
    const auto wrong = [&](std::size_t column, std::size_t place) {
      const auto& [text, line] = batch.rows[r];
      if (begins_as_comment(text)) reason = kComment;
      if (rows_.bad.empty()) rows_.first_bad_cell = batch.cell(r, place);
      rows_.bad.push_back({.line = static_cast<std::uint32_t>(line),
                           .column = static_cast<std::uint32_t>(column),
                           .reason = reason,
                           .text = text});
    };
    const auto wrong_user = [&] { wrong(format_.user, places_.user); };
    const auto wrong_item = [&] { wrong(format_.item, places_.item); };
    const std::string_view user = id(batch.cell(r, places_.user));
    const std::string_view item = id(batch.cell(r, places_.item));
    std::int64_t user_number = 0;
    std::int64_t item_number = 0;
    const bool user_is_plain = parse_plain_integer(user, user_number);
    const bool item_is_plain = parse_plain_integer(item, item_number);
    if (!user_is_plain && !is_id(user, reason)) return wrong_user();
    if (!item_is_plain && !is_id(item, reason)) return wrong_item();
    reason = "is the header once more";
    if (format_.header && user == format_.columns[format_.user] &&
        item == format_.columns[format_.item])
      return wrong_user();
    reason = "is beyond the size that the file declares";
    if (size_ && !(user_is_plain && is_within(user_number, size_->users))) return wrong_user();
    if (size_ && !(item_is_plain && is_within(item_number, size_->items))) return wrong_item();
    if (places_.value && !is_value(format_.numbers, batch.cell(r, *places_.value), value, reason)) {
      if (values_are_text_) reason = kTextValue;
      return wrong(*format_.value, *places_.value);
    }
    if (places_.time && !is_time(format_.times, batch.cell(r, *places_.time), time, reason))
      return wrong(*format_.time, *places_.time);
    if (format_.value && std::ranges::find(missing_, value) != missing_.end()) {
      ++rows_.num_missing;
      return;
    }
    if (value < 0) {
      reason = kNegativeWeight;
      if (are_weights_) return wrong(*format_.value, *places_.value);
      if (!rows_.first_negative)
        rows_.first_negative = {batch.rows[r].line, std::string(batch.cell(r, *places_.value))};
    }
    if (places_.event) {
      const std::string_view event = batch.cell(r, *places_.event);
      const EventWeight* known = find_event(event);
      if (!known) return rows_.unknown_events.add(event, 1);
      value = known->weight;
    }
    rows_.users.index.push_back(user_is_plain ? rows_.users.index_of(user_number)
                                              : rows_.users.index_of(user));
    rows_.items.index.push_back(item_is_plain ? rows_.items.index_of(item_number)
                                              : rows_.items.index_of(item));
    rows_.values.push_back(value);
    if (format_.time) rows_.times.push_back(time);
    if (with_lines_) rows_.lines.push_back(batch.rows[r].line);
  }

  std::string_view id(std::string_view cell) const { return trim_ids_ ? trimmed_id(cell) : cell; }

  const TableFormat& format_;
  const RatingPlaces& places_;
  const std::vector<float>& missing_;
  const std::vector<EventWeight>& event_weights_;
  std::optional<MatrixSize> size_;
  bool trim_ids_;
  bool with_lines_;
  bool are_weights_;
  bool values_are_text_;
  // Whether the columns may have plain numbers, which mean what they say in the formats of these.
  bool may_be_plain_;
  RatingRows& rows_;
  Integers users_;
  Integers items_;
  Integers times_;
  std::array<float, Batch::kRows> values_;
};

}  // namespace

void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first,
                       const RatingRowsOptions& options, RatingRows& rows) {
  options.parts.begin(rows);
  rows.bad.clear();
  rows.first_bad_cell.clear();
  rows.too_long.reset();
  rows.num_missing = 0;
  rows.unknown_events = {};
  rows.first_negative.reset();
  Batch batch(options.places.width);
  Decoder decoder(options, rows);
  with_row_parser(text, options.dialect, file_ends, [&](auto& parser) {
    if (skip_first) {
      std::vector<std::string_view> names;
      parser.next(names);
    }
    for (bool more = true; more && (rows.bad.empty() || options.keep_bad_rows);) {
      more = cut(parser, options.format, rows, batch);
      if (text.size() > kLongestRow) rows.too_long = line_beyond_limit(batch);
      if (rows.too_long) break;
      decoder.decode(batch);
      if (batch.bad) rows.bad.push_back(*batch.bad);
    }
    rows.num_lines = parser.lines_passed();
    rows.consumed = parser.consumed();
  });
}

void UnknownEvents::add(std::string_view event, std::uint64_t count) {
  if (const auto known = rows.find(event); known != rows.end()) {
    known->second += count;
  } else if (rows.size() < kMost) {
    rows.emplace(event, count);
  } else {
    others += count;
  }
}

void UnknownEvents::add(const UnknownEvents& more) {
  for (const auto& [event, count] : more.rows) add(event, count);
  others += more.others;
}

std::uint64_t UnknownEvents::total() const {
  std::uint64_t total = others;
  for (const auto& [event, count] : rows) total += count;
  return total;
}

std::string in_words(const UnknownEvents& events) {
  constexpr std::size_t kMostNames = 10;
  constexpr std::size_t kShort = 40;
  std::vector<std::pair<std::string, std::uint64_t>> sorted(events.rows.begin(), events.rows.end());
  std::ranges::sort(sorted, [](const auto& one, const auto& other) {
    return one.second != other.second ? one.second > other.second : one.first < other.first;
  });
  std::string words;
  std::uint64_t others = events.others;
  for (std::size_t e = 0; e < sorted.size(); ++e) {
    const auto& [event, count] = sorted[e];
    if (e < kMostNames) {
      const bool is_short = !event.empty() && event.size() <= kShort;
      words += fmt::format("{}{} {}", e == 0 ? "" : ", ", is_short ? event : excerpt(event), count);
    } else {
      others += count;
    }
  }
  return others == 0 ? words : fmt::format("{}, others {}", words, others);
}

std::string in_words(const RowError& error, const TableFormat& format) {
  if (!error.column) return std::string(error.reason);
  const std::string name = format.header ? fmt::format(" '{}'", format.columns[*error.column]) : "";
  return fmt::format("column {}{}: {} {}", *error.column + 1, name, excerpt(error.cell),
                     error.reason);
}

}  // namespace palate
