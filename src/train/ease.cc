// The closed form of a linear autoencoder: palate/algorithms/ease.h has the formulas.
//
// The matrix to be inverted is divided by its largest element: so no product leaves the range of a
// float, and the weights stay the same.
#include "palate/algorithms/ease.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/memory.h"
#include "linalg/inverse.h"
#include "linalg/sparse_sum.h"
#include "linalg/top_list.h"
#include "model/item_weights.h"
#include "train/epochs.h"
#include "train/weights.h"

namespace palate {
namespace {

constexpr Index kMostItems = 10'000;
constexpr Index kItemsAtATime = 16;  // that a thread takes
constexpr double kGigabyte = 1e9;

double memory_of(Index items, Index neighbours) {
  const auto n = static_cast<double>(items);
  return n * (4 * n + 20 * static_cast<double>(neighbours));
}

void check_size(Index items, Index neighbours) {
  const double needed = memory_of(items, neighbours) / kGigabyte;
  const double most = static_cast<double>(most_memory()) / kGigabyte;
  constexpr std::string_view kWhatToDo =
      "take another algorithm, or fewer items by `min_item_ratings`";
  if (items > kMostItems) {
    fail(ErrorCode::invalid_argument,
         "{} weighs up to {} items, and {} were chosen, which would take {:.1f} GB of memory: {}",
         EaseOptions::about.name, kMostItems, items, needed, kWhatToDo);
  }
  if (needed > most) {
    fail(ErrorCode::invalid_argument,
         "the weights of {} items take {:.1f} GB of memory while they are trained, and there are "
         "{:.1f} GB: {}",
         items, needed, most, kWhatToDo);
  }
}

// The regression on the items that anybody chose, whose numbers are ascending.
class Regression {
 public:
  Regression(const Weights& weights, std::vector<Index> items, const EaseOptions& options)
      : weights_(weights), items_(std::move(items)), squares_(items_.size()) {
    for (std::size_t n = 0; n < items_.size(); ++n) {
      for (const float weight : weights.by_item.row(items_[n]).values)
        squares_[n] += double{weight} * double{weight};
    }
    total_ = std::accumulate(squares_.begin(), squares_.end(), 0.0);
    largest_ = std::ranges::max(squares_);
    const auto chosen = static_cast<double>(weights.by_item.size());
    const double users_of_an_item = chosen / static_cast<double>(items_.size());
    constexpr double kLeast = 1e-5;
    lambda_ =
        std::max(double{options.regularization} * total_ / chosen * std::sqrt(users_of_an_item),
                 kLeast * largest_);
  }

  bool is_finite() const { return std::isfinite(total_); }

  void invert(Parallel& parallel) {
    while (true) {
      set_gram(parallel);
      if (palate::invert(inverse_, parallel)) return;
      lambda_ *= 10;
    }
  }

  // The weights for item number n that are largest in absolute value.
  std::vector<Scored> kept_by(Index n, Index count, std::span<const Index> support) const {
    const std::span<const float> row = inverse_.row(n);
    const double scale = -1 / double{row[n]};
    TopList largest(count);
    for (Index other = 0; other < row.size(); ++other) {
      const float size = std::abs(to_float(scale * double{row[other]}));
      if (other != n && size > 0) largest.add({other, size, support[items_[other]]});
    }
    std::vector<Scored> kept = largest.take();
    for (Scored& one : kept) {
      if (row[one.index] > 0) one.score = -one.score;
      one.index = items_[one.index];
    }
    kept.shrink_to_fit();
    return kept;
  }

  // The minimum is the sum of 1 / P(i, i) - lambda.
  double loss() const {
    double sum = 0;
    for (Index n = 0; n < inverse_.rows(); ++n)
      sum += std::clamp(scale_ / double{inverse_.row(n)[n]} - lambda_, 0.0, squares_[n]);
    return sum / total_;
  }

 private:
  // (X^T X + lambda I) / scale
  void set_gram(Parallel& parallel) {
    const auto n = static_cast<Index>(items_.size());
    if (inverse_.rows() != n) inverse_ = Matrix(n, n);
    scale_ = largest_ + lambda_;
    std::vector<SparseSum> sums(parallel.threads(), SparseSum(weights_.by_user.num_columns));
    parallel.for_ranges(n, kItemsAtATime, [&](IndexRange range, unsigned worker) {
      SparseSum& products = sums[worker];
      for (const Index r : range) {
        const SparseRow users = weights_.by_item.row(items_[r]);
        for (Index t = 0; t < users.size(); ++t)
          products.add(users.values[t], weights_.by_user.row(users.columns[t]));
        const std::span<float> row = inverse_.row(r);
        for (Index c = 0; c < n; ++c) row[c] = static_cast<float>(products[items_[c]] / scale_);
        row[r] = static_cast<float>((squares_[r] + lambda_) / scale_);
        products.clear();
      }
    });
  }

  const Weights& weights_;
  std::vector<Index> items_;
  std::vector<double> squares_;  // |x_i|^2
  double total_ = 0;             // |X|^2
  double largest_ = 0;
  double lambda_ = 0;
  double scale_ = 1;
  Matrix inverse_;  // scale P
};

}  // namespace

TrainResult train(const Dataset& data, const EaseOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting = weighting_of(data, options);
  const Weights weights = weighted(data, weighting);
  check_weights(weights.by_user);
  std::vector<Index> items;
  for (Index item = 0; item < data.num_items(); ++item) {
    if (weights.by_item.row(item).size() > 0) items.push_back(item);
  }
  const auto count = static_cast<Index>(items.size());
  const Index neighbours =
      options.neighbours == 0 ? count - 1 : std::min(options.neighbours, count - 1);
  check_size(count, neighbours);
  Scorer scorer = scorer_of(data, Factors(data.num_users(), data.num_items(), 0), weighting);
  std::vector<std::vector<Scored>> kept(data.num_items());
  double loss = std::numeric_limits<double>::infinity();
  {
    Regression regression(weights, items, options);
    if (regression.is_finite()) {
      regression.invert(context.parallel);
      context.parallel.for_ranges(count, kItemsAtATime, [&](IndexRange range) {
        for (const Index n : range)
          kept[items[n]] = regression.kept_by(n, neighbours, scorer.item_support);
      });
      loss = regression.loss();
    }
  }
  scorer.item_weights = by_chosen_item(kept);
  return run_epochs(std::move(scorer), 1, context, "a lower weight_exponent or rating_exponent",
                    [loss](Factors&, Index) { return loss; });
}

}  // namespace palate
