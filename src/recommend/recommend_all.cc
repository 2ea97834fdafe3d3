// The lists of all users. For a chunk of users and a block of items after the other, the bounds of all scores are computed, some users
// at a time; what stays near the best bounds is scored as for one user, so that both ways give the same list.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "linalg/top_list.h"
#include "palate/recommend.h"
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

// One user of a chunk.
struct Asker {
  Asker(const Model& model, const BoundedItems& items, const RecommendOptions& options, bool include_seen, Index user,
        std::span<std::int16_t> integers)
      : query(query_of_user(model, user)),
        excluded(include_seen || !model.has_history() ? std::span<const Index>{} : model.history.row(user).columns),
        values(integers.data()),
        scale(quantize(query.vector, integers)),
        margin(items.margin(query, scale)),
        best(options.count, margin) {}

  bool is_bounded() const { return std::isfinite(margin); }
  // Below it no bound is of interest.
  float floor() const {
    return is_bounded() ? std::max(best.threshold(), std::numeric_limits<float>::lowest())
                        : std::numeric_limits<float>::infinity();
  }
  void add(const ScoreBound& found, const BoundedItems& items, Index first_place) {
    const Index item = items.item(first_place + found.place);
    if (found.bound >= best.threshold() && !std::ranges::binary_search(excluded, item)) best.add({item, found.bound});
  }
  std::vector<Recommendation> list(const Model& model, const RecommendOptions& options) {
    if (!is_bounded()) return recommend(model, query, options, excluded);
    TopList exact(options.count);
    for (const Scored& candidate : best.take()) exact.add({candidate.index, score(model, query, candidate.index)});
    std::vector<Recommendation> result;
    for (const auto& [item, score] : exact.take()) result.push_back({item, score});
    return result;
  }

  Query query;
  std::span<const Index> excluded;
  const std::int16_t* values;
  float scale;
  float margin;
  TopList best;  // by their bounds
};

// The bounds of some users in one block of items.
void add_block(const BoundedItems& items, const BoundedItems::Block& block, std::span<Asker> some) {
  BoundUsers users;
  bool any = false;
  for (Index u = 0; u < kBoundUsers; ++u) {
    const Asker& asker = some[std::min<std::size_t>(u, some.size() - 1)];
    users.values[u] = asker.values;
    users.scales[u] = asker.scale;
    users.floors[u] = u < some.size() ? asker.floor() : std::numeric_limits<float>::infinity();
    any |= items.may_reach(block, users.scales[u], users.floors[u]);
  }
  if (!any) return;
  std::array<std::array<ScoreBound, BoundedItems::kBlockItems>, kBoundUsers> found;
  ScoreBound* bounds[kBoundUsers];
  for (Index u = 0; u < kBoundUsers; ++u) bounds[u] = found[u].data();
  Index counts[kBoundUsers];
  kernels().score_bounds(block.items, users, items.slack(), bounds, counts);
  for (Index u = 0; u < some.size(); ++u) {
    for (Index n = 0; n < counts[u]; ++n) some[u].add(bounds[u][n], items, block.first);
  }
}

}  // namespace

void recommend_all(const Model& model, const RecommendOptions& options, bool include_seen, Parallel& parallel,
                   const ListVisitor& visit) {
  const BoundedItems items(model, options);
  const std::size_t width = 2 * std::size_t{items.pairs()};
  const Index batch = batch_size(std::min(options.count, model.factors.num_items()));
  std::vector<std::vector<Recommendation>> lists;
  for (Index first = 0; first < model.factors.num_users(); first += batch) {
    lists.resize(std::min(batch, model.factors.num_users() - first));
    parallel.for_ranges(static_cast<Index>(lists.size()), kChunk, [&](IndexRange range) {
      std::vector<std::int16_t> integers(range.size() * width);
      std::vector<Asker> askers;
      askers.reserve(range.size());
      for (const Index u : range) {
        const std::span<std::int16_t> own = std::span(integers).subspan((u - range.first) * width, width);
        askers.emplace_back(model, items, options, include_seen, first + u, own);
      }
      for (const BoundedItems::Block& block : items.blocks()) {
        for (std::size_t u = 0; u < askers.size(); u += kBoundUsers) {
          add_block(items, block, std::span(askers).subspan(u, std::min<std::size_t>(kBoundUsers, askers.size() - u)));
        }
      }
      for (const Index u : range) lists[u] = askers[u - range.first].list(model, options);
    });
    for (Index u = 0; u < lists.size(); ++u) visit(first + u, lists[u]);
  }
}

}  // namespace palate
