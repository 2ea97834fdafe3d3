#include "palate/evaluate/list_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"

namespace palate {
namespace {

using Items = std::vector<Index>;

std::vector<std::string> names_of(std::span<const Metric> metrics) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.push_back(metric.name);
  return names;
}

std::vector<Metric> at(Index cutoff) { return list_metrics(std::vector<Index>{cutoff}); }

// The metric of one list.
double value(const std::string& metric, const Items& list, const Items& relevant) {
  ListSums sums({list_metric_named(metric)});
  sums.add(0, list, relevant);
  EXPECT_EQ(sums.sums()[0].weight, std::vector<double>{1});
  return sums.sums()[0].sum[0];
}

// The same by its definition, over all ranks up to the cutoff, with sets.
double naive(const std::string& name, Index cutoff, const Items& list, const Items& relevant) {
  const std::set<Index> wanted(relevant.begin(), relevant.end());
  const auto count = static_cast<double>(wanted.size());
  double hits = 0;
  double first = 0;
  double precisions = 0;
  double gain = 0;
  double ideal = 0;
  for (std::size_t rank = 1; rank <= cutoff; ++rank) {
    const auto r = static_cast<double>(rank);
    const double discounted = std::log(2.0) / std::log(r + 1);
    if (rank <= wanted.size()) ideal += discounted;
    if (rank > list.size() || !wanted.contains(list[rank - 1])) continue;
    ++hits;
    if (first == 0) first = r;
    precisions += hits / r;
    gain += discounted;
  }
  if (name == "recall") return hits / count;
  if (name == "precision") return hits / cutoff;
  if (name == "hit_rate") return hits > 0 ? 1 : 0;
  if (name == "mrr") return hits > 0 ? 1 / first : 0;
  if (name == "map") return precisions / count;
  EXPECT_EQ(name, "ndcg");
  return gain / ideal;
}

// A ranking of some of 60 items, and which of these are relevant; lists may be empty.
struct RandomCase {
  Items list = Items(60);
  Items relevant;
};
RandomCase random_case(std::uint64_t seed) {
  Rng rng(seed);
  RandomCase drawn;
  std::iota(drawn.list.begin(), drawn.list.end(), Index{0});
  rng.shuffle(drawn.list);
  drawn.relevant.assign(drawn.list.begin(), drawn.list.begin() + 1 + rng.below(40));
  std::ranges::sort(drawn.relevant);
  rng.shuffle(drawn.list);
  drawn.list.resize(rng.below(61));
  return drawn;
}
constexpr std::uint64_t kCases = 300;

// The list 4 7 1 9 2 for somebody to whom 1, 7 and 8 are relevant:
//
//   rank  item  hit  hits  precision  1 / log2(rank + 1)
//      1     4    -     0          -              1
//      2     7    x     1        1/2              0.63093
//      3     1    x     2        2/3              0.5
//      4     9    -     2          -
//      5     2    -     2          -
TEST(ListMetrics, HandWorkedTableHasItsValues) {
  const Items list{4, 7, 1, 9, 2};
  const Items relevant{1, 7, 8};
  EXPECT_DOUBLE_EQ(value("recall@5", list, relevant), 2.0 / 3);
  EXPECT_DOUBLE_EQ(value("precision@5", list, relevant), 2.0 / 5);
  EXPECT_DOUBLE_EQ(value("hit_rate@5", list, relevant), 1);
  EXPECT_DOUBLE_EQ(value("mrr@5", list, relevant), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("map@5", list, relevant), (1.0 / 2 + 2.0 / 3) / 3);
  EXPECT_NEAR(value("ndcg@5", list, relevant), 1.13093 / 2.13093, 1e-5);

  EXPECT_DOUBLE_EQ(value("recall@2", list, relevant), 1.0 / 3);
  EXPECT_DOUBLE_EQ(value("precision@2", list, relevant), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("mrr@2", list, relevant), 1.0 / 2);
  EXPECT_DOUBLE_EQ(value("map@2", list, relevant), 1.0 / 6);
  EXPECT_NEAR(value("ndcg@2", list, relevant), 0.63093 / 1.63093, 1e-5);

  for (const Metric& metric : at(1)) EXPECT_EQ(value(metric.name, list, relevant), 0);
}

// The example of the header: the list a b c d e, relevant b, d and x.
TEST(ListMetrics, TheExampleOfTheHeaderHasItsValues) {
  const Items list{0, 1, 2, 3, 4};
  const Items relevant{1, 3, 23};
  EXPECT_DOUBLE_EQ(value("map@5", list, relevant), 1.0 / 3);
  EXPECT_NEAR(value("ndcg@5", list, relevant), 0.498, 0.0005);
}

// Three of four relevant items fill the list: what divides by R cannot reach 1.
TEST(ListMetrics, WhereMoreIsRelevantThanTheCutoffRecallAndMapEndBelowOne) {
  const Items list{3, 5, 6};
  const Items relevant{3, 5, 6, 7};
  EXPECT_DOUBLE_EQ(value("recall@3", list, relevant), 3.0 / 4);
  EXPECT_DOUBLE_EQ(value("map@3", list, relevant), 3.0 / 4);
  for (const char* metric : {"ndcg@3", "precision@3", "mrr@3", "hit_rate@3"})
    EXPECT_DOUBLE_EQ(value(metric, list, relevant), 1) << metric;
}

TEST(ListMetrics, AListThatEndsBeforeTheCutoffHasNoHitsBeyond) {
  for (const char* metric : {"ndcg@10", "recall@10", "map@10", "mrr@10", "hit_rate@10"})
    EXPECT_DOUBLE_EQ(value(metric, {2}, {2}), 1) << metric;
  EXPECT_DOUBLE_EQ(value("precision@10", {2}, {2}), 0.1);
  for (const Metric& metric : at(10)) EXPECT_EQ(value(metric.name, {}, {2}), 0) << metric.name;
}

TEST(ListMetrics, AllAgreeWithTheirDefinitions) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const auto [list, relevant] = random_case(seed);
    for (const Index cutoff : std::vector<Index>{1, 2, 10, 59, 60, 61, kLongestCutoff}) {
      for (const Metric& metric : at(cutoff)) {
        const std::string kind = metric.name.substr(0, metric.name.find('@'));
        EXPECT_NEAR(value(metric.name, list, relevant), naive(kind, cutoff, list, relevant), 1e-12)
            << metric.name << " of case " << seed;
      }
    }
  }
}

