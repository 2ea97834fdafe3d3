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
  if (slots_[slot] == kFree) {
    slots_[slot] = size();
    bytes_ += id;
    offsets_.push_back(bytes_.size());
  }
  return slots_[slot];
}

std::optional<Index> IdTable::find(std::string_view id) const {
  if (are_integers()) {
    const auto integer = parse_canonical_integer(id);
    return integer ? find(*integer) : std::nullopt;
  }
  const Index index = slots_[slot_of(id)];
  return index == kFree ? std::nullopt : std::optional(index);
}

void IdTable::turn_into_text() {
  const std::vector<std::int64_t> integers = std::exchange(integers_, {});
  std::ranges::fill(slots_, kFree);
  offsets_.assign(1, 0);
  for (const std::int64_t integer : integers) add_text(std::to_string(integer));
}

void IdTable::grow() {
  slots_.assign(2 * slots_.size(), kFree);
  for (Index index = 0; index < size(); ++index) {
    slots_[are_integers() ? slot_of(integers_[index]) : slot_of(text(index))] = index;
  }
}

void IdTable::clear() {
  integers_.clear();
  bytes_.clear();
  offsets_.clear();
  std::ranges::fill(slots_, kFree);
}

bool IdTable::operator==(const IdTable& other) const {
  return integers_ == other.integers_ && offsets_ == other.offsets_ && bytes_ == other.bytes_;
}

}  // namespace palate
