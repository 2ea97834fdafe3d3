// Dense positions and ranges of them. Layer: base.
#pragma once

#include <cstddef>
#include <cstdint>

namespace palate {

// The dense position 0..n-1 of a user, an item, or a row of the interactions.
using Index = std::uint32_t;

// The half-open range [first, last), usable in a range-based for.
struct IndexRange {
  struct Iterator {
    Index at;
    Index operator*() const { return at; }
    Iterator& operator++() {
      ++at;
      return *this;
    }
    bool operator==(const Iterator&) const = default;
  };

  Index first = 0;
  Index last = 0;
  Index size() const { return last - first; }
  Iterator begin() const { return {first}; }
  Iterator end() const { return {last}; }
};

}  // namespace palate
