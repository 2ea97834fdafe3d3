#include "base/memory.h"

#include <algorithm>
#include <cstdint>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace palate {

void prefer_huge_pages(void* memory, std::size_t bytes) {
#ifdef __linux__
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  if (bytes < 4 * kHugePage) return;
  char* const begin = static_cast<char*>(memory);
  const std::uintptr_t to_boundary = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  madvise(begin + to_boundary, (bytes - to_boundary) / kHugePage * kHugePage, MADV_HUGEPAGE);
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
#endif
}

void touch_pages(void* memory, std::size_t bytes, Parallel& parallel) {
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
  constexpr std::size_t kPage = 4096;
  constexpr std::size_t kChunk = std::size_t{8} << 20;  // whole huge pages
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(memory) / kPage * kPage;
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(memory) + bytes;
  if (bytes < kChunk) return;
  const std::uintptr_t first = begin / kChunk;
  parallel.for_ranges(static_cast<Index>((end - 1) / kChunk + 1 - first), 1, [&](IndexRange range) {
    const std::uintptr_t from = std::max(begin, (first + range.first) * kChunk);
    const std::uintptr_t to = std::min(end, (first + range.last) * kChunk);
    madvise(reinterpret_cast<void*>(from), to - from, MADV_POPULATE_WRITE);
  });
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
  static_cast<void>(parallel);
#endif
}

}  // namespace palate
