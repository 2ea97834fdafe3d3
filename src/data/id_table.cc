#include "data/id_table.h"

#include <algorithm>
#include <utility>

namespace palate {

std::string IdTable::as_written(Index index) const {
  return are_integers() ? std::to_string(integers_[index]) : std::string(text(index));
}

Index IdTable::add(std::string_view id) {
  if (are_integers()) {
    if (const auto integer = parse_canonical_integer(id)) return add(*integer);
    turn_into_text();
  }
  return add_text(id);
}

Index IdTable::add(const IdTable& other, Index index) {
  return other.are_integers() ? add(other.integers_[index]) : add(other.text(index));
}

Index IdTable::add_text(std::string_view id) {
  if (std::size_t{2} * size() >= slots_.size()) grow();
  const std::size_t slot = slot_of(id);
  if (slots_[slot] == kNone) {
    slots_[slot] = size();
    bytes_ += id;
    offsets_.push_back(bytes_.size());
  }
  return slots_[slot];
}

Index IdTable::index_of(std::string_view id) const {
  if (!are_integers()) return slots_[slot_of(id)];
  const auto integer = parse_canonical_integer(id);
  return integer ? index_of(*integer) : kNone;
}

void IdTable::turn_into_text() {
  const std::vector<std::int64_t> integers = std::exchange(integers_, {});
  small_.clear();
  std::ranges::fill(slots_, kNone);
  offsets_.assign(1, 0);
  for (const std::int64_t integer : integers) add_text(std::to_string(integer));
}

void IdTable::grow() {
  slots_.assign(2 * slots_.size(), kNone);
  for (Index index = 0; index < size(); ++index) {
    slots_[are_integers() ? slot_of(integers_[index]) : slot_of(text(index))] = index;
    if (are_integers()) remember_small(integers_[index], index);
  }
}

void IdTable::clear() {
  integers_.clear();
  bytes_.clear();
  offsets_.clear();
  small_.clear();
  std::ranges::fill(slots_, kNone);
}

bool IdTable::operator==(const IdTable& other) const {
  return integers_ == other.integers_ && offsets_ == other.offsets_ && bytes_ == other.bytes_;
}

}  // namespace palate
