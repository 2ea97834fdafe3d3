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
#include "palate/base/index.h"
#include "palate/base/parallel.h"

namespace palate {

// A cell of each of some entries, and the array that takes them in order.
template <class T>
struct SortedColumn {
  const T* cells;
  T* sorted;
};

// Entries are sorted batch by batch: a processor that waits for a key does not know which counter
// it will change, and reads no other until then. From a batch it has the keys at once.
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

// Turns counts into first places: block b's share of a key begins behind those of the blocks before
// it.
inline void turn_into_places(KeyCounts& counts) {
  Index place = 0;
  for (std::size_t key = 0; key < counts.front().size(); ++key) {
    for (std::vector<Index>& block : counts) place += std::exchange(block[key], place);
  }
}

// Neighbouring keys, in parts of about as many entries; with parts of size 0, each key alone.
struct KeyParts {
  // of a part: they are told apart by their last 16 bits
  static constexpr Index kMostKeys = 1 << 16;

  // starts[k] is the first place of key k, and the number of entries the last of them. A part is
  // full with `part_size` entries.
  KeyParts(std::span<const std::size_t> starts, std::size_t part_size) : of(starts.size() - 1) {
    for (Index key = 0; key < of.size(); ++key) {
      const bool is_full = first_keys.empty() ||
                           starts[key] - starts[first_keys.back()] >= part_size ||
                           key - first_keys.back() == kMostKeys;
      if (is_full) first_keys.push_back(key);
      of[key] = size() - 1;
    }
  }
  Index size() const { return static_cast<Index>(first_keys.size()); }
  IndexRange keys(Index part) const {
    return {first_keys[part],
            part + 1 < size() ? first_keys[part + 1] : static_cast<Index>(of.size())};
  }

  std::vector<Index> first_keys;  // of each part
  std::vector<Index> of;          // the part of each key
};

// Entries of which each part stands at its place.
struct DealtOut {
  std::vector<std::size_t> starts;  // the first place of each key, and how many entries there are
  KeyParts parts;
  // the last 16 bits of each entry's key; none where each key is alone
  std::unique_ptr<std::uint16_t[]> short_keys;

  // Calls sort(first, keys, next) for each part, side by side: its first place, its entries' keys,
  // and next[k] for the next place of key k.
  template <class Sort>
  void for_parts(Parallel& parallel, Sort&& sort) const {
    parallel.for_ranges(parts.size(), 1, [&](IndexRange range) {
      const IndexRange keys = parts.keys(range.first);
      const auto next = uncleared<Index>(KeyParts::kMostKeys);
      for (const Index key : keys)
        next[static_cast<std::uint16_t>(key)] = static_cast<Index>(starts[key]);
      const std::size_t first = starts[keys.first];
      sort(first,
           std::span<const std::uint16_t>(short_keys.get() + first, starts[keys.last] - first),
           next.get());
    });
  }
};

// Deals out the entries 0 .. count - 1 to parts of keys key_of(t) in [0, num_keys), those of a part
// in the order of t: writes their cells to `columns`, arrays of count elements. cells_of(batch,
// cells...) writes those of the entries in a batch to one array for each column.
//
// Blocks of entries count their keys side by side; block b's share of a part begins behind those of
// the blocks before it. With a part for each key:
//
//   keys        1 0 1 | 0 1 1        counts of the blocks    key 0: 1 1    key 1: 2 2
//   places      2 0 3 | 1 4 5        starts 0 2 6            key 0: 0 1    key 1: 2 4
//
// Where keys are many, these would be places in more parts of the memory than the caches hold.
template <class KeyOf, class CellsOf, class... T>
DealtOut deal_out(Index count, Index num_keys, std::size_t part_size, Parallel& parallel,
                  KeyOf&& key_of, CellsOf&& cells_of, T*... columns) {
  constexpr Index kSmallestBlock = 1 << 16;
  constexpr std::size_t kMostBlocks = 8;
  // A block has a counter for each key: few blocks where keys are many.
  const std::size_t num_blocks =
      std::clamp<std::size_t>(count / (std::size_t{4} * num_keys + 1), 1, kMostBlocks);
  const Index grain = std::max(kSmallestBlock, static_cast<Index>(count / num_blocks + 1));
  const auto for_batches = [&](auto&& visit) {
    parallel.for_ranges(count, grain, [&](IndexRange block) {
      std::array<Index, kSortBatch> keys;
      for (IndexRange batch{block.first, block.first}; batch.last < block.last;) {
        batch = {batch.last, batch.last + std::min(block.last - batch.last, kSortBatch)};
        for (const Index t : batch) keys[t - batch.first] = key_of(t);
        visit(block.first / grain, batch, std::span(keys).first(batch.last - batch.first));
      }
    });
  };
  KeyCounts counts(count / grain + std::size_t{1}, std::vector<Index>(num_keys));
  for_batches([&](std::size_t block, IndexRange, std::span<const Index> keys) {
    Index* const in_block = counts[block].data();
    for (const Index key : keys) ++in_block[key];
  });
  std::vector<std::size_t> starts = starts_of_keys(counts);
  KeyParts parts(starts, part_size);
  KeyCounts next(counts.size(), std::vector<Index>(parts.size()));
  for (std::size_t block = 0; block < counts.size(); ++block) {
    for (Index key = 0; key < num_keys; ++key) next[block][parts.of[key]] += counts[block][key];
  }
  turn_into_places(next);

  const bool with_keys = part_size > 0;
  auto short_keys = with_keys ? uncleared<std::uint16_t>(count) : nullptr;
  for_batches([&](std::size_t block, IndexRange batch, std::span<const Index> keys) {
    std::array<Index, kSortBatch> of_batch;
    std::array<std::uint16_t, kSortBatch> short_of_batch;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      of_batch[i] = parts.of[keys[i]];
      short_of_batch[i] = static_cast<std::uint16_t>(keys[i]);
    }
    const std::span<const Index> part_keys = std::span(of_batch).first(keys.size());
    std::tuple<std::array<T, kSortBatch>...> all_cells;
    std::apply(
        [&](auto&... cells) {
          cells_of(batch, cells.data()...);
          if (with_keys) {
            place_entries(part_keys, next[block].data(),
                          SortedColumn<std::uint16_t>{short_of_batch.data(), short_keys.get()},
                          SortedColumn<T>{cells.data(), columns}...);
          } else {
            place_entries(part_keys, next[block].data(), SortedColumn<T>{cells.data(), columns}...);
          }
        },
        all_cells);
  });
  return {std::move(starts), std::move(parts), std::move(short_keys)};
}

