// Integers out of cells, for SIMD: parse_integers_scalar.h is the plain loop, base/parse.h has the steps for one.
//
// A number of up to 16 digits is two of up to 8, which are eight bytes each. These are gathered first, one by one; the arithmetic is
// done for a vector of them.
#if defined(PALATE_KERNELS_PARSE_INTEGERS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#undef PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#else
#define PALATE_KERNELS_PARSE_INTEGERS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using Words = hn::ScalableTag<std::uint64_t>;
constexpr std::size_t kWords = kLanes / 2;

// Some cells' digits: 1 to 8 in each word, first ones first, and what follows in the text.
struct Digits {
  static constexpr std::size_t kCells = 64;
  HWY_ALIGN std::uint64_t words[kCells];
  HWY_ALIGN std::uint64_t counts[kCells];

  void set(std::size_t i, const char* at, std::size_t count) {
    std::memcpy(&words[i], at, 8);
    counts[i] = count;
  }
};

// The numbers that these digits are. Sets bits in `wrong` where one is no digit.
HWY_INLINE hn::Vec<Words> numbers_of(const Digits& digits, std::size_t first, hn::Vec<Words>& wrong) {
  const Words words;
  const hn::Repartition<std::int16_t, Words> pairs;
  const hn::Repartition<std::int32_t, Words> fours;
  const auto zeros = hn::Set(words, 0x3030303030303030U);
  const auto bits = hn::ShiftLeft<3>(hn::Load(words, digits.counts + first));
  // Zeros go in front, and what stood behind the digits out.
  auto d = hn::Shl(hn::Load(words, digits.words + first), hn::Sub(hn::Set(words, 64), bits));
  d = hn::Or(d, hn::Shr(hn::ShiftRight<8>(zeros), hn::Sub(bits, hn::Set(words, 8))));
  d = hn::Xor(d, zeros);
  wrong =
      hn::Or(wrong, hn::And(hn::Or(d, hn::Add(d, hn::Set(words, 0x0606060606060606U))), hn::Set(words, 0xF0F0F0F0F0F0F0F0U)));
  // Tens and ones to pairs, in every other byte, pairs to fours, fours to all.
  d = hn::Add(hn::Add(hn::ShiftLeft<3>(d), hn::ShiftLeft<1>(d)), hn::ShiftRight<8>(d));
  d = hn::And(d, hn::Set(words, 0x00FF00FF00FF00FFU));
  const auto hundreds = hn::BitCast(pairs, hn::Set(words, 0x0001006400010064U));
  auto odd = hn::Zero(fours);
  const auto even = hn::ReorderWidenMulAccumulate(fours, hn::BitCast(pairs, d), hundreds, hn::Zero(fours), odd);
  const auto four = hn::BitCast(words, hn::RearrangeToOddPlusEven(even, odd));
  const hn::Repartition<std::uint32_t, Words> halves;
  const auto front = hn::MulEven(hn::BitCast(halves, four), hn::Set(halves, 10'000));
  return hn::Add(front, hn::ShiftRight<32>(four));
}

inline bool parse_integers(const std::string_view* cells, std::size_t stride, std::size_t count, std::int64_t* numbers) {
  const Words words;
  const hn::Repartition<std::uint32_t, Words> halves;
  const hn::Repartition<std::int64_t, Words> signed_words;
  auto wrong = hn::Zero(words);
  for (std::size_t done = 0; done < count; done += Digits::kCells) {
    const std::size_t some = std::min(count - done, Digits::kCells);
    const std::size_t padded = (some + kWords - 1) / kWords * kWords;
    const std::string_view* const first = cells + done * stride;
    Digits digits;
    for (std::size_t i = some; i < padded; ++i) digits.set(i, "00000000", 1);
    std::size_t longest = 0;
    const std::string_view* cell = first;
    for (std::size_t i = 0; i < some; ++i, cell += stride) {  // their last 8
      const char* const begin = cell->data();
      const std::size_t size = cell->size();
      if (size - 1 >= 16 || (*begin == '0' && size > 1)) return false;
      longest = std::max(longest, size);
      const std::size_t last = std::min<std::size_t>(size, 8);
      digits.set(i, begin + size - last, last);
    }
    HWY_ALIGN std::uint64_t results[Digits::kCells];
    for (std::size_t i = 0; i < padded; i += kWords) hn::Store(numbers_of(digits, i, wrong), words, results + i);
    if (longest > 8) {
      cell = first;
      for (std::size_t i = 0; i < some; ++i, cell += stride) {  // those before
        const std::size_t size = cell->size();
        digits.set(i, size > 8 ? cell->data() : "00000000", size > 8 ? size - 8 : 1);
      }
      for (std::size_t i = 0; i < padded; i += kWords) {
        const auto front = hn::MulEven(hn::BitCast(halves, numbers_of(digits, i, wrong)), hn::Set(halves, 100'000'000));
        hn::Store(hn::Add(front, hn::Load(words, results + i)), words, results + i);
      }
    }
    std::memcpy(numbers + done, results, some * sizeof *numbers);
  }
  return hn::AllTrue(signed_words, hn::Eq(hn::BitCast(signed_words, wrong), hn::Zero(signed_words)));
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
