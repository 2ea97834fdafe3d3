// Bounds of scores from vectors of bytes, for SIMD: kernels.h has the formula,
// score_bounds_scalar.h the plain loops.
//
// One instruction multiplies four times as many bytes as floats: here unsigned ones of items by
// signed ones of users, for which Highway has none. A tile of users and items fits the registers.
#if defined(PALATE_KERNELS_SCORE_BOUNDS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#undef PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#else
#define PALATE_KERNELS_SCORE_BOUNDS_INL_H_
#endif

#include <hwy/highway.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using Sums = hn::ScalableTag<std::int32_t>;   // one for each item; as bytes, four elements of it
using Pairs = hn::ScalableTag<std::int16_t>;  // two sums for each item

// The sums of two products each: no more than half of what 16 bits hold.
HWY_INLINE hn::Vec<Pairs> pair_products(hn::Vec<Sums> y, hn::Vec<Sums> x) {
#if HWY_TARGET == HWY_AVX3
  return {_mm512_maddubs_epi16(y.raw, x.raw)};
#elif HWY_TARGET == HWY_AVX2
  return {_mm256_maddubs_epi16(y.raw, x.raw)};
#else
  const Pairs pairs;
  const auto wide_x = hn::BitCast(pairs, x);
  const auto wide_y = hn::BitCast(pairs, y);
  const auto low =
      hn::Mul(hn::And(wide_y, hn::Set(pairs, 0xFF)), hn::ShiftRight<8>(hn::ShiftLeft<8>(wide_x)));
  return hn::Add(low, hn::Mul(hn::ShiftRight<8>(wide_y), hn::ShiftRight<8>(wide_x)));
#endif
}

// How products of some quads of elements are added to a sum.
struct ByteProducts {
  static constexpr int kMostByte = 63;
  static constexpr int kQuads = 2;
  static HWY_INLINE hn::Vec<Sums> add(hn::Vec<Sums> sum, const hn::Vec<Sums>* y,
                                      const hn::Vec<Sums>* x) {
    const Pairs pairs;
    const Sums sums;
    const auto four = hn::Add(pair_products(y[0], x[0]), pair_products(y[1], x[1]));
    auto odd = hn::Zero(sums);  // stays so where the target has an instruction that adds neighbours
    const auto even = hn::ReorderWidenMulAccumulate(sums, four, hn::Set(pairs, 1), sum, odd);
    return hn::RearrangeToOddPlusEven(even, odd);
  }
};

#if HWY_TARGET == HWY_AVX3
// By an instruction for a quad, which neither the compiler nor Highway expects of every processor
// that has AVX-512.
struct VnniProducts {
  static constexpr int kMostByte = 127;
  static constexpr int kQuads = 1;
  static HWY_INLINE hn::Vec<Sums> add(hn::Vec<Sums> sum, const hn::Vec<Sums>* y,
                                      const hn::Vec<Sums>* x) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(y->raw), "v"(x->raw));
    return sum;
  }
};
#endif

HWY_INLINE Vector bounds_of(hn::Vec<Sums> sum, const float* biases, float scale) {
  const Floats d;
  return hn::MulAdd(hn::Set(d, scale), hn::ConvertTo(d, sum), hn::LoadU(d, biases));
}

// Whether one of some sums gives a bound that is not below the floor.
template <int kVectors>
HWY_INLINE bool any_reaches(const hn::Vec<Sums>* sum, const float* biases, float scale,
                            float floor) {
  const Floats d;
  auto any = hn::FirstN(d, 0);
  for (int v = 0; v < kVectors; ++v) {
    any = hn::Or(any, hn::Ge(bounds_of(sum[v], biases + v * kLanes, scale), hn::Set(d, floor)));
  }
  return !hn::AllFalse(d, any);
}

// Writes those that do, and returns how many.
HWY_NOINLINE Index write_bounds(const hn::Vec<Sums>* sum, int vectors, const float* biases,
                                float scale, float floor, Index place, ScoreBound* bounds) {
  const Floats d;
  Index count = 0;
  for (int v = 0; v < vectors; ++v) {
    const Vector bound = bounds_of(sum[v], biases + v * kLanes, scale);
    HWY_ALIGN float values[kLanes];
    hn::Store(bound, d, values);
    std::uint64_t bits = 0;
    hn::StoreMaskBits(d, hn::Ge(bound, hn::Set(d, floor)), reinterpret_cast<std::uint8_t*>(&bits));
    for (; bits != 0; bits &= bits - 1) {
      const auto lane = static_cast<Index>(std::countr_zero(bits));
      bounds[count++] = {place + v * static_cast<Index>(kLanes) + lane, values[lane]};
    }
  }
  return count;
}

template <class Products>
void score_bounds(const BoundItems& items, const BoundUsers& users, Index factors,
                  ScoreBound* const bounds[kBoundUsers], Index counts[kBoundUsers]) {
  // A tile: its sums, a column of items and a user's elements are in registers together.
  constexpr int kUsers = kLanes == 16 ? 6 : 3;
  constexpr int kVectors = kLanes == 16 ? 4 : 2;
  constexpr int kQuads = Products::kQuads;
  constexpr int kStep = static_cast<int>(kLanes);
  static_assert(kBoundUsers % kUsers == 0 && kBoundItems % (kVectors * kStep) == 0);
  const Sums sums;
  for (int u = 0; u < static_cast<int>(kBoundUsers); ++u) counts[u] = 0;
  for (int place = 0; place < static_cast<int>(kBoundItems); place += kVectors * kStep) {
    for (int first = 0; first < static_cast<int>(kBoundUsers); first += kUsers) {
      hn::Vec<Sums> sum[kUsers][kVectors];
      for (auto& of_user : sum) {
        for (auto& of_items : of_user) of_items = hn::Zero(sums);
      }
      for (Index f = 0; f < factors; f += 4 * kQuads) {
        hn::Vec<Sums> y[kVectors][kQuads];
        for (int v = 0; v < kVectors; ++v) {
          for (int q = 0; q < kQuads; ++q) {
            const auto* const of_items = items.quads[f / 4 + q].values[place + v * kStep];
            y[v][q] = hn::Load(sums, reinterpret_cast<const std::int32_t*>(of_items));
          }
        }
        for (int u = 0; u < kUsers; ++u) {
          hn::Vec<Sums> x[kQuads];
          for (int q = 0; q < kQuads; ++q) {
            std::int32_t four;
            std::memcpy(&four, users.values[first + u] + f + 4 * q, sizeof four);
            x[q] = hn::Set(sums, four);
          }
          for (int v = 0; v < kVectors; ++v) sum[u][v] = Products::add(sum[u][v], y[v], x);
        }
      }
#pragma GCC unroll 6  // so that sums stay in registers
      for (int u = 0; u < kUsers; ++u) {
        const int user = first + u;
        const float* const biases = items.biases + place;
        if (HWY_LIKELY(
                !any_reaches<kVectors>(sum[u], biases, users.scales[user], users.floors[user])))
          continue;
        hn::Vec<Sums> reaching[kVectors];
        for (int v = 0; v < kVectors; ++v) reaching[v] = sum[u][v];
        counts[user] +=
            write_bounds(reaching, kVectors, biases, users.scales[user], users.floors[user],
                         static_cast<Index>(place), bounds[user] + counts[user]);
      }
    }
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
