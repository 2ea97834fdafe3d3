// A piece of a ratings file, parsed. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "data/row_parser.h"
#include "palate/read.h"

namespace palate {

// The rows of one piece, with ids numbered by first appearance in it: pieces are parsed side by side, and their ids are
// numbered anew when they are put together in order. Kept and filled again, so that memory is asked for once.
struct RatingRows {
  IdTable user_ids;
  IdTable item_ids;
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;         // none without a value column
  std::vector<std::int64_t> times;   // none without a time column
  std::vector<std::uint64_t> lines;  // of each row, from 0 in the piece; only when they were asked for
  std::uint64_t num_lines = 0;       // of all that was consumed
  std::size_t consumed = 0;          // bytes, up to the last whole row
  std::optional<RowError> error;     // of the first row that cannot be used; nothing after it is read
};

struct RatingRowsOptions {
  const Dialect& dialect;
  const TableFormat& format;
  bool with_lines = false;
};

// `skip_first`: the first row is a header. `file_ends`: as in RowParser.
void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first, const RatingRowsOptions& options,
                       RatingRows& rows);

}  // namespace palate
