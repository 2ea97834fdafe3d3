#include "palate/data/dataset.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

#include "base/counting_sort.h"
#include "base/memory.h"

namespace palate {
namespace {

constexpr Index kGrain = 1 << 16;

// The entries (rows[t], columns[t]) = values[t], by row and then by column. The matrix has room for
// them.
void sort_by_row(Index num_rows, Index num_columns, std::span<const Index> rows,
                 std::span<const Index> columns, std::span<const float> values,
                 SparseMatrix& matrix, Parallel& parallel) {
  const auto count = static_cast<Index>(rows.size());
  // A part of the rows has a counter for each column.
  const std::size_t part_size = std::max(good_part_size(count), std::size_t{4} * num_columns);
  const bool is_sorted = is_ascending(rows, parallel);
  DealtOut dealt_out =
      is_sorted
          ? dealt_out_already(rows, num_rows, part_size, parallel)
          : deal_out(
                count, num_rows, part_size, parallel, [&](Index t) { return rows[t]; },
                [&](IndexRange batch, Index* column, float* value) {
                  std::copy(columns.begin() + batch.first, columns.begin() + batch.last, column);
                  std::copy(values.begin() + batch.first, values.begin() + batch.last, value);
                },
                matrix.columns.data(), matrix.values.data());
  const Index* const dealt_columns = is_sorted ? columns.data() : matrix.columns.data();
  const float* const dealt_values = is_sorted ? values.data() : matrix.values.data();
  dealt_out.for_parts(
      parallel, [&](std::size_t first, std::span<const std::uint16_t> keys, Index* next) {
        const std::span<const Index> part_columns(dealt_columns + first, keys.size());
        std::vector<Index> next_of_column(num_columns);
        for (const Index column : part_columns) ++next_of_column[column];
        std::exclusive_scan(next_of_column.begin(), next_of_column.end(), next_of_column.begin(),
                            Index{0});
        const auto keys_by_column = uncleared<std::uint16_t>(keys.size());
        const auto columns_by_column = uncleared<Index>(keys.size());
        const auto values_by_column = uncleared<float>(keys.size());
        place_entries(part_columns, next_of_column.data(),
                      SortedColumn<std::uint16_t>{keys.data(), keys_by_column.get()},
                      SortedColumn<Index>{part_columns.data(), columns_by_column.get()},
                      SortedColumn<float>{dealt_values + first, values_by_column.get()});
        place_entries(std::span<const std::uint16_t>(keys_by_column.get(), keys.size()), next,
                      SortedColumn<Index>{columns_by_column.get(), matrix.columns.data()},
                      SortedColumn<float>{values_by_column.get(), matrix.values.data()});
      });
  matrix.num_columns = num_columns;
  matrix.starts = std::move(dealt_out.starts);
}

// Columns come out ascending, because the rows are gone through in order. `result` has room for the
// entries.
void transpose(const SparseMatrix& matrix, SparseMatrix& result, Parallel& parallel) {
  result.num_columns = matrix.rows();
  result.starts = counting_sort(
      static_cast<Index>(matrix.size()), matrix.num_columns, parallel,
      [&](Index t) { return matrix.columns[t]; },
      [&](IndexRange batch, Index* row, float* value) {
        std::copy(matrix.values.begin() + batch.first, matrix.values.begin() + batch.last, value);
        // The row of entry t: the last that begins at t or before.
        auto end_of_row = std::ranges::upper_bound(matrix.starts, batch.first);
        for (Index t = batch.first; t < batch.last; ++end_of_row) {
          const auto end = static_cast<Index>(std::min<std::size_t>(*end_of_row, batch.last));
          row =
              std::fill_n(row, end - t, static_cast<Index>(end_of_row - matrix.starts.begin() - 1));
          t = end;
        }
      },
      result.columns.data(), result.values.data());
}

}  // namespace

Dataset::Dataset(const Interactions& interactions, std::span<const Index> rows, Parallel& parallel)
    : feedback_(interactions.feedback), told_relevant_(interactions.relevant) {
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
    : users_(std::move(interactions.users)),
      items_(std::move(interactions.items)),
      values_(std::move(interactions.values)),
      feedback_(interactions.feedback),
      told_relevant_(interactions.relevant) {
  arrange(interactions.num_users(), interactions.num_items(), parallel);
}

std::optional<float> Dataset::relevant() const {
  if (feedback_ == Feedback::weights) return {};
  if (told_relevant_) return told_relevant_;
  if (range_.low == range_.high) return {};
  std::vector<float> sorted = values_;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, middle);
  if (*middle > range_.low) return *middle;
  float least = range_.high;
  for (const float value : values_) {
    if (value > range_.low) least = std::min(least, value);
  }
  return least;
}

// From the list, all the rest.
void Dataset::arrange(Index num_users, Index num_items, Parallel& parallel) {
  resize_large(size(), parallel, by_user_.columns, by_user_.values, by_item_.columns,
               by_item_.values);
  sort_by_row(num_users, num_items, users_, items_, values_, by_user_, parallel);
  transpose(by_user_, by_item_, parallel);

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
  range_ = {std::ranges::min(ranges, {}, &RatingRange::low).low,
            std::ranges::max(ranges, {}, &RatingRange::high).high};
}

}  // namespace palate