TEST(ListMetrics, LieBetweenZeroAndOne) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const auto [list, relevant] = random_case(seed);
    for (const Metric& metric : at(10)) {
      EXPECT_GE(value(metric.name, list, relevant), 0) << metric.name;
      EXPECT_LE(value(metric.name, list, relevant), 1) << metric.name;
    }
  }
}

TEST(ListMetrics, APerfectListScoresOneExactly) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const Items relevant = random_case(seed).relevant;
    Items best = relevant;
    Rng(seed, 1).shuffle(best);
    for (const Metric& metric : at(static_cast<Index>(relevant.size())))
      EXPECT_DOUBLE_EQ(value(metric.name, best, relevant), 1) << metric.name;
    for (const char* metric : {"ndcg@1", "ndcg@7", "ndcg@10000", "mrr@7", "hit_rate@7"})
      EXPECT_EQ(value(metric, best, relevant), 1) << metric;
  }
}

TEST(ListMetrics, ALongerCutoffLowersNeitherRecallNorHitRateNorMapNorMrr) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const auto [list, relevant] = random_case(seed);
    for (const char* kind : {"recall@", "hit_rate@", "map@", "mrr@"}) {
      double last = 0;
      for (Index cutoff = 1; cutoff <= 61; ++cutoff) {
        const double now = value(kind + std::to_string(cutoff), list, relevant);
        EXPECT_GE(now, last) << kind << cutoff;
        last = now;
      }
    }
  }
}

TEST(ListMetrics, AnEarlierHitIsBetterWhereRanksCount) {
  for (const char* metric : {"ndcg@3", "map@3", "mrr@3"}) {
    EXPECT_GT(value(metric, {1, 0, 2}, {1}), value(metric, {0, 1, 2}, {1})) << metric;
    EXPECT_TRUE(is_better(list_metric_named(metric), 0.2, 0.1)) << metric;
  }
}

