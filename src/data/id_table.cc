#include "data/id_table.h"

#include <algorithm>
#include <utility>

namespace palate {

std::string IdTable::as_written(Index index) const {
  return are_integers() ? std::to_string(integers_[index]) : std::string(text(index));
}

Index IdTable::add(const IdTable& other, Index index) {
  if (!other.are_integers()) return add(other.text(index));
  return are_integers() ? add(other.integers_[index]) : add_text(std::to_string(other.integers_[index]));
}

Index IdTable::add_text(std::string_view id) {
  if (std::size_t{2} * size() >= slots_.size()) grow();
  std::size_t slot = first_slot(id);
  while (slots_[slot] != kFree && text(slots_[slot]) != id) slot = (slot + 1) & (slots_.size() - 1);
  if (slots_[slot] == kFree) {
    slots_[slot] = size();
    bytes_ += id;
    offsets_.push_back(bytes_.size());
  }
  return slots_[slot];
}

std::optional<Index> IdTable::find(std::string_view id) const {
  if (size() == 0) return std::nullopt;
  const auto search = [&](auto key, auto key_at) -> std::optional<Index> {
    for (std::size_t slot = first_slot(key); slots_[slot] != kFree; slot = (slot + 1) & (slots_.size() - 1)) {
      if (key_at(slots_[slot]) == key) return slots_[slot];
    }
    return std::nullopt;
  };
  if (!are_integers()) return search(id, [&](Index index) { return text(index); });
  const auto integer = parse_canonical_integer(id);
  return integer ? search(*integer, [&](Index index) { return integers_[index]; }) : std::nullopt;
}

void IdTable::turn_into_text() {
  const std::vector<std::int64_t> integers = std::exchange(integers_, {});
  std::ranges::fill(slots_, kFree);
  offsets_.assign(1, 0);
  last_index_ = kFree;
  for (const std::int64_t integer : integers) add_text(std::to_string(integer));
}

void IdTable::grow() {
  slots_.assign(std::max<std::size_t>(16, 2 * slots_.size()), kFree);
  for (Index index = 0; index < size(); ++index) {
    std::size_t slot = are_integers() ? first_slot(integers_[index]) : first_slot(text(index));
    while (slots_[slot] != kFree) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = index;
  }
}

void IdTable::clear() {
  integers_.clear();
  bytes_.clear();
  offsets_.clear();
  std::ranges::fill(slots_, kFree);
  last_index_ = kFree;
}

bool IdTable::operator==(const IdTable& other) const {
  return integers_ == other.integers_ && offsets_ == other.offsets_ && bytes_ == other.bytes_;
}

}  // namespace palate
