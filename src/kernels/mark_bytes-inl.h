// Where in a text a byte stands, for SIMD: mark_bytes_scalar.h is the plain loop.
#if defined(PALATE_KERNELS_MARK_BYTES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_MARK_BYTES_INL_H_
#undef PALATE_KERNELS_MARK_BYTES_INL_H_
#else
#define PALATE_KERNELS_MARK_BYTES_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

inline std::uint64_t mark_64_bytes(const char* text, char byte) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::CappedTag<std::uint8_t, 64> bytes;
  const auto* const at = reinterpret_cast<const std::uint8_t*>(text);
  const auto wanted = hn::Set(bytes, static_cast<std::uint8_t>(byte));
  std::array<std::uint8_t, 8> bits;
  for (std::size_t i = 0; i < 64; i += hn::Lanes(bytes)) {
    hn::StoreMaskBits(bytes, hn::Eq(hn::LoadU(bytes, at + i), wanted), bits.data() + i / 8);
  }
  std::uint64_t marks;
  std::memcpy(&marks, bits.data(), sizeof marks);  // little-endian, as all targets are
  return marks;
}

void mark_bytes(std::string_view text, char byte, std::uint64_t* marks) {
  for (; text.size() >= 64; text.remove_prefix(64)) *marks++ = mark_64_bytes(text.data(), byte);
  if (text.empty()) return;
  std::array<char, 64> rest{};
  std::memcpy(rest.data(), text.data(), text.size());
  *marks = mark_64_bytes(rest.data(), byte) & ((std::uint64_t{1} << text.size()) - 1);
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
