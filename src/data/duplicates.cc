#include "data/duplicates.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/counting_sort.h"
#include "base/fail.h"
#include "base/memory.h"

namespace palate {
namespace {

// A row without its user.
struct ItemAtRow {
  Index item;
  Index row;
};

// The rows of each user, ascending: those of user u are rows[starts[u]] .. rows[starts[u + 1] - 1].
// Where the rows are sorted by user already, there is no list of them.
struct RowsByUser {
  std::vector<ItemAtRow> rows;
  std::vector<std::size_t> starts;
};

RowsByUser rows_by_user(std::span<const Index> users, std::span<const Index> items, Index num_users,
                        Parallel& parallel) {
  RowsByUser by_user;
  resize_large(users.size(), parallel, by_user.rows);
  by_user.starts = counting_sort(
      static_cast<Index>(users.size()), num_users, parallel, [&](Index row) { return users[row]; },
      [&](IndexRange batch, ItemAtRow* cell) {
        for (const Index row : batch) *cell++ = {items[row], row};
      },
      by_user.rows.data());
  return by_user;
}

// Whether any of these pairs is there twice; `seen` has a bit for each, none set, before and
// afterwards.
bool has_repeat(std::span<const Index> pairs, std::vector<std::uint64_t>& seen) {
  std::uint64_t twice = 0;
  for (const Index pair : pairs) {
    std::uint64_t& word = seen[pair / 64];
    const std::uint64_t bit = std::uint64_t{1} << pair % 64;
    twice |= word & bit;
    word |= bit;
  }
  for (const Index pair : pairs) seen[pair / 64] = 0;
  return twice != 0;
}

// Whether any pair is there twice. Most files have none, and to know that takes less time and
// memory than find_repeats: the pairs are dealt out by user to parts so small that a bit for every
// possible pair of one stays in the cache.
bool has_repeats(std::span<const Index> users, std::span<const Index> items, Index num_users,
                 Index num_items, Parallel& parallel) {
  constexpr unsigned kBits = 23;
  const auto item_bits = static_cast<unsigned>(std::bit_width(num_items - 1));
  const unsigned user_bits = kBits - std::min(kBits, item_bits);  // 2^user_bits users are a part
  const Index user_in_part = (Index{1} << user_bits) - 1;
  const Index num_parts = ((num_users - 1) >> user_bits) + 1;
  const auto count = static_cast<Index>(users.size());
  const auto pairs = uncleared<Index>(count);
  const std::vector<std::size_t> starts = counting_sort(
      count, num_parts, parallel, [&](Index row) { return users[row] >> user_bits; },
      [&](IndexRange batch, Index* pair) {
        for (const Index row : batch)
          *pair++ = (users[row] & user_in_part) << item_bits | items[row];
      },
      pairs.get());
  std::atomic<bool> found = false;
  parallel.for_ranges(num_parts, num_parts / 64 + 1, [&](IndexRange parts) {
    std::vector<std::uint64_t> seen((std::uint64_t{1} << (user_bits + item_bits)) / 64 + 1);
    for (const Index part : parts) {
      if (has_repeat({pairs.get() + starts[part], starts[part + 1] - starts[part]}, seen))
        found = true;
    }
  });
  return found;
}

// The same for rows sorted by user.
bool sorted_has_repeats(std::span<const std::size_t> starts, std::span<const Index> items,
                        Index num_items, Parallel& parallel) {
  const auto num_users = static_cast<Index>(starts.size() - 1);
  std::atomic<bool> found = false;
  parallel.for_ranges(num_users, num_users / 64 + 1, [&](IndexRange range) {
    // who had the item, from 1 on; begun again when all 16 bits are used up
    std::vector<std::uint16_t> last_user(num_items);
    std::uint16_t user = 0;
    for (const Index u : range) {
      if (++user == 0) {
        std::ranges::fill(last_user, 0);
        user = 1;
      }
      bool twice = false;
      for (const Index item : items.subspan(starts[u], starts[u + 1] - starts[u])) {
        twice |= last_user[item] == user;
        last_user[item] = user;
      }
      if (twice) found = true;
    }
  });
  return found;
}

// Takes the rows with drop[row] out of a column.
template <class T>
void take_out(std::vector<T>& column, const std::vector<bool>& drop) {
  std::size_t kept = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!drop[row]) column[kept++] = column[row];
  }
  column.resize(kept);
}

