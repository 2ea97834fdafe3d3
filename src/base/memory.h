// Large arrays. Layer: base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "palate/base/parallel.h"

namespace palate {

// Bytes of memory that this process can have: those of the machine, of its control group, or of its
// limit of address space, whichever are the fewest.
std::uint64_t most_memory();

// Asks the kernel for huge pages where [memory, memory + bytes) is large and has not been touched
// yet: a large table then takes hundreds of page faults instead of hundreds of thousands. A wish:
// where it cannot be had, nothing changes.
void prefer_huge_pages(void* memory, std::size_t bytes);

// Has the kernel hand out the pages of [memory, memory + bytes) now, to all threads side by side:
// it clears them, which takes longer than filling them, and otherwise the thread that writes first
// waits for it. A wish, too.
void touch_pages(void* memory, std::size_t bytes, Parallel& parallel);

// An array that is not cleared, on huge pages.
template <class T>
std::unique_ptr<T[]> uncleared(std::size_t size) {
  auto array = std::make_unique_for_overwrite<T[]>(size);
  prefer_huge_pages(array.get(), size * sizeof(T));
  return array;
}

// vector.reserve(size), on huge pages.
template <class T>
void reserve_large(std::vector<T>& vector, std::size_t size) {
  if (size <= vector.capacity()) return;
  vector.reserve(size);
  prefer_huge_pages(vector.data() + vector.size(), (size - vector.size()) * sizeof(T));
}

// vector.resize(size) for each, on huge pages. They are filled with zeros side by side.
template <class... T>
void resize_large(std::size_t size, Parallel& parallel, std::vector<T>&... vectors) {
  (reserve_large(vectors, size), ...);
  (touch_pages(vectors.data(), size * sizeof(T), parallel), ...);
  parallel.for_ranges(sizeof...(vectors), 1, [&](IndexRange range) {
    Index number = 0;
    ((number++ == range.first ? vectors.resize(size) : void()), ...);
  });
}

}  // namespace palate
