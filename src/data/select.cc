#include "palate/data/select.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "base/iso_time.h"
#include "base/parse.h"
#include "base/random.h"
#include "data/cell_formats.h"
#include "data/id_table.h"

namespace palate {
namespace {

void check(const Selection& selection, const Interactions& all) {
  if (!(selection.sample > 0 && selection.sample <= 1)) {
    fail(ErrorCode::invalid_argument, "the sample {} is not a share of the users in (0, 1]",
         selection.sample);
  }
  if ((selection.since || selection.until) && all.times.empty()) {
    fail(ErrorCode::invalid_argument, "the ratings have no times to be chosen by");
  }
}

std::vector<bool> sampled_users(Index num_users, double share, std::uint64_t seed) {
  std::vector<Index> users(num_users);
  std::iota(users.begin(), users.end(), Index{0});
  Rng(seed).shuffle(users);
  const auto count =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(share * num_users)));
  std::vector<bool> sampled(num_users);
  for (std::size_t i = 0; i < std::min(count, users.size()); ++i) sampled[users[i]] = true;
  return sampled;
}

// The rows that are left, and what every step left out.
class Rows {
 public:
  explicit Rows(const Interactions& all) : all_(all), rows_(all.size()) {
    std::iota(rows_.begin(), rows_.end(), Index{0});
  }

  const std::vector<Index>& rows() const { return rows_; }
  std::vector<LeftOut> left_out() && { return std::move(left_out_); }

  template <class Condition>
  void keep(const std::string& otherwise, Condition&& condition) {
    if (const std::size_t gone = erase_unless(condition)) left_out_.push_back({otherwise, gone});
  }

  void keep_core(Index min_user_ratings, Index min_item_ratings) {
    std::uint64_t gone_by_user = 0;
    std::uint64_t gone_by_item = 0;
    for (std::size_t gone = 1; gone > 0;) {
      const std::size_t by_user = keep_frequent(all_.users, all_.num_users(), min_user_ratings);
      const std::size_t by_item = keep_frequent(all_.items, all_.num_items(), min_item_ratings);
      gone_by_user += by_user;
      gone_by_item += by_item;
      gone = by_user + by_item;
    }
    if (gone_by_user > 0)
      left_out_.push_back(
          {fmt::format("of users with fewer than {} ratings", min_user_ratings), gone_by_user});
    if (gone_by_item > 0)
      left_out_.push_back(
          {fmt::format("of items with fewer than {} ratings", min_item_ratings), gone_by_item});
  }

 private:
  template <class Condition>
  std::size_t erase_unless(Condition&& condition) {
    return std::erase_if(rows_, [&](Index row) { return !condition(row); });
  }

  std::size_t keep_frequent(const std::vector<Index>& ids, Index num_ids, Index least) {
    std::vector<Index> counts(num_ids);
    for (const Index row : rows_) ++counts[ids[row]];
    return erase_unless([&](Index row) { return counts[ids[row]] >= least; });
  }

  const Interactions& all_;
  std::vector<Index> rows_;
  std::vector<LeftOut> left_out_;
};

// New numbers for the ids that are left, in order of first appearance.
struct Renumbered {
  IdTable ids;
  std::vector<Index> before;  // the old number of each new one

  std::vector<Index> add(const Ids& all, const std::vector<Index>& column,
                         const std::vector<Index>& rows) {
    constexpr Index kNone = ~Index{0};
    std::vector<Index> now(all.size(), kNone);
    std::vector<Index> renumbered;
    renumbered.reserve(rows.size());
    for (const Index row : rows) {
      Index& number = now[column[row]];
      if (number == kNone) {
        number = ids.add(all.table(), column[row]);
        before.push_back(column[row]);
      }
      renumbered.push_back(number);
    }
    return renumbered;
  }
};

template <class T>
std::vector<T> taken(const std::vector<T>& all, const std::vector<Index>& places) {
  std::vector<T> chosen;
  if (all.empty()) return chosen;
  chosen.reserve(places.size());
  for (const Index place : places) chosen.push_back(all[place]);
  return chosen;
}

Interactions rows_of(const Interactions& all, const std::vector<Index>& rows) {
  Interactions chosen;
  Renumbered users;
  Renumbered items;
  chosen.users = users.add(all.catalog->users, all.users, rows);
  chosen.items = items.add(all.catalog->items, all.items, rows);
  chosen.values = taken(all.values, rows);
  chosen.times = taken(all.times, rows);
  chosen.time_unit = all.time_unit;
  chosen.has_values = all.has_values;
  auto catalog = std::make_shared<Catalog>();
  catalog->users = Ids(std::make_shared<const IdTable>(std::move(users.ids)));
  catalog->items = Ids(std::make_shared<const IdTable>(std::move(items.ids)));
  catalog->item_titles = taken(all.catalog->item_titles, items.before);
  for (const MetadataColumn& column : all.catalog->item_metadata) {
    catalog->item_metadata.push_back({column.name, taken(column.cells, items.before)});
  }
  chosen.catalog = std::move(catalog);
  return chosen;
}

std::string in_words(const Selection& selection) {
  std::string words;
  const auto add = [&](const std::string& condition) {
    words += (words.empty() ? "" : ", ") + condition;
  };
  if (selection.since) add(fmt::format("since {}", iso_time(*selection.since)));
  if (selection.until) add(fmt::format("before {}", iso_time(*selection.until)));
  if (selection.sample < 1)
    add(fmt::format("{:g} % of the users (seed {})", 100 * selection.sample, selection.seed));
  if (selection.min_user_ratings > 1)
    add(fmt::format("users with {} ratings or more", selection.min_user_ratings));
  if (selection.min_item_ratings > 1)
    add(fmt::format("items with {} ratings or more", selection.min_item_ratings));
  return words;
}

}  // namespace

Selected select(const Interactions& interactions, const Selection& selection) {
  check(selection, interactions);
  Rows rows(interactions);
  const auto seconds = [&](Index row) {
    return seconds_of(interactions.times[row], interactions.time_unit);
  };
  if (const auto since = selection.since) {
    rows.keep("before " + iso_time(*since), [&](Index row) { return seconds(row) >= *since; });
  }
  if (const auto until = selection.until) {
    rows.keep("from " + iso_time(*until) + " on", [&](Index row) { return seconds(row) < *until; });
  }
  if (selection.sample < 1) {
    const std::vector<bool> sampled =
        sampled_users(interactions.num_users(), selection.sample, selection.seed);
    rows.keep("of users outside the sample",
              [&](Index row) { return sampled[interactions.users[row]]; });
  }
  rows.keep_core(selection.min_user_ratings, selection.min_item_ratings);
  if (rows.rows().empty())
    fail(ErrorCode::bad_data, "no rating is left of {}: {}", interactions.size(),
         in_words(selection));
  Selected selected{rows_of(interactions, rows.rows()), std::move(rows).left_out()};
  selected.interactions.selection = in_words(selection);
  return selected;
}

std::int64_t time_from_text(std::string_view text) {
  if (const auto digits = parse_canonical_integer(text))
    return seconds_of_digits(*digits).value_or(*digits);
  if (const auto time = parse_time(text)) return *time;
  fail(ErrorCode::invalid_argument,
       "{} is not a time: write 2001-01-31, 2001-01-31T12:00:00Z or seconds since 1970",
       excerpt(text));
}

}  // namespace palate
