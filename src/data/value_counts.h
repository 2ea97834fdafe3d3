// How often each value stands in a column. Layer: data.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace palate {

// The most different values that count as a scale.
constexpr std::size_t kMostLevels = 40;

// Every distinct value with its count, in ascending order; nothing when there are more than
// kMostLevels.
inline std::vector<std::pair<float, std::uint64_t>> value_counts(std::span<const float> values) {
  constexpr std::size_t kSlots = 256;  // a hash table that stays almost empty
  std::array<std::pair<float, std::uint64_t>, kSlots> slots{};
  std::size_t levels = 0;
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);  // -0 is 0
    std::size_t slot = bits * 2654435761U >> 24;                   // Knuth's multiplicative hash
    while (slots[slot].second != 0 && slots[slot].first != value) slot = (slot + 1) % kSlots;
    if (slots[slot].second++ != 0) continue;
    slots[slot].first = value + 0.0F;
    if (++levels > kMostLevels) return {};
  }
  std::vector<std::pair<float, std::uint64_t>> counts;
  std::ranges::copy_if(slots, std::back_inserter(counts),
                       [](const auto& slot) { return slot.second != 0; });
  std::ranges::sort(counts);
  return counts;
}

}  // namespace palate
