#include "palate/recommend/similar.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "linalg/top_list.h"
#include "palate/recommend/history.h"
#include "recommend/listed.h"

namespace palate {
namespace {

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t f = 0; f < a.size(); ++f)
    sum += static_cast<double>(a[f]) * static_cast<double>(b[f]);
  return sum;
}

// The algorithms that have one of the options.
std::string algorithms_with(std::initializer_list<std::string_view> options) {
  std::vector<std::string_view> names;
  for (const AlgorithmInfo& row : algorithms()) {
    const bool has_one = std::ranges::any_of(options, [&](std::string_view name) {
      return option_text(row.defaults, name).has_value();
    });
    if (!row.preset && has_one) names.push_back(row.about.name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

[[noreturn]] void fail_without_ratings(const std::string& name) {
  fail(ErrorCode::invalid_argument, "{} has no train ratings: nothing is known to be like it",
       name);
}

// The one item, liked: of ratings, a point better than everybody would rate it.
RatedItems like_of(const Model& model, Index item) {
  const Scorer& scorer = for_lists(model).scorer;
  const float value = scorer.weighting ? *liked_value(model)
                                       : score(scorer, query_of_unknown_user(scorer), item) + 1;
  return rated_items({{item, value}});
}

}  // namespace

std::vector<Recommendation> similar_items(const Model& model, Index item,
                                          const SimilarOptions& options) {
  const Scorer& scorer = for_lists(model).scorer;
  if (scorer.factors.num_factors() == 0 && !scorer.item_weights) {
    fail(ErrorCode::invalid_argument,
         "a model of {} has no factors or item weights, by which items are alike: train one of {}",
         for_lists(model).algorithm.name, algorithms_with({"factors", "neighbours"}));
  }
  ListRules rules = default_rules(scorer);
  rules.count = options.count;
  rules.allowed = options.allowed;
  rules.min_support = std::max<Index>(options.min_support.value_or(rules.min_support), 1);
  const Query query = query_of_newcomer(scorer, like_of(model, item));
  if (scorer.item_support[item] == 0 || knows_nothing(scorer, query))
    fail_without_ratings("item " + model.catalog->items[item]);
  // What the like adds: the score without it is the item's bias, the same for every query.
  const QueryView nobody = query_of_unknown_user(scorer);
  TopList best(options.count);
  for (Index other = 0; other < scorer.factors.num_items(); ++other) {
    if (other == item || !may_be_listed(scorer, rules, other)) continue;
    const double added = static_cast<double>(score(scorer, query, other)) -
                         static_cast<double>(score(scorer, nobody, other));
    if (scorer.item_weights && added == 0) continue;  // it is no neighbour
    best.add({other, static_cast<float>(added), scorer.item_support[other]});
  }
  std::vector<Recommendation> list;
  for (const Scored& one : best.take()) list.push_back({one.index, one.score});
  return list;
}

std::vector<Neighbour> similar_users(const Model& model, Index user,
                                     const SimilarOptions& options) {
  const Matrix& factors = for_lists(model).scorer.factors.user_factors;
  if (factors.cols() == 0) {
    fail(ErrorCode::invalid_argument,
         "a model of {} has no factors, by which users are alike: train one of {}",
         for_lists(model).algorithm.name, algorithms_with({"factors"}));
  }
  const Index min_support = options.min_support.value_or(kSupportOfSimilarUsers);
  const std::span<const float> own = factors.row(user);
  const double own_square = product(own, own);
  if (!(own_square > 0)) fail_without_ratings("user " + model.catalog->users[user]);
  TopList best(options.count);
  for (Index other = 0; other < factors.rows(); ++other) {
    if (other == user || (model.seen && model.seen->row(other).size() < min_support)) continue;
    const std::span<const float> its = factors.row(other);
    const double square = product(its, its);
    if (square > 0)
      best.add({other, static_cast<float>(product(own, its) / std::sqrt(own_square * square))});
  }
  std::vector<Neighbour> neighbours;
  for (const Scored& one : best.take()) neighbours.push_back({one.index, one.score});
  return neighbours;
}

}  // namespace palate
