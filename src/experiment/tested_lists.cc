// The lists of the test users.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "experiment/tested.h"
#include "palate/evaluate/held_out_lists.h"

namespace palate {
namespace {

// Of the places in all lists, the share that each tenth of the items has, those with the most train
// rows first; 0 without lists. Ties are in order of item index.
std::vector<double> shares_by_popularity(std::span<const Index> lists_with,
                                         std::span<const Index> support) {
  constexpr std::size_t kTenths = 10;
  std::vector<Index> items(support.size());
  std::iota(items.begin(), items.end(), Index{0});
  std::ranges::stable_sort(items, std::ranges::greater(), [&](Index i) { return support[i]; });
  std::vector<double> shares(kTenths);
  for (std::size_t place = 0; place < items.size(); ++place)
    shares[place * kTenths / items.size()] += lists_with[items[place]];
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (all > 0) {
    for (double& share : shares) share /= all;
  }
  return shares;
}

// What the lists of one model are worth, and of which items they are, with one seed.
struct ListsOfSeed {
  ListSums sums;
  Index folds = 0;
  // Of the first fold.
  std::vector<Measured> exposure{};
  std::vector<double> by_popularity{};
};

class TestedLists : public Tested {
 public:
  TestedLists(std::size_t models, std::vector<Metric> metrics, Parallel& parallel)
      : metrics_(std::move(metrics)), parallel_(parallel), lists_(models) {}

  void add_part(const Part& part) override {
    part_ = &part;
    seen_ = seen_before_test(part);
    held_out_.emplace(part, seen_);
    ++folds_;
    relevant_ += held_out_->num_relevant();
    without_relevant_ += held_out_->users_without_relevant();
  }

  bool counts(std::size_t t) const override {
    const Rows& test = part_->test;
    return held_out_->is_relevant(test.users[t], test.items[t], test.values[t]);
  }

  void keep(std::size_t model, Index seed, const Trial& trial) override {
    std::vector<ListsOfSeed>& by_seed = lists_[model];
    if (by_seed.size() <= seed) by_seed.resize(seed + 1, {.sums = ListSums(metrics_)});
    ListsOfSeed& lists = by_seed[seed];
    Exposure exposure(part_->train.num_items(), longest_cutoff({&metrics_.front(), 1}));
    held_out_->measure(trial.scorer, parallel_, lists.sums, &exposure);
    if (++lists.folds == 1) tell(exposure, lists);
  }

  Index seeds(std::size_t model) const override { return static_cast<Index>(lists_[model].size()); }
  bool is_whole(std::size_t model, Index seed) const override {
    return seed < seeds(model) && lists_[model][seed].folds == folds_;
  }
  std::vector<UserSums> sums(std::size_t model, Index seed) const override {
    return lists_[model][seed].sums.sums();
  }

  void tell(std::size_t model, ModelResult& result) const override {
    result.exposure = lists_[model].front().exposure;
    result.exposure_by_popularity = lists_[model].front().by_popularity;
  }

  void tell(Comparison& comparison) const override {
    comparison.split.tested = relevant_;
    comparison.users_without_relevant = without_relevant_;
  }

 private:
  void tell(const Exposure& exposure, ListsOfSeed& lists) const {
    const Index cutoff = longest_cutoff({&metrics_.front(), 1});
    const auto figure = [&](std::string_view name, double value, std::string_view description) {
      return Measured{.metric = {.name = fmt::format("{}@{}", name, cutoff),
                                 .better = Metric::Better::neither,
                                 .description = description},
                      .interval = {value, value, value},
                      .draws = {}};
    };
    std::vector<Index> support;
    for (Index item = 0; item < part_->train.num_items(); ++item)
      support.push_back(part_->train.by_item().row(item).size());
    lists.exposure = {
        figure("coverage", exposure.coverage(),
               "The share of all items that stand in the list of at least one user. It is low "
               "where everybody is shown the same items."),
        figure("novelty", exposure.novelty(support, part_->train.num_users()),
               "How little the listed items are known: 0 for an item that every user knows, 1 for "
               "one that half of them know, 2 for a quarter. A list of items at random has the "
               "most, so that more of it is not better by itself."),
        figure("gini", exposure.gini(),
               "How unevenly the places in all lists are shared out among the items. It is 0 where "
               "all items have equally many, and 1 where all lists have the same single item.")};
    lists.by_popularity = shares_by_popularity(exposure.lists_with(), support);
  }

  std::vector<Metric> metrics_;
  Parallel& parallel_;
  const Part* part_ = nullptr;
  SparseMatrix seen_;
  std::optional<HeldOutLists> held_out_;  // of the part that was added last
  Index folds_ = 0;
  std::uint64_t relevant_ = 0;
  std::uint64_t without_relevant_ = 0;
  std::vector<std::vector<ListsOfSeed>> lists_;  // by model, then by seed
};

}  // namespace

std::unique_ptr<Tested> tested_lists(std::size_t models, std::vector<Metric> metrics,
                                     Parallel& parallel) {
  return std::make_unique<TestedLists>(models, std::move(metrics), parallel);
}

}  // namespace palate
