#include "palate/recommend/explain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/fail.h"
#include "model/fold_in_items.h"
#include "model/item_weights.h"
#include "model/rating_shares.h"
#include "palate/model/query.h"

namespace palate {
namespace {

// What each of the user's ratings, or the weights of them, adds to the score of the item.
std::vector<RatingShare> shares_of(const Scorer& scorer, SparseRow row, Index item) {
  if (scorer.item_weights) {
    std::vector<RatingShare> shares;
    for (Index t = 0; t < row.size(); ++t)
      shares.push_back({0, added_score(scorer, row.columns[t], row.values[t], item)});
    return shares;
  }
  const FoldInItems items(scorer);
  return rating_shares(items.side(), row, *scorer.row, items.side().factors.row(item));
}

std::vector<RatingContribution> contributions(const Scorer& scorer, SparseRow seen, Index item) {
  const RatedItems weights = scorer.weighting ? weighted(seen, *scorer.weighting) : RatedItems{};
  const SparseRow row = scorer.weighting ? weights.row() : seen;
  const std::vector<RatingShare> shares = shares_of(scorer, row, item);
  const auto value_of = [&](Index rated) {
    return seen.values[static_cast<std::size_t>(std::ranges::lower_bound(seen.columns, rated) -
                                                seen.columns.begin())];
  };
  std::vector<RatingContribution> ratings;
  for (Index t = 0; t < row.size(); ++t) {
    constexpr double kMost = std::numeric_limits<float>::max();
    if (!(std::abs(shares[t].bias) <= kMost && std::abs(shares[t].product) <= kMost))
      fail(ErrorCode::bad_data, "a rating of {} adds more than a 32-bit number says",
           row.values[t]);
    ratings.push_back({row.columns[t], value_of(row.columns[t]), static_cast<float>(shares[t].bias),
                       static_cast<float>(shares[t].product)});
  }
  std::ranges::stable_sort(ratings, std::ranges::greater(), [](const RatingContribution& rating) {
    return std::abs(rating.contribution());
  });
  return ratings;
}

}  // namespace

Explanation explain(const Model& model, Task task, Index user, Index item) {
  const Fitted& fitted = task == Task::ratings ? for_ratings(model) : for_lists(model);
  const Scorer& scorer = fitted.scorer;
  const Factors& factors = scorer.factors;
  Explanation explanation{.global_mean = factors.global_mean,
                          .user_bias = factors.user_bias[user],
                          .item_bias = factors.item_bias[item],
                          .factors = {},
                          .ratings = std::nullopt};
  const std::span<const float> x = factors.user_factors.row(user);
  const std::span<const float> y = factors.item_factors.row(item);
  for (std::size_t f = 0; f < x.size(); ++f) explanation.factors.push_back(x[f] * y[f]);
  explanation.taste =
      scorer.item_weights
          ? score(scorer, query_of_user(scorer, user, model.seen_by(user)), item)
          : std::accumulate(explanation.factors.begin(), explanation.factors.end(), 0.0F);
  explanation.score =
      explanation.global_mean + explanation.user_bias + explanation.item_bias + explanation.taste;
  if (!scorer.is_personal()) return explanation;
  if (!model.seen) {
    const bool is_trained = traits_of(fitted.algorithm.options).is_trained;
    fail(ErrorCode::invalid_argument,
         "the model does not keep who rated what, so what each rating adds cannot be told: {}",
         is_trained ? "train without `no_history`" : "import it with what was seen");
  }
  explanation.ratings = contributions(scorer, model.seen->row(user), item);
  explanation.approximate = scorer.folds_in_approximately();
  double sum = 0;
  for (const RatingContribution& rating : *explanation.ratings) sum += rating.contribution();
  explanation.off_optimum = static_cast<float>(static_cast<double>(explanation.user_bias) +
                                               static_cast<double>(explanation.taste) - sum);
  return explanation;
}

PairExplanation explain(const Model& model, Index user, Index item) {
  PairExplanation explained;
  if (model.ratings) {
    const Scorer& scorer = model.ratings->scorer;
    explained.ratings = explain(model, Task::ratings, user, item);
    explained.prediction = predict(scorer, query_of_user(scorer, user), item);
  }
  if (model.lists) {
    const Scorer& scorer = model.lists->scorer;
    explained.lists = explain(model, Task::lists, user, item);
    explained.most_chosen = knows_nothing(scorer, query_of_user(scorer, user, model.seen_by(user)));
  }
  return explained;
}

}  // namespace palate
