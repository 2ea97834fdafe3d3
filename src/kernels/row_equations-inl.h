// The normal equations of a row of ratings, for SIMD: kernels.h has the formula,
// least_squares_scalar.h the plain loops.
//
// A chunk of the rows of Y that the ratings point to is copied side by side into the first-level
// cache, and again times the weights where there are any. Then each tile of the upper triangle of G
// stays in registers while all of the chunk goes by: two loads feed more than three multiply-adds.
#if defined(PALATE_KERNELS_ROW_EQUATIONS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_ROW_EQUATIONS_INL_H_
#undef PALATE_KERNELS_ROW_EQUATIONS_INL_H_
#else
#define PALATE_KERNELS_ROW_EQUATIONS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstring>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

constexpr std::size_t kChunkFloats = 4096;  // 16 KiB: half of the smallest first-level cache

// `count` rows of Y, one after the other, `stride` floats each.
struct Chunk {
  const float* rows;
  const float* weighted;  // each row of Y times its weight; where all of these are 1, `rows` itself
  const float* targets;
  Index count;
  std::size_t stride;
};

// What a sum of outer products does to what is in its place.
enum class Into { replace, add, subtract };

// The tile of kRows x (kVectors x kLanes) at (row, column) of sum_t w_t y_t y_t^T.
template <Into kInto, int kRows, int kVectors>
HWY_INLINE void gram_tile(const Chunk& chunk, std::size_t row, std::size_t column,
                          float* HWY_RESTRICT out) {
  const Floats d;
  Vector sum[kRows][kVectors];
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) {
      sum[i][j] =
          kInto == Into::replace ? hn::Zero(d) : hn::Load(d, out + i * chunk.stride + j * kLanes);
    }
  }
  const float* HWY_RESTRICT left = chunk.weighted + row;
  const float* HWY_RESTRICT right = chunk.rows + column;
  for (Index t = 0; t < chunk.count; ++t) {
    Vector y[kVectors];
    for (int j = 0; j < kVectors; ++j) y[j] = hn::Load(d, right + j * kLanes);
    for (int i = 0; i < kRows; ++i) {
      const Vector x = hn::Set(d, left[i]);
      for (int j = 0; j < kVectors; ++j) {
        sum[i][j] = kInto == Into::subtract ? hn::NegMulAdd(x, y[j], sum[i][j])
                                            : hn::MulAdd(x, y[j], sum[i][j]);
      }
    }
    left += chunk.stride;
    right += chunk.stride;
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kVectors; ++j) hn::Store(sum[i][j], d, out + i * chunk.stride + j * kLanes);
  }
}

// kRows rows of the triangle, from the vector that has the diagonal to the right end.
template <Into kInto, int kRows>
HWY_INLINE void gram_rows(const Chunk& chunk, std::size_t row, std::size_t column, float* gram) {
  float* const out = gram + row * chunk.stride;
  while (column < chunk.stride) {
    const std::size_t vectors = (chunk.stride - column) / kLanes;
    if (vectors == 3 || vectors > 4) {
      gram_tile<kInto, kRows, 3>(chunk, row, column, out + column);
      column += 3 * kLanes;
    } else if (vectors >= 2) {
      gram_tile<kInto, kRows, 2>(chunk, row, column, out + column);
      column += 2 * kLanes;
    } else {
      gram_tile<kInto, kRows, 1>(chunk, row, column, out + column);
      column += kLanes;
    }
  }
}

// The upper triangle from row `row`, a multiple of kLanes, to row `rows`, a multiple of 4.
template <Into kInto>
HWY_INLINE void gram_triangle(const Chunk& chunk, std::size_t row, std::size_t rows, float* gram) {
  // Registers hold 4 x 3 vectors of sums beside their operands, or 8 x 3 where there are 32 of
  // them.
  constexpr int kTall = HWY_TARGET == HWY_AVX2 ? 4 : 8;
  while (row < rows) {
    const std::size_t column = row / kLanes * kLanes;
    // rows with the same first vector
    const std::size_t left_in_vector = std::min<std::size_t>(column + kLanes, rows) - row;
    if (column + kLanes == chunk.stride && left_in_vector >= 8) {
      // 4 sums would wait for each other
      gram_tile<kInto, 8, 1>(chunk, row, column, gram + row * chunk.stride + column);
      row += 8;
    } else if (left_in_vector >= kTall) {
      gram_rows<kInto, kTall>(chunk, row, column, gram);
      row += kTall;
    } else {
      gram_rows<kInto, 4>(chunk, row, column, gram);
      row += 4;
    }
  }
}

