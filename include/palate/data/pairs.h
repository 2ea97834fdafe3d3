// Tables of (user, item) pairs that are to be predicted, a row at a time. Layer: data.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/read.h"

namespace palate {

// A row of such a table. It refers to memory that lasts as long as the call that has it.
struct PairRow {
  std::string_view user;  // the ids, as they are written
  std::string_view item;
  std::span<const std::string_view> cells;  // of all columns, these two among them
};

// Calls visit(format, row) for every row of the files, in their order. A repeated pair is a row
// like any other, and what stands in other columns does not matter. `format` is that of the first
// file; every file has its columns. The files may be all that read_ratings() reads. Of the options
// it takes user_column, item_column, delimiter, header, skip_lines, trim_ids and max_expansion.
// Returns what was read, without the rows.
//
// Errors:  as read_ratings(), with every row that cannot be used as one; what `visit` throws
RatingsTable for_each_pair(const std::vector<std::string>& paths, const ReadOptions& options,
                           const std::function<void(const TableFormat&, const PairRow&)>& visit);

}  // namespace palate
