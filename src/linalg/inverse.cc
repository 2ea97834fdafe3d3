// The matrix A = L L^T is worked on in square blocks, in its place: L takes the place of A, then
// L^-1 that of L, then A^-1 = L^-T L^-1 that of L^-1. Blocks on the diagonal, from which errors
// would spread, are factored in double; all others are products, by the kernel `multiply`.
#include "linalg/inverse.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "base/memory.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

constexpr Index kBlock = 128;

class Inversion {
 public:
  Inversion(Matrix& matrix, Parallel& parallel)
      : n_(matrix.rows()),
        stride_(matrix.stride()),
        data_(matrix.data()),
        blocks_((n_ + kBlock - 1) / kBlock),
        strip_(uncleared<float>(std::size_t{n_} * kBlock)),
        parallel_(parallel) {}

  bool run() {
    std::vector<float> diagonal(n_);
    for (Index r = 0; r < n_; ++r) diagonal[r] = *at(r, r);
    for (Index block = 0; block < blocks_; ++block) {
      if (!factor(block, diagonal)) return false;
    }
    for (Index block = 0; block < blocks_; ++block) invert_rows(block);
    for (Index block = 0; block < blocks_; ++block) multiply_rows(block);
    mirror();
    return true;
  }

 private:
  float* at(Index row, Index column) const { return data_ + row * stride_ + column; }
  static Index first(Index block) { return block * kBlock; }
  Index size(Index block) const { return std::min(kBlock, n_ - first(block)); }

  // The columns of L that are this block's:  L_ik L_kk^T = A_ik - sum_{m < k} L_im L_km^T.
  bool factor(Index k, const std::vector<float>& diagonal) {
    const Index width = size(k);
    const Index before = first(k);
    // strip = -(L_k0 .. L_k,k-1)^T
    parallel_.for_ranges(before, kBlock, [&](IndexRange range) {
      for (const Index m : range) {
        for (Index r = 0; r < width; ++r) strip_[m * width + r] = -*at(before + r, m);
      }
    });
    parallel_.for_ranges(blocks_ - k, 1, [&](IndexRange range) {
      for (const Index i : range) {
        kernels_.multiply({.a = at(first(k + i), 0),
                           .a_row = stride_,
                           .b = strip_.get(),
                           .b_stride = width,
                           .c = at(first(k + i), before),
                           .c_stride = stride_,
                           .rows = size(k + i),
                           .columns = width,
                           .depth = before,
                           .add = true});
      }
    });
    if (!factor_diagonal(k, diagonal)) return false;
    // strip = L_kk^-T
    invert_diagonal(k);
    for (Index r = 0; r < width; ++r) {
      for (Index c = 0; c < width; ++c)
        strip_[r * width + c] = static_cast<float>(small_[c * kBlock + r]);
    }
    parallel_.for_ranges(blocks_ - k - 1, 1, [&](IndexRange range) {
      float block[kBlock * kBlock];
      for (const Index i : range) {
        const Index row = first(k + 1 + i);
        const Index rows = size(k + 1 + i);
        kernels_.multiply({.a = at(row, before),
                           .a_row = stride_,
                           .b = strip_.get(),
                           .b_stride = width,
                           .c = block,
                           .c_stride = width,
                           .rows = rows,
                           .columns = width,
                           .depth = width});
        copy_block(block, rows, width, row, before);
      }
    });
    return true;
  }

  // L_kk of what is left of A_kk, to `small`. In the matrix stands its inverse from now on, which
  // is all that is needed of it.
  bool factor_diagonal(Index k, const std::vector<float>& diagonal) {
    constexpr double kLeast = 1e-6;
    const Index begin = first(k);
    for (Index r = 0; r < size(k); ++r) {
      double* const row = small_.data() + r * kBlock;
      for (Index c = 0; c <= r; ++c) {
        const double* const other = small_.data() + c * kBlock;
        double rest = double{*at(begin + r, begin + c)};
        for (Index m = 0; m < c; ++m) rest -= row[m] * other[m];
        if (c < r) {
          row[c] = rest / other[c];
        } else if (rest > kLeast * double{diagonal[begin + r]}) {
          row[r] = std::sqrt(rest);
        } else {
          return false;
        }
      }
    }
    return true;
  }

