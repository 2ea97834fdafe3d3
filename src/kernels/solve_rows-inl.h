// Cholesky of many small systems at once, for SIMD: each lane of a vector has a system of its own,
// so that no step waits for a sum over lanes. kernels.h has the equations, least_squares_scalar.h
// the plain loops.
//
// L is kept in blocks of 4 rows: element (i, p) is the vector at ((i / 4) * n + p) * 4 + i % 4, for
// n unknowns, a multiple of 4.
#if defined(PALATE_KERNELS_SOLVE_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SOLVE_ROWS_INL_H_
#undef PALATE_KERNELS_SOLVE_ROWS_INL_H_
#else
#define PALATE_KERNELS_SOLVE_ROWS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/least_squares_scalar.h"
#include "kernels/solve_row-inl.h"
#include "kernels/targets.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

// Four consecutive floats of each system, at `offset` of systems first, first + 4, ...: one to a
// block of the vector.
template <class D>
HWY_INLINE hn::Vec<D> load_quads(D d, const RowEquations* const* systems, std::size_t offset) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return hn::Load(d, systems[0]->matrix + offset);
  } else {
    const hn::Half<D> half;
    return hn::Combine(d, load_quads(half, systems + hn::MaxLanes(D()) / 2, offset),
                       load_quads(half, systems, offset));
  }
}

// columns[q] becomes the vector of float offset + q of every system.
HWY_INLINE void load_transposed(const RowEquations* const* systems, std::size_t offset,
                                Vector columns[4]) {
  const Floats d;
  const hn::Repartition<double, Floats> pairs;
  const Vector a = load_quads(d, systems, offset);
  const Vector b = load_quads(d, systems + 1, offset);
  const Vector c = load_quads(d, systems + 2, offset);
  const Vector e = load_quads(d, systems + 3, offset);
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(d, a, b));   // a0 b0 a1 b1
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(d, a, b));  // a2 b2 a3 b3
  const auto ce_low = hn::BitCast(pairs, hn::InterleaveLower(d, c, e));
  const auto ce_high = hn::BitCast(pairs, hn::InterleaveUpper(d, c, e));
  columns[0] = hn::BitCast(d, hn::InterleaveLower(pairs, ab_low, ce_low));
  columns[1] = hn::BitCast(d, hn::InterleaveUpper(pairs, ab_low, ce_low));
  columns[2] = hn::BitCast(d, hn::InterleaveLower(pairs, ab_high, ce_high));
  columns[3] = hn::BitCast(d, hn::InterleaveUpper(pairs, ab_high, ce_high));
}

// The lower triangle of the systems' matrices, and the border as vectors s_0 c_0 s_1 c_1 ...
HWY_INLINE void load_systems(const RowEquations* const* systems, std::size_t n, std::size_t stride,
                             float* lower, float* border) {
  const Floats d;
  Vector columns[4];
  for (std::size_t p = 0; p < n; p += 4) {
    for (std::size_t which = 0; which < 2; ++which) {
      load_transposed(systems, which * stride + p, columns);
      for (std::size_t q = 0; q < 4; ++q)
        hn::Store(columns[q], d, border + ((p + q) * 2 + which) * kLanes);
    }
  }
  for (std::size_t p = 0; p < n; ++p) {
    // Row p of the upper triangle is column p of the lower.
    for (std::size_t i = p / 4 * 4; i < n; i += 4) {
      load_transposed(systems, (2 + p) * stride + i, columns);
      for (std::size_t q = 0; q < 4; ++q)
        hn::Store(columns[q], d, lower + (i * n + p * 4 + q) * kLanes);
    }
  }
}

// sum[r][c] -= sum_{p < end} rows(p, r) columns(p, c) over kRows rows and 2 of the 4 columns.
template <int kRows>
HWY_INLINE void subtract_products(const float* HWY_RESTRICT rows, const float* HWY_RESTRICT columns,
                                  std::size_t end, Vector (&sum)[kRows][2]) {
  const Floats d;
  for (std::size_t p = 0; p < end; ++p) {
    const Vector y0 = hn::Load(d, columns);
    const Vector y1 = hn::Load(d, columns + kLanes);
    for (int r = 0; r < kRows; ++r) {
      const Vector x = hn::Load(d, rows + r * kLanes);
      sum[r][0] = hn::NegMulAdd(x, y0, sum[r][0]);
      sum[r][1] = hn::NegMulAdd(x, y1, sum[r][1]);
    }
    rows += kRows * kLanes;
    columns += 4 * kLanes;
  }
}

