// A piece of a ratings file, parsed. Layer: data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_table.h"
#include "data/row_parser.h"
#include "palate/data/read.h"

namespace palate {

// The ids of one column of a piece: those of the pieces before, which are numbered already and only
// looked up, and behind them those that are new. Pieces are parsed side by side; what is new in
// them is numbered when they are put together in order.
struct PieceIds {
  const IdTable* known = nullptr;
  Index num_known = 0;
  IdTable fresh;             // fresh id f has the index num_known + f in this piece
  std::vector<Index> index;  // of each row
};

// A row that cannot be used.
struct BadRow {
  RowError error;
  std::string_view text;  // with its line end, in the text that was parsed
};

// Kept and filled again, so that memory is asked for once.
struct RatingRows {
  PieceIds users;
  PieceIds items;
  std::vector<float> values;
  std::vector<std::int64_t> times;  // none where the format has none
  // of each row, from 0 in the piece; only when they were asked for
  std::vector<std::uint64_t> lines;
  // in their order; without keep_bad_rows nothing behind the first is read
  std::vector<BadRow> bad;
  std::map<std::size_t, std::string> wrong_widths;  // what is said of rows with that many cells
  std::uint64_t num_lines = 0;                      // of all that was consumed
  std::size_t consumed = 0;                         // bytes, up to the last whole row

  std::size_t size() const { return values.size(); }
};

struct RatingRowsOptions {
  const Dialect& dialect;
  const TableFormat& format;
  const IdTable& known_users;
  const IdTable& known_items;
  bool with_lines = false;
  bool keep_bad_rows = false;
};

// What is wrong with a row, in words: `column 3 'rating': "4,5" is not a number`.
std::string in_words(const RowError& error, const TableFormat& format);

// Sixteen bytes behind the text must be readable. `skip_first`: the first row is a header.
// `file_ends`: as in RowParser.
void parse_rating_rows(std::string_view text, bool file_ends, bool skip_first,
                       const RatingRowsOptions& options, RatingRows& rows);

}  // namespace palate
