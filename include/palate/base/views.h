// Non-owning views of rows and matrices, so that kernels can take them. Layer: base.
#pragma once

#include <cstddef>
#include <span>

#include "palate/base/index.h"

namespace palate {

// One row of a sparse matrix: values[t] stands in column columns[t].
struct SparseRow {
  std::span<const Index> columns;
  std::span<const float> values;
  Index size() const { return static_cast<Index>(columns.size()); }
};

// A row-major matrix of rows x cols floats; row r begins at data + r * stride.
template <class Float>
struct BasicMatrixView {
  Float* data = nullptr;
  Index rows = 0;
  Index cols = 0;
  std::size_t stride = 0;
  std::span<Float> row(Index r) const { return {data + r * stride, cols}; }
};
using MatrixView = BasicMatrixView<const float>;
using MutableMatrixView = BasicMatrixView<float>;

}  // namespace palate
