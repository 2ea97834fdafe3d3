// Large arrays. Layer: base.
#pragma once

#include <cstddef>
#include <vector>

namespace palate {

// Asks the kernel for huge pages where [memory, memory + bytes) is large and has not been touched yet: a large table then takes
// hundreds of page faults instead of hundreds of thousands. A wish: where it cannot be had, nothing changes.
void prefer_huge_pages(void* memory, std::size_t bytes);

// vector.reserve(size), on huge pages.
template <class T>
void reserve_large(std::vector<T>& vector, std::size_t size) {
  if (size <= vector.capacity()) return;
  vector.reserve(size);
  prefer_huge_pages(vector.data() + vector.size(), (size - vector.size()) * sizeof(T));
}

// A vector of `size` zeros, on huge pages.
template <class T>
std::vector<T> large_vector(std::size_t size) {
  std::vector<T> vector;
  reserve_large(vector, size);
  vector.resize(size);
  return vector;
}

}  // namespace palate
