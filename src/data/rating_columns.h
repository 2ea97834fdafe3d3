// From a file to columns of users, items, values and times. Layer: data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/byte_source.h"
#include "data/id_table.h"
#include "palate/parallel.h"
#include "palate/read.h"

namespace palate {

struct RatingColumns {
  std::string name;  // of the file, for messages
  TableFormat format;
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;  // 1 without a value column
  std::vector<std::int64_t> times;
  std::vector<std::uint64_t> lines;  // from 1; kept only where repeated pairs are an error
};

// Adds the ids of the file to `user_ids` and `item_ids`. Reads a window at a time and parses its pieces in parallel, unless
// there are quotes in it, whose cells may hold line ends. The result does not depend on the number of threads.
RatingColumns read_rating_columns(const OpenFile& file, const ReadOptions& options, IdTable& user_ids, IdTable& item_ids,
                                  Parallel& parallel);

}  // namespace palate
