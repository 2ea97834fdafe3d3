// A sum of sparse rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "palate/base/views.h"

namespace palate {

// A dense row that knows which of its columns something was added to. Products of two floats are
// exact in double, so a column's sum depends on nothing but the order in which its rows are added.
class SparseSum {
 public:
  explicit SparseSum(Index num_columns) : sums_(num_columns), is_touched_(num_columns) {}

  // Adds factor * row.
  void add(float factor, SparseRow row) {
    for (Index t = 0; t < row.size(); ++t) {
      const Index column = row.columns[t];
      if (is_touched_[column] == 0) touched_.push_back(column);
      is_touched_[column] = 1;
      sums_[column] += double{factor} * double{row.values[t]};
    }
  }

  double operator[](Index column) const { return sums_[column]; }
  bool is_touched(Index column) const { return is_touched_[column] != 0; }
  // In the order in which they came.
  std::span<const Index> touched() const { return touched_; }

  // Costs no more than the columns that were touched.
  void clear() {
    for (const Index column : touched_) {
      sums_[column] = 0;
      is_touched_[column] = 0;
    }
    touched_.clear();
  }

 private:
  std::vector<double> sums_;
  std::vector<std::uint8_t> is_touched_;
  std::vector<Index> touched_;
};

}  // namespace palate
