// Steps of ranking losses, for SIMD: kernels.h has the formulas, ranking_scalar.h the plain loops.
//
// The lanes of a vector are columns of scores side by side, so that no sum goes across lanes.
#if defined(PALATE_KERNELS_RANKING_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_RANKING_INL_H_
#undef PALATE_KERNELS_RANKING_INL_H_
#else
#define PALATE_KERNELS_RANKING_INL_H_
#endif

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/row_errors-inl.h"
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
  const Floats d;
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

// to <- scale to + factor from
HWY_INLINE void add_scaled(float scale, float factor, const float* from, float* HWY_RESTRICT to,
                           Index f) {
  const Floats d;
  const Vector scales = hn::Set(d, scale);
  const Vector factors = hn::Set(d, factor);
  const Index whole = f / kLanes * kLanes;
  for (Index i = 0; i < whole; i += kLanes) {
    const Vector scaled = hn::Mul(scales, hn::LoadU(d, to + i));
    hn::StoreU(hn::MulAdd(factors, hn::LoadU(d, from + i), scaled), d, to + i);
  }
  for (Index i = whole; i < f; ++i) to[i] = scale * to[i] + factor * from[i];
}

inline void descend(const RowRatings& gradients, const RowDescent& step, float* x, float* squares) {
  HWY_ALIGN float g[kMostDescended];
  const Index f = gradients.y.cols;
  sum_errors(gradients, nullptr, g);
  if (step.regularization != 0) add_scaled(1, step.regularization, x, g, f);
  if (step.unit) add_scaled(1, -dot(g, x, f), x, g, f);
  *squares += dot(g, g, f);
  const float rate = step.learning_rate / std::sqrt(*squares);
  add_scaled(1, -rate, g, x, f);
  if (step.unit) {
    std::copy_n(x, f, g);
    add_scaled(0, 1 / std::sqrt(dot(g, g, f)), g, x, f);
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
