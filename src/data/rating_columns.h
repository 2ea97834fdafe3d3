// From a file to columns of users, items, values and times. Layer: data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/byte_source.h"
#include "data/id_table.h"
#include "data/rejects.h"
#include "palate/base/parallel.h"
#include "palate/data/read.h"

namespace palate {

// The rows of one file, or of several one after the other.
struct RatingColumns {
  struct File {
    std::string name;  // for messages
    TableFormat format;
    std::size_t first_row = 0;
  };
  std::vector<File> files;
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;  // 1 without a value column
  std::vector<std::int64_t> times;
  std::vector<std::uint64_t> lines;  // from 1; kept only where repeated pairs are an error

  const std::string& file_of(std::size_t row) const;
};

// Adds the file's rows to `columns` and its ids to `user_ids` and `item_ids`. Reads a window at a
// time and parses its pieces in parallel, unless there are quotes in it, whose cells may hold line
// ends. The result does not depend on the number of threads. The first bad row is an
// Error(bad_data), unless there are `rejects`, which then get all of them.
void read_rating_columns(const OpenFile& file, const ReadOptions& options, IdTable& user_ids,
                         IdTable& item_ids, RejectsFile* rejects, RatingColumns& columns,
                         Parallel& parallel);

}  // namespace palate
