// A stable parallel sort by small keys. Layer: base.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>
#include <vector>

#include "palate/index.h"
#include "palate/parallel.h"

namespace palate {

// Sorts the elements 0 .. count - 1 by key_of(t) in [0, num_keys), equal keys in the order of t. Calls move(block, place_of) for
// blocks of elements, side by side; it asks place_of(t) once for each of the block, in order, and puts it there. Returns the
// first place of each key, and count as the last entry.
//
// Blocks of elements count their keys side by side; block b's share of key k begins behind those of the blocks before it:
//
//   keys        1 0 1 | 0 1 1        counts of the blocks    key 0: 1 1    key 1: 2 2
//   places      2 0 3 | 1 4 5        starts 0 2 6            key 0: 0 1    key 1: 2 4
template <class KeyOf, class Move>
std::vector<std::size_t> counting_sort(Index count, Index num_keys, Parallel& parallel, KeyOf&& key_of, Move&& move) {
  constexpr Index kSmallestBlock = 1 << 16;
  constexpr std::size_t kMostBlocks = 8;
  // A block has a counter for each key: few blocks where keys are many.
  const std::size_t num_blocks = std::clamp<std::size_t>(count / (std::size_t{4} * num_keys + 1), 1, kMostBlocks);
  const Index grain = std::max(kSmallestBlock, static_cast<Index>(count / num_blocks + 1));
  std::vector<std::vector<Index>> places(count / grain + std::size_t{1}, std::vector<Index>(num_keys));
  parallel.for_ranges(count, grain, [&](IndexRange range) {
    std::vector<Index>& counts = places[range.first / grain];
    for (const Index t : range) ++counts[key_of(t)];
  });
  std::vector<std::size_t> starts(num_keys + std::size_t{1});
  Index place = 0;
  for (Index key = 0; key < num_keys; ++key) {
    starts[key] = place;
    for (std::vector<Index>& block : places) {
      const Index in_block = block[key];
      block[key] = place;
      place += in_block;
    }
  }
  starts[num_keys] = place;
  parallel.for_ranges(count, grain, [&](IndexRange range) {
    std::vector<Index>& next = places[range.first / grain];
    move(range, [&](Index t) { return next[key_of(t)]++; });
  });
  return starts;
}

// Whether the keys ascend already.
inline bool is_ascending(std::span<const Index> keys, Parallel& parallel) {
  constexpr Index kGrain = 1 << 16;
  std::atomic<bool> ascend = true;
  parallel.for_ranges(static_cast<Index>(keys.size()), kGrain, [&](IndexRange range) {
    const Index first = range.first > 0 ? range.first - 1 : 0;  // the step from one range to the next counts
    if (ascend && !std::ranges::is_sorted(keys.subspan(first, range.last - first))) ascend = false;
  });
  return ascend;
}

// What counting_sort() would return for keys that ascend already.
inline std::vector<std::size_t> starts_of_ascending(std::span<const Index> keys, Index num_keys, Parallel& parallel) {
  constexpr Index kGrain = 1 << 16;
  std::vector<std::size_t> starts(num_keys + std::size_t{1});
  parallel.for_ranges(static_cast<Index>(keys.size()), kGrain, [&](IndexRange range) {
    Index before = range.first > 0 ? keys[range.first - 1] : 0;
    for (const Index t : range) {
      if (keys[t] == before) continue;
      std::fill(starts.begin() + before + 1, starts.begin() + keys[t] + 1, t);
      before = keys[t];
    }
  });
  std::fill(starts.begin() + (keys.empty() ? 0 : keys.back() + std::ptrdiff_t{1}), starts.end(), keys.size());
  return starts;
}

}  // namespace palate
