#include "palate/evaluate/list_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "base/assert.h"
#include "base/fail.h"
#include "base/parse.h"

namespace palate {
namespace {

double gain_at(Index rank) { return 1 / std::log2(rank + 1.0); }

// The gains of the ranks 1 .. n added up, for every n up to the longest cutoff.
const std::vector<double>& ideal_gains() {
  static const std::vector<double> gains = [] {
    std::vector<double> sums{0};
    for (Index rank = 1; rank <= kLongestCutoff; ++rank)
      sums.push_back(sums.back() + gain_at(rank));
    return sums;
  }();
  return gains;
}

double ndcg(std::span<const Index> ranks, Index relevant, Index cutoff) {
  double gain = 0;
  for (const Index rank : ranks) gain += gain_at(rank);
  return gain / ideal_gains()[std::min(relevant, cutoff)];
}

double recall(std::span<const Index> ranks, Index relevant, Index) {
  return static_cast<double>(ranks.size()) / relevant;
}

double precision(std::span<const Index> ranks, Index, Index cutoff) {
  return static_cast<double>(ranks.size()) / cutoff;
}

double average_precision(std::span<const Index> ranks, Index relevant, Index) {
  double hits = 0;
  double sum = 0;
  for (const Index rank : ranks) sum += ++hits / rank;
  return sum / relevant;
}

double reciprocal_rank(std::span<const Index> ranks, Index, Index) {
  return ranks.empty() ? 0 : 1.0 / ranks.front();
}

double hit_rate(std::span<const Index> ranks, Index, Index) { return ranks.empty() ? 0 : 1; }

struct Kind {
  std::string_view name;
  double (*formula)(std::span<const Index> ranks, Index relevant, Index cutoff);
  std::string_view description;
};
// The first two are those of every cutoff.
constexpr std::array<Kind, 6> kKinds{
    {{"ndcg", ndcg,
      "How many of the items that are relevant to a user stand in the list, and how far up: the "
      "first place counts most, each further one less. It is 1 for the best list that is possible, "
      "which has relevant items at all of its first places."},
     {"recall", recall,
      "The share of the items that are relevant to a user which the list has. It is 1 if the list "
      "has all of them, and below that for users with more relevant items than the list has "
      "places."},
     {"precision", precision,
      "The share of the places of the list that have a relevant item. It is 1 if they all have "
      "one, and below that for users with fewer relevant items than the list has places."},
     {"map", average_precision,
      "For each relevant item of a user, the share of relevant ones among the places down to it, "
      "or 0 if the list lacks it, and the mean of these. It is high where the list has many of the "
      "relevant items and has them first."},
     {"mrr", reciprocal_rank,
      "One divided by the place of the first relevant item: 1 for the first place, a half for the "
      "second, 0 where the list has none. What stands below that item does not count."},
     {"hit_rate", hit_rate,
      "The share of the users whose list has a relevant item at all. How many it has, and at which "
      "places, does not count."}}};

struct KindAt {
  Kind kind;
  Index cutoff;
};

KindAt parsed(std::string_view name) {
  const std::string lower = ascii_lower(name);
  const std::size_t at = std::min(lower.find('@'), lower.size());
  const auto kind = std::ranges::find(kKinds, std::string_view(lower).substr(0, at), &Kind::name);
  if (kind != kKinds.end() && at < lower.size()) {
    const auto cutoff = parse_canonical_integer(std::string_view(lower).substr(at + 1));
    if (cutoff && *cutoff >= 1 && *cutoff <= kLongestCutoff)
      return {*kind, static_cast<Index>(*cutoff)};
  }
  std::vector<std::string> names;
  for (const Kind& known : kKinds) names.push_back(fmt::format("{}@k", known.name));
  fail(ErrorCode::invalid_argument, "metric {} is none of: {}, with k from 1 to {}", excerpt(name),
       fmt::join(names, ", "), kLongestCutoff);
}

Metric metric_at(const Kind& kind, Index cutoff) {
  return {.name = fmt::format("{}@{}", kind.name, cutoff),
          .better = Metric::Better::higher,
          .description = kind.description};
}

}  // namespace

std::vector<Metric> list_metrics(std::span<const Index> cutoffs) {
  if (cutoffs.empty()) fail(ErrorCode::invalid_argument, "metrics of lists need a cutoff");
  for (const Index cutoff : cutoffs) {
    if (cutoff < 1 || cutoff > kLongestCutoff) {
      fail(ErrorCode::invalid_argument, "cutoff {} is not from 1 to {}", cutoff, kLongestCutoff);
    }
  }
  std::vector<Metric> metrics;
  for (const Kind& kind : kKinds) metrics.push_back(metric_at(kind, cutoffs.front()));
  for (const Index cutoff : cutoffs.subspan(1)) {
    for (const Kind& kind : std::span(kKinds).first(2)) metrics.push_back(metric_at(kind, cutoff));
  }
  return metrics;
}

Metric list_metric_named(std::string_view name) {
  const auto [kind, cutoff] = parsed(name);
  return metric_at(kind, cutoff);
}

Index longest_cutoff(std::span<const Metric> metrics) {
  Index longest = 0;
  for (const Metric& metric : metrics) longest = std::max(longest, parsed(metric.name).cutoff);
  return longest;
}

ListSums::ListSums(std::vector<Metric> metrics)
    : metrics_(std::move(metrics)), longest_(longest_cutoff(metrics_)) {
  for (const Metric& metric : metrics_) {
    const auto [kind, cutoff] = parsed(metric.name);
    columns_.push_back({kind.formula, cutoff, {}});
  }
}

void ListSums::add(Index user, std::span<const Index> list, std::span<const Index> relevant) {
  if (relevant.empty()) return;
  const auto length = static_cast<Index>(std::min<std::size_t>(list.size(), longest_));
  ranks_.clear();
  for (const Index place : IndexRange{0, length})
    if (std::ranges::binary_search(relevant, list[place])) ranks_.push_back(place + 1);

  if (user >= lists_.size()) {
    lists_.resize(std::size_t{user} + 1);
    for (Column& column : columns_) column.sum.resize(lists_.size());
  }
  ++lists_[user];
  for (Column& column : columns_) {
    const std::span within(ranks_.begin(), std::ranges::upper_bound(ranks_, column.cutoff));
    column.sum[user] += column.formula(within, static_cast<Index>(relevant.size()), column.cutoff);
  }
}

std::vector<UserSums> ListSums::sums() const {
  const auto of_users_with_lists = [&](const std::vector<double>& by_user) {
    std::vector<double> kept;
    for (std::size_t user = 0; user < lists_.size(); ++user)
      if (lists_[user] > 0) kept.push_back(by_user[user]);
    return kept;
  };
  const std::vector<double> weight = of_users_with_lists(lists_);
  std::vector<UserSums> sums;
  for (const Column& column : columns_) sums.push_back({of_users_with_lists(column.sum), weight});
  return sums;
}

void Exposure::add(std::span<const Index> list) {
  for (const Index item : list.first(std::min<std::size_t>(list.size(), cutoff_))) {
    PALATE_ASSERT(item < lists_with_.size());
    ++lists_with_[item];
  }
}

double Exposure::coverage() const {
  if (lists_with_.empty()) return 0;
  const auto listed = std::ranges::count_if(lists_with_, [](Index lists) { return lists > 0; });
  return static_cast<double>(listed) / static_cast<double>(lists_with_.size());
}

double Exposure::novelty(std::span<const Index> support, Index num_users) const {
  if (support.size() != lists_with_.size()) {
    fail(ErrorCode::invalid_argument, "support of {} items, but the catalog has {}", support.size(),
         lists_with_.size());
  }
  const double users = std::max<Index>(num_users, 1);
  double bits = 0;
  double listed = 0;
  for (std::size_t item = 0; item < support.size(); ++item) {
    if (lists_with_[item] == 0) continue;
    bits += lists_with_[item] * std::log2(users / std::max<Index>(support[item], 1));
    listed += lists_with_[item];
  }
  return listed > 0 ? bits / listed : 0;
}

double Exposure::gini() const {
  std::vector<Index> ascending = lists_with_;
  std::ranges::sort(ascending);
  const auto n = static_cast<double>(ascending.size());
  const double listed = std::accumulate(ascending.begin(), ascending.end(), 0.0);
  if (n < 2 || listed == 0) return 0;
  double sum = 0;
  double j = 0;
  for (const Index lists : ascending) sum += (2 * ++j - n - 1) * lists;
  return sum / (n - 1) / listed;
}

}  // namespace palate
