// A stable parallel sort by small keys. Layer: base.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "palate/index.h"
#include "palate/parallel.h"

namespace palate {

// A cell of each of some entries, and the array that takes them in order.
template <class T>
struct SortedColumn {
  const T* cells;
  T* sorted;
};

// Entries are sorted batch by batch: a processor that waits for a key does not know which counter it will change, and reads no other
// until then. From a batch it has the keys at once.
inline constexpr Index kSortBatch = 256;

// Writes entries to the next places of their keys: next[k] is that of key k.
template <class Key, class... T>
void place_entries(std::span<const Key> keys, Index* next, SortedColumn<T>... columns) {
  std::array<Index, kSortBatch> places;
  for (std::size_t first = 0; first < keys.size(); first += kSortBatch) {
    const std::size_t size = std::min<std::size_t>(keys.size() - first, kSortBatch);
    for (std::size_t i = 0; i < size; ++i) places[i] = keys[first + i];
    for (std::size_t i = 0; i < size; ++i) places[i] = next[places[i]]++;
    for (std::size_t i = 0; i < size; ++i) {
      const Index place = places[i];
      ((columns.sorted[place] = columns.cells[first + i]), ...);
    }
  }
}

// Counts of keys, for each block of entries.
using KeyCounts = std::vector<std::vector<Index>>;

// The first place of each key, and the number of all entries as the last one.
inline std::vector<std::size_t> starts_of_keys(const KeyCounts& counts) {
  const std::size_t num_keys = counts.front().size();
  std::vector<std::size_t> starts(num_keys + 1);
  for (std::size_t key = 0; key < num_keys; ++key) {
    starts[key + 1] = starts[key];
    for (const std::vector<Index>& block : counts) starts[key + 1] += block[key];
  }
  return starts;
}

// Turns counts into first places: block b's share of a key begins behind those of the blocks before it.
inline void turn_into_places(KeyCounts& counts) {
  Index place = 0;
  for (std::size_t key = 0; key < counts.front().size(); ++key) {
    for (std::vector<Index>& block : counts) place += std::exchange(block[key], place);
  }
}

// Neighbouring keys with about count / kMost entries together.
struct KeyParts {
  static constexpr std::size_t kMost = 128;
  static constexpr Index kMostKeys = 1 << 16;  // of a part: they are told apart by their last 16 bits

  explicit KeyParts(std::span<const std::size_t> starts) : of(starts.size() - 1) {
    for (Index key = 0; key < of.size(); ++key) {
      const bool is_full = !first_keys.empty() && (starts[key] - starts[first_keys.back()] >= starts.back() / kMost ||
                                                   key - first_keys.back() == kMostKeys);
      if (first_keys.empty() || is_full) first_keys.push_back(key);
      of[key] = size() - 1;
    }
  }
  Index size() const { return static_cast<Index>(first_keys.size()); }
  Index end_key(Index part) const { return part + 1 < size() ? first_keys[part + 1] : static_cast<Index>(of.size()); }

