#include "data/duplicates.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <unordered_map>

#include "base/fail.h"

namespace palate {
namespace {

// The rows of each user, ascending: those of user u are rows[starts[u]] .. rows[starts[u + 1] - 1].
struct RowsByUser {
  std::vector<std::size_t> starts;
  std::vector<Index> rows;
};

RowsByUser rows_by_user(const std::vector<Index>& users, Index num_users) {
  RowsByUser by_user{std::vector<std::size_t>(num_users + std::size_t{1}), std::vector<Index>(users.size())};
  for (const Index u : users) ++by_user.starts[u + 1];
  for (Index u = 0; u < num_users; ++u) by_user.starts[u + 1] += by_user.starts[u];
  std::vector<std::size_t> next(by_user.starts.begin(), by_user.starts.end() - 1);
  for (std::size_t row = 0; row < users.size(); ++row) by_user.rows[next[users[row]]++] = static_cast<Index>(row);
  return by_user;
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
    columns.values[row] = static_cast<float>(mean ? sum.sum / static_cast<double>(sum.count) : sum.sum);
    if (!std::isfinite(columns.values[row]))
      fail(ErrorCode::bad_data, "{}: a sum of repeated ratings is infinite", columns.name);
  }
}

}  // namespace

std::vector<Repeat> find_repeats(const RatingColumns& columns, Index num_users, Index num_items, Parallel& parallel) {
  const RowsByUser by_user = rows_by_user(columns.users, num_users);
  // A range has a table of all items: few ranges where items are many.
  const std::size_t num_ranges = std::clamp<std::size_t>(columns.users.size() / (std::size_t{4} * num_items + 1), 1, 64);
  const Index grain = static_cast<Index>(num_users / num_ranges + 1);
  std::vector<Repeat> repeats;
  std::mutex repeats_mutex;
  parallel.for_ranges(num_users, grain, [&](IndexRange range) {
    struct Seen {
      Index user;
      Index row;
    };
    std::vector<Seen> seen(num_items, {range.last, 0});  // the last row that had the item, and whose it was
    std::vector<Repeat> found;
    for (const Index u : range) {
      for (std::size_t i = by_user.starts[u]; i < by_user.starts[u + 1]; ++i) {
        const Index row = by_user.rows[i];
        Seen& last = seen[columns.items[row]];
        if (last.user == u) found.push_back({row, last.row});
        last = {u, row};
      }
    }
    const std::lock_guard lock(repeats_mutex);
    repeats.insert(repeats.end(), found.begin(), found.end());
  });
  std::ranges::sort(repeats, {}, &Repeat::row);
  return repeats;
}

void resolve_repeats(RatingColumns& columns, const std::vector<Repeat>& repeats, Duplicates policy, const IdTable& user_ids,
                     const IdTable& item_ids) {
  if (repeats.empty()) return;
  if (policy == Duplicates::error) {
    const auto [row, before] = repeats.front();
    fail(ErrorCode::bad_data, "{}:{}: user {} and item {} stand in line {} already: --duplicates last|first|mean|sum keeps one",
         columns.name, columns.lines[row], excerpt(user_ids.as_written(columns.users[row])),
         excerpt(item_ids.as_written(columns.items[row])), columns.lines[before]);
  }
  if (policy == Duplicates::mean || policy == Duplicates::sum) combine(columns, repeats, policy == Duplicates::mean);
  std::vector<bool> drop(columns.users.size());
  for (const auto [row, before] : repeats) drop[policy == Duplicates::first ? row : before] = true;
  take_out(columns.users, drop);
  take_out(columns.items, drop);
  take_out(columns.values, drop);
  if (!columns.times.empty()) take_out(columns.times, drop);
}

}  // namespace palate
