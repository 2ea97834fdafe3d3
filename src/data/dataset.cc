#include "palate/dataset.h"

#include <algorithm>

namespace palate {
namespace {

// The sparse matrix of the entries (rows[t], columns[t]) = values[t], in the order of t within a row: a counting sort.
SparseMatrix by_row(Index num_rows, Index num_columns, std::span<const Index> rows, std::span<const Index> columns,
                    std::span<const float> values) {
  SparseMatrix matrix{num_columns, std::vector<std::size_t>(num_rows + std::size_t{1}), std::vector<Index>(rows.size()),
                      std::vector<float>(rows.size())};
  for (const Index r : rows) ++matrix.starts[r + 1];
  for (Index r = 0; r < num_rows; ++r) matrix.starts[r + 1] += matrix.starts[r];
  std::vector<std::size_t> next(matrix.starts.begin(), matrix.starts.end() - 1);
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const std::size_t at = next[rows[t]]++;
    matrix.columns[at] = columns[t];
    matrix.values[at] = values[t];
  }
  return matrix;
}

// Columns come out ascending, because the rows are gone through in order.
SparseMatrix transposed(const SparseMatrix& matrix) {
  std::vector<Index> rows(matrix.size());
  for (Index r = 0; r < matrix.rows(); ++r) {
    std::fill(rows.begin() + static_cast<std::ptrdiff_t>(matrix.starts[r]),
              rows.begin() + static_cast<std::ptrdiff_t>(matrix.starts[r + 1]), r);
  }
  return by_row(matrix.num_columns, matrix.rows(), matrix.columns, rows, matrix.values);
}

}  // namespace

Dataset::Dataset(const Interactions& interactions, std::span<const Index> rows, Parallel& parallel)
    : users_(rows.size()), items_(rows.size()), values_(rows.size()) {
  constexpr Index kGrain = 1 << 16;
  const Index count = static_cast<Index>(rows.size());
  parallel.for_ranges(count, kGrain, [&](IndexRange range) {
    for (const Index t : range) {
      users_[t] = interactions.users[rows[t]];
      items_[t] = interactions.items[rows[t]];
      values_[t] = interactions.values[rows[t]];
    }
  });
  // Transposing twice sorts the columns of both.
  const SparseMatrix unsorted = by_row(interactions.num_users(), interactions.num_items(), users_, items_, values_);
  by_item_ = transposed(unsorted);
  by_user_ = transposed(by_item_);
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
