// Large arrays. Layer: base.
#pragma once

#include <cstddef>
#include <vector>

#include "palate/parallel.h"

namespace palate {

// Asks the kernel for huge pages where [memory, memory + bytes) is large and has not been touched yet: a large table then takes
// hundreds of page faults instead of hundreds of thousands. A wish: where it cannot be had, nothing changes.
void prefer_huge_pages(void* memory, std::size_t bytes);

// Has the kernel hand out the pages of [memory, memory + bytes) now, to all threads side by side: it clears them, which takes
// longer than filling them, and otherwise the thread that writes first waits for it. A wish, too.
void touch_pages(void* memory, std::size_t bytes, Parallel& parallel);

// vector.reserve(size), on huge pages.
template <class T>
void reserve_large(std::vector<T>& vector, std::size_t size) {
  if (size <= vector.capacity()) return;
  vector.reserve(size);
  prefer_huge_pages(vector.data() + vector.size(), (size - vector.size()) * sizeof(T));
}

// A vector of `size` zeros, on huge pages.
template <class T>
std::vector<T> large_vector(std::size_t size, Parallel& parallel) {
  std::vector<T> vector;
  reserve_large(vector, size);
  touch_pages(vector.data(), size * sizeof(T), parallel);
  vector.resize(size);
  return vector;
}

}  // namespace palate
