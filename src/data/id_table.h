// Ids as they are collected from a file and found again: what stands behind Ids. Layer: data.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "base/parse.h"
#include "palate/base/index.h"

namespace palate {

// The indices of the ids 0, 1, 2, ..: 16 bits each while none is larger and 24 then, so that more
// of what is looked up for every row stays in the cache.
class DirectIndices {
 public:
  static constexpr Index kNone = ~Index{0};

  Index of(std::int64_t id) const {
    const auto place = static_cast<std::uint64_t>(id);
    if (place >= low_.size()) return kNone;
    const Index index = high_.empty() ? low_[place] : low_[place] | Index{high_[place]} << 16;
    return index == none() ? kNone : index;
  }
  // An index that is too large is left out.
  void set(std::uint64_t place, Index index) {
    if (index >= kNone24) return;
    if (index >= kNone16 && high_.empty()) {
      for (const std::uint16_t low : low_) high_.push_back(low == kNone16 ? 0xFF : 0);
    }
    if (place >= low_.size()) {
      low_.resize(place + 1, kNone16);
      if (index >= kNone16 || !high_.empty()) high_.resize(low_.size(), 0xFF);
    }
    low_[place] = static_cast<std::uint16_t>(index);
    if (!high_.empty()) high_[place] = static_cast<std::uint8_t>(index >> 16);
  }
  void clear() {
    low_.clear();
    high_.clear();
  }

 private:
  static constexpr std::uint16_t kNone16 = 0xFFFF;
  static constexpr Index kNone24 = 0xFFFFFF;
  Index none() const { return high_.empty() ? kNone16 : kNone24; }

  std::vector<std::uint16_t> low_;
  std::vector<std::uint8_t> high_;  // none, or as many
};

// Different ids, numbered in the order in which they were added. Integers while every id is a
// canonical integer; the first that is not turns all into text. Found by an open-addressing table
// of indices, whose keys are the ids themselves:
//
//   ids    = 7 12 31                 index 0 1 2
//   slots_ = - 2 - - 0 1 - -         slot hash(id), or the next free one
class IdTable {
 public:
  Index size() const {
    return static_cast<Index>(are_integers() ? integers_.size() : offsets_.size() - 1);
  }
  bool are_integers() const { return offsets_.empty(); }
  // Empty when they are text.
  const std::vector<std::int64_t>& integers() const { return integers_; }
  // The texts, one after the other.
  const std::string& bytes() const { return bytes_; }
  // size() + 1 of them, or none when they are integers.
  const std::vector<std::uint64_t>& offsets() const { return offsets_; }
  std::string_view text(Index index) const {
    return std::string_view(bytes_).substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
  }
  std::string as_written(Index index) const;

  // The index of the id, which is added when it is new. The text must not be empty.
  Index add(std::int64_t id) {
    if (!are_integers()) return add_text(std::to_string(id));
    if (2 * integers_.size() >= slots_.size()) grow();
    const std::size_t slot = slot_of(id);
    if (slots_[slot] == kNone) {
      slots_[slot] = static_cast<Index>(integers_.size());
      integers_.push_back(id);
      remember_small(id, slots_[slot]);
    }
    return slots_[slot];
  }
  Index add(std::string_view id);
  Index add(const IdTable& other, Index index);  // other's id at that index

  // The index of the id, or kNone. Looked up for every row: no std::optional, which goes through
  // memory here.
  static constexpr Index kNone = ~Index{0};
  Index index_of(std::int64_t id) const {
    if (const Index index = small_.of(id); index != kNone) return index;
    return are_integers() ? slots_[slot_of(id)] : index_of(std::to_string(id));
  }
  Index index_of(std::string_view id) const;
  // Those of many ids that are looked up at once; kNone also where that would take longer.
  void small_indices_of(std::span<const std::int64_t> ids, Index* indices) const {
    for (const std::int64_t id : ids) *indices++ = small_.of(id);
  }

  void clear();  // none, and integers again
  bool operator==(const IdTable& other) const;

 private:
  Index add_text(std::string_view id);
  void turn_into_text();
  void grow();

  // Most data sets number their users and items from 1: such an id is its own place in a table that
  // is not much longer than that of all ids, found with a single look, and in the slots as well.
  void remember_small(std::int64_t id, Index index) {
    const auto place = static_cast<std::uint64_t>(id);
    if (place < 4 * slots_.size()) small_.set(place, index);
  }

  // The slot of the id, or the free one where it belongs.
  std::size_t slot_of(std::int64_t id) const {
    return search(hash_(id), [&](Index index) { return integers_[index] == id; });
  }
  std::size_t slot_of(std::string_view id) const {
    return search(hash_(id), [&](Index index) { return text(index) == id; });
  }
  template <class IsIt>
  std::size_t search(std::uint64_t hash, IsIt&& is_it) const {
    std::size_t slot = hash >> (64 - std::countr_zero(slots_.size()));
    while (slots_[slot] != kNone && !is_it(slots_[slot])) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }

  std::vector<std::int64_t> integers_;
  std::string bytes_;
  std::vector<std::uint64_t> offsets_;
  std::vector<Index> slots_ = std::vector<Index>(16, kNone);  // a power of two, at most half full
  DirectIndices small_;
  KeyedHash hash_;
};

}  // namespace palate
