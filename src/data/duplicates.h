// (user, item) pairs that stand several times in a table. Layer: data.
#pragma once

#include <span>
#include <vector>

#include "data/rating_parts.h"

namespace palate {

// Row `row` has the pair of the earlier row `before`, the last before it.
struct Repeat {
  Index row = 0;
  Index before = 0;
};

// By ascending row. O(rows + users + items).
std::vector<Repeat> find_repeats(std::span<const Index> users, std::span<const Index> items,
                                 Index num_users, Index num_items, Parallel& parallel);

// Leaves one row of each pair, unless all are kept. Throws Error(bad_data) that names both rows
// where repeats are an error.
void resolve_repeats(RatingColumns& columns, const std::vector<Repeat>& repeats, Duplicates policy,
                     const IdTable& user_ids, const IdTable& item_ids);

}  // namespace palate
