#include "palate/dataset.h"

#include <algorithm>

#include "base/counting_sort.h"
#include "base/memory.h"

namespace palate {
namespace {

constexpr Index kGrain = 1 << 16;

// The sparse matrix of the entries (rows[t], columns[t]) = values[t], in the order of t within a row.
SparseMatrix by_row(Index num_rows, Index num_columns, std::span<const Index> rows, std::span<const Index> columns,
                    std::span<const float> values, Parallel& parallel) {
  SparseMatrix matrix{num_columns, {}, large_vector<Index>(rows.size()), large_vector<float>(rows.size())};
  matrix.starts = counting_sort(
      static_cast<Index>(rows.size()), num_rows, parallel, [&](Index t) { return rows[t]; },
      [&](IndexRange block, auto&& place_of) {
        for (const Index t : block) {
          const Index place = place_of(t);
          matrix.columns[place] = columns[t];
          matrix.values[place] = values[t];
        }
      });
  return matrix;
}

// Columns come out ascending, because the rows are gone through in order.
SparseMatrix transposed(const SparseMatrix& matrix, Parallel& parallel) {
  SparseMatrix result{matrix.rows(), {}, large_vector<Index>(matrix.size()), large_vector<float>(matrix.size())};
  result.starts = counting_sort(
      static_cast<Index>(matrix.size()), matrix.num_columns, parallel, [&](Index t) { return matrix.columns[t]; },
      [&](IndexRange block, auto&& place_of) {
        // The row of entry t: the last that begins at t or before.
        auto end_of_row = std::ranges::upper_bound(matrix.starts, block.first);
        for (const Index t : block) {
          while (*end_of_row <= t) ++end_of_row;
          const Index place = place_of(t);
          result.columns[place] = static_cast<Index>(end_of_row - matrix.starts.begin() - 1);
          result.values[place] = matrix.values[t];
        }
      });
  return result;
}

}  // namespace

Dataset::Dataset(const Interactions& interactions, std::span<const Index> rows, Parallel& parallel)
    : users_(large_vector<Index>(rows.size())),
      items_(large_vector<Index>(rows.size())),
      values_(large_vector<float>(rows.size())) {
  const Index count = static_cast<Index>(rows.size());
  parallel.for_ranges(count, kGrain, [&](IndexRange range) {
    for (const Index t : range) {
      users_[t] = interactions.users[rows[t]];
      items_[t] = interactions.items[rows[t]];
      values_[t] = interactions.values[rows[t]];
    }
  });
  // A matrix whose entries come in the order of their columns has its columns sorted: a list by ascending users needs two
  // passes, any other one more.
  const Index num_users = interactions.num_users();
  const Index num_items = interactions.num_items();
  by_item_ = std::ranges::is_sorted(users_)
                 ? by_row(num_items, num_users, items_, users_, values_, parallel)
                 : transposed(by_row(num_users, num_items, users_, items_, values_, parallel), parallel);
  by_user_ = transposed(by_item_, parallel);
  if (count == 0) return;
  const double sum = parallel.sum_ranges(count, kGrain, [&](IndexRange range) {
    double partial = 0;
    for (const Index t : range) partial += static_cast<double>(values_[t]);
    return partial;
  });
  mean_ = sum / count;
  const auto [low, high] = std::ranges::minmax(values_);
  range_ = {low, high};
}

}  // namespace palate