// With as many entries a part is sorted in the cache, and parts are not too many for it.
inline std::size_t good_part_size(std::size_t count) { return count / 128 + 1; }

// Sorts the entries by their keys, equal keys in the order of t; all else is as for deal_out().
// Returns the first place of each key, and count as the last entry.
template <class KeyOf, class CellsOf, class... T>
std::vector<std::size_t> counting_sort(Index count, Index num_keys, Parallel& parallel,
                                       KeyOf&& key_of, CellsOf&& cells_of, T*... columns) {
  const bool at_once = num_keys <= 1024 || count <= 1 << 16;
  DealtOut dealt_out = deal_out(count, num_keys, at_once ? 0 : good_part_size(count), parallel,
                                key_of, cells_of, columns...);
  if (at_once) return std::move(dealt_out.starts);
  dealt_out.for_parts(parallel,
                      [&](std::size_t first, std::span<const std::uint16_t> keys, Index* next) {
                        const std::tuple<std::vector<T>...> copies(
                            std::vector<T>(columns + first, columns + first + keys.size())...);
                        std::apply(
                            [&](const auto&... cells) {
                              place_entries(keys, next, SortedColumn<T>{cells.data(), columns}...);
                            },
                            copies);
                      });
  return std::move(dealt_out.starts);
}

// Whether the keys ascend already.
inline bool is_ascending(std::span<const Index> keys, Parallel& parallel) {
  constexpr Index kGrain = 1 << 16;
  std::atomic<bool> ascend = true;
  parallel.for_ranges(static_cast<Index>(keys.size()), kGrain, [&](IndexRange range) {
    // the step from one range to the next counts
    const Index first = range.first > 0 ? range.first - 1 : 0;
    if (ascend && !std::ranges::is_sorted(keys.subspan(first, range.last - first))) ascend = false;
  });
  return ascend;
}

// What counting_sort() would return for keys that ascend already.
inline std::vector<std::size_t> starts_of_ascending(std::span<const Index> keys, Index num_keys,
                                                    Parallel& parallel) {
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
  std::fill(starts.begin() + (keys.empty() ? 0 : keys.back() + std::ptrdiff_t{1}), starts.end(),
            keys.size());
  return starts;
}

// What deal_out() would return for keys that ascend already: their cells are where they belong.
inline DealtOut dealt_out_already(std::span<const Index> keys, Index num_keys,
                                  std::size_t part_size, Parallel& parallel) {
  constexpr Index kGrain = 1 << 16;
  std::vector<std::size_t> starts = starts_of_ascending(keys, num_keys, parallel);
  KeyParts parts(starts, part_size);
  auto short_keys = uncleared<std::uint16_t>(keys.size());
  parallel.for_ranges(static_cast<Index>(keys.size()), kGrain, [&](IndexRange range) {
    for (const Index t : range) short_keys[t] = static_cast<std::uint16_t>(keys[t]);
  });
  return {std::move(starts), std::move(parts), std::move(short_keys)};
}

}  // namespace palate
