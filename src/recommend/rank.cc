// The lists of many users. For a chunk of them and a block of items after the other, the bounds of
// all scores are computed, some users at a time; what stays near the best bounds is scored as for
// one user, so that both ways give the same list. Sums of item weights are computed for one user
// after the other, and only those that are not zero.
#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>

#include "base/prefetch.h"
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

// The rows of candidates lie anywhere: they are asked for that many candidates ahead.
constexpr std::size_t kAhead = 4;

// The lists of those of whom the scorer knows nothing: the best supported items that they have not
// seen. The order of the items is made when the first of them comes.
class ListsBySupport {
 public:
  ListsBySupport(const Scorer& scorer, const ListRules& rules) : scorer_(scorer), rules_(rules) {}

  std::vector<Recommendation> list(SparseRow seen) {
    std::vector<Recommendation> best;
    for (const Index item : items()) {
      if (best.size() == rules_.count) break;
      if (!std::ranges::binary_search(seen.columns, item))
        best.push_back({item, static_cast<float>(scorer_.item_support[item])});
    }
    return best;
  }

  // Those that may be listed, the best supported first.
  std::span<const Index> items() {
    std::call_once(is_ordered_, [this] { order(); });
    return items_;
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

// The lists of those whose scores are sums of item weights.
class ListsByHistory {
 public:
  ListsByHistory(const Scorer& scorer, const ListRules& rules, ListsBySupport& by_support,
                 unsigned workers)
      : scorer_(scorer),
        rules_(rules),
        by_support_(by_support),
        sums_(workers, SparseSum(scorer.factors.num_items())) {}

  std::vector<Recommendation> list(const QueryView& query, unsigned worker) {
    const RatedItems weights = history_weights(scorer_, query);
    if (weights.items.empty()) return by_support_.list(query.seen);
    SparseSum& sums = sums_[worker];
    add_scores(scorer_, weights, sums);
    TopList best(rules_.count);
    Index above_zero = 0;
    const auto has_seen = [&](Index item) {
      return std::ranges::binary_search(query.seen.columns, item);
    };
    for (const Index item : sums.touched()) {
      const float score = to_float(sums[item]);
      if (score < best.threshold() || !may_be_listed(scorer_, rules_, item) || has_seen(item))
        continue;
      best.add({item, score, scorer_.item_support[item]});
      above_zero += score > 0 ? 1 : 0;
    }
    // All others have the score 0: the best supported of them come first.
    Index with_zero = above_zero;
    for (const Index item : by_support_.items()) {
      if (with_zero >= rules_.count) break;
      if (sums.is_touched(item) || has_seen(item)) continue;
      best.add({item, 0, scorer_.item_support[item]});
      ++with_zero;
    }
    sums.clear();
    std::vector<Recommendation> result;
    for (const Scored& one : best.take()) result.push_back({one.index, one.score});
    return result;
  }

 private:
  const Scorer& scorer_;
  const ListRules& rules_;
  ListsBySupport& by_support_;
  std::vector<SparseSum> sums_;  // of each worker
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

// The lists of a chunk of users, whose scores are products of factors, from `first` on.
void rank_chunk(const BoundedItems& items, const Scorer& scorer, const ListRules& rules,
                const std::function<QueryView(Index)>& query, Index first,
                ListsBySupport& by_support, std::span<std::vector<Recommendation>> lists) {
  const std::size_t width = items.factors();
  std::vector<std::int8_t> bytes(lists.size() * width);
  std::vector<Asker> askers;
  askers.reserve(lists.size());
  for (Index n = 0; n < lists.size(); ++n) {
    const auto own = std::span(bytes).subspan(n * width, width);
    askers.emplace_back(query(first + n), items, rules.count, own);
  }
  for (const BoundedItems::Block& block : items.blocks()) {
    for (std::size_t n = 0; n < askers.size(); n += kBoundUsers) {
      const std::size_t some = std::min<std::size_t>(kBoundUsers, askers.size() - n);
      add_block(items, block, std::span(askers).subspan(n, some));
    }
  }
  for (std::size_t n = 0; n < lists.size(); ++n) {
    Asker& asker = askers[n];
    lists[n] = knows_nothing(scorer, asker.query) ? by_support.list(asker.query.seen)
                                                  : asker.list(scorer, rules);
  }
}

}  // namespace

void rank(const Scorer& scorer, Index count, const std::function<QueryView(Index)>& query,
          const ListRules& rules, Parallel& parallel, const ListVisitor& visit) {
  ListsBySupport by_support(scorer, rules);
  std::optional<BoundedItems> items;
  std::optional<ListsByHistory> by_history;
  if (scorer.item_weights) {
    by_history.emplace(scorer, rules, by_support, parallel.threads());
  } else {
    items.emplace(scorer, rules, parallel);
  }
  const Index batch = batch_size(std::min(rules.count, scorer.factors.num_items()));
  std::vector<std::vector<Recommendation>> lists;
  for (Index first = 0; first < count; first += batch) {
    lists.resize(std::min(batch, count - first));
    const auto size = static_cast<Index>(lists.size());
    parallel.for_ranges(size, kChunk, [&](IndexRange range, unsigned worker) {
      if (by_history) {
        for (const Index n : range) lists[n] = by_history->list(query(first + n), worker);
      } else {
        rank_chunk(*items, scorer, rules, query, first + range.first, by_support,
                   std::span(lists).subspan(range.first, range.size()));
      }
    });
    for (Index n = 0; n < lists.size(); ++n) visit(first + n, lists[n]);
  }
}

}  // namespace palate
