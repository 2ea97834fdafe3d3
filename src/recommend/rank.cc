// The lists of many users. For a chunk of them and a block of items after the other, the bounds of
// all scores are computed, some users at a time; what stays near the best bounds is scored as for
// one user, so that both ways give the same list.
#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>

#include "linalg/top_list.h"
#include "palate/recommend/recommend.h"
#include "recommend/bounded_items.h"
#include "recommend/listed.h"

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

// The lists of those of whom the scorer knows nothing: the best supported items that they have not
// seen. The order of the items is made when the first of them comes.
class ListsBySupport {
 public:
  ListsBySupport(const Scorer& scorer, const ListRules& rules) : scorer_(scorer), rules_(rules) {}

  std::vector<Recommendation> list(SparseRow seen) {
    std::call_once(is_ordered_, [this] { order(); });
    std::vector<Recommendation> best;
    for (std::size_t n = 0; n < items_.size() && best.size() < rules_.count; ++n) {
      if (!std::ranges::binary_search(seen.columns, items_[n]))
        best.push_back({items_[n], static_cast<float>(scorer_.item_support[items_[n]])});
    }
    return best;
  }

 private:
  void order() {
    for (Index item = 0; item < scorer_.factors.num_items(); ++item) {
      if (may_be_listed(scorer_, rules_, item)) items_.push_back(item);
    }
    std::ranges::stable_sort(items_, std::ranges::greater(),
                             [&](Index item) { return scorer_.item_support[item]; });
  }

  const Scorer& scorer_;
  const ListRules& rules_;
  std::once_flag is_ordered_;
  std::vector<Index> items_;
};

// One user of a chunk.
struct Asker {
  Asker(const QueryView& of_user, const BoundedItems& items, Index list_length,
        std::span<std::int8_t> bytes)
      : query(of_user), bounded(items.ready(query, bytes)), best(list_length, bounded.margin) {
    for (const Index item : query.seen.columns) maybe_seen.set(item % maybe_seen.size());
  }

  bool is_bounded() const { return std::isfinite(bounded.margin); }
  // Below it no bound is of interest. At first it is so low that every bound is, and finite yet
  // with a shift beside it.
  float floor() const {
    return is_bounded() ? std::max(best.threshold(), std::numeric_limits<float>::lowest() / 2)
                        : std::numeric_limits<float>::infinity();
  }
  bool has_seen(Index item) const {
    return maybe_seen[item % maybe_seen.size()] &&
           std::ranges::binary_search(query.seen.columns, item);
  }
  void add(Index item, float bound) {
    if (bound >= best.threshold() && !has_seen(item)) best.add({item, bound});
  }
  std::vector<Recommendation> list(const Scorer& scorer, const ListRules& rules) {
    if (!is_bounded()) return recommend(scorer, query, rules);
    TopList exact(rules.count);
    // of the scores of the first candidates, as many as are to be listed
    float worst = std::numeric_limits<float>::infinity();
    const std::vector<Scored> candidates = best.take();
    for (std::size_t n = 0; n < candidates.size(); ++n) {
      if (n + kAhead < candidates.size())
        prefetch(scorer.factors.item_factors.row(candidates[n + kAhead].index));
      if (n >= rules.count && query.base + candidates[n].score + bounded.rounding < worst) break;
      const Index item = candidates[n].index;
      const float own = score(scorer, query, item);
      if (n < rules.count) worst = std::min(worst, own);
      exact.add({item, own, scorer.item_support[item]});
    }
    std::vector<Recommendation> result;
    for (const Scored& one : exact.take()) result.push_back({one.index, one.score});
    return result;
  }

  QueryView query;
  std::bitset<1024> maybe_seen;  // by the index's remainder: spares most searches
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

void rank(const Scorer& scorer, Index count, const std::function<QueryView(Index)>& query,
          const ListRules& rules, Parallel& parallel, const ListVisitor& visit) {
  const BoundedItems items(scorer, rules, parallel);
  const std::size_t width = items.factors();
  ListsBySupport by_support(scorer, rules);
  const Index batch = batch_size(std::min(rules.count, scorer.factors.num_items()));
  std::vector<std::vector<Recommendation>> lists;
  for (Index first = 0; first < count; first += batch) {
    lists.resize(std::min(batch, count - first));
    parallel.for_ranges(static_cast<Index>(lists.size()), kChunk, [&](IndexRange range) {
      std::vector<std::int8_t> bytes(range.size() * width);
      std::vector<Asker> askers;
      askers.reserve(range.size());
      for (const Index n : range) {
        const auto own = std::span(bytes).subspan((n - range.first) * width, width);
        askers.emplace_back(query(first + n), items, rules.count, own);
      }
      for (const BoundedItems::Block& block : items.blocks()) {
        for (std::size_t n = 0; n < askers.size(); n += kBoundUsers) {
          const std::size_t some = std::min<std::size_t>(kBoundUsers, askers.size() - n);
          add_block(items, block, std::span(askers).subspan(n, some));
        }
      }
      for (const Index n : range) {
        Asker& asker = askers[n - range.first];
        lists[n] = knows_nothing(scorer, asker.query) ? by_support.list(asker.query.seen)
                                                      : asker.list(scorer, rules);
      }
    });
    for (Index n = 0; n < lists.size(); ++n) visit(first + n, lists[n]);
  }
}

}  // namespace palate
