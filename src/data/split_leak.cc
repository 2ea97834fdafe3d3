#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "palate/data/split.h"

namespace palate {
namespace {

// Which of `count` users or items have train ratings; `of_row` says whose each row is.
std::vector<bool> trained_part(const Split& split, std::span<const Index> of_row, Index count) {
  std::vector<bool> trained(count);
  for (const Index row : split.train) trained[of_row[row]] = true;
  return trained;
}

SplitLeak::Cold cold_part(const Split& split, std::span<const Index> of_row,
                          const std::vector<bool>& trained) {
  std::vector<bool> tested(trained.size());
  SplitLeak::Cold part;
  for (const Index row : split.test) {
    const Index one = of_row[row];
    const bool cold = !trained[one];
    if (cold) ++part.ratings;
    if (tested[one]) continue;
    tested[one] = true;
    ++part.tested;
    if (cold) ++part.cold;
  }
  return part;
}

std::uint64_t older_than_own(const Interactions& interactions, const Split& split) {
  std::vector<std::int64_t> newest(interactions.num_users(),
                                   std::numeric_limits<std::int64_t>::min());
  for (const std::vector<Index>* part : {&split.train, &split.fold_in}) {
    for (const Index row : *part) {
      std::int64_t& time = newest[interactions.users[row]];
      time = std::max(time, interactions.times[row]);
    }
  }
  return static_cast<std::uint64_t>(std::ranges::count_if(split.test, [&](Index row) {
    return interactions.times[row] < newest[interactions.users[row]];
  }));
}

std::uint64_t older_than_half(const Interactions& interactions, const Split& split) {
  if (split.train.empty()) return 0;
  std::vector<std::int64_t> times;
  times.reserve(split.train.size());
  for (const Index row : split.train) times.push_back(interactions.times[row]);
  const auto median = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::ranges::nth_element(times, median);
  return static_cast<std::uint64_t>(std::ranges::count_if(
      split.test, [&](Index row) { return interactions.times[row] < *median; }));
}

// Of all ratings that are not in the test, or of those of each user, the newest are the only ones
// that can have the time of a test rating.
std::uint64_t by_lot(const Interactions& interactions, const Split& split, bool of_each_user) {
  const auto group = [&](Index row) { return of_each_user ? interactions.users[row] : 0; };
  std::vector<std::optional<std::int64_t>> newest(of_each_user ? interactions.num_users() : 1);
  for (const std::vector<Index>* part : {&split.train, &split.validation}) {
    for (const Index row : *part) {
      std::optional<std::int64_t>& time = newest[group(row)];
      time = std::max(time, std::optional(interactions.times[row]));
    }
  }
  return static_cast<std::uint64_t>(std::ranges::count_if(
      split.test, [&](Index row) { return newest[group(row)] == interactions.times[row]; }));
}

}  // namespace

SplitLeak split_leak(const Interactions& interactions, const Split& split, SplitMethod method) {
  const std::vector<bool> users = trained_part(split, interactions.users, interactions.num_users());
  const std::vector<bool> items = trained_part(split, interactions.items, interactions.num_items());
  SplitLeak leak;
  leak.test = split.test.size();
  leak.users = cold_part(split, interactions.users, users);
  leak.items = cold_part(split, interactions.items, items);
  leak.cold_pairs = static_cast<std::uint64_t>(std::ranges::count_if(split.test, [&](Index row) {
    return !users[interactions.users[row]] && !items[interactions.items[row]];
  }));
  if (!interactions.times.empty()) {
    leak.before_own = older_than_own(interactions, split);
    leak.before_half = older_than_half(interactions, split);
    if (method == SplitMethod::time || method == SplitMethod::leave_last_out)
      leak.by_lot = by_lot(interactions, split, method == SplitMethod::leave_last_out);
  }
  return leak;
}

}  // namespace palate
