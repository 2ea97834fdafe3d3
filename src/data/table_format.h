// What a table of text looks like: told, or guessed from its first rows. Layer: data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/parse.h"
#include "data/row_parser.h"
#include "palate/data/read.h"

namespace palate {

// The first rows of a file.
struct Sample {
  std::string_view text;
  bool is_whole_file = false;
  const std::string& name;  // of the file, for messages
};

// How a file is cut into cells, and what its columns are called: the names of the header without
// the types of a typed one ("user_id:token"), else "column 1", "column 2", ...
struct TextLayout {
  Dialect dialect;
  bool header = false;      // the columns have names
  bool header_row = false;  // the first row says them
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // the first data rows
  // Above the rows, and how many rows there are, where the file says so.
  std::size_t preamble_bytes = 0;
  std::uint64_t preamble_lines = 0;
  std::optional<std::uint64_t> num_rows;
};

// Lines that are objects are JSON, a file that begins with %%MatrixMarket is one. Else the
// delimiter is the one of tab :: , ; | by which most of the first rows have as many cells, two or
// more, as the first; of several the one with most cells; and spaces where none is found and all
// cells are numbers. The first row is a header when none of its cells is a number and either a
// column below holds numbers only or a name is one that is known. Throws Error(bad_data) for what
// is not a table of text.
TextLayout guess_layout(const Sample& sample, const std::optional<std::string>& delimiter,
                        std::optional<bool> header);

// The columns of ratings: as told, else by name, else by position: user, item, value if it is a
// number, time if it is at least 10^8 (seconds since 1970, from 1973 on). Throws
// Error(invalid_argument) for a column that is not there or told twice.
TableFormat choose_columns(const TextLayout& layout, const ReadOptions& options,
                           const std::string& name);

// The number that a cell says. Where semicolons set columns apart, a comma may stand for the
// decimal point, as it is written where that is usual.
ParsedNumber parse_number_between(std::string_view delimiter, std::string_view cell);

// Names that columns of users or of items go by.
bool is_user_name(std::string_view column);
bool is_item_name(std::string_view column);

// The columns of an items' file: the item and its title.
struct ItemColumns {
  std::size_t item = 0;
  std::size_t title = 1;
};
ItemColumns choose_item_columns(const TextLayout& layout);

// The columns of a file of ratings that are all of one user: by their names, or of two columns
// without a header the first and the second. Throws Error(bad_data) for other columns without a
// header.
struct RatedItemColumns {
  std::size_t item = 0;
  std::size_t value = 1;
};
RatedItemColumns choose_rated_item_columns(const TextLayout& layout, const std::string& name);

}  // namespace palate
