#include "palate/dataset.h"

#include <algorithm>
#include <utility>

#include "base/counting_sort.h"
#include "base/memory.h"

namespace palate {
namespace {

constexpr Index kGrain = 1 << 16;

// The entries (rows[t], columns[t]) = values[t], in the order of t within a row. The matrix has room for them.
void by_row(Index num_rows, Index num_columns, std::span<const Index> rows, std::span<const Index> columns,
            std::span<const float> values, SparseMatrix& matrix, Parallel& parallel) {
  matrix.num_columns = num_columns;
  matrix.starts = counting_sort(
      static_cast<Index>(rows.size()), num_rows, parallel, [&](Index t) { return rows[t]; },
      [&](IndexRange batch, Index* column, float* value) {
        std::copy(columns.begin() + batch.first, columns.begin() + batch.last, column);
        std::copy(values.begin() + batch.first, values.begin() + batch.last, value);
      },
      matrix.columns.data(), matrix.values.data());
}

// Columns come out ascending, because the rows are gone through in order. `result` has room for the entries.
void transpose(const SparseMatrix& matrix, SparseMatrix& result, Parallel& parallel) {
  result.num_columns = matrix.rows();
  result.starts = counting_sort(
      static_cast<Index>(matrix.size()), matrix.num_columns, parallel, [&](Index t) { return matrix.columns[t]; },
      [&](IndexRange batch, Index* row, float* value) {
        std::copy(matrix.values.begin() + batch.first, matrix.values.begin() + batch.last, value);
        // The row of entry t: the last that begins at t or before.
        auto end_of_row = std::ranges::upper_bound(matrix.starts, batch.first);
        for (Index t = batch.first; t < batch.last; ++end_of_row) {
          const auto end = static_cast<Index>(std::min<std::size_t>(*end_of_row, batch.last));
          row = std::fill_n(row, end - t, static_cast<Index>(end_of_row - matrix.starts.begin() - 1));
          t = end;
        }
      },
      result.columns.data(), result.values.data());
}

}  // namespace

Dataset::Dataset(const Interactions& interactions, std::span<const Index> rows, Parallel& parallel) {
  resize_large(rows.size(), parallel, users_, items_, values_);
  parallel.for_ranges(static_cast<Index>(rows.size()), kGrain, [&](IndexRange range) {
    for (const Index t : range) {
      users_[t] = interactions.users[rows[t]];
      items_[t] = interactions.items[rows[t]];
      values_[t] = interactions.values[rows[t]];
    }
  });
  arrange(interactions.num_users(), interactions.num_items(), parallel);
}

Dataset::Dataset(Interactions interactions, Parallel& parallel)
    : users_(std::move(interactions.users)), items_(std::move(interactions.items)), values_(std::move(interactions.values)) {
  arrange(interactions.num_users(), interactions.num_items(), parallel);
}

// From the list, all the rest.
void Dataset::arrange(Index num_users, Index num_items, Parallel& parallel) {
  resize_large(size(), parallel, by_user_.columns, by_user_.values, by_item_.columns, by_item_.values);
  // A matrix whose entries come in the order of their columns has its columns sorted: a list by ascending users needs two
  // passes, any other one more.
  if (is_ascending(users_, parallel)) {
    by_row(num_items, num_users, items_, users_, values_, by_item_, parallel);
  } else {
    by_row(num_users, num_items, users_, items_, values_, by_user_, parallel);
    transpose(by_user_, by_item_, parallel);
  }
  transpose(by_item_, by_user_, parallel);

  const auto count = static_cast<Index>(size());
  if (count == 0) return;
  std::vector<RatingRange> ranges((count + kGrain - 1) / kGrain);
  const double sum = parallel.sum_ranges(count, kGrain, [&](IndexRange range) {
    RatingRange found{values_[range.first], values_[range.first]};
    double partial = 0;
    for (const Index t : range) {
      partial += static_cast<double>(values_[t]);
      found = {std::min(found.low, values_[t]), std::max(found.high, values_[t])};
    }
    ranges[range.first / kGrain] = found;
    return partial;
  });
  mean_ = sum / count;
  range_ = {std::ranges::min(ranges, {}, &RatingRange::low).low, std::ranges::max(ranges, {}, &RatingRange::high).high};
}

}  // namespace palate