  std::vector<Index> first_keys;  // of each part
  std::vector<Index> of;          // the part of each key
};

// Sorts the entries 0 .. count - 1 by key_of(t) in [0, num_keys), equal keys in the order of t: writes their cells to `columns`, arrays
// of count elements. cells_of(batch, cells...) writes those of the entries in a batch to one array for each column. Returns the first
// place of each key, and count as the last entry.
//
// Blocks of entries count their keys side by side; block b's share of key k begins behind those of the blocks before it:
//
//   keys        1 0 1 | 0 1 1        counts of the blocks    key 0: 1 1    key 1: 2 2
//   places      2 0 3 | 1 4 5        starts 0 2 6            key 0: 0 1    key 1: 2 4
//
// Where keys are many, these are places in more parts of the memory than the caches hold. Then entries are dealt out to parts of
// neighbouring keys first, in the same manner, and each part, which is small, is sorted by its keys.
template <class KeyOf, class CellsOf, class... T>
std::vector<std::size_t> counting_sort(Index count, Index num_keys, Parallel& parallel, KeyOf&& key_of, CellsOf&& cells_of,
                                       T*... columns) {
  constexpr Index kSmallestBlock = 1 << 16;
  constexpr std::size_t kMostBlocks = 8;
  constexpr Index kFewKeys = 1024;
  // A block has a counter for each key: few blocks where keys are many.
  const std::size_t num_blocks = std::clamp<std::size_t>(count / (std::size_t{4} * num_keys + 1), 1, kMostBlocks);
  const Index grain = std::max(kSmallestBlock, static_cast<Index>(count / num_blocks + 1));
  const auto for_batches = [&](auto&& visit) {
    parallel.for_ranges(count, grain, [&](IndexRange block) {
      std::array<Index, kSortBatch> keys;
      for (Index first = block.first; first < block.last; first += kSortBatch) {
        const IndexRange batch{first, first + std::min(block.last - first, kSortBatch)};
        for (const Index t : batch) keys[t - first] = key_of(t);
        visit(block.first / grain, batch, std::span(keys).first(batch.last - first));
      }
    });
  };
  // Places the entries of a batch, with `more` columns.
  const auto place = [&](IndexRange batch, std::span<const Index> keys, std::vector<Index>& next, auto... more) {
    std::tuple<std::array<T, kSortBatch>...> all_cells;
    std::apply(
        [&](auto&... cells) {
          cells_of(batch, cells.data()...);
          place_entries(keys, next.data(), more..., SortedColumn<T>{cells.data(), columns}...);
        },
        all_cells);
  };

  KeyCounts counts(count / grain + std::size_t{1}, std::vector<Index>(num_keys));
  for_batches([&](std::size_t block, IndexRange, std::span<const Index> keys) {
    Index* const in_block = counts[block].data();
    for (const Index key : keys) ++in_block[key];
  });
  std::vector<std::size_t> starts = starts_of_keys(counts);
  if (num_keys <= kFewKeys || count <= kSmallestBlock) {
    turn_into_places(counts);
    for_batches([&](std::size_t block, IndexRange batch, std::span<const Index> keys) { place(batch, keys, counts[block]); });
    return starts;
  }

  const KeyParts parts(starts);
  KeyCounts part_places(counts.size(), std::vector<Index>(parts.size()));
  for (std::size_t block = 0; block < counts.size(); ++block) {
    for (Index key = 0; key < num_keys; ++key) part_places[block][parts.of[key]] += counts[block][key];
  }
  turn_into_places(part_places);
  const auto short_keys = std::make_unique_for_overwrite<std::uint16_t[]>(count);  // those of the entries in a part
  prefer_huge_pages(short_keys.get(), count * sizeof(std::uint16_t));
  for_batches([&](std::size_t block, IndexRange batch, std::span<const Index> keys) {
    std::array<Index, kSortBatch> of_batch;
    std::array<std::uint16_t, kSortBatch> short_of_batch;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      of_batch[i] = parts.of[keys[i]];
      short_of_batch[i] = static_cast<std::uint16_t>(keys[i]);
    }
    place(batch, std::span(of_batch).first(keys.size()), part_places[block],
          SortedColumn<std::uint16_t>{short_of_batch.data(), short_keys.get()});
  });
  parallel.for_ranges(parts.size(), 1, [&](IndexRange range) {
    const Index part = range.first;
    const std::size_t first = starts[parts.first_keys[part]];
    const std::size_t size = starts[parts.end_key(part)] - first;
    const auto next = std::make_unique_for_overwrite<Index[]>(KeyParts::kMostKeys);
    for (Index key = parts.first_keys[part]; key < parts.end_key(part); ++key) {
      next[static_cast<std::uint16_t>(key)] = static_cast<Index>(starts[key]);
    }
    const std::tuple<std::vector<T>...> dealt_out(std::vector<T>(columns + first, columns + first + size)...);
    std::apply(
        [&](const auto&... cells) {
          place_entries(std::span<const std::uint16_t>(short_keys.get() + first, size), next.get(),
                        SortedColumn<T>{cells.data(), columns}...);
        },
        dealt_out);
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
