#include "palate/recommend/similar.h"

#include <cmath>
#include <string>
#include <vector>

#include "base/fail.h"
#include "linalg/top_list.h"

namespace palate {
namespace {

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t f = 0; f < a.size(); ++f)
    sum += static_cast<double>(a[f]) * static_cast<double>(b[f]);
  return sum;
}

std::vector<std::string_view> algorithms_with_factors() {
  std::vector<std::string_view> names;
  for (const AlgorithmInfo& row : algorithms()) {
    if (!row.preset && option_text(row.defaults, "factors")) names.push_back(row.about.name);
  }
  return names;
}

// Of the rows for which is_candidate(row) holds.
std::vector<Neighbour> nearest_rows(const Model& model, const Matrix& factors, Index row,
                                    Index count, const std::string& name, auto&& is_candidate) {
  if (factors.cols() == 0) {
    fail(ErrorCode::invalid_argument,
         "a model of {} has no factors, by which things are alike: train one of {}",
         for_lists(model).algorithm.name, fmt::join(algorithms_with_factors(), ", "));
  }
  const std::span<const float> own = factors.row(row);
  const double own_square = product(own, own);
  if (!(own_square > 0))
    fail(ErrorCode::invalid_argument, "{} has no train ratings: nothing is known to be like it",
         name);
  TopList best(count);
  for (Index other = 0; other < factors.rows(); ++other) {
    if (other == row || !is_candidate(other)) continue;
    const std::span<const float> its = factors.row(other);
    const double square = product(its, its);
    if (square > 0)
      best.add({other, static_cast<float>(product(own, its) / std::sqrt(own_square * square))});
  }
  std::vector<Neighbour> neighbours;
  for (const Scored& one : best.take()) neighbours.push_back({one.index, one.score});
  return neighbours;
}

}  // namespace

std::vector<Neighbour> similar_items(const Model& model, Index item,
                                     const SimilarOptions& options) {
  const Scorer& scorer = for_lists(model).scorer;
  return nearest_rows(
      model, scorer.factors.item_factors, item, options.count, "item " + model.catalog->items[item],
      [&](Index other) { return scorer.item_support[other] >= options.min_support; });
}

std::vector<Neighbour> similar_users(const Model& model, Index user,
                                     const SimilarOptions& options) {
  return nearest_rows(model, for_lists(model).scorer.factors.user_factors, user, options.count,
                      "user " + model.catalog->users[user], [&](Index other) {
                        return !model.seen || model.seen->row(other).size() >= options.min_support;
                      });
}

}  // namespace palate
