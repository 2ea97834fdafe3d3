// Making interactions of columns in memory: where every source of ratings ends. Layer: data.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

#include "palate/base/parallel.h"
#include "palate/data/interactions.h"

namespace palate {

// Which value a (user, item) pair keeps that stands several times. `last` and `first` go by the
// order of the rows; mean and sum keep the place and the time of the last. `keep` leaves every row
// as it is: for ratings that measure a model, never for those that train one.
enum class Duplicates { last, first, mean, sum, error, keep };

// A column of ids takes one of three forms. All of them refer to memory of the caller.
using IntegerIds = std::span<const std::int64_t>;

// Text as Arrow has it, with offsets of 32 or 64 bits: id i is bytes[offsets[i] .. offsets[i + 1]).
// There is one offset more than there are ids, or none at all where there are no ids. The first
// need not be 0: a slice of a column is a column.
struct TextIds {
  std::variant<std::span<const std::int32_t>, std::span<const std::int64_t>> offsets;
  std::string_view bytes;
};

// Row r has the id dictionary[codes[r]]. The dictionary may have ids that no row has, which are not
// looked at, and may repeat ids.
struct CodedIds {
  std::span<const std::int32_t> codes;
  std::variant<IntegerIds, TextIds> dictionary;
};

using IdColumn = std::variant<IntegerIds, TextIds, CodedIds>;

// Some rows of a table of ratings. Each column has as many entries as there are rows; values and
// times may be left out. No entry is missing: the caller leaves out rows without a user or an item.
struct RatingBatch {
  IdColumn users;
  IdColumn items;
  std::span<const float> values;  // empty: every value is 1
  // Empty: no times. In seconds since 1970; of others the caller sets Interactions::time_unit.
  std::span<const std::int64_t> times;
};

struct Built {
  Interactions interactions;
  std::uint64_t duplicates = 0;  // rows whose pair stood in an earlier row already
};

// Makes Interactions of batches, whose forms of ids may differ: a canonical integer is the same id
// as an integer and as text (see Ids). The result does not depend on how rows are cut into batches.
//
//   InteractionsBuilder builder;
//   builder.add({.users = IntegerIds(users), .items = IntegerIds(items), .values = values});
//   const Built built = builder.finish(Duplicates::last, parallel);
class InteractionsBuilder {
 public:
  InteractionsBuilder();
  // The ids of `known` keep their numbers, titles and metadata. Other ids follow in the order of
  // their first appearance, without any.
  explicit InteractionsBuilder(const Catalog& known);
  InteractionsBuilder(InteractionsBuilder&& other) noexcept;
  InteractionsBuilder& operator=(InteractionsBuilder&& other) noexcept;
  ~InteractionsBuilder();

  // Adds the rows of the batch behind those that are there. Nothing refers to it afterwards.
  //
  // Errors:      invalid_argument  columns of different lengths, offsets that descend or leave the
  //                                bytes, a code that the dictionary lacks, values or times where
  //                                earlier batches have none and the other way round, more than
  //                                2^32 - 2 rows in all
  //              bad_data          an id that is empty or not valid UTF-8, a value that is not
  //                                finite
  //              They name the batch and its row, both from 0, the column and what stands there.
  // Guarantees:  An Error leaves the builder as it was. After a want of memory (std::bad_alloc)
  //              some rows may be missing: every later call is then an Error(invalid_argument).
  void add(const RatingBatch& batch);

  // What was added, one row for each (user, item) pair. `feedback` is what the values say; rows
  // without values are weights of 1. The builder is then like a new one that knows no ids, also
  // after an Error.
  //
  // Errors:      bad_data  a pair stands twice and `duplicates` is error; a sum is infinite; a
  //                        weight is negative: the message names its batch and row
  Built finish(Duplicates duplicates, Parallel& parallel, Feedback feedback = Feedback::ratings);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace palate
