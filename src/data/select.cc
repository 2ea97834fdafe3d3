#include "palate/data/select.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <span>
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
    const std::size_t gone = std::erase_if(rows_, [&](Index row) { return !condition(row); });
    if (gone > 0) left_out_.push_back({otherwise, gone});
  }

  // The rows of users and items that have enough of them: what is left when those of users with too
  // few are taken out, then those of items, and so on until nothing changes. Each row is looked at
  // once, however many rounds that takes.
  void keep_core(Index min_user_ratings, Index min_item_ratings) {
    if (min_user_ratings <= 1 && min_item_ratings <= 1) return;
    Side users(all_.users, all_.num_users(), rows_, min_user_ratings);
    Side items(all_.items, all_.num_items(), rows_, min_item_ratings);
    std::vector<bool> gone(all_.size());
    const auto take_out = [&gone](Side& side, Side& other) {
      std::uint64_t count = 0;
      for (const Index id : std::exchange(side.too_few, {})) {
        for (const Index row : side.rows_of(id)) {
          if (gone[row]) continue;
          gone[row] = true;
          ++count;
          other.lose(row);
        }
      }
      return count;
    };
    std::uint64_t gone_by_user = 0;
    std::uint64_t gone_by_item = 0;
    while (!users.too_few.empty() || !items.too_few.empty()) {
      gone_by_user += take_out(users, items);
      gone_by_item += take_out(items, users);
    }
    std::erase_if(rows_, [&](Index row) { return gone[row]; });
    if (gone_by_user > 0)
      left_out_.push_back(
          {fmt::format("of users with fewer than {} ratings", min_user_ratings), gone_by_user});
    if (gone_by_item > 0)
      left_out_.push_back(
          {fmt::format("of items with fewer than {} ratings", min_item_ratings), gone_by_item});
  }

 private:
  // The rows of each user, or of each item.
  class Side {
   public:
    Side(const std::vector<Index>& ids, Index num_ids, const std::vector<Index>& rows, Index least)
        : ids_(ids), least_(least), starts_(std::size_t{num_ids} + 1), rows_(rows.size()) {
      for (const Index row : rows) ++starts_[ids[row] + std::size_t{1}];
      std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
      std::vector<std::size_t> next(starts_.begin(), starts_.end() - 1);
      for (const Index row : rows) rows_[next[ids[row]]++] = row;
      for (Index id = 0; id < num_ids; ++id) {
        left_.push_back(static_cast<Index>(rows_of(id).size()));
        if (left_[id] < least) too_few.push_back(id);
      }
    }

    std::span<const Index> rows_of(Index id) const {
      return std::span(rows_).subspan(starts_[id], starts_[id + 1] - starts_[id]);
    }
    // The one whose row it is has one row less.
    void lose(Index row) {
      const Index id = ids_[row];
      if (left_[id]-- == least_) too_few.push_back(id);
    }

    std::vector<Index> too_few;  // those with less than the least, until their rows are taken out

   private:
    const std::vector<Index>& ids_;
    Index least_;
    std::vector<std::size_t> starts_;
    std::vector<Index> rows_;
    std::vector<Index> left_;
  };

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
  chosen.feedback = all.feedback;
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