// Columns j .. j + 3 of a block of kRows rows below the diagonal block `diagonal`, whose diagonal
// is inverted: first what the columns before j take away, two columns at a time for want of
// registers, then the triangle.
template <int kRows>
HWY_INLINE void eliminate_block(const float* pivot_rows, std::size_t j, float* rows) {
  const Floats d;
  const float* const diagonal = pivot_rows + j * 4 * kLanes;
  float* const block = rows + j * kRows * kLanes;
  const auto at = [&](int r, int c) { return block + (c * kRows + r) * static_cast<int>(kLanes); };
  const auto pivot = [&](int r, int c) {
    return hn::Load(d, diagonal + (c * 4 + r) * static_cast<int>(kLanes));
  };
  for (int c = 0; c < 4; c += 2) {
    Vector sum[kRows][2];
    for (int r = 0; r < kRows; ++r) {
      sum[r][0] = hn::Load(d, at(r, c));
      sum[r][1] = hn::Load(d, at(r, c + 1));
    }
    subtract_products<kRows>(rows, pivot_rows + c * static_cast<int>(kLanes),
                             j + static_cast<std::size_t>(c), sum);
    for (int r = 0; r < kRows; ++r) {
      sum[r][0] = hn::Mul(sum[r][0], pivot(c, c));
      sum[r][1] =
          hn::Mul(hn::NegMulAdd(sum[r][0], pivot(c + 1, c), sum[r][1]), pivot(c + 1, c + 1));
      hn::Store(sum[r][0], d, at(r, c));
      hn::Store(sum[r][1], d, at(r, c + 1));
    }
  }
}

// The block on the diagonal, with 1 / L_jj in the place of L_jj.
HWY_INLINE void factorize_diagonal(float* pivot_rows, std::size_t j, Vector ridge) {
  const Floats d;
  float* const block = pivot_rows + j * 4 * kLanes;
  const auto at = [&](int r, int c) { return block + (c * 4 + r) * static_cast<int>(kLanes); };
  for (int c = 0; c < 4; ++c) {
    Vector sum[4];
    for (int r = c; r < 4; ++r) sum[r] = hn::Load(d, at(r, c));
    sum[c] = hn::Add(sum[c], ridge);
    const float* row = pivot_rows;
    for (std::size_t p = 0; p < j + static_cast<std::size_t>(c); ++p, row += 4 * kLanes) {
      const Vector y = hn::Load(d, row + c * static_cast<int>(kLanes));
      for (int r = c; r < 4; ++r)
        sum[r] = hn::NegMulAdd(hn::Load(d, row + r * static_cast<int>(kLanes)), y, sum[r]);
    }
    const Vector inverse = hn::Div(hn::Set(d, 1.0F), hn::Sqrt(hn::Max(sum[c], ridge)));
    hn::Store(inverse, d, at(c, c));
    for (int r = c + 1; r < 4; ++r) hn::Store(hn::Mul(sum[r], inverse), d, at(r, c));
  }
}

HWY_INLINE void factorize(float* lower, float* border, std::size_t n, Vector ridge) {
  for (std::size_t j = 0; j < n; j += 4) {
    float* const pivot_rows = lower + j * n * kLanes;
    factorize_diagonal(pivot_rows, j, ridge);
    for (std::size_t i = j + 4; i < n; i += 4)
      eliminate_block<4>(pivot_rows, j, lower + i * n * kLanes);
    eliminate_block<2>(pivot_rows, j, border);
  }
}

