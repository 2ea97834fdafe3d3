// What the files of a data set hold, counted a window of text at a time. Layer: data.
#pragma once

#include <string>

#include "palate/data/fetch.h"

namespace palate {

// A request to stop, within work that has no other way to end early: fetch() makes it its answer.
struct Stopped {};

inline void stop_if_requested(const FetchOptions& options) {
  if (options.stop_requested && options.stop_requested()) throw Stopped{};
}

// Counts the set's ratings and movies in `folder`, called `source` in messages. Throws
// Error(bad_data) for what is not a table with whole numbers for ids, Error(io) for a file that
// cannot be read, Stopped.
DataSetCounts count_data_set(const DataSet& set, const std::string& folder,
                             const std::string& source, const FetchOptions& options);

}  // namespace palate
