// Dense and sparse matrices that own their memory. Layer: linalg.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "palate/base/index.h"
#include "palate/base/views.h"

namespace palate {

// A dense row-major matrix of float, zero at first. Rows are as far apart as stride() says: cols
// rounded up to 1, 2, 4, 8 or a multiple of 16, so that vector code needs no remainder. The padding
// is zero and stays zero; the memory is aligned to 64 bytes.
class Matrix {
 public:
  Matrix() = default;
  Matrix(Index rows, Index cols);
  Matrix(const Matrix& other);
  Matrix(Matrix&&) noexcept = default;
  Matrix& operator=(const Matrix& other);
  Matrix& operator=(Matrix&&) noexcept = default;
  ~Matrix() = default;

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  std::size_t stride() const { return stride_; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::span<float> row(Index r) { return {data_.get() + r * stride_, cols_}; }
  std::span<const float> row(Index r) const { return {data_.get() + r * stride_, cols_}; }
  MatrixView view() const { return {data_.get(), rows_, cols_, stride_}; }
  MutableMatrixView view() { return {data_.get(), rows_, cols_, stride_}; }
  bool operator==(const Matrix& other) const;  // same shape, same bits but for the padding

 private:
  struct Free {
    void operator()(float* memory) const;
  };
  Index rows_ = 0;
  Index cols_ = 0;
  std::size_t stride_ = 0;
  std::unique_ptr<float[], Free> data_;
};

// The stride of a matrix with `cols` columns, as above.
std::size_t padded_stride(Index cols);

// A sparse matrix by rows (CSR). The rows {0: 5 at column 2}, {}, {4 at 0, 3 at 1} are
//
//   starts  = 0 1 1 3        row r holds the entries starts[r] .. starts[r + 1] - 1
//   columns = 2 | | 0 1      ascending within a row
//   values  = 5 | | 4 3
struct SparseMatrix {
  Index num_columns = 0;
  std::vector<std::size_t> starts{0};
  std::vector<Index> columns;
  std::vector<float> values;

  Index rows() const { return static_cast<Index>(starts.size() - 1); }
  std::size_t size() const { return columns.size(); }
  SparseRow row(Index r) const {
    const std::size_t first = starts[r];
    const std::size_t count = starts[r + 1] - first;
    return {{columns.data() + first, count}, {values.data() + first, count}};
  }
  bool operator==(const SparseMatrix&) const = default;
};

}  // namespace palate
