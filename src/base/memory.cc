#include "base/memory.h"

#include <algorithm>
#include <fstream>
#include <limits>

#ifdef __linux__
#include <sys/mman.h>
#endif
#include <sys/resource.h>
#include <unistd.h>

namespace palate {

std::uint64_t most_memory() {
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page = sysconf(_SC_PAGESIZE);
  if (pages > 0 && page > 0)
    most = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
  // "max" where there is no limit: it is no number.
  std::uint64_t of_group = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> of_group) most = std::min(most, of_group);
  rlimit space{};
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    most = std::min<std::uint64_t>(most, space.rlim_cur);
  return most;
}

void prefer_huge_pages(void* memory, std::size_t bytes) {
#ifdef __linux__
  constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
  if (bytes < 2 * kHugePage) return;
  char* const begin = static_cast<char*>(memory);
  const std::uintptr_t to_boundary =
      (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) % kHugePage;
  madvise(begin + to_boundary, (bytes - to_boundary) / kHugePage * kHugePage, MADV_HUGEPAGE);
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
#endif
}

void touch_pages(void* memory, std::size_t bytes, Parallel& parallel) {
#if defined(__linux__) && defined(MADV_POPULATE_WRITE)
  constexpr std::size_t kPage = 4096;
  constexpr std::size_t kChunk = std::size_t{8} << 20;
  if (bytes < kChunk / 4) return;
  char* const begin = static_cast<char*>(memory) - reinterpret_cast<std::uintptr_t>(memory) % kPage;
  char* const end = static_cast<char*>(memory) + bytes;
  // so that huge pages are whole
  const std::size_t to_boundary = kChunk - reinterpret_cast<std::uintptr_t>(begin) % kChunk;
  const auto chunks = static_cast<Index>(
      (static_cast<std::size_t>(end - begin) + kChunk - to_boundary - 1) / kChunk + 1);
  parallel.for_ranges(chunks, 1, [&](IndexRange range) {
    char* const from = range.first == 0 ? begin : begin + to_boundary + (range.first - 1) * kChunk;
    char* const to = std::min(end, begin + to_boundary + (range.last - 1) * kChunk);
    if (from < to) madvise(from, static_cast<std::size_t>(to - from), MADV_POPULATE_WRITE);
  });
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
  static_cast<void>(parallel);
#endif
}

}  // namespace palate
