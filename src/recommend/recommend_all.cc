// The lists of all users. For a chunk of users and a block of items after the other, the bounds of
// all scores are computed, some users at a time; what stays near the best bounds is scored as for
// one user, so that both ways give the same list.
#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <limits>

#include "linalg/top_list.h"
#include "palate/recommend/recommend.h"
#include "recommend/bounded_items.h"
#include "recommend/scores.h"

namespace palate {
namespace {

constexpr Index kChunk = 60;  // users that go through the items together
// Users whose lists are kept at a time: many, unless the lists are long.
Index batch_size(Index longest_list) {
  constexpr Index kMost = 4096;
  constexpr Index kMostEntries = 1 << 22;
  return std::clamp(kMostEntries / std::max<Index>(longest_list, 1), kChunk, kMost);
}

// Has a row fetched to the cache. The rows of candidates lie anywhere.
constexpr std::size_t kAhead = 4;  // candidates
void prefetch(std::span<const float> row) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t f = 0; f < row.size(); f += kLine) __builtin_prefetch(row.data() + f);
}

// One user of a chunk.
struct Asker {
  Asker(const Model& model, const BoundedItems& items, const RecommendOptions& options,
        bool include_seen, Index user, std::span<std::int8_t> bytes)
      : query(query_of_user(model, user)),
        excluded(include_seen || !model.has_history() ? std::span<const Index>{}
                                                      : model.history.row(user).columns),
        bounded(items.ready(query, bytes)),
        best(options.count, bounded.margin) {
    for (const Index item : excluded) maybe_excluded.set(item % maybe_excluded.size());
  }

  bool is_bounded() const { return std::isfinite(bounded.margin); }
  // Below it no bound is of interest. At first it is so low that every bound is, and finite yet
  // with a shift beside it.
  float floor() const {
    return is_bounded() ? std::max(best.threshold(), std::numeric_limits<float>::lowest() / 2)
                        : std::numeric_limits<float>::infinity();
  }
  bool excludes(Index item) const {
    return maybe_excluded[item % maybe_excluded.size()] &&
           std::ranges::binary_search(excluded, item);
  }
  void add(Index item, float bound) {
    if (bound >= best.threshold() && !excludes(item)) best.add({item, bound});
  }
  std::vector<Recommendation> list(const Model& model, const RecommendOptions& options) {
    if (!is_bounded()) return recommend(model, query, options, excluded);
    TopList exact(options.count);
    // of the scores of the first candidates, as many as are to be listed
    float worst = std::numeric_limits<float>::infinity();
    const std::vector<Scored> candidates = best.take();
    for (std::size_t n = 0; n < candidates.size(); ++n) {
      if (n + kAhead < candidates.size())
        prefetch(model.factors.item_factors.row(candidates[n + kAhead].index));
      const auto& [item, bound] = candidates[n];
      if (n >= options.count && query.base + bound + bounded.rounding < worst) break;
      const float own = score(model, query, item);
      if (n < options.count) worst = std::min(worst, own);
      exact.add({item, own});
    }
    std::vector<Recommendation> result;
    for (const auto& [item, score] : exact.take()) result.push_back({item, score});
    return result;
  }

  Query query;
  std::span<const Index> excluded;
  std::bitset<1024> maybe_excluded;  // by the index's remainder: spares most searches
  BoundedQuery bounded;
  TopList best;  // by their bounds
};

// The bounds of some users in one block of items.
void add_block(const BoundedItems& items, const BoundedItems::Block& block, std::span<Asker> some) {
  BoundUsers users;
  float shifts[kBoundUsers];
  bool any = false;
  for (Index u = 0; u < kBoundUsers; ++u) {
    const bool is_one = u < some.size();
    const Asker& asker = some[is_one ? u : 0];
    const float floor = is_one ? asker.floor() : std::numeric_limits<float>::infinity();
    shifts[u] = BoundedItems::shift(block, asker.bounded);
    users.values[u] = asker.bounded.bytes;
    users.scales[u] = BoundedItems::scale(block, asker.bounded);
    users.floors[u] = floor - shifts[u];
    any |= BoundedItems::may_reach(block, asker.bounded, floor);
  }
  if (!any) return;
  std::array<std::array<ScoreBound, kBoundItems>, kBoundUsers> found;
  ScoreBound* bounds[kBoundUsers];
  for (Index u = 0; u < kBoundUsers; ++u) bounds[u] = found[u].data();
  Index counts[kBoundUsers];
  kernels().score_bounds(block.items, users, items.factors(), bounds, counts);
  for (Index u = 0; u < some.size(); ++u) {
    for (Index n = 0; n < counts[u]; ++n) {
      const auto [place, bound] = bounds[u][n];
      some[u].add(items.item(block.first + place), bound + shifts[u]);
    }
  }
}

}  // namespace

void recommend_all(const Model& model, const RecommendOptions& options, bool include_seen,
                   Parallel& parallel, const ListVisitor& visit) {
  const BoundedItems items(model, options, parallel);
  const std::size_t width = items.factors();
  const Index batch = batch_size(std::min(options.count, model.factors.num_items()));
  std::vector<std::vector<Recommendation>> lists;
  for (Index first = 0; first < model.factors.num_users(); first += batch) {
    lists.resize(std::min(batch, model.factors.num_users() - first));
    parallel.for_ranges(static_cast<Index>(lists.size()), kChunk, [&](IndexRange range) {
      std::vector<std::int8_t> bytes(range.size() * width);
      std::vector<Asker> askers;
      askers.reserve(range.size());
      for (const Index u : range) {
        const std::span<std::int8_t> own =
            std::span(bytes).subspan((u - range.first) * width, width);
        askers.emplace_back(model, items, options, include_seen, first + u, own);
      }
      for (const BoundedItems::Block& block : items.blocks()) {
        for (std::size_t u = 0; u < askers.size(); u += kBoundUsers) {
          add_block(
              items, block,
              std::span(askers).subspan(u, std::min<std::size_t>(kBoundUsers, askers.size() - u)));
        }
      }
      for (const Index u : range) lists[u] = askers[u - range.first].list(model, options);
    });
    for (Index u = 0; u < lists.size(); ++u) visit(first + u, lists[u]);
  }
}

}  // namespace palate
