// Bounds of scores from vectors of 16-bit integers, for SIMD: kernels.h has the formula, score_bounds_scalar.h the plain loops.
//
// One instruction multiplies twice as many 16-bit integers as floats and adds neighbours. A group of items against three users fits
// the registers.
#if defined(PALATE_KERNELS_SCORE_BOUNDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#undef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#else
#define PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>
#include <limits>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using Sums = hn::ScalableTag<std::int32_t>;   // one for each item
using Pairs = hn::ScalableTag<std::int16_t>;  // two elements of each item

// slack + x . y for one group of items and kUsers users from `first` on.
template <int kUsers>
HWY_INLINE void sum_products(const BoundItems& items, Index group, const BoundUsers& users, int first, std::int32_t slack,
                             std::int32_t (*HWY_RESTRICT result)[kBoundGroup]) {
  constexpr int kVectors = static_cast<int>(kBoundGroup / kLanes);
  constexpr int kStep = static_cast<int>(kLanes);
  const Sums sums;
  const Pairs pairs;
  hn::Vec<Sums> even[kUsers][kVectors];
  hn::Vec<Sums> odd[kUsers][kVectors];  // only where the target has no instruction that adds neighbours
  for (int u = 0; u < kUsers; ++u) {
    for (int v = 0; v < kVectors; ++v) even[u][v] = odd[u][v] = hn::Zero(sums);
  }
  const BoundPairs* HWY_RESTRICT rows = items.pairs_of + std::size_t{group} * items.pairs;
#pragma GCC unroll 4  // spares moves between registers: a tenth of the time
  for (Index p = 0; p < items.pairs; ++p) {
    hn::Vec<Pairs> y[kVectors];
    for (int v = 0; v < kVectors; ++v) y[v] = hn::Load(pairs, rows[p].values[v * kStep]);
    for (int u = 0; u < kUsers; ++u) {
      std::int32_t both;
      std::memcpy(&both, users.values[first + u] + 2 * p, sizeof both);
      const auto x = hn::BitCast(pairs, hn::Set(sums, both));
      for (int v = 0; v < kVectors; ++v) {
        even[u][v] = hn::ReorderWidenMulAccumulate(sums, y[v], x, even[u][v], odd[u][v]);
      }
    }
  }
  for (int u = 0; u < kUsers; ++u) {
    for (int v = 0; v < kVectors; ++v) {
      const auto sum = hn::Add(hn::RearrangeToOddPlusEven(even[u][v], odd[u][v]), hn::Set(sums, slack));
      hn::Store(sum, sums, result[first + u] + v * kStep);
    }
  }
}

// Writes the bounds of a group for one user that are not below the floor. Hardly any is.
HWY_INLINE void keep_bounds(const std::int32_t* sum, const float* scales, const float* biases, float scale, float floor,
                            Index place, ScoreBound* bounds, Index& count) {
  const Sums sums;
  const Floats d;
  const Vector user_scale = hn::Set(d, scale);
  HWY_ALIGN float values[kBoundGroup];
  Vector most = hn::Set(d, -std::numeric_limits<float>::infinity());
  for (Index lane = 0; lane < kBoundGroup; lane += kLanes) {
    const Vector both_scales = hn::Mul(user_scale, hn::LoadU(d, scales + lane));
    const Vector bound = hn::MulAdd(both_scales, hn::ConvertTo(d, hn::Load(sums, sum + lane)), hn::LoadU(d, biases + lane));
    most = hn::Max(most, bound);
    hn::Store(bound, d, values + lane);
  }
  if (HWY_LIKELY(hn::AllFalse(d, hn::Ge(most, hn::Set(d, floor))))) return;
  for (Index lane = 0; lane < kBoundGroup; ++lane) {
    if (values[lane] >= floor) bounds[count++] = {place + lane, values[lane]};
  }
}

inline void score_bounds(const BoundItems& items, const BoundUsers& users, std::int32_t slack,
                         ScoreBound* const bounds[kBoundUsers], Index counts[kBoundUsers]) {
  for (int u = 0; u < static_cast<int>(kBoundUsers); ++u) counts[u] = 0;
  for (Index group = 0; group < items.groups; ++group) {
    HWY_ALIGN std::int32_t sum[kBoundUsers][kBoundGroup];
    constexpr int kAtOnce = 3;  // their sums fit the registers
    static_assert(kBoundUsers % kAtOnce == 0);
    for (int u = 0; u < static_cast<int>(kBoundUsers); u += kAtOnce) sum_products<kAtOnce>(items, group, users, u, slack, sum);
    const Index place = group * kBoundGroup;
    for (int u = 0; u < static_cast<int>(kBoundUsers); ++u) {
      keep_bounds(sum[u], items.scales + place, items.biases + place, users.scales[u], users.floors[u], place, bounds[u],
                  counts[u]);
    }
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