// s = sum_t w_t y_t and c = sum_t w_t target_t y_t.
template <int kVectors>
HWY_INLINE void border_tile(const Chunk& chunk, std::size_t column, bool from_zero,
                            float* HWY_RESTRICT s, float* HWY_RESTRICT c) {
  const Floats d;
  Vector sums[kVectors];
  Vector products[kVectors];
  for (int j = 0; j < kVectors; ++j) {
    sums[j] = from_zero ? hn::Zero(d) : hn::Load(d, s + column + j * kLanes);
    products[j] = from_zero ? hn::Zero(d) : hn::Load(d, c + column + j * kLanes);
  }
  const float* HWY_RESTRICT rows = chunk.weighted + column;
  for (Index t = 0; t < chunk.count; ++t) {
    const Vector target = hn::Set(d, chunk.targets[t]);
    for (int j = 0; j < kVectors; ++j) {
      const Vector y = hn::Load(d, rows + j * kLanes);
      sums[j] = hn::Add(sums[j], y);
      products[j] = hn::MulAdd(target, y, products[j]);
    }
    rows += chunk.stride;
  }
  for (int j = 0; j < kVectors; ++j) {
    hn::Store(sums[j], d, s + column + j * kLanes);
    hn::Store(products[j], d, c + column + j * kLanes);
  }
}

inline void border(const Chunk& chunk, bool from_zero, float* s, float* c) {
  std::size_t column = 0;
  for (; column + 4 * kLanes <= chunk.stride; column += 4 * kLanes)
    border_tile<4>(chunk, column, from_zero, s, c);
  for (; column < chunk.stride; column += kLanes) border_tile<1>(chunk, column, from_zero, s, c);
}

// The part of a matrix of equations that is defined, and what shares vectors with its diagonal.
inline void copy_equations(const float* from, std::size_t rows, std::size_t stride, float* to) {
  std::copy_n(from, 2 * stride, to);
  for (std::size_t p = 0; p < rows; ++p) {
    const std::size_t begin = p / kLanes * kLanes;
    std::copy_n(from + (2 + p) * stride + begin, stride - begin, to + (2 + p) * stride + begin);
  }
}

inline void row_equations(const RowRatings& ratings, const float* base, float* matrix) {
  constexpr Index kAhead = 8;  // ratings between asking for a row of Y and copying it
  const Floats d;
  const auto [row, y, weights] = ratings;
  const Index f = y.cols;
  const std::size_t stride = (std::size_t{f} + kLanes - 1) / kLanes * kLanes;
  const std::size_t rows = (std::size_t{f} + 3) / 4 * 4;
  const Index whole = f / kLanes * kLanes;
  // a chunk that is there twice is half as long; it has one row at least
  const std::size_t copies = weights == nullptr ? 1 : 2;
  const auto chunk_rows =
      static_cast<Index>(std::max<std::size_t>(kChunkFloats / copies / stride, 1));
  float* const s = matrix;
  float* const c = s + stride;
  float* const gram = c + stride;
  const auto address = [&](Index t) { return y.data + row.columns[t] * y.stride; };
  if (base != nullptr) copy_equations(base, rows, stride, matrix);

  HWY_ALIGN float packed[kChunkFloats];
  HWY_ALIGN float weighted[kChunkFloats];
  if (whole < f) std::memset(packed, 0, sizeof packed);  // the padding of its rows
  Index t = 0;
  do {  // once for a row without ratings, to write the zeros
    const Chunk chunk{packed, weights == nullptr ? packed : weighted, row.values.data() + t,
                      std::min(chunk_rows, row.size() - t), stride};
    for (Index r = 0; r < chunk.count; ++r) {
      if (t + r + kAhead < row.size()) {
        const float* const next = address(t + r + kAhead);
        for (Index i = 0; i < f; i += 16) hwy::Prefetch(next + i);
      }
      const float* const from = address(t + r);
      float* const to = packed + r * stride;
      for (Index i = 0; i < whole; i += kLanes) hn::Store(hn::LoadU(d, from + i), d, to + i);
      for (Index i = whole; i < f; ++i) to[i] = from[i];
    }
    for (Index r = 0; weights != nullptr && r < chunk.count; ++r) {
      const Vector weight = hn::Set(d, weights[t + r]);
      for (std::size_t i = r * stride; i < (r + 1) * stride; i += kLanes)
        hn::Store(hn::Mul(weight, hn::Load(d, packed + i)), d, weighted + i);
    }
    const bool from_zero = t == 0 && base == nullptr;
    if (from_zero) {
      gram_triangle<Into::replace>(chunk, 0, rows, gram);
    } else {
      gram_triangle<Into::add>(chunk, 0, rows, gram);
    }
    border(chunk, from_zero, s, c);
    t += chunk.count;
  } while (t < row.size());
}

inline double squared_error(const RowRatings& ratings, const float* x, float bias) {
  const Floats d;
  const auto [row, y, weights] = ratings;
  const Index whole = y.cols / kLanes * kLanes;
  double total = 0;
  for (Index t = 0; t < row.size(); ++t) {
    const float* const yt = y.data + row.columns[t] * y.stride;
    Vector sum = hn::Zero(d);
    for (Index i = 0; i < whole; i += kLanes)
      sum = hn::MulAdd(hn::LoadU(d, x + i), hn::LoadU(d, yt + i), sum);
    float error = row.values[t] - bias - hn::GetLane(hn::SumOfLanes(d, sum));
    for (Index i = whole; i < y.cols; ++i) error -= x[i] * yt[i];
    const double weight = weights == nullptr ? 1 : weights[t];
    total += weight * (static_cast<double>(error) * error);
  }
  return total;
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
