// Steps of ranking losses, for SIMD: kernels.h has the formulas, ranking_scalar.h the plain loops.
//
// The lanes of a vector are columns of scores side by side, so that no sum goes across lanes.
#if defined(PALATE_KERNELS_RANKING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_RANKING_INL_H_
#undef PALATE_KERNELS_RANKING_INL_H_
#else
#define PALATE_KERNELS_RANKING_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

// As many columns as there are lanes, from column t on.
HWY_INLINE Vector softmax_of_columns(const SampledScores& scores, Index t) {
  const Floats d;
  float* const sampled = scores.sampled + t;
  const Vector chosen = hn::LoadU(d, scores.chosen + t);
  const Vector weights = hn::LoadU(d, scores.weights + t);
  Vector most = chosen;
  for (Index j = 0; j < scores.rows; ++j)
    most = hn::Max(most, hn::LoadU(d, sampled + j * scores.stride));
  Vector others = hn::Zero(d);
  for (Index j = 0; j < scores.rows; ++j) {
    float* const at = sampled + j * scores.stride;
    const Vector share = hn::Exp(d, hn::Sub(hn::LoadU(d, at), most));
    others = hn::Add(others, share);
    hn::StoreU(share, d, at);
  }
  const Vector all = hn::Add(others, hn::Exp(d, hn::Sub(chosen, most)));
  const Vector scale = hn::Div(weights, all);
  for (Index j = 0; j < scores.rows; ++j) {
    float* const at = sampled + j * scores.stride;
    hn::StoreU(hn::Mul(hn::LoadU(d, at), scale), d, at);
  }
  hn::StoreU(hn::Mul(others, scale), d, scores.chosen + t);
  return hn::Mul(weights, hn::Add(most, hn::Sub(hn::Log(d, all), chosen)));
}

inline double softmax_gradients(const SampledScores& scores) {
  const hn::Repartition<double, Floats> doubles;
  auto loss = hn::Zero(doubles);
  const auto add = [&](Vector losses) {
    const hn::Half<Floats> half;
    loss = hn::Add(loss, hn::PromoteTo(doubles, hn::LowerHalf(half, losses)));
    loss = hn::Add(loss, hn::PromoteTo(doubles, hn::UpperHalf(half, losses)));
  };
  const Index whole = scores.columns / kLanes * kLanes;
  for (Index t = 0; t < whole; t += kLanes) add(softmax_of_columns(scores, t));
  double sum = hn::GetLane(hn::SumOfLanes(doubles, loss));
  if (whole == scores.columns) return sum;
  // The last columns with others beside them that weigh nothing.
  const Index rest = scores.columns - whole;
  HWY_ALIGN float chosen[kLanes] = {};
  HWY_ALIGN float weights[kLanes] = {};
  std::vector<float> sampled(std::size_t{scores.rows} * kLanes);
  for (Index j = 0; j < scores.rows; ++j)
    std::copy_n(scores.sampled + j * scores.stride + whole, rest, sampled.data() + j * kLanes);
  std::copy_n(scores.chosen + whole, rest, chosen);
  std::copy_n(scores.weights + whole, rest, weights);
  const SampledScores last{.sampled = sampled.data(),
                           .stride = kLanes,
                           .rows = scores.rows,
                           .columns = kLanes,
                           .chosen = chosen,
                           .weights = weights};
  loss = hn::Zero(doubles);
  add(softmax_of_columns(last, 0));
  sum += hn::GetLane(hn::SumOfLanes(doubles, loss));
  for (Index j = 0; j < scores.rows; ++j)
    std::copy_n(sampled.data() + j * kLanes, rest, scores.sampled + j * scores.stride + whole);
  std::copy_n(chosen, rest, scores.chosen + whole);
  return sum;
}

HWY_INLINE float dot(const float* a, const float* b, Index f) {
  const Floats d;
  const Index whole = f / kLanes * kLanes;
  Vector sums = hn::Zero(d);
  for (Index i = 0; i < whole; i += kLanes)
    sums = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sums);
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (Index i = whole; i < f; ++i) sum += a[i] * b[i];
  return sum;
}

