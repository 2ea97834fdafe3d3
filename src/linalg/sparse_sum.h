// A sum of sparse rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "palate/base/views.h"

namespace palate {

// A dense row that knows which of its columns something was added to. Products of two floats are
// exact in double, so a column's sum depends on nothing but the order in which its rows are added.
class SparseSum {
 public:
  explicit SparseSum(Index num_columns)
      : sums_(num_columns), is_touched_(num_columns), touched_(std::size_t{num_columns} + 1) {}

  // Adds factor * row.
  void add(float factor, SparseRow row) {
    // Of their own, since a byte that is written might be any member.
    double* const sums = sums_.data();
    std::uint8_t* const is_touched = is_touched_.data();
    Index* next = touched_.data() + num_touched_;
    for (Index t = 0; t < row.size(); ++t) {
      const Index column = row.columns[t];
      *next = column;  // for nothing if it is there: cheaper than to branch
      next += 1 - is_touched[column];
      is_touched[column] = 1;
      sums[column] += double{factor} * double{row.values[t]};
    }
    num_touched_ = static_cast<std::size_t>(next - touched_.data());
  }

  double operator[](Index column) const { return sums_[column]; }
  bool is_touched(Index column) const { return is_touched_[column] != 0; }
  // In the order in which they came.
  std::span<const Index> touched() const { return std::span(touched_).first(num_touched_); }

  // Costs no more than the columns that were touched.
  void clear() {
    for (const Index column : touched()) {
      sums_[column] = 0;
      is_touched_[column] = 0;
    }
    num_touched_ = 0;
  }

 private:
  std::vector<double> sums_;
  std::vector<std::uint8_t> is_touched_;
  std::vector<Index> touched_;  // the first num_touched_ of them
  std::size_t num_touched_ = 0;
};

}  // namespace palate
