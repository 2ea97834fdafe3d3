#include "palate/data/interactions.h"

#include <algorithm>

#include "base/fail.h"
#include "base/parse.h"
#include "base/sha256.h"
#include "data/id_table.h"

namespace palate {
namespace {

// `table` with one id more.
void add_new(IdTable& table, std::string_view id) {
  if (id.empty()) fail(ErrorCode::bad_data, "id {} is empty", table.size());
  if (!is_valid_utf8(id))
    fail(ErrorCode::bad_data, "id {} is not valid UTF-8: {}", table.size(), excerpt(id));
  const Index count = table.size();
  if (table.add(id) != count) fail(ErrorCode::bad_data, "id {} stands twice", excerpt(id));
}

}  // namespace

Ids::Ids() : table_(std::make_shared<IdTable>()) {}
Ids::Ids(std::shared_ptr<const IdTable> table) : table_(std::move(table)) {}

Ids Ids::integers(const std::vector<std::int64_t>& ids) {
  IdTable table;
  for (const std::int64_t id : ids) add_new(table, std::to_string(id));
  return Ids(std::make_shared<const IdTable>(std::move(table)));
}

Ids Ids::texts(std::string_view bytes, const std::vector<std::uint64_t>& offsets) {
  if (offsets.empty() || offsets.front() != 0 || offsets.back() != bytes.size() ||
      !std::ranges::is_sorted(offsets)) {
    fail(ErrorCode::bad_data, "the offsets of the ids do not ascend from 0 to their {} bytes",
         bytes.size());
  }
  IdTable table;
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i)
    add_new(table, bytes.substr(offsets[i], offsets[i + 1] - offsets[i]));
  return Ids(std::make_shared<const IdTable>(std::move(table)));
}

Ids Ids::from_strings(std::span<const std::string> ids) {
  IdTable table;
  for (const std::string& id : ids) add_new(table, id);
  return Ids(std::make_shared<const IdTable>(std::move(table)));
}

Index Ids::size() const { return table_->size(); }
bool Ids::are_integers() const { return table_->are_integers(); }
std::string Ids::operator[](Index index) const { return table_->as_written(index); }
std::optional<Index> Ids::find(std::string_view id) const {
  const Index index = table_->index_of(id);
  return index == IdTable::kNone ? std::nullopt : std::optional(index);
}
std::span<const std::int64_t> Ids::integer_ids() const { return table_->integers(); }
std::string_view Ids::text_bytes() const { return table_->bytes(); }
std::span<const std::uint64_t> Ids::text_offsets() const { return table_->offsets(); }
bool Ids::operator==(const Ids& other) const {
  return table_ == other.table_ || *table_ == *other.table_;
}

std::optional<std::int64_t> canonical_integer(std::string_view text) {
  return parse_canonical_integer(text);
}

std::string Catalog::item_name(Index item) const {
  return item < item_titles.size() && !item_titles[item].empty() ? item_titles[item] : items[item];
}

RatedItems rated_items(std::vector<std::pair<Index, float>> ratings) {
  std::ranges::stable_sort(ratings, {}, &std::pair<Index, float>::first);
  RatedItems rated;
  for (const auto& [item, value] : ratings) {
    if (!rated.items.empty() && rated.items.back() == item) {
      rated.values.back() = value;
    } else {
      rated.items.push_back(item);
      rated.values.push_back(value);
    }
  }
  return rated;
}

std::string digest(const Interactions& interactions) {
  Sha256 hash;
  const auto add_column = [&](const auto& column) {
    const std::uint64_t count = column.size();
    hash.update(std::as_bytes(std::span(&count, 1)));
    hash.update(std::as_bytes(std::span(column)));
  };
  for (const Ids* ids : {&interactions.catalog->users, &interactions.catalog->items}) {
    std::string lines;
    for (Index i = 0; i < ids->size(); ++i)
      lines += std::to_string((*ids)[i].size()) + ' ' + (*ids)[i] + '\n';
    add_column(lines);
  }
  add_column(interactions.users);
  add_column(interactions.items);
  add_column(interactions.values);
  add_column(interactions.times);
  return to_hex(hash.finish());
}

}  // namespace palate
