// Bounds of scores from vectors of 16-bit integers, for SIMD: kernels.h has the formula, score_bounds_scalar.h the plain loops.
//
// One instruction multiplies twice as many 16-bit integers as floats and adds neighbours, and a group of items against four users
// fits the registers: two loads and four broadcasts feed eight multiplications.
#if defined(PALATE_KERNELS_SCORE_BOUNDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#undef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#else
#define PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <cstring>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using Sums = hn::ScalableTag<std::int32_t>;   // one for each item
using Pairs = hn::ScalableTag<std::int16_t>;  // two elements of each item

// Writes the items of a vector whose bound is not below the floor. Hardly any is.
HWY_INLINE void keep_bounds(Vector bound, float floor, Index place, ScoreBound* bounds, Index& count) {
  const Floats d;
  const auto reaches = hn::Ge(bound, hn::Set(d, floor));
  if (hn::AllFalse(d, reaches)) return;
  HWY_ALIGN float values[kLanes];
  hn::Store(bound, d, values);
  for (Index lane = 0; lane < kLanes; ++lane) {
    if (values[lane] >= floor) bounds[count++] = {place + lane, values[lane]};
  }
}

// One group of items against kUsers users from `first` on.
template <int kUsers>
HWY_INLINE void bound_group(const BoundItems& items, Index group, const BoundUsers& users, int first, std::int32_t slack,
                            ScoreBound* const bounds[4], Index counts[4]) {
  constexpr int kVectors = static_cast<int>(kBoundGroup / kLanes);
  const Sums sums;
  const Pairs pairs;
  const Floats floats;
  hn::Vec<Sums> even[kUsers][kVectors];
  hn::Vec<Sums> odd[kUsers][kVectors];  // only where the target has no instruction that adds neighbours
  for (int u = 0; u < kUsers; ++u) {
    for (int v = 0; v < kVectors; ++v) even[u][v] = odd[u][v] = hn::Zero(sums);
  }
  const BoundPairs* HWY_RESTRICT rows = items.pairs_of + std::size_t{group} * items.pairs;
  for (Index p = 0; p < items.pairs; ++p) {
    hn::Vec<Pairs> y[kVectors];
    for (int v = 0; v < kVectors; ++v) y[v] = hn::Load(pairs, rows[p].values[v * static_cast<int>(kLanes)]);
    for (int u = 0; u < kUsers; ++u) {
      std::int32_t both;
      std::memcpy(&both, users.values[first + u] + 2 * p, sizeof both);
      const auto x = hn::BitCast(pairs, hn::Set(sums, both));
      for (int v = 0; v < kVectors; ++v) {
        even[u][v] = hn::ReorderWidenMulAccumulate(sums, y[v], x, even[u][v], odd[u][v]);
      }
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    const Index place = group * kBoundGroup + static_cast<Index>(v) * kLanes;
    const Vector scales = hn::LoadU(floats, items.scales + place);
    const Vector biases = hn::LoadU(floats, items.biases + place);
    for (int u = 0; u < kUsers; ++u) {
      const auto sum = hn::Add(hn::RearrangeToOddPlusEven(even[u][v], odd[u][v]), hn::Set(sums, slack));
      const Vector scale = hn::Mul(hn::Set(floats, users.scales[first + u]), scales);
      const Vector bound = hn::MulAdd(scale, hn::ConvertTo(floats, sum), biases);
      keep_bounds(bound, users.floors[first + u], place, bounds[first + u], counts[first + u]);
    }
  }
}

inline void score_bounds(const BoundItems& items, const BoundUsers& users, std::int32_t slack, ScoreBound* const bounds[4],
                         Index counts[4]) {
  for (int u = 0; u < 4; ++u) counts[u] = 0;
  for (Index group = 0; group < items.groups; ++group) {
    if constexpr (kLanes >= 8) {
      bound_group<4>(items, group, users, 0, slack, bounds, counts);
    } else {  // for want of registers
      bound_group<2>(items, group, users, 0, slack, bounds, counts);
      bound_group<2>(items, group, users, 2, slack, bounds, counts);
    }
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
