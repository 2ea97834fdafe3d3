#include "palate/evaluate/held_out_lists.h"

#include <algorithm>
#include <utility>

namespace palate {
namespace {

bool is_in(SparseRow row, Index item) { return std::ranges::binary_search(row.columns, item); }

SparseRow row_of(const SparseMatrix& rows, Index row) {
  return row < rows.rows() ? rows.row(row) : SparseRow{};
}

}  // namespace

HeldOutLists::HeldOutLists(const Rows& rows, const SparseMatrix& seen,
                           std::optional<float> relevant, Index most, const SparseMatrix* history)
    : seen_(seen), history_(history != nullptr ? *history : seen), least_(relevant) {
  std::vector<std::pair<Index, Index>> pairs;  // user and relevant item
  std::vector<Index> users;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    users.push_back(rows.users[t]);
    if (is_relevant(rows.users[t], rows.items[t], rows.values[t]))
      pairs.emplace_back(rows.users[t], rows.items[t]);
  }
  const auto leave_each_once = [](auto& values) {
    std::ranges::sort(values);
    const auto again = std::ranges::unique(values);
    values.erase(again.begin(), again.end());
  };
  leave_each_once(users);
  leave_each_once(pairs);
  for (const auto& [user, item] : pairs) {
    if (users_.empty() || users_.back() != user) {
      users_.push_back(user);
      starts_.push_back(starts_.back());
    }
    relevant_.push_back(item);
    ++starts_.back();
  }
  without_relevant_ = static_cast<Index>(users.size() - users_.size());
  if (users_.size() <= most) return;
  std::vector<Index> some;
  std::vector<std::size_t> starts{0};
  std::vector<Index> of_some;
  for (std::uint64_t n = 0; n < most; ++n) {
    const std::size_t place = n * users_.size() / most;
    some.push_back(users_[place]);
    of_some.insert(of_some.end(), relevant_.begin() + static_cast<std::ptrdiff_t>(starts_[place]),
                   relevant_.begin() + static_cast<std::ptrdiff_t>(starts_[place + 1]));
    starts.push_back(of_some.size());
  }
  users_ = std::move(some);
  starts_ = std::move(starts);
  relevant_ = std::move(of_some);
}

HeldOutLists::HeldOutLists(const Part& part, const SparseMatrix& seen)
    : HeldOutLists(part.test, seen, part.train.relevant(), std::numeric_limits<Index>::max(),
                   &part.train.by_user()) {
  if (part.fold_in.rows() > 0) fold_in_ = &part.fold_in;
}

bool HeldOutLists::is_relevant(Index user, Index item, float value) const {
  const bool is_liked = least_ ? value >= *least_ : value > 0;
  return is_liked && !is_in(row_of(seen_, user), item);
}

void HeldOutLists::measure(const Scorer& scorer, Parallel& parallel, ListSums& sums,
                           Exposure* exposure) const {
  const std::vector<Query> folded_in =
      fold_in_ != nullptr ? fold_in(scorer, *fold_in_, users_, parallel) : std::vector<Query>();
  const auto query = [&](Index n) {
    const Index user = users_[n];
    if (user >= scorer.factors.num_users()) return query_of_unknown_user(scorer);
    return fold_in_ != nullptr ? QueryView(folded_in[n])
                               : query_of_user(scorer, user, row_of(history_, user));
  };
  measure(scorer, query, parallel, sums, exposure);
}

void HeldOutLists::measure(const Scorer& scorer, const std::function<QueryView(Index)>& query,
                           Parallel& parallel, ListSums& sums, Exposure* exposure) const {
  const auto without_seen = [&](Index n) {
    QueryView of_user = query(n);
    of_user.seen = row_of(seen_, users_[n]);
    return of_user;
  };
  ListRules rules = default_rules(scorer);
  rules.count = longest_cutoff(sums.metrics());
  std::vector<Index> items;
  rank(scorer, num_users(), without_seen, rules, parallel,
       [&](Index n, std::span<const Recommendation> list) {
         items.clear();
         for (const Recommendation& one : list) items.push_back(one.item);
         const auto relevant =
             std::span(relevant_).subspan(starts_[n], starts_[n + 1] - starts_[n]);
         sums.add(users_[n], items, relevant);
         if (exposure != nullptr) exposure->add(items);
       });
}

namespace {

double mean_of(const ListSums& sums, Parallel& parallel) {
  return bootstrap(sums.metrics(), sums.sums(), parallel, {.draws = 0}).front().interval.value;
}

}  // namespace

double HeldOutLists::mean(const Metric& metric, const Scorer& scorer, Parallel& parallel) const {
  ListSums sums({metric});
  measure(scorer, parallel, sums);
  return mean_of(sums, parallel);
}

double HeldOutLists::mean(const Metric& metric, const Scorer& scorer,
                          std::span<const Query> queries, Parallel& parallel) const {
  ListSums sums({metric});
  measure(scorer, [&](Index n) -> QueryView { return queries[n]; }, parallel, sums, nullptr);
  return mean_of(sums, parallel);
}

SparseMatrix seen_before_test(const Part& part) {
  const SparseMatrix& train = part.train.by_user();
  if (part.validation.size() == 0 && part.fold_in.size() == 0) return train;
  std::vector<std::vector<std::pair<Index, float>>> more(train.rows());
  const Rows& rows = part.validation;
  for (std::size_t t = 0; t < rows.size(); ++t)
    more[rows.users[t]].emplace_back(rows.items[t], rows.values[t]);
  SparseMatrix seen{.num_columns = train.num_columns};
  for (Index user = 0; user < train.rows(); ++user) {
    const SparseRow row = train.row(user);
    for (Index t = 0; t < row.size(); ++t) more[user].emplace_back(row.columns[t], row.values[t]);
    const SparseRow folded_in = row_of(part.fold_in, user);
    for (Index t = 0; t < folded_in.size(); ++t)
      more[user].emplace_back(folded_in.columns[t], folded_in.values[t]);
    std::ranges::sort(more[user]);
    for (const auto& [item, value] : more[user]) {
      seen.columns.push_back(item);
      seen.values.push_back(value);
    }
    seen.starts.push_back(seen.columns.size());
  }
  return seen;
}

}  // namespace palate
