// What the files of a data set hold, counted a window of text at a time. Layer: data.
#pragma once

#include <string>

#include "palate/data/fetch.h"

namespace palate {

// Counts the set's ratings and movies in `folder`, called `source` in messages. Throws
// Error(bad_data) for what is not a table with whole numbers for ids, Error(io) for a file that
// cannot be read, Stopped.
DataSetCounts count_data_set(const DataSet& set, const std::string& folder,
                             const std::string& source, const FetchOptions& options);

}  // namespace palate