TEST(ListMetrics, AreAllAtTheFirstCutoffAndThenThoseOfEach) {
  EXPECT_EQ(names_of(list_metrics()),
            (std::vector<std::string>{"ndcg@10", "recall@10", "precision@10", "map@10", "mrr@10",
                                      "hit_rate@10", "ndcg@20", "recall@20"}));
  EXPECT_EQ(longest_cutoff(list_metrics()), 20U);
  EXPECT_EQ(longest_cutoff(list_metrics(std::vector<Index>{100, 5})), 100U);
  EXPECT_EQ(longest_cutoff({}), 0U);
  EXPECT_THROW(list_metrics(std::vector<Index>{}), Error);
  EXPECT_THROW(list_metrics(std::vector<Index>{10, 0}), Error);
  EXPECT_THROW(list_metrics(std::vector<Index>{kLongestCutoff + 1}), Error);
}

TEST(ListMetrics, AreKnownByTheirNames) {
  for (const Metric& metric : list_metrics()) EXPECT_EQ(list_metric_named(metric.name), metric);
  EXPECT_EQ(list_metric_named("NDCG@100").name, "ndcg@100");
  EXPECT_EQ(list_metric_named("recall@10000").name, "recall@10000");
  for (const char* name : {"", "@", "rmse", "ndcg", "ndcg@", "@10", "recal@10", "recall@0",
                           "recall@10001", "recall@-1", "recall@010", "recall@10 ", "recall@ten",
                           "recall@1@0", "recall@99999999999999999999"})
    EXPECT_THROW(list_metric_named(name), Error) << name;
  try {
    list_metric_named("recal@10");
    FAIL() << "no such metric";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_STREQ(error.what(),
                 "metric \"recal@10\" is none of: ndcg@k, recall@k, precision@k, map@k, mrr@k, "
                 "hit_rate@k, with k from 1 to 10000");
  }
  EXPECT_THROW(ListSums({{.name = "rmse"}}), Error);
}

TEST(ListSums, UsersComeInOrderOfIndexWithAWeightOfOne) {
  ListSums sums({list_metric_named("recall@2"), list_metric_named("hit_rate@2")});
  sums.add(7, Items{0, 1}, Items{0, 5});
  sums.add(2, Items{3, 4}, Items{9});
  sums.add(9, Items{3, 4}, Items{3, 4});
  const std::vector<UserSums> found = sums.sums();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].sum, (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(found[1].sum, (std::vector<double>{0, 1, 1}));
  for (const UserSums& of_metric : found)
    EXPECT_EQ(of_metric.weight, (std::vector<double>{1, 1, 1}));
}

TEST(ListSums, ALongerListThanTheCutoffChangesNothing) {
  for (std::uint64_t seed = 0; seed < kCases; ++seed) {
    const auto [list, relevant] = random_case(seed);
    ListSums whole(at(10));
    ListSums cut(at(10));
    whole.add(0, list, relevant);
    cut.add(0, std::span(list).first(std::min<std::size_t>(list.size(), 10)), relevant);
    for (std::size_t m = 0; m < whole.metrics().size(); ++m)
      EXPECT_EQ(whole.sums()[m].sum, cut.sums()[m].sum) << whole.metrics()[m].name;
  }
}

TEST(ListSums, AUserOfSeveralFoldsHasTheMeanOfItsLists) {
  ListSums sums({list_metric_named("recall@1")});
  sums.add(4, Items{1}, Items{1});
  sums.add(4, Items{1}, Items{2});
  EXPECT_EQ(sums.sums()[0].sum, std::vector<double>{1});
  EXPECT_EQ(sums.sums()[0].weight, std::vector<double>{2});
}

TEST(ListSums, AUserWithoutRelevantItemsIsNotMeasured) {
  ListSums sums(at(10));
  sums.add(3, Items{1, 2}, Items{});
  for (const UserSums& of_metric : sums.sums()) EXPECT_TRUE(of_metric.weight.empty());
  sums.add(5, Items{1, 2}, Items{1});
  for (const UserSums& of_metric : sums.sums()) EXPECT_EQ(of_metric.weight, std::vector<double>{1});
}

TEST(ListSums, TheBootstrapTakesThemAsTheyAre) {
  ListSums sums(list_metrics());
  double recalls = 0;
  for (Index user = 0; user < 100; ++user) {
    const auto [list, relevant] = random_case(user);
    sums.add(user, list, relevant);
    recalls += naive("recall", 20, list, relevant);
  }
  Parallel parallel(1);
  const auto measured = bootstrap(sums.metrics(), sums.sums(), parallel);
  const Measured* recall = find_metric(measured, "recall@20");
  ASSERT_NE(recall, nullptr);
  EXPECT_NEAR(recall->interval.value, recalls / 100, 1e-12);
  EXPECT_LT(recall->interval.low, recall->interval.value);
  EXPECT_GT(recall->interval.high, recall->interval.value);
}

