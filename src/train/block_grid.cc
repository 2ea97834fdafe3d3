#include "train/block_grid.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace palate {
namespace {

constexpr Index kStreams = 4;

// B. A block has about 14,000 ratings: enough for its round's barrier to cost nothing and for four
// even streams, few enough for its rows to stay in the second-level cache. Beyond a few blocks B is
// a multiple of 4, so that the usual numbers of threads divide it.
Index grid_size(const Dataset& data) {
  constexpr double kRatings = 14000;
  constexpr Index kMost = 128;
  const auto rows = std::min(data.num_users(), data.num_items());
  const auto wanted = static_cast<Index>(std::sqrt(static_cast<double>(data.size()) / kRatings));
  const Index size = std::min({wanted, rows / kStreams, kMost});
  return size < 4 ? std::max<Index>(size, 1) : size / 4 * 4;
}

// Deals the rows into groups: always the one with the most ratings of those left to the group with
// the fewest.
BlockGrid::Rows dealt(const SparseMatrix& rows, Index groups) {
  const auto count = [&](Index r) { return rows.starts[r + 1] - rows.starts[r]; };
  std::vector<Index> order(rows.rows());
  std::iota(order.begin(), order.end(), Index{0});
  std::ranges::stable_sort(order, std::greater<>{}, count);

  using Load = std::pair<std::size_t, Index>;  // ratings, group
  std::priority_queue<Load, std::vector<Load>, std::greater<>> lightest;
  for (Index g = 0; g < groups; ++g) lightest.emplace(0, g);
  std::vector<Index> group(rows.rows());
  std::vector<Index> size(groups);
  for (const Index r : order) {
    auto [load, g] = lightest.top();
    lightest.pop();
    group[r] = g;
    ++size[g];
    lightest.emplace(load + count(r) + 1, g);  // + 1 spreads rows without ratings, too
  }

  BlockGrid::Rows result{std::vector<Index>(rows.rows()), std::vector<Index>(groups + 1)};
  for (Index g = 0; g < groups; ++g)
    result.group_start[g + 1] = result.group_start[g] + size[g] + 1;
  std::vector<Index> next(result.group_start.begin(), result.group_start.end() - 1);
  for (const Index r : order) result.place[r] = next[group[r]]++;
  return result;
}

// The inverse of `place`: the user or item of each place (nobody's rows are left at 0).
std::vector<Index> owners(const BlockGrid::Rows& rows) {
  std::vector<Index> owner(rows.count());
  for (Index r = 0; r < rows.place.size(); ++r) owner[rows.place[r]] = r;
  return owner;
}

// The group of each user or item.
std::vector<Index> groups_of(const BlockGrid::Rows& rows) {
  std::vector<Index> at_place(rows.count());
  for (Index g = 0; g + 1 < rows.group_start.size(); ++g) {
    std::fill(at_place.begin() + rows.group_start[g], at_place.begin() + rows.group_start[g + 1],
              g);
  }
  std::vector<Index> group(rows.place.size());
  for (Index r = 0; r < group.size(); ++r) group[r] = at_place[rows.place[r]];
  return group;
}

}  // namespace

BlockGrid::BlockGrid(const Dataset& data, double mean, double scale, Parallel& parallel)
    : size_(grid_size(data)),
      users_(dealt(data.by_user(), kStreams * size_)),
      items_(dealt(data.by_item(), kStreams * size_)) {
  const Index groups = kStreams * size_;
  const std::vector<Index> user_at = owners(users_);
  const std::vector<Index> item_group = groups_of(items_);
  const auto for_users_of = [&](Index group, const auto& body) {
    for (Index place = users_.group_start[group]; place + 1 < users_.group_start[group + 1];
         ++place)
      body(user_at[place]);
  };

  // Ratings of each pair (user group, item group).
  std::vector<Index> pair_size(std::size_t{groups} * groups);
  parallel.for_ranges(groups, 1, [&](IndexRange range) {
    for (const Index g : range) {
      for_users_of(g, [&](Index user) {
        for (const Index item : data.by_user().row(user).columns)
          ++pair_size[std::size_t{g} * groups + item_group[item]];
      });
    }
  });

  // Where each diagonal of each block begins, as many quads long as its longest pair. Diagonal s of
  // a block has the pairs whose item group is s further than the user group, modulo 4.
  std::vector<std::size_t> diagonal_start(std::size_t{size_} * size_ * kStreams);
  starts_.assign(std::size_t{size_} * size_ + 1, 0);
  std::size_t total = 0;
  for (Index a = 0; a < size_; ++a) {
    for (Index b = 0; b < size_; ++b) {
      const std::size_t cell = std::size_t{a} * size_ + b;
      for (Index s = 0; s < kStreams; ++s) {
        diagonal_start[cell * kStreams + s] = total;
        Index longest = 0;
        for (Index j = 0; j < kStreams; ++j) {
          longest = std::max(longest, pair_size[std::size_t{a * kStreams + j} * groups +
                                                b * kStreams + (j + s) % kStreams]);
        }
        total += longest;
      }
      starts_[cell + 1] = total;
    }
  }

  quads_.resize(total);
  parallel.for_ranges(groups, 1, [&](IndexRange range) {
    for (const Index g : range) {
      const Index a = g / kStreams;
      const Index j = g % kStreams;
      const auto first_quad = [&](Index h) {
        const std::size_t cell = std::size_t{a} * size_ + h / kStreams;
        return diagonal_start[cell * kStreams + (h % kStreams + kStreams - j) % kStreams];
      };
      // The next free quad of each pair.
      std::vector<std::size_t> next(groups);
      for (Index h = 0; h < groups; ++h) next[h] = first_quad(h);
      for_users_of(g, [&](Index user) {
        const SparseRow ratings = data.by_user().row(user);
        for (Index t = 0; t < ratings.size(); ++t) {
          RatingQuad& quad = quads_[next[item_group[ratings.columns[t]]]++];
          quad.users[j] = users_.place[user];
          quad.items[j] = items_.place[ratings.columns[t]];
          quad.values[j] =
              static_cast<float>((static_cast<double>(ratings.values[t]) - mean) / scale);
        }
      });
      for (Index h = 0; h < groups; ++h) {
        const std::size_t cell = std::size_t{a} * size_ + h / kStreams;
        const std::size_t diagonal = cell * kStreams + (h % kStreams + kStreams - j) % kStreams;
        const std::size_t end =
            diagonal + 1 < diagonal_start.size() ? diagonal_start[diagonal + 1] : total;
        for (std::size_t q = next[h]; q < end; ++q) {
          quads_[q].users[j] = users_.group_start[g + 1] - 1;
          quads_[q].items[j] = items_.group_start[h + 1] - 1;
          quads_[q].values[j] = 0;
        }
      }
    }
  });
}

}  // namespace palate
