// Integers out of cells, for SIMD: parse_integers_scalar.h is the plain loop.
//
// A vector holds the digits of one cell, as 16 bytes: a shuffle moves them to its end and zeros in
// front. Then neighbours are put together: digits to pairs, pairs to fours, fours to eights.
#if defined(PALATE_KERNELS_PARSE_INTEGERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#undef PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#else
#define PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <string_view>

#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using Digits = hn::Full128<std::uint8_t>;

// of[n] moves the first n of 16 bytes to the end; 0x80 stands for a zero.
struct alignas(16) DigitPlaces {
  std::uint8_t of[17][16];
};
inline constexpr DigitPlaces kDigitPlaces = [] {
  DigitPlaces places{};
  for (int n = 0; n <= 16; ++n) {
    for (int i = 0; i < 16; ++i)
      places.of[n][i] = static_cast<std::uint8_t>(i < 16 - n ? 0x80 : i - (16 - n));
  }
  return places;
}();

// Each two neighbours as one number, of which the first counts `base` times as much.
template <class V>
HWY_INLINE auto join_neighbours(V v, int base) {
  const hn::DFromV<V> from;
  const hn::RepartitionToWide<decltype(from)> to;
  const auto weights = hn::BitCast(from, hn::Set(to, 1 << 16 | base));
  auto odd = hn::Zero(to);
  const auto even = hn::ReorderWidenMulAccumulate(to, v, weights, hn::Zero(to), odd);
  return hn::RearrangeToOddPlusEven(even, odd);
}

inline bool parse_integers(const std::string_view* cells, std::size_t stride, std::size_t count,
                           std::int64_t* numbers) {
  const Digits digits;
  const hn::Full128<std::int16_t> pairs;
  auto above_nine = hn::Zero(digits);
  bool leading_zero = false;
  for (std::size_t i = 0; i < count; ++i, cells += stride) {
    const auto* const text = reinterpret_cast<const std::uint8_t*>(cells->data());
    const std::size_t size = cells->size();
    if (size - 1 >= 16) return false;
    leading_zero |= *text == '0' && size > 1;
    const auto from_zero = hn::Xor(hn::LoadU(digits, text), hn::Set(digits, '0'));
    const auto all = hn::TableLookupBytesOr0(from_zero, hn::Load(digits, kDigitPlaces.of[size]));
    above_nine = hn::Or(above_nine, hn::SaturatedSub(all, hn::Set(digits, 9)));
    const auto tens_and_ones = hn::BitCast(pairs, all);
    const auto tens = hn::And(tens_and_ones, hn::Set(pairs, 0xFF));
    const auto pair = hn::Add(hn::Mul(tens, hn::Set(pairs, 10)), hn::ShiftRight<8>(tens_and_ones));
    const auto fours = hn::DemoteTo(hn::Full64<std::int16_t>(), join_neighbours(pair, 100));
    const auto eights = hn::BitCast(hn::Full64<std::uint64_t>(), join_neighbours(fours, 10'000));
    const std::uint64_t both = hn::GetLane(eights);
    numbers[i] = static_cast<std::int64_t>((both & 0xFFFFFFFF) * 100'000'000 + (both >> 32));
  }
  return !leading_zero && hn::AllTrue(digits, hn::Eq(above_nine, hn::Zero(digits)));
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
