// A piece of a ratings file, parsed. Layer: data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/rating_parts.h"
#include "data/row_parser.h"
#include "palate/data/read.h"

namespace palate {

// A row that cannot be used. A piece may have many.
struct BadRow {
  static constexpr std::uint32_t kWhole = ~std::uint32_t{0};  // no column

  std::uint32_t line = 0;  // from 0, in the piece
  std::uint32_t column = kWhole;
  std::string_view reason;  // as RowError has it
  std::string_view text;    // with its line end, in the text that was parsed
};

// Rows of events that no weight is told for, by what stands in their cells. Of very many different
// ones some are counted together.
struct UnknownEvents {
  static constexpr std::size_t kMost = 100;
  std::map<std::string, std::uint64_t, std::less<>> rows;
  std::uint64_t others = 0;

  void add(std::string_view event, std::uint64_t count);
  void add(const UnknownEvents& more);
  std::uint64_t total() const;
};

// Where the first value below 0 stands.
struct NegativeValue {
  std::uint64_t line = 0;
  std::string cell;
};

// The rows of a piece, and what its text said beside. Lines count from 0 in the piece.
struct RatingRows : RatingPart {
  // In their order. Without keep_bad_rows nothing behind the first is read.
  std::vector<BadRow> bad;
  std::string first_bad_cell;
  std::map<std::size_t, std::string> wrong_widths;  // what is said of rows with that many cells
  std::uint64_t num_missing = 0;                    // rows whose value means "not rated"
  UnknownEvents unknown_events;
  std::optional<NegativeValue> first_negative;
  std::optional<std::uint64_t> too_long;  // the line of a row beyond kLongestRow: the last one read
  std::uint64_t num_lines = 0;            // of all that was consumed
  std::size_t consumed = 0;               // bytes, up to the last whole row
};

// Of a matrix whose rows are users and whose columns are items: the ids are 1 .. users and
// 1 .. items.
struct MatrixSize {
  std::int64_t users = 0;
  std::int64_t items = 0;
  std::uint64_t entries = 0;
};

// Where the cells that a rating comes from stand in a row as it is cut: where the format says, but
// in JSON lines, of which no others are cut.
struct RatingPlaces {
  std::size_t width = 0;  // cells of a row
  std::size_t user = 0;
  std::size_t item = 0;
  std::optional<std::size_t> value;
  std::optional<std::size_t> time;
  std::optional<std::size_t> event;
};

struct RatingRowsOptions {
  const Dialect& dialect;
  const TableFormat& format;
  const RatingPlaces& places;
  const RatingParts& parts;           // of which the piece becomes one
  const std::vector<float>& missing;  // values that mean "not rated"
  const std::vector<EventWeight>& event_weights;
  std::optional<MatrixSize> size = std::nullopt;
  bool trim_ids = false;
  bool with_lines = false;
  bool are_weights = false;      // a value below 0 is a bad row
  bool values_are_text = false;  // hardly one is a number
  bool keep_bad_rows = false;
};

inline constexpr std::string_view kNegativeWeight =
    "is negative, and a weight is not (`missing` leaves such rows out, `feedback=ratings` takes "
    "the "
    "values as ratings)";

// What is wrong with a row, in words: `column 3 'rating': "4,5" is not a number`.
std::string in_words(const RowError& error, const TableFormat& format);

// "click 100, hover 20": the most frequent first.
std::string in_words(const UnknownEvents& events);

// Sixteen bytes behind the text must be readable. `skip_first`: the first row is a header.
// `file_ends`: as in RowParser.
void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first,
                       const RatingRowsOptions& options, RatingRows& rows);

}  // namespace palate