// The mean or the sum of each pair, at its last row, added in the order of the file.
void combine(RatingColumns& columns, const std::vector<Repeat>& repeats, bool mean) {
  struct Sum {
    double sum = 0;
    std::uint64_t count = 1;
  };
  std::unordered_map<Index, Sum> sums;  // by the last row so far
  for (const auto [row, before] : repeats) {
    Sum sum{static_cast<double>(columns.values[before])};
    if (const auto earlier = sums.find(before); earlier != sums.end()) {
      sum = earlier->second;
      sums.erase(earlier);
    }
    sums[row] = {sum.sum + static_cast<double>(columns.values[row]), sum.count + 1};
  }
  for (const auto& [row, sum] : sums) {
    columns.values[row] =
        static_cast<float>(mean ? sum.sum / static_cast<double>(sum.count) : sum.sum);
    if (!std::isfinite(columns.values[row]))
      fail(ErrorCode::bad_data, "{}: a sum of repeated ratings is infinite",
           columns.source_of(row).name);
  }
}

// Rows of a file are named by their lines, those of a batch by their place in it.
[[noreturn]] void fail_with(const RatingColumns& columns, const Repeat& repeat,
                            const IdTable& user_ids, const IdTable& item_ids) {
  const auto [row, before] = repeat;
  const RatingColumns::Source& source = columns.source_of(row);
  const RatingColumns::Source& source_before = columns.source_of(before);
  const std::string pair =
      fmt::format("user {} and item {}", excerpt(user_ids.as_written(columns.users[row])),
                  excerpt(item_ids.as_written(columns.items[row])));
  const std::string of_before =
      source.name == source_before.name ? "" : " of " + source_before.name;
  if (columns.lines.empty()) {
    fail(ErrorCode::bad_data,
         "{}, row {}: {} stand in row {}{} already: `duplicates=last|first|mean|sum` keeps one",
         source.name, row - source.first_row, pair, before - source_before.first_row, of_before);
  }
  fail(ErrorCode::bad_data,
       "{}:{}: {} stand in line {}{} already: `duplicates=last|first|mean|sum` keeps one",
       source.name, columns.lines[row], pair, columns.lines[before], of_before);
}

}  // namespace

std::vector<Repeat> find_repeats(std::span<const Index> users, std::span<const Index> items,
                                 Index num_users, Index num_items, Parallel& parallel) {
  RowsByUser by_user;
  if (is_ascending(users, parallel)) {
    by_user.starts = starts_of_ascending(users, num_users, parallel);
    if (!sorted_has_repeats(by_user.starts, items, num_items, parallel)) return {};
  } else {
    if (!has_repeats(users, items, num_users, num_items, parallel)) return {};
    by_user = rows_by_user(users, items, num_users, parallel);
  }
  // A range of users has a table of all items: few ranges where items are many.
  const std::size_t num_ranges =
      std::clamp<std::size_t>(users.size() / (std::size_t{4} * num_items + 1), 1, 64);
  const Index grain = static_cast<Index>(num_users / num_ranges + 1);
  std::vector<Repeat> repeats;
  std::mutex repeats_mutex;
  parallel.for_ranges(num_users, grain, [&](IndexRange range) {
    struct Seen {
      Index user;
      Index row;
    };
    // the last row that had the item, and whose it was
    std::vector<Seen> seen(num_items, {range.last, 0});
    std::vector<Repeat> found;
    for (const Index u : range) {
      for (std::size_t i = by_user.starts[u]; i < by_user.starts[u + 1]; ++i) {
        const auto [item, row] =
            by_user.rows.empty() ? ItemAtRow{items[i], static_cast<Index>(i)} : by_user.rows[i];
        if (seen[item].user == u) found.push_back({row, seen[item].row});
        seen[item] = {u, row};
      }
    }
    const std::lock_guard lock(repeats_mutex);
    repeats.insert(repeats.end(), found.begin(), found.end());
  });
  std::ranges::sort(repeats, {}, &Repeat::row);
  return repeats;
}

void resolve_repeats(RatingColumns& columns, const std::vector<Repeat>& repeats, Duplicates policy,
                     const IdTable& user_ids, const IdTable& item_ids) {
  if (repeats.empty() || policy == Duplicates::keep) return;
  if (policy == Duplicates::error) fail_with(columns, repeats.front(), user_ids, item_ids);
  if (policy == Duplicates::mean || policy == Duplicates::sum)
    combine(columns, repeats, policy == Duplicates::mean);
  std::vector<bool> drop(columns.users.size());
  for (const auto [row, before] : repeats) drop[policy == Duplicates::first ? row : before] = true;
  take_out(columns.users, drop);
  take_out(columns.items, drop);
  take_out(columns.values, drop);
  if (!columns.times.empty()) take_out(columns.times, drop);
}

}  // namespace palate
