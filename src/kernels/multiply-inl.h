// A product of small matrices, for SIMD: kernels.h has the formula, multiply_scalar.h the plain
// loops.
//
// A panel of B, a few vectors wide, is copied row after row to where it stays in the first-level
// cache: rows of B that lie a power of two apart would push each other out of it. Then each tile of
// C stays in registers while the panel goes by.
#if defined(PALATE_KERNELS_MULTIPLY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_MULTIPLY_INL_H_
#undef PALATE_KERNELS_MULTIPLY_INL_H_
#else
#define PALATE_KERNELS_MULTIPLY_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

// Registers hold a tile of 6 x 2 vectors beside its operands, or 6 x 4 where there are 32 of them.
constexpr int kTileRows = 6;
constexpr int kTileVectors = HWY_TARGET == HWY_AVX2 ? 2 : 4;
constexpr Index kPanelFloats = 8192;  // 32 KiB

// Columns of B from `column` on, in whole vectors: where C has fewer columns, zeros follow.
struct Panel {
  const float* values;
  Index column;
  Index columns;  // how many of them C has
  Index first;    // the row of B that is the panel's first
  Index depth;
  bool add;
};

// The tile of kRows x kVectors at (row, panel.column) of the product, to c.
template <int kRows, int kVectors>
HWY_INLINE void multiply_tile(const Product& product, const Panel& panel, Index row,
                              float* HWY_RESTRICT c, std::size_t c_stride) {
  const Floats d;
  Vector sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j)
      sum[i][j] = panel.add ? hn::LoadU(d, c + i * c_stride + j * kLanes) : hn::Zero(d);
  }
  const float* HWY_RESTRICT a = product.a + row * product.a_row + panel.first * product.a_column;
  const float* HWY_RESTRICT b = panel.values;
  for (Index k = 0; k < panel.depth; ++k) {
    Vector right[kVectors];
    for (int j = 0; j < kVectors; ++j) right[j] = hn::Load(d, b + j * kLanes);
    for (int i = 0; i < kRows; ++i) {
      const Vector left = hn::Set(d, a[i * product.a_row]);
      for (int j = 0; j < kVectors; ++j) sum[i][j] = hn::MulAdd(left, right[j], sum[i][j]);
    }
    a += product.a_column;
    b += kVectors * kLanes;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) hn::StoreU(sum[i][j], d, c + i * c_stride + j * kLanes);
  }
}

// All rows of C from `row` on, in tiles of kRows and then of fewer.
template <int kRows, int kVectors>
HWY_INLINE void multiply_rows(const Product& product, const Panel& panel, Index row) {
  constexpr Index kWidth = kVectors * kLanes;
  for (; row + kRows <= product.rows; row += kRows) {
    float* const c = product.c + row * product.c_stride + panel.column;
    if (panel.columns == kWidth) {
      multiply_tile<kRows, kVectors>(product, panel, row, c, product.c_stride);
      continue;
    }
    HWY_ALIGN float tile[kRows * kWidth];  // beside the last column of C is not ours
    for (int i = 0; panel.add && i < kRows; ++i)
      std::copy_n(c + i * product.c_stride, panel.columns, tile + i * kWidth);
    multiply_tile<kRows, kVectors>(product, panel, row, tile, kWidth);
    for (int i = 0; i < kRows; ++i)
      std::copy_n(tile + i * kWidth, panel.columns, c + i * product.c_stride);
  }
  if constexpr (kRows > 1) multiply_rows<kRows - 1, kVectors>(product, panel, row);
}

template <int kVectors>
HWY_NOINLINE void multiply_panel(const Product& product, Panel panel) {
  constexpr Index kWidth = kVectors * kLanes;
  constexpr Index kMostDepth = kPanelFloats / kWidth;
  HWY_ALIGN float values[kPanelFloats];
  panel.values = values;
  do {  // once where the depth is 0, to write the zeros
    panel.depth = std::min(kMostDepth, product.depth - panel.first);
    for (Index k = 0; k < panel.depth; ++k) {
      const float* const from = product.b + (panel.first + k) * product.b_stride + panel.column;
      std::fill(std::copy_n(from, panel.columns, values + k * kWidth), values + (k + 1) * kWidth,
                0.0F);
    }
    multiply_rows<kTileRows, kVectors>(product, panel, 0);
    panel.first += panel.depth;
    panel.add = true;
  } while (panel.first < product.depth);
}

// All columns of C from `column` on, in panels of kVectors and then of fewer.
template <int kVectors>
HWY_INLINE void multiply_columns(const Product& product, Index column) {
  constexpr Index kWidth = kVectors * kLanes;
  // The last panel has more columns than one vector less would hold.
  while (column < product.columns && product.columns - column > kWidth - kLanes) {
    const Index columns = std::min(kWidth, product.columns - column);
    multiply_panel<kVectors>(product, {nullptr, column, columns, 0, 0, product.add});
    column += columns;
  }
  if constexpr (kVectors > 1) multiply_columns<kVectors - 1>(product, column);
}

inline void multiply(const Product& product) { multiply_columns<kTileVectors>(product, 0); }

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