// x of L^T x = v, in the place of v.
HWY_INLINE void solve_transposed(const float* lower, std::size_t n, float* v) {
  const Floats d;
  for (std::size_t i = n; i > 0;) {
    i -= 4;
    const float* const rows = lower + i * n * kLanes;
    const auto at = [&](std::size_t r, std::size_t p) {
      return hn::Load(d, rows + (p * 4 + r) * kLanes);
    };
    Vector x[4];
    for (std::size_t r = 4; r-- > 0;) {
      x[r] = hn::Load(d, v + (i + r) * kLanes);
      for (std::size_t below = r + 1; below < 4; ++below)
        x[r] = hn::NegMulAdd(at(below, i + r), x[below], x[r]);
      x[r] = hn::Mul(x[r], at(r, i + r));
      hn::Store(x[r], d, v + (i + r) * kLanes);
    }
    for (std::size_t p = 0; p < i; ++p) {
      Vector sum = hn::Load(d, v + p * kLanes);
      for (std::size_t r = 0; r < 4; ++r) sum = hn::NegMulAdd(at(r, p), x[r], sum);
      hn::Store(sum, d, v + p * kLanes);
    }
  }
}

inline void solve_rows(const RowEquations* equations, Index count, Index factors,
                       const RowSolution* solutions, float* scratch) {
  if (factors > kMostBatchedFactors) {
    for (Index r = 0; r < count; ++r) solve_row(equations[r], factors, solutions[r]);
    return;
  }
  const Floats d;
  const RowEquations* systems[kLanes];
  HWY_ALIGN float counts[kLanes];
  HWY_ALIGN float target_sums[kLanes];
  HWY_ALIGN float ridges[kLanes];
  HWY_ALIGN float bias_ridges[kLanes];
  for (unsigned lane = 0; lane < kLanes; ++lane) {
    // lanes without a system repeat the last
    systems[lane] = &equations[std::min(lane, count - 1)];
    counts[lane] = systems[lane]->count;
    target_sums[lane] = systems[lane]->target_sum;
    ridges[lane] = systems[lane]->regularization;
    bias_ridges[lane] =
        std::max(systems[lane]->bias_regularization, scalar::kLeastRidge * systems[lane]->count);
  }
  const std::size_t stride = (std::size_t{factors} + kLanes - 1) / kLanes * kLanes;
  const std::size_t n = (std::size_t{factors} + 3) / 4 * 4;
  float* const lower = scratch;
  float* const border = lower + n * n * kLanes;
  float* const x = border + 2 * n * kLanes;
  load_systems(systems, n, stride, lower, border);
  const Vector least = hn::Set(d, scalar::kLeastRidge);
  Vector ridge = hn::Load(d, ridges);
  for (std::size_t p = 0; p < n; ++p) {
    ridge =
        hn::Max(ridge, hn::Mul(least, hn::Load(d, lower + ((p / 4 * n + p) * 4 + p % 4) * kLanes)));
  }
  factorize(lower, border, n, ridge);

  // With z = L^-1 s and w = L^-1 c: b = (target_sum - z . w) / (n + bias_ridge - z . z), then L^T x
  // = w - b z.
  const Vector bias_ridge = hn::Load(d, bias_ridges);
  Vector schur = hn::Add(hn::Load(d, counts), bias_ridge);
  Vector right = hn::Load(d, target_sums);
  for (std::size_t p = 0; p < n; ++p) {
    const Vector z = hn::Load(d, border + 2 * p * kLanes);
    schur = hn::NegMulAdd(z, z, schur);
    right = hn::NegMulAdd(z, hn::Load(d, border + (2 * p + 1) * kLanes), right);
  }
  const Vector bias = hn::Div(right, hn::Max(schur, bias_ridge));
  for (std::size_t p = 0; p < n; ++p) {
    const Vector z = hn::Load(d, border + 2 * p * kLanes);
    const Vector w = hn::Load(d, border + (2 * p + 1) * kLanes);
    hn::Store(hn::NegMulAdd(bias, z, w), d, x + p * kLanes);
  }
  solve_transposed(lower, n, x);

  HWY_ALIGN float biases[kLanes];
  hn::Store(bias, d, biases);
  for (Index r = 0; r < count; ++r) {
    for (Index p = 0; p < factors; ++p) solutions[r].factors[p] = x[p * kLanes + r];
    *solutions[r].bias = biases[r];
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
