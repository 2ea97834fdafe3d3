#include "palate/base/matrix.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace palate {
namespace {
constexpr std::align_val_t kAlignment{64};
}  // namespace

std::size_t padded_stride(Index cols) {
  for (const Index small : {0U, 1U, 2U, 4U, 8U}) {
    if (cols <= small) return small;
  }
  return (std::size_t{cols} + 15) / 16 * 16;
}

void Matrix::Free::operator()(float* memory) const { ::operator delete[](memory, kAlignment); }

Matrix::Matrix(Index rows, Index cols) : rows_(rows), cols_(cols), stride_(padded_stride(cols)) {
  const std::size_t count = rows * stride_;
  data_.reset(static_cast<float*>(::operator new[](count * sizeof(float), kAlignment)));
  std::fill_n(data_.get(), count, 0.0F);
}

Matrix::Matrix(const Matrix& other)
    : rows_(other.rows_), cols_(other.cols_), stride_(other.stride_) {
  const std::size_t count = rows_ * stride_;
  data_.reset(static_cast<float*>(::operator new[](count * sizeof(float), kAlignment)));
  std::copy_n(other.data_.get(), count, data_.get());
}

Matrix& Matrix::operator=(const Matrix& other) {
  if (rows_ == other.rows_ && cols_ == other.cols_) {
    std::copy_n(other.data_.get(), rows_ * stride_, data_.get());
  } else {
    *this = Matrix(other);
  }
  return *this;
}

bool Matrix::operator==(const Matrix& other) const {
  if (rows_ != other.rows_ || cols_ != other.cols_) return false;
  for (Index r = 0; r < rows_; ++r) {
    if (cols_ > 0 && std::memcmp(row(r).data(), other.row(r).data(), cols_ * sizeof(float)) != 0)
      return false;
  }
  return true;
}

}  // namespace palate
