#include "data/duplicates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/random.h"

namespace palate {
namespace {

using Pairs = std::vector<std::pair<Index, Index>>;  // users and items, row by row

// The definition.
std::vector<std::pair<Index, Index>> plain_repeats(const Pairs& pairs) {
  std::vector<std::pair<Index, Index>> repeats;
  std::map<std::pair<Index, Index>, Index> last;
  for (Index row = 0; row < pairs.size(); ++row) {
    const auto [at, is_new] = last.try_emplace(pairs[row], row);
    if (!is_new) repeats.emplace_back(row, std::exchange(at->second, row));
  }
  return repeats;
}

std::vector<std::pair<Index, Index>> found_repeats(const Pairs& pairs, Index num_users,
                                                   Index num_items) {
  std::vector<Index> users;
  std::vector<Index> items;
  for (const auto& [user, item] : pairs) {
    users.push_back(user);
    items.push_back(item);
  }
  Parallel parallel(3);
  std::vector<std::pair<Index, Index>> repeats;
  for (const auto& [row, before] : find_repeats(users, items, num_users, num_items, parallel))
    repeats.emplace_back(row, before);
  return repeats;
}

Pairs different_pairs(std::size_t count, Index num_users, Index num_items) {
  std::set<std::pair<Index, Index>> drawn;
  Pairs pairs;
  Rng rng(7);
  while (pairs.size() < count) {
    const std::pair pair{rng.below(num_users), rng.below(num_items)};
    if (drawn.insert(pair).second) pairs.push_back(pair);
  }
  return pairs;
}

TEST(Duplicates, AreThoseOfAMapOfAllPairs) {
  struct Size {
    Index users;
    Index items;
  };
  // One part of the pairs, several, and one for each user.
  for (const auto [num_users, num_items] : {Size{50, 40}, Size{3000, 9000}, Size{4, 5'000'000}}) {
    const Pairs none = different_pairs(1000, num_users, num_items);
    Pairs one = none;
    one[900] = one[17];
    Pairs many = none;
    for (std::size_t row = 100; row < many.size(); row += 3) many[row] = many[row / 2];
    for (const Pairs& pairs : {none, one, many}) {
      Pairs sorted = pairs;
      std::ranges::stable_sort(sorted, {}, &std::pair<Index, Index>::first);
      EXPECT_EQ(found_repeats(pairs, num_users, num_items), plain_repeats(pairs)) << num_items;
      EXPECT_EQ(found_repeats(sorted, num_users, num_items), plain_repeats(sorted)) << num_items;
    }
    EXPECT_TRUE(plain_repeats(none).empty());
    EXPECT_EQ(plain_repeats(one), (Pairs{{900, 17}}));
  }
}

}  // namespace
}  // namespace palate
