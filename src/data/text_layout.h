// How a table of text is laid out: told, or guessed from its first rows. Layer: data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/rating_rows.h"
#include "data/row_parser.h"
#include "data/text_sample.h"

namespace palate {

// How a file is cut into cells, and what its columns are called: the names of the header without
// the types of a typed one ("user_id:token"), else "column 1", "column 2", ...
struct TextLayout {
  Dialect dialect;
  bool header = false;      // the columns have names
  bool header_row = false;  // the first row says them
  std::vector<std::string> columns;
  std::vector<Row> rows;  // the first data rows
  // Above the rows and their header, and what size the file declares.
  std::size_t preamble_bytes = 0;
  std::uint64_t preamble_lines = 0;
  std::optional<MatrixSize> size;

  // The cells of a row.
  std::size_t width() const { return dialect.keys.empty() ? columns.size() : dialect.keys.size(); }
  // Leaves of objects in JSON, which may have many keys, only these columns to be cut; returns
  // where they stand in a row then.
  std::vector<std::size_t> cut_alone(std::vector<std::size_t> needed);
};

// `skip_lines` lines are passed over. Where that is not told, these are, above the table: "sep=;",
// which says the delimiter; comments behind # or %, of which the last may say the columns' names;
// and lines that are cut into other cells than the rows below, which all agree: titles and counts.
//
// Lines that are objects are JSON, a file that begins with %%MatrixMarket is one. Else the
// delimiter is the one of tab :: , ; | by which most of the first rows have as many cells, two or
// more, as the first; of several the one with most cells; and spaces where none is found and all
// cells are numbers. The first row is a header when none of its cells is a number and either a
// column below holds numbers only or a name is one that is known. Throws Error(bad_data) for what
// is not a table of text.
TextLayout guess_layout(const Sample& sample, const std::optional<std::string>& delimiter,
                        std::optional<bool> header,
                        std::optional<std::uint64_t> skip_lines = std::nullopt);

}  // namespace palate
