// Parts of a table of ratings, put together: the one place where ids are numbered. Layer: data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/id_table.h"
#include "palate/base/parallel.h"
#include "palate/data/build.h"
#include "palate/data/interactions.h"

namespace palate {

// The rows of files or of batches, one after the other.
struct RatingColumns {
  struct Source {
    std::string name;  // "ratings.csv", "batch 2"
    std::size_t first_row = 0;
    TimeUnit unit = TimeUnit::seconds;
  };
  std::vector<Source> sources;
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;
  std::vector<std::int64_t> times;
  // The line of each row in its file, from 1. Empty for batches, and where no message needs them.
  std::vector<std::uint64_t> lines;

  const Source& source_of(std::size_t row) const;
  // The unit of all times; where sources differ, the times become seconds.
  TimeUnit settle_unit();
};

// The ids of one column of a part: those of the parts before, which are numbered already and only
// looked up, and behind them those that are new. Parts are filled side by side; what is new in
// them is numbered when they are put together in order.
struct PartIds {
  const IdTable* known = nullptr;
  Index num_known = 0;
  // Fresh id f has the index num_known + f in this part; in the whole table as well, where no other
  // part was numbered meanwhile.
  IdTable fresh;
  std::vector<Index> index;             // of each row
  std::vector<Index> indices_of_fresh;  // in the whole table, once they are numbered

  template <class Id>
  Index index_of(Id id) {
    const Index found = known->index_of(id);
    return found != IdTable::kNone ? found : num_known + fresh.add(id);
  }
  // Adds rows with these ids.
  void append(std::span<const std::int64_t> ids);
};

// Rows in columns. Kept and filled again, so that memory is asked for once.
struct RatingPart {
  PartIds users;
  PartIds items;
  std::vector<float> values;
  std::vector<std::int64_t> times;   // none, or of each row
  std::vector<std::uint64_t> lines;  // none, or of each row

  std::size_t size() const { return values.size(); }
};

// A part goes through begin(), the filling of its columns, number() and append(). Several are
// filled side by side; each is numbered before the next, and they are appended in the same order.
class RatingParts {
 public:
  explicit RatingParts(const Catalog& known);

  // The rows that are numbered from here on come from this file or batch.
  void begin_source(std::string name, TimeUnit unit = TimeUnit::seconds) {
    columns_.sources.push_back({std::move(name), num_rows_, unit});
  }
  const RatingColumns::Source& source() const { return columns_.sources.back(); }

  // Makes the part empty, to be filled with ids of which those so far are known.
  void begin(RatingPart& part) const;
  // Numbers what is new in the part. Throws Error(bad_data) where rows become too many.
  void number(RatingPart& part);
  // Adds the rows of the part. This may go on while other parts are filled.
  void append(RatingPart& part);
  // Makes room for so many rows in all.
  void reserve(std::size_t num_rows, bool with_times);

  std::size_t num_rows() const { return num_rows_; }  // of the parts that were numbered

  const RatingColumns& columns() const { return columns_; }  // of the rows that were appended
  Index num_users() const { return user_ids_.size(); }
  Index num_items() const { return item_ids_.size(); }

  // All rows with one for each (user, item) pair; the parts are not to be used again. It fails as
  // InteractionsBuilder::finish() does.
  Built finish(Duplicates duplicates, Feedback feedback, Parallel& parallel);

 private:
  Catalog known_;
  IdTable user_ids_;
  IdTable item_ids_;
  RatingColumns columns_;
  std::size_t num_rows_ = 0;
};

}  // namespace palate
