#include "data/rating_parts.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include "base/fail.h"
#include "base/memory.h"
#include "data/duplicates.h"

namespace palate {
namespace {

void begin_ids(PartIds& ids, const IdTable& known) {
  ids.known = &known;
  ids.num_known = known.size();
  ids.fresh.clear();
  ids.index.clear();
  ids.indices_of_fresh.clear();
}

void number_fresh(PartIds& ids, IdTable& table) {
  const IdTable& fresh = ids.fresh;
  ids.indices_of_fresh.resize(fresh.size());
  for (Index f = 0; f < fresh.size(); ++f) ids.indices_of_fresh[f] = table.add(fresh, f);
}

template <class T>
void append_cells(std::vector<T>& column, const std::vector<T>& cells) {
  const std::size_t size = column.size() + cells.size();
  if (size > column.capacity()) reserve_large(column, std::max(size, 2 * column.size()));
  column.insert(column.end(), cells.begin(), cells.end());
}

void append_ids(std::vector<Index>& column, PartIds& ids) {
  if (!ids.indices_of_fresh.empty()) {
    for (Index& index : ids.index) {
      if (index >= ids.num_known) index = ids.indices_of_fresh[index - ids.num_known];
    }
  }
  append_cells(column, ids.index);
}

void require_no_negative_weight(const RatingColumns& columns) {
  const auto negative = std::ranges::find_if(columns.values, [](float value) { return value < 0; });
  if (negative == columns.values.end()) return;
  const auto row = static_cast<std::size_t>(negative - columns.values.begin());
  const RatingColumns::Source& source = columns.source_of(row);
  fail(ErrorCode::bad_data, "{}, row {}: values: {} is negative, and a weight is not", source.name,
       row - source.first_row, *negative);
}

}  // namespace

const RatingColumns::Source& RatingColumns::source_of(std::size_t row) const {
  return *std::prev(std::ranges::upper_bound(sources, row, {}, &Source::first_row));
}

TimeUnit RatingColumns::settle_unit() {
  if (sources.empty()) return TimeUnit::seconds;
  const TimeUnit unit = sources.front().unit;
  if (std::ranges::all_of(sources, [&](const Source& source) { return source.unit == unit; }))
    return unit;
  for (std::size_t row = 0; row < times.size(); ++row)
    times[row] = seconds_of(times[row], source_of(row).unit);
  return TimeUnit::seconds;
}

// Many look-ups have their work under way at the same time; those that have to be searched for are
// taken one by one.
void PartIds::append(std::span<const std::int64_t> ids) {
  const std::size_t size = index.size();
  index.resize(size + ids.size());
  Index* at = index.data() + size;
  known->small_indices_of(ids, at);
  std::int64_t last = 0;
  Index last_index = IdTable::kNone;
  for (const std::int64_t id : ids) {
    if (*at == IdTable::kNone) {
      if (id != last || last_index == IdTable::kNone) {  // tables are often sorted by user
        last = id;
        last_index = index_of(id);
      }
      *at = last_index;
    }
    ++at;
  }
}

RatingParts::RatingParts(const Catalog& known)
    : known_(known), user_ids_(known.users.table()), item_ids_(known.items.table()) {}

void RatingParts::begin(RatingPart& part) const {
  begin_ids(part.users, user_ids_);
  begin_ids(part.items, item_ids_);
  part.values.clear();
  part.times.clear();
  part.lines.clear();
}

void RatingParts::number(RatingPart& part) {
  constexpr std::size_t kMost = std::numeric_limits<Index>::max() - 1;
  const auto require_room = [&](std::size_t before, std::size_t more, std::string_view what) {
    if (before + more > kMost)
      fail(ErrorCode::bad_data, "{} has more than {} {}", source().name, kMost, what);
  };
  require_room(num_rows_, part.size(), "rows");
  require_room(user_ids_.size(), part.users.fresh.size(), "users");
  require_room(item_ids_.size(), part.items.fresh.size(), "items");
  number_fresh(part.users, user_ids_);
  number_fresh(part.items, item_ids_);
  num_rows_ += part.size();
}

void RatingParts::append(RatingPart& part) {
  append_ids(columns_.users, part.users);
  append_ids(columns_.items, part.items);
  append_cells(columns_.values, part.values);
  append_cells(columns_.times, part.times);
  append_cells(columns_.lines, part.lines);
}

void RatingParts::reserve(std::size_t num_rows, bool with_times) {
  reserve_large(columns_.users, num_rows);
  reserve_large(columns_.items, num_rows);
  reserve_large(columns_.values, num_rows);
  if (with_times) reserve_large(columns_.times, num_rows);
}

Built RatingParts::finish(Duplicates duplicates, Feedback feedback, Parallel& parallel) {
  if (feedback == Feedback::weights) require_no_negative_weight(columns_);
  const TimeUnit unit = columns_.settle_unit();
  const std::vector<Repeat> repeats =
      find_repeats(columns_.users, columns_.items, user_ids_.size(), item_ids_.size(), parallel);
  resolve_repeats(columns_, repeats, duplicates, user_ids_, item_ids_);

  auto catalog = std::make_shared<Catalog>(std::move(known_));
  catalog->users = Ids(std::make_shared<const IdTable>(std::move(user_ids_)));
  catalog->items = Ids(std::make_shared<const IdTable>(std::move(item_ids_)));
  if (!catalog->item_titles.empty()) catalog->item_titles.resize(catalog->items.size());
  for (MetadataColumn& column : catalog->item_metadata) column.cells.resize(catalog->items.size());

  Built built{.interactions = {}, .duplicates = repeats.size()};
  built.interactions.users = std::move(columns_.users);
  built.interactions.items = std::move(columns_.items);
  built.interactions.values = std::move(columns_.values);
  built.interactions.times = std::move(columns_.times);
  built.interactions.time_unit = unit;
  built.interactions.feedback = feedback;
  built.interactions.catalog = std::move(catalog);
  return built;
}

}  // namespace palate
