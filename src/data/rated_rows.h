// A short table of items and ratings that are all of one user, in cells. Layer: data.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/cell_formats.h"
#include "data/column_choice.h"

namespace palate {

struct RatedRow {
  Row cells;                   // of the columns that are kept
  std::optional<float> value;  // nothing where the cell is empty, or the table has no ratings
};

struct RatedRows {
  std::string file;  // its name, for messages
  bool header = false;
  std::vector<std::string> columns;
  RatedItemColumns chosen;
  std::vector<std::size_t> kept;  // columns that were chosen, without the ratings'
  std::vector<RatedRow> rows;

  // What a row has in a column that was chosen.
  const std::string& cell(const RatedRow& row, std::size_t column) const {
    return row.cells[static_cast<std::size_t>(std::ranges::find(kept, column) - kept.begin())];
  }
};

// Throws Error as read_item_list() does, and as choose_rated_item_columns() does.
RatedRows read_rated_rows(const std::string& path, const std::optional<std::string>& item_column,
                          const std::optional<std::string>& value_column, bool may_lack_values,
                          std::uint32_t max_expansion = kMaxExpansion);

}  // namespace palate