  // `small` becomes its inverse, with zeros above the diagonal, and so does block k of the matrix.
  void invert_diagonal(Index k) {
    const Index width = size(k);
    for (Index r = 0; r < width; ++r) {
      double* const row = small_.data() + r * kBlock;
      const double scale = 1 / row[r];
      double inverse[kBlock] = {};
      for (Index m = 0; m < r; ++m) {
        const double* const other = small_.data() + m * kBlock;
        for (Index c = 0; c <= m; ++c) inverse[c] -= scale * row[m] * other[c];
      }
      inverse[r] = scale;
      std::copy_n(inverse, width, row);
      for (Index c = 0; c < width; ++c)
        *at(first(k) + r, first(k) + c) = static_cast<float>(row[c]);
    }
  }

  // The rows of W = L^-1 that are this block's:  W_ij = -W_ii sum_{j <= m < i} L_im W_mj.
  void invert_rows(Index i) {
    const Index rows = size(i);
    const Index begin = first(i);
    float corner[kBlock * kBlock];  // -W_ii
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < rows; ++c) corner[r * rows + c] = -*at(begin + r, begin + c);
    }
    // strip = -W_ii (L_i0 .. L_i,i-1)
    parallel_.for_ranges(i, 1, [&](IndexRange range) {
      for (const Index m : range) {
        kernels_.multiply({.a = corner,
                           .a_row = rows,
                           .b = at(begin, first(m)),
                           .b_stride = stride_,
                           .c = strip_.get() + first(m),
                           .c_stride = begin,
                           .rows = rows,
                           .columns = kBlock,
                           .depth = rows});
      }
    });
    parallel_.for_ranges(i, 1, [&](IndexRange range) {
      for (const Index j : range) {
        kernels_.multiply({.a = strip_.get() + first(j),
                           .a_row = begin,
                           .b = at(first(j), first(j)),
                           .b_stride = stride_,
                           .c = at(begin, first(j)),
                           .c_stride = stride_,
                           .rows = rows,
                           .columns = kBlock,
                           .depth = begin - first(j)});
      }
    });
  }

  // The rows of A^-1 that are this block's:  sum_{m >= i} W_mi^T W_mj for j <= i. Later rows read
  // no more of W_i.
  void multiply_rows(Index i) {
    const Index width = size(i);
    const Index begin = first(i);
    const Index depth = n_ - begin;
    // strip = W_mi for m >= i
    parallel_.for_ranges(depth, kBlock, [&](IndexRange range) {
      for (const Index m : range)
        std::copy_n(at(begin + m, begin), width, strip_.get() + m * width);
    });
    parallel_.for_ranges(i + 1, 1, [&](IndexRange range) {
      float block[kBlock * kBlock];
      for (const Index j : range) {
        const Product product{.a = strip_.get(),
                              .a_row = 1,
                              .a_column = width,
                              .b = j < i ? at(begin, first(j)) : strip_.get(),
                              .b_stride = j < i ? stride_ : width,
                              .c = block,
                              .c_stride = size(j),
                              .rows = width,
                              .columns = size(j),
                              .depth = depth};
        kernels_.multiply(product);
        copy_block(block, width, size(j), begin, first(j));
      }
    });
  }

  // The upper triangle of the lower one, in blocks for the sake of the cache.
  void mirror() {
    parallel_.for_ranges(blocks_, 1, [&](IndexRange range) {
      for (const Index i : range) {
        for (Index j = 0; j <= i; ++j) {
          for (Index r = first(i); r < first(i) + size(i); ++r) {
            for (Index c = first(j); c < std::min(r, first(j) + size(j)); ++c)
              *at(c, r) = *at(r, c);
          }
        }
      }
    });
  }

  void copy_block(const float* block, Index rows, Index columns, Index row, Index column) const {
    for (Index r = 0; r < rows; ++r) std::copy_n(block + r * columns, columns, at(row + r, column));
  }

  Index n_;
  std::size_t stride_;
  float* data_;
  Index blocks_;
  std::unique_ptr<float[]> strip_;  // a block wide and as long as the matrix
  std::vector<double> small_ = std::vector<double>(std::size_t{kBlock} * kBlock);
  const Kernels& kernels_ = kernels();
  Parallel& parallel_;
};

}  // namespace

bool invert(Matrix& definite, Parallel& parallel) { return Inversion(definite, parallel).run(); }

}  // namespace palate
