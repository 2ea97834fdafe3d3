// Cholesky of one large system, for SIMD: in the place of its upper triangle, sixteen rows of U at
// a time. What they leave of the rest of the triangle is a sum of outer products subtracted, as it
// began as a sum of outer products: the tiles are the same. kernels.h has the equations,
// least_squares_scalar.h the plain loops.
#if defined(PALATE_KERNELS_SOLVE_ROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SOLVE_ROW_INL_H_
#undef PALATE_KERNELS_SOLVE_ROW_INL_H_
#else
#define PALATE_KERNELS_SOLVE_ROW_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"
#include "kernels/least_squares_scalar.h"
#include "kernels/row_equations-inl.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

// A matrix by rows `stride` floats apart, its two rows of border before it.
struct BorderedTriangle {
  float* s;
  float* c;
  float* upper;
  std::size_t stride;
  float* row(std::size_t p) const { return upper + p * stride; }
};

// Makes row p of the triangle row p of U, with zeros before its diagonal element and the inverse in
// the place of that. What rows before `first` take from it is gone already, what the others take
// goes now. The border follows.
HWY_INLINE void factorize_row(const BorderedTriangle& a, std::size_t first, std::size_t p,
                              float ridge) {
  const Floats d;
  float* const row = a.row(p);
  const std::size_t begin = p / kLanes * kLanes;
  for (std::size_t j = begin; j < a.stride; j += kLanes) {
    Vector sum = hn::Load(d, row + j);
    for (std::size_t q = first; q < p; ++q)
      sum = hn::NegMulAdd(hn::Set(d, a.row(q)[p]), hn::Load(d, a.row(q) + j), sum);
    hn::Store(sum, d, row + j);
  }
  const float inverse = 1 / std::sqrt(std::max(row[p] + ridge, ridge));
  const auto past_diagonal =
      hn::Gt(hn::Iota(d, static_cast<float>(begin)), hn::Set(d, static_cast<float>(p)));
  hn::Store(hn::IfThenElseZero(past_diagonal, hn::Load(d, row + begin)), d, row + begin);
  a.s[p] *= inverse;
  a.c[p] *= inverse;
  const Vector scale = hn::Set(d, inverse);
  const Vector s = hn::Set(d, a.s[p]);
  const Vector c = hn::Set(d, a.c[p]);
  for (std::size_t j = begin; j < a.stride; j += kLanes) {
    const Vector u = hn::Mul(hn::Load(d, row + j), scale);
    hn::Store(u, d, row + j);
    hn::Store(hn::NegMulAdd(s, u, hn::Load(d, a.s + j)), d, a.s + j);
    hn::Store(hn::NegMulAdd(c, u, hn::Load(d, a.c + j)), d, a.c + j);
  }
  row[p] = inverse;
}

// x of U x = v, for `rows` unknowns, a multiple of 4. x is all zero before.
HWY_INLINE void solve_upper(const BorderedTriangle& a, std::size_t rows, const float* v, float* x) {
  const Floats d;
  for (std::size_t p = rows; p > 0;) {
    p -= 4;
    Vector sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (std::size_t j = p / kLanes * kLanes; j < a.stride; j += kLanes) {
      const Vector known = hn::Load(d, x + j);
      for (std::size_t r = 0; r < 4; ++r)
        sum[r] = hn::MulAdd(hn::Load(d, a.row(p + r) + j), known, sum[r]);
    }
    for (std::size_t r = 4; r-- > 0;) {
      float value = v[p + r] - hn::GetLane(hn::SumOfLanes(d, sum[r]));
      for (std::size_t later = r + 1; later < 4; ++later)
        value -= a.row(p + r)[p + later] * x[p + later];
      x[p + r] = value * a.row(p + r)[p + r];
    }
  }
}

inline void solve_row(const RowEquations& equations, Index factors, const RowSolution& solution) {
  constexpr std::size_t kBlock = 16;  // a multiple of kLanes on every target
  const Floats d;
  const std::size_t stride = (std::size_t{factors} + kLanes - 1) / kLanes * kLanes;
  const std::size_t rows = (std::size_t{factors} + 3) / 4 * 4;
  float* const matrix = equations.matrix;
  const BorderedTriangle a{matrix, matrix + stride, matrix + 2 * stride, stride};
  float ridge = equations.regularization;
  for (std::size_t p = 0; p < factors; ++p)
    ridge = std::max(ridge, scalar::kLeastRidge * a.row(p)[p]);
  for (std::size_t first = 0; first < factors; first += kBlock) {
    const std::size_t last = std::min<std::size_t>(first + kBlock, factors);
    for (std::size_t p = first; p < last; ++p) factorize_row(a, first, p, ridge);
    if (last == factors) break;
    const float* const above = a.row(first);
    const Chunk block{above, above, nullptr, static_cast<Index>(kBlock), stride};
    gram_triangle<Into::subtract>(block, last, rows, a.upper);
  }

  const float bias_ridge =
      std::max(equations.bias_regularization, scalar::kLeastRidge * equations.count);
  float schur = equations.count + bias_ridge;
  float right = equations.target_sum;
  for (std::size_t p = 0; p < factors; ++p) {
    schur -= a.s[p] * a.s[p];
    right -= a.s[p] * a.c[p];
  }
  const float bias = right / std::max(schur, bias_ridge);
  for (std::size_t j = 0; j < stride; j += kLanes) {
    hn::Store(hn::NegMulAdd(hn::Set(d, bias), hn::Load(d, a.s + j), hn::Load(d, a.c + j)), d,
              a.c + j);
    hn::Store(hn::Zero(d), d, a.s + j);
  }
  solve_upper(a, rows, a.c, a.s);
  std::copy_n(a.s, factors, solution.factors);
  *solution.bias = bias;
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
