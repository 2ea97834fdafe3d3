#include "palate/model/query.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "base/fail.h"
#include "linalg/is_zero.h"
#include "model/fold_in_items.h"
#include "model/item_weights.h"
#include "model/row_solver.h"

namespace palate {

QueryView query_of_user(const Scorer& scorer, Index user, SparseRow seen) {
  const Factors& factors = scorer.factors;
  return {factors.global_mean + factors.user_bias[user], factors.user_factors.row(user), seen,
          seen};
}

QueryView query_of_unknown_user(const Scorer& scorer) { return {scorer.factors.global_mean}; }

FoldIn::FoldIn(const Scorer& scorer) : scorer_(scorer) {
  if (scorer.row) items_ = std::make_shared<const FoldInItems>(scorer);
}

Query FoldIn::operator()(RatedItems ratings) const {
  const Scorer& scorer = scorer_;
  Query query{scorer.factors.global_mean, {}, std::move(ratings)};
  if (scorer.item_weights) query.history = query.seen;
  RatedItems weights;
  if (scorer.weighting) weights = weighted(query.seen.row(), *scorer.weighting);
  const SparseRow row = scorer.weighting ? weights.row() : query.seen.row();
  if (row.size() == 0 || !scorer.row) return query;
  query.vector.resize(scorer.factors.num_factors());
  float bias = 0;
  const RowSolution solution{query.vector.data(), &bias};
  RowSolver(scorer.factors.num_factors(), *scorer.row)
      .solve(items_->side(), {&row, 1}, {&solution, 1}, false);
  query.base += bias;
  for (float& value : query.vector) value *= scorer.row->target;
  // Within these a score of any item is finite, since those of the scorer's own users are.
  constexpr double kMostBase = 1e37;
  constexpr double kMostSquare = 1e36;
  const double square =
      std::inner_product(query.vector.begin(), query.vector.end(), query.vector.begin(), 0.0);
  if (!(std::abs(double{query.base}) <= kMostBase && square <= kMostSquare)) {
    fail(ErrorCode::bad_data, "ratings as large as {} have no finite solution",
         std::ranges::max(row.values));
  }
  return query;
}

Query fold_in(const Scorer& scorer, RatedItems ratings) {
  return FoldIn(scorer)(std::move(ratings));
}

std::vector<Query> fold_in(const Scorer& scorer, const SparseMatrix& ratings, Parallel& parallel) {
  std::vector<Index> all(ratings.rows());
  std::iota(all.begin(), all.end(), Index{0});
  return fold_in(scorer, ratings, all, parallel);
}

std::vector<Query> fold_in(const Scorer& scorer, const SparseMatrix& ratings,
                           std::span<const Index> users, Parallel& parallel) {
  constexpr Index kGrain = 16;
  const FoldIn of(scorer);
  std::vector<Query> queries(users.size());
  parallel.for_ranges(static_cast<Index>(users.size()), kGrain, [&](IndexRange range) {
    for (const Index n : range) {
      const SparseRow row = users[n] < ratings.rows() ? ratings.row(users[n]) : SparseRow{};
      queries[n] =
          of({{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
    }
  });
  return queries;
}

bool knows_nothing(const Scorer& scorer, const QueryView& query) {
  if (scorer.item_weights) return history_weights(scorer, query).items.empty();
  return query.base == scorer.factors.global_mean && is_zero(query.vector);
}

float score(const Scorer& scorer, const QueryView& query, Index item) {
  if (scorer.item_weights) {
    const RatedItems weights = history_weights(scorer, query);
    double sum = 0;
    for (Index t = 0; t < weights.row().size(); ++t)
      sum += added_score(scorer, weights.items[t], weights.values[t], item);
    return to_float(sum);
  }
  const std::span<const float> factors = scorer.factors.item_factors.row(item);
  return std::inner_product(query.vector.begin(), query.vector.end(), factors.begin(),
                            query.base + scorer.factors.item_bias[item]);
}

float predict(const Scorer& scorer, const QueryView& query, std::optional<Index> item, bool clip) {
  const float predicted = item ? score(scorer, query, *item) : query.base;
  return clip && scorer.range ? std::clamp(predicted, scorer.range->low, scorer.range->high)
                              : predicted;
}

std::vector<float> predict_pairs(const Scorer& scorer, std::span<const Index> users,
                                 std::span<const Index> items, bool clip,
                                 const SparseMatrix* seen) {
  std::vector<float> predicted = scores(scorer.factors, users, items);
  for (std::size_t t = 0; scorer.item_weights && seen != nullptr && t < users.size(); ++t) {
    if (users[t] < seen->rows() && items[t] < scorer.factors.num_items())
      predicted[t] = score(scorer, query_of_user(scorer, users[t], seen->row(users[t])), items[t]);
  }
  if (clip && scorer.range) {
    for (float& value : predicted) value = std::clamp(value, scorer.range->low, scorer.range->high);
  }
  return predicted;
}

}  // namespace palate