// Lists of a catalog of five items, cut after two, and what is known of the items:
//
//   0 1|4     item            0  1  2  3  4
//   0 2|4     lists           3  2  1  0  0
//   0 1|3     train users     8  4  2  1  0   of 8
//             bits            0  1  2  3  3
TEST(Exposure, HandWorkedTableHasItsValues) {
  Exposure exposure(5, 2);
  exposure.add(Items{0, 1, 4});
  exposure.add(Items{0, 2, 4});
  exposure.add(Items{0, 1, 3});
  EXPECT_EQ(Items(exposure.lists_with().begin(), exposure.lists_with().end()),
            (Items{3, 2, 1, 0, 0}));
  EXPECT_DOUBLE_EQ(exposure.coverage(), 3.0 / 5);
  const Items support{8, 4, 2, 1, 0};
  EXPECT_DOUBLE_EQ(exposure.novelty(support, 8), (3 * 0.0 + 2 * 1 + 1 * 2) / 6);
  // -4, -2, 0, 2 and 4 times 0, 0, 1, 2 and 3.
  EXPECT_DOUBLE_EQ(exposure.gini(), (2.0 * 2 + 4 * 3) / 4 / 6);
}

TEST(Exposure, AnItemWithoutTrainUsersCountsAsIfOneHadIt) {
  Exposure exposure(3, 10);
  exposure.add(Items{1});
  EXPECT_DOUBLE_EQ(exposure.novelty(Items{8, 0, 1}, 8), 3);
  exposure.add(Items{2});
  EXPECT_DOUBLE_EQ(exposure.novelty(Items{8, 0, 1}, 8), 3);
}

TEST(Exposure, GiniIsZeroWhereAllStandInEquallyManyListsAndOneWhereOneStandsInAll) {
  Exposure equal(4, 2);
  equal.add(Items{2, 0});
  equal.add(Items{1, 3});
  EXPECT_DOUBLE_EQ(equal.gini(), 0);
  EXPECT_DOUBLE_EQ(equal.coverage(), 1);
  Exposure one(4, 1);
  one.add(Items{3, 0});
  one.add(Items{3, 1});
  EXPECT_DOUBLE_EQ(one.gini(), 1);
  EXPECT_DOUBLE_EQ(one.coverage(), 0.25);
}

// Gini is also half the mean of |c_i - c_j| over all pairs of different items, over the mean of c.
TEST(Exposure, GiniIsTheMeanDifferenceOfTwoItems) {
  Exposure exposure(60, 10);
  for (std::uint64_t seed = 0; seed < 20; ++seed) exposure.add(random_case(seed).list);
  const std::span<const Index> lists = exposure.lists_with();
  double differences = 0;
  double total = 0;
  for (const Index a : lists) {
    total += a;
    for (const Index b : lists) differences += std::abs(static_cast<double>(a) - b);
  }
  EXPECT_NEAR(exposure.gini(), differences / (60 * 59) / (2 * total / 60), 1e-12);
}

TEST(Exposure, WithoutListsOrItemsIsZero) {
  const Exposure no_lists(3, 10);
  EXPECT_EQ(no_lists.coverage(), 0);
  EXPECT_EQ(no_lists.novelty(Items{1, 2, 3}, 3), 0);
  EXPECT_EQ(no_lists.gini(), 0);
  const Exposure no_items(0, 10);
  EXPECT_EQ(no_items.coverage(), 0);
  EXPECT_EQ(no_items.novelty(Items{}, 0), 0);
  EXPECT_EQ(no_items.gini(), 0);
  Exposure single(1, 10);
  single.add(Items{0});
  EXPECT_EQ(single.gini(), 0);
  EXPECT_EQ(single.coverage(), 1);
  EXPECT_EQ(single.novelty(Items{0}, 0), 0) << "nobody trained";
}

TEST(Exposure, SupportOfOtherItemsIsAnError) {
  EXPECT_THROW(Exposure(3, 10).novelty(Items{1, 2}, 2), Error);
}

}  // namespace
}  // namespace palate
