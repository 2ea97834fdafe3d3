// Which items are chosen by the same users: palate/algorithms/item_knn.h has the similarity.
//
// The products w_j . w_i of one item i with all others are summed at once, through the rows of the
// users who have chosen it.
#include "palate/algorithms/item_knn.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "linalg/sparse_sum.h"
#include "linalg/top_list.h"
#include "model/item_weights.h"
#include "train/epochs.h"
#include "train/weights.h"

namespace palate {
namespace {

constexpr Index kItemsAtATime = 16;  // that a thread takes

// Of each row the sum of its values' squares.
std::vector<double> squares_of(const SparseMatrix& rows) {
  std::vector<double> squares(rows.rows());
  for (Index r = 0; r < rows.rows(); ++r) {
    for (const float value : rows.row(r).values) squares[r] += double{value} * double{value};
  }
  return squares;
}

// Scales each user's weights to a row of length 1.
void scale_users(Weights& weights) {
  std::vector<double> lengths = squares_of(weights.by_user);
  for (double& length : lengths) length = std::sqrt(length);
  const auto scale = [&](float& weight, Index user) {
    weight = static_cast<float>(double{weight} / lengths[user]);
  };
  SparseMatrix& by_user = weights.by_user;
  for (Index user = 0; user < by_user.rows(); ++user) {
    for (std::size_t t = by_user.starts[user]; t < by_user.starts[user + 1]; ++t)
      scale(by_user.values[t], user);
  }
  SparseMatrix& by_item = weights.by_item;
  for (std::size_t t = 0; t < by_item.size(); ++t) scale(by_item.values[t], by_item.columns[t]);
}

// What a user who likes as many items as the mean user does adds to a product of two of these.
double product_of_a_mean_user(const SparseMatrix& by_user, std::span<const Index> support) {
  double users = 0;
  for (Index user = 0; user < by_user.rows(); ++user) users += by_user.row(user).size() > 0 ? 1 : 0;
  return users / std::accumulate(support.begin(), support.end(), 0.0);
}

class Similarities {
 public:
  Similarities(const Weights& weights, std::span<const Index> support,
               const ItemKnnOptions& options)
      : weights_(weights),
        support_(support),
        neighbours_(options.neighbours),
        shrinkage_(double{options.shrinkage} * product_of_a_mean_user(weights.by_user, support)),
        of_chosen_(squares_of(weights.by_item)),
        of_listed_(of_chosen_) {
    for (double& square : of_chosen_) square = std::pow(square, double{options.asymmetry});
    for (double& square : of_listed_) square = std::pow(square, 1 - double{options.asymmetry});
  }

  // The items that this one keeps, with s above 0. `products` is empty before and after.
  std::vector<Scored> kept_by(Index item, SparseSum& products) const {
    const SparseRow users = weights_.by_item.row(item);
    for (Index t = 0; t < users.size(); ++t)
      products.add(users.values[t], weights_.by_user.row(users.columns[t]));
    TopList nearest(neighbours_);
    constexpr double kBelow = 1 - 1e-6;  // no float that is rounded to the threshold is below that
    for (const Index other : products.touched()) {
      const double scale = of_chosen_[other] * of_listed_[item] + shrinkage_;
      if (products[other] < kBelow * scale * double{nearest.threshold()}) continue;
      const float similarity = to_float(products[other] / scale);
      if (other != item && similarity > 0) nearest.add({other, similarity, support_[other]});
    }
    products.clear();
    std::vector<Scored> kept = nearest.take();
    kept.shrink_to_fit();
    return kept;
  }

 private:
  const Weights& weights_;
  std::span<const Index> support_;
  Index neighbours_;
  double shrinkage_;
  std::vector<double> of_chosen_;  // n_j^asymmetry
  std::vector<double> of_listed_;  // n_i^(1 - asymmetry)
};

double mean_of(std::span<const float> values) {
  const auto count = static_cast<double>(values.size());
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / count;
}

}  // namespace

TrainResult train(const Dataset& data, const ItemKnnOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting = weighting_of(data, options);
  Weights weights = weighted(data, weighting);
  check_weights(weights.by_user);
  scale_users(weights);
  Scorer scorer = scorer_of(data, Factors(data.num_users(), data.num_items(), 0), weighting);
  const Similarities similarities(weights, scorer.item_support, options);
  std::vector<std::vector<Scored>> kept(data.num_items());
  std::vector<SparseSum> products(context.parallel.threads(), SparseSum(data.num_items()));
  context.parallel.for_ranges(data.num_items(), kItemsAtATime,
                              [&](IndexRange range, unsigned worker) {
                                for (const Index item : range)
                                  kept[item] = similarities.kept_by(item, products[worker]);
                              });
  scorer.item_weights = by_chosen_item(kept);
  const double loss = 1 - mean_of(scorer.item_weights->values);
  return run_epochs(std::move(scorer), 1, context, "fewer ratings",
                    [loss](Factors&, Index) { return loss; });
}

}  // namespace palate
