#include "palate/recommend/explain.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fail.h"
#include "model/rating_shares.h"

namespace palate {
namespace {

std::vector<RatingContribution> contributions(const Model& model, const AlsOptions& options,
                                              Index user, Index item) {
  if (!model.has_history()) {
    fail(ErrorCode::invalid_argument,
         "the model has no history: what each rating contributes cannot be told; train without "
         "--no-history");
  }
  const SparseRow row = model.history.row(user);
  const std::vector<RatingShare> shares =
      rating_shares(fixed_items(model.factors), row, ridge_of(options, model.range),
                    model.factors.item_factors.row(item));
  std::vector<RatingContribution> ratings;
  for (Index t = 0; t < row.size(); ++t) {
    ratings.push_back({row.columns[t], row.values[t], static_cast<float>(shares[t].bias),
                       static_cast<float>(shares[t].product)});
  }
  std::ranges::stable_sort(ratings, std::ranges::greater(), [](const RatingContribution& rating) {
    return std::abs(rating.contribution());
  });
  return ratings;
}

}  // namespace

Explanation explain(const Model& model, Index user, Index item) {
  const Factors& factors = model.factors;
  Explanation explanation{.score = 0,
                          .global_mean = factors.global_mean,
                          .user_bias = factors.user_bias[user],
                          .item_bias = factors.item_bias[item],
                          .taste = 0,
                          .factors = {},
                          .ratings = std::nullopt};
  const std::span<const float> x = factors.user_factors.row(user);
  const std::span<const float> y = factors.item_factors.row(item);
  for (std::size_t f = 0; f < x.size(); ++f) explanation.factors.push_back(x[f] * y[f]);
  explanation.taste = std::accumulate(explanation.factors.begin(), explanation.factors.end(), 0.0F);
  explanation.score =
      explanation.global_mean + explanation.user_bias + explanation.item_bias + explanation.taste;
  if (const auto* const als = std::get_if<AlsOptions>(&model.options)) {
    explanation.ratings = contributions(model, *als, user, item);
  }
  return explanation;
}

}  // namespace palate