// to <- factor from
HWY_INLINE void set_scaled(float factor, const float* from, float* to, Index f) {
  const Floats d;
  const Vector factors = hn::Set(d, factor);
  const Index whole = f / kLanes * kLanes;
  for (Index i = 0; i < whole; i += kLanes)
    hn::StoreU(hn::Mul(factors, hn::LoadU(d, from + i)), d, to + i);
  for (Index i = whole; i < f; ++i) to[i] = factor * from[i];
}

// to <- to + factor from
HWY_INLINE void add_scaled(float factor, const float* from, float* HWY_RESTRICT to, Index f) {
  const Floats d;
  const Vector factors = hn::Set(d, factor);
  const Index whole = f / kLanes * kLanes;
  for (Index i = 0; i < whole; i += kLanes)
    hn::StoreU(hn::MulAdd(factors, hn::LoadU(d, from + i), hn::LoadU(d, to + i)), d, to + i);
  for (Index i = whole; i < f; ++i) to[i] += factor * from[i];
}

// Asks for the rows that stand a few groups on from the nth.
HWY_INLINE void prefetch_group(const RowGroups& groups, std::size_t n, MatrixView x, MatrixView y) {
  constexpr std::size_t kAhead = 4;
  constexpr Index kLine = 16;  // floats
  if (n + kAhead >= groups.rows.size()) return;
  const float* const row = x.row(groups.rows[n + kAhead]).data();
  for (Index i = 0; i < x.cols; i += kLine) hwy::Prefetch(row + i);
  const float* const other = y.row(groups.others[groups.starts[n + kAhead]]).data();
  for (Index i = 0; i < x.cols; i += kLine) hwy::Prefetch(other + i);
}

// For rows of kFactors, or of any number where that is 0.
template <Index kFactors>
void products_of_width(const RowGroups& groups, MatrixView x, MatrixView y, float* products) {
  const Index f = kFactors > 0 ? kFactors : x.cols;
  for (std::size_t n = 0; n < groups.rows.size(); ++n) {
    const float* const row = x.row(groups.rows[n]).data();
    for (Index p = groups.starts[n]; p < groups.starts[n + 1]; ++p)
      products[p] = dot(row, y.row(groups.others[p]).data(), f);
  }
}

template <Index kFactors>
void descend_of_width(const RowGroups& groups, const RowDescent& step, MatrixView y,
                      MutableMatrixView x, float* squares) {
  const Index f = kFactors > 0 ? kFactors : x.cols;
  HWY_ALIGN float g[kFactors > 0 ? kFactors : kMostDescended];
  for (std::size_t n = 0; n < groups.rows.size(); ++n) {
    prefetch_group(groups, n, {x.data, x.rows, x.cols, x.stride}, y);
    float* const row = x.row(groups.rows[n]).data();
    float& sum = squares[groups.rows[n]];
    set_scaled(step.regularization * step.weights[n], row, g, f);
    for (Index p = groups.starts[n]; p < groups.starts[n + 1]; ++p)
      add_scaled(step.multiples[p], y.row(groups.others[p]).data(), g, f);
    if (step.unit) add_scaled(-dot(g, row, f), row, g, f);
    sum += dot(g, g, f);
    add_scaled(-step.learning_rate / std::sqrt(sum), g, row, f);
    if (step.unit) set_scaled(1 / std::sqrt(dot(row, row, f)), row, row, f);
  }
}

inline void products(const RowGroups& groups, MatrixView x, MatrixView y, float* products) {
  const auto of_width = x.cols == 64   ? products_of_width<64>
                        : x.cols == 32 ? products_of_width<32>
                                       : products_of_width<0>;
  of_width(groups, x, y, products);
}

inline void descend(const RowGroups& groups, const RowDescent& step, MatrixView y,
                    MutableMatrixView x, float* squares) {
  const auto of_width = x.cols == 64   ? descend_of_width<64>
                        : x.cols == 32 ? descend_of_width<32>
                                       : descend_of_width<0>;
  of_width(groups, step, y, x, squares);
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
