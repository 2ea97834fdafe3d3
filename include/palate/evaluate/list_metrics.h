// How good ranked lists are, and how they share out the catalog. Layer: eval.
//
// A list has different items, best first. A user's relevant items are those that should stand in
// it: R > 0 of them. With hit_r = 1 where the item at rank r = 1, 2, .. is relevant, and 0 where it
// is not or the list is shorter, and hits_k = hit_1 + .. + hit_k,
//
//   recall@k    = hits_k / R
//   precision@k = hits_k / k
//   hit_rate@k  = 1 where hits_k > 0, else 0
//   mrr@k       = 1 / the least r with hit_r = 1 where r <= k, else 0
//   map@k       = 1/R sum_{r <= k} hit_r hits_r / r
//   ndcg@k      = sum_{r <= k} hit_r / log2(r + 1) / sum_{r <= min(k, R)} 1 / log2(r + 1)
//
// All lie in [0, 1]. The best list scores 1, but for precision@k where R < k, and recall@k and
// map@k where R > k: both divide by R, as trec_eval and ranx do. The figure of a model is the mean
// over users.
//
// Three items of a catalog are relevant to somebody, b, d and x, and the list is a b c d e:
//
//   recall@5 = 2/3   precision@5 = 2/5   hit_rate@5 = 1   mrr@5 = 1/2   map@5 = (1/2 + 2/4) / 3
//   ndcg@5 = (1/log2 3 + 1/log2 5) / (1/log2 2 + 1/log2 3 + 1/log2 4) = 0.498
//
// K. Jarvelin, J. Kekalainen. Cumulated gain-based evaluation of IR techniques. ACM Transactions on
// Information Systems 20, 2002, is the source of ndcg, whose logarithm counts here at every rank.
// E. Voorhees. The TREC-8 question answering track report. TREC 1999, is the source of mrr.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "palate/base/index.h"
#include "palate/evaluate/metrics.h"

namespace palate {

constexpr Index kLongestCutoff = 10'000;
inline constexpr std::array<Index, 2> kDefaultCutoffs{10, 20};

// All six at the first cutoff, of which ndcg is the first: models are compared by it. Then ndcg and
// recall at each of the others.
//
// Errors:  invalid_argument  no cutoff, or one that is not from 1 to kLongestCutoff
std::vector<Metric> list_metrics(std::span<const Index> cutoffs = kDefaultCutoffs);

// The one of that name, "recall@20", in capitals or not.
//
// Errors:  invalid_argument  a name that is none of them; the message has all
Metric list_metric_named(std::string_view name);

// How long lists must be for these metrics; 0 without any. It fails as list_metric_named() does.
Index longest_cutoff(std::span<const Metric> metrics);

// Collects what each user contributes to some metrics of lists.
class ListSums {
 public:
  // It fails as list_metric_named() does.
  explicit ListSums(std::vector<Metric> metrics);

  // `relevant` ascends, and the list need not be longer than the longest cutoff. Nothing is added
  // for a user without relevant items, for whom no metric is defined. A user may come again, with
  // the lists of another fold.
  //
  // Costs O(k log R), and no memory beyond that of the users.
  void add(Index user, std::span<const Index> list, std::span<const Index> relevant);

  const std::vector<Metric>& metrics() const { return metrics_; }

  // What each user contributed to these metrics, in their order: the sum over the user's lists,
  // with their number as weight. The users that have any come in ascending order of index, so that
  // the models of one split have the same.
  std::vector<UserSums> sums() const;

 private:
  // The metric of one list, made of the ranks of its hits up to the cutoff, which ascend from 1, of
  // R and of the cutoff.
  using Formula = double (*)(std::span<const Index> ranks, Index relevant, Index cutoff);
  struct Column {
    Formula formula;
    Index cutoff;
    std::vector<double> sum;  // by user, as lists_
  };

  std::vector<Metric> metrics_;
  std::vector<Column> columns_;
  std::vector<double> lists_;  // how many each user has
  Index longest_;
  std::vector<Index> ranks_;  // of one list's hits; kept for its memory
};

// How lists, cut after k items, share out a catalog of n items. With c_i the number of lists that
// item i stands in, and c the sum of all c_i,
//
//   coverage = items with c_i > 0 / n
//   novelty  = 1/c sum_i c_i log2(users / max(1, train users of i))      in bits
//   gini     = 1/(n - 1) sum_{j = 1 .. n} (2 j - n - 1) c_(j) / c        c_(1) <= c_(2) <= ..
//
// Novelty is a mean over all that is listed: an item that every train user knows has 0 bits, one
// that half of them know has 1, a quarter 2. An item without train users counts as if one had it.
// Gini is 0 where all items stand in equally many lists, and 1 where all lists have one item alone.
//
// G. Shani, A. Gunawardana. Evaluating recommendation systems. Recommender Systems Handbook, 2011,
// section 8.3.3, for coverage and Gini. T. Zhou et al. Solving the apparent diversity-accuracy
// dilemma of recommender systems. PNAS 107, 2010, for novelty, which S. Vargas, P. Castells. Rank
// and relevance in novelty and diversity metrics for recommender systems. RecSys 2011, put beside
// others.
class Exposure {
 public:
  Exposure(Index num_items, Index cutoff) : lists_with_(num_items), cutoff_(cutoff) {}

  void add(std::span<const Index> list);

  // For each item, in how many lists it stands.
  std::span<const Index> lists_with() const { return lists_with_; }

  // 0 without lists, as the other two.
  double coverage() const;

  // `support` has the number of train users of each item, of the num_users that there are.
  //
  // Errors:  invalid_argument  support of another number of items
  double novelty(std::span<const Index> support, Index num_users) const;

  double gini() const;

 private:
  std::vector<Index> lists_with_;
  Index cutoff_;
};

}  // namespace palate
