// From a file to rows of users, items, values and times. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/byte_source.h"
#include "data/rating_parts.h"
#include "data/rating_rows.h"
#include "data/rejects.h"
#include "palate/base/parallel.h"
#include "palate/data/read.h"

namespace palate {

// What is known of a file before its rows are read.
struct RatingsFile {
  std::string name;  // for messages
  TableFormat format;
  // Once the rows are read: those that were left out, and where a value is negative.
  std::uint64_t num_missing = 0;
  UnknownEvents unknown_events;
  std::optional<NegativeValue> first_negative;  // its line counts from 1, in the file
};

// Adds the file's rows to `parts`; gives nothing where it has none and `may_be_empty`. `first` is
// the first file of the table, whose columns this one must have, or null. Reads a window at a time
// and parses its pieces in parallel. A row in quotes that a cut tore is parsed again as a whole.
//
// Errors:      bad_data  a row that cannot be used, unless there are `rejects`, which then get it;
//                        a file without ratings, or a table of another shape; columns that the
//                        first file does not have
// Guarantees:  the same rows for any number of threads
std::optional<RatingsFile> read_rating_columns(const OpenFile& file, const RatingsFile* first,
                                               bool may_be_empty, const ReadOptions& options,
                                               RejectsFile* rejects, RatingParts& parts,
                                               Parallel& parallel);

}  // namespace palate
