// A short table of items and ratings that are all of one user, in cells. Layer: data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/cell_formats.h"
#include "data/column_choice.h"

namespace palate {

struct RatedRow {
  Row cells;
  std::optional<float> value;  // nothing where the cell is empty
};

struct RatedRows {
  std::string file;  // its name, for messages
  bool header = false;
  std::vector<std::string> columns;
  RatedItemColumns chosen;
  std::vector<RatedRow> rows;
};

// Throws Error as read_item_list() does, and as choose_rated_item_columns() does.
RatedRows read_rated_rows(const std::string& path, const std::optional<std::string>& item_column,
                          const std::optional<std::string>& value_column);

}  // namespace palate
