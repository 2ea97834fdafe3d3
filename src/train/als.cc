// Biased matrix factorization by alternating least squares.
//
// Finds a mean mu, biases b, and factors X (users x f) and Y (items x f) that minimize
//
//   sum_{u,i rated} (r_ui - mu - b_u - b_i - x_u . y_i)^2 + sum_u (lambda_u |x_u|^2 + kappa b_u^2)
//                                                         + sum_i (lambda_i |y_i|^2 + kappa b_i^2)
//
// with lambda_u = lambda n_u^e for the n_u ratings of user u, and likewise for items; e = 0 is
// plain regularization, e = 1 that of the paper, and a half beats both. With the users held fixed
// each item's bias and factors are a ridge regression of their own, and the other way round
// (model/row_solver.h). mu begins as the mean of the ratings and takes the mean of a side's biases
// before that side is solved, at equal predictions and a lower penalty: no half-step raises the
// objective. One epoch costs O(ratings f^2 + (users + items) f^3).
//
// Y. Zhou, D. Wilkinson, R. Schreiber, R. Pan. Large-scale parallel collaborative filtering for the
// Netflix Prize. AAIM 2008.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "model/row_solver.h"
#include "train/epochs.h"
#include "train/mean_bias.h"
#include "train/warm_start.h"

namespace palate {
namespace {

// The users, or the items, of a model.
struct Side {
  std::span<float> bias;
  MutableMatrixView factors;
};

// Solves every row of a sparse matrix against the other side.
class HalfStep {
 public:
  HalfStep(const SparseMatrix& ratings, Index factors, const Ridge& ridge, Parallel& parallel)
      : ratings_(ratings),
        parallel_(parallel),
        solvers_(threads_worth_it(ratings, factors, parallel), {factors, ridge}) {
    for (Index row = 0; row < ratings.rows(); ++row) {
      if (ratings.row(row).size() > 0) order_.push_back(row);
    }
    // The longest first, lest the last one running be one of them.
    std::ranges::stable_sort(order_, std::ranges::greater(),
                             [&](Index row) { return ratings.row(row).size(); });
  }

  // Returns the sum of squared errors after it when `measure` is set. Rows without ratings keep
  // what they are.
  double operator()(const FixedSide& fixed, const Side& solved, bool measure) {
    const Index batch = solvers_[0].batch();
    const Index batches = (static_cast<Index>(order_.size()) + batch - 1) / batch;
    std::vector<double> errors(batches);
    std::atomic<Index> next{0};
    const auto work = [&](RowSolver& solver) {
      std::vector<SparseRow> rows;
      std::vector<RowSolution> solutions;
      for (Index b = next.fetch_add(1); b < batches; b = next.fetch_add(1)) {
        rows.clear();
        solutions.clear();
        for (std::size_t at = std::size_t{b} * batch;
             at < std::min(order_.size(), std::size_t{b + 1} * batch); ++at) {
          const Index row = order_[at];
          rows.push_back(ratings_.row(row));
          solutions.push_back({solved.factors.row(row).data(), &solved.bias[row]});
        }
        errors[b] = solver.solve(fixed, rows, solutions, measure);
      }
    };
    if (solvers_.size() == 1) {
      work(solvers_[0]);
    } else {
      parallel_.region([&](Parallel::Worker& worker) { work(solvers_[worker.index()]); });
    }
    double sum = 0;
    for (const double error : errors) sum += error;
    return sum;
  }

 private:
  // Waking the others costs as much as a million multiplications.
  static unsigned threads_worth_it(const SparseMatrix& ratings, Index factors,
                                   const Parallel& parallel) {
    const double f = factors;
    const double work = f * f * (static_cast<double>(ratings.size()) + f * ratings.rows());
    return work < 1e6 ? 1 : parallel.threads();
  }

  const SparseMatrix& ratings_;
  Parallel& parallel_;
  std::vector<RowSolver> solvers_;  // one a thread
  std::vector<Index> order_;
};

// Small random user factors, so that the items' first half-step is about their biases; zero where a
// user has no ratings.
Factors initial_factors(const Dataset& data, const AlsOptions& options) {
  constexpr double kSpread = 0.05;
  const double scale =
      kSpread * std::sqrt(std::max(static_cast<double>(data.range().high) - data.range().low, 0.0));
  Factors factors(data.num_users(), data.num_items(), options.factors);
  factors.global_mean = static_cast<float>(data.mean());
  for (Index user = 0; user < data.num_users(); ++user) {
    if (data.by_user().row(user).size() == 0) continue;
    Rng rng(options.seed, user);
    for (float& value : factors.user_factors.row(user))
      value = static_cast<float>(scale * rng.normal());
  }
  return factors;
}

}  // namespace

TrainResult train_als(const Dataset& data, const AlsOptions& options, TrainContext& context) {
  const Ridge ridge = ridge_of(options, data.range());
  HalfStep items(data.by_item(), options.factors, ridge, context.parallel);
  HalfStep users(data.by_user(), options.factors, ridge, context.parallel);
  const std::string advice = fmt::format(
      "a higher regularization than {}, or ratings on a smaller scale", options.regularization);
  Factors initial = initial_factors(data, options);
  if (context.start) take_over(*context.start, initial);
  return run_epochs(
      std::move(initial), options.epochs, context, advice, [&](Factors& model, Index) {
        move_mean_bias(data.by_item(), model.item_bias, model.global_mean);
        items(fixed_users(model), {model.item_bias, model.item_factors.view()}, false);
        move_mean_bias(data.by_user(), model.user_bias, model.global_mean);
        // Users last: they fit the items that are stored.
        const double error =
            users(fixed_items(model), {model.user_bias, model.user_factors.view()}, true);
        return error / static_cast<double>(data.size());
      });
}

}  // namespace palate
