// Biased factorization by stochastic gradient descent: palate/algorithms/sgd.h has the objective
// and the step.
//
// The order of steps is that of a BlockGrid, the rounds of an epoch in random order: the same for
// any number of threads. At the end the mean of the users' biases, and that of the items', move
// into the model's mean: a user nobody has seen gets what the average user gets.
//
// Y. Zhuang, W.-S. Chin, Y.-C. Juan, C.-J. Lin. A fast parallel SGD for matrix factorization in
// shared memory systems. RecSys 2013.
#include "palate/algorithms/sgd.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "kernels/kernels.h"
#include "model/row_solver.h"
#include "train/block_grid.h"
#include "train/epochs.h"
#include "train/mean_bias.h"

namespace palate {
namespace {

// s: 1 where all ratings are equal.
double standard_deviation(const Dataset& data, Parallel& parallel) {
  const double squares =
      parallel.sum_ranges(static_cast<Index>(data.size()), 1 << 16, [&](IndexRange range) {
        double sum = 0;
        for (const Index t : range)
          sum += std::pow(static_cast<double>(data.values()[t]) - data.mean(), 2);
        return sum;
      });
  const double deviation = std::sqrt(squares / static_cast<double>(data.size()));
  return deviation > 0 ? deviation : 1;
}

// The factors and states of all users, or all items, in the places that the grid gives them.
struct GridSide {
  GridSide(const BlockGrid::Rows& grid_rows, const SparseMatrix& ratings, const SgdOptions& options,
           std::uint64_t stream)
      : place(grid_rows.place),
        // Padded to whole vectors of the kernels.
        factors(grid_rows.count(),
                (options.factors + kernels().lanes - 1) / kernels().lanes * kernels().lanes),
        rows(grid_rows.count(), SgdRow{.squares = 1}) {
    // x and y uniform around 0, with a standard deviation of .5 / sqrt(factors): of x . y it is .25
    // / sqrt(factors).
    const double largest = 0.5 * std::sqrt(3.0 / options.factors);
    for (Index r = 0; r < place.size(); ++r) {
      const auto n = static_cast<float>(ratings.row(r).size());
      if (n == 0) continue;
      rows[place[r]].regularization = options.regularization / std::sqrt(n);
      rows[place[r]].bias_regularization = options.bias_regularization / n;
      Rng rng(options.seed, stream + r);
      for (Index f = 0; f < options.factors; ++f) {
        factors.row(place[r])[f] = static_cast<float>((2 * rng.uniform() - 1) * largest);
      }
    }
  }

  SgdSide view() { return {factors.data(), rows.data()}; }

  const std::vector<Index>& place;
  Matrix factors;
  std::vector<SgdRow> rows;
};

// Puts the rows back in order and into the ratings' own units.
void write(const GridSide& side, double scale, Matrix& factors, std::vector<float>& bias,
           Parallel& parallel) {
  const auto root = static_cast<float>(std::sqrt(scale));
  parallel.for_ranges(factors.rows(), 1 << 9, [&](IndexRange range) {
    for (const Index r : range) {
      const std::span<const float> from = side.factors.row(side.place[r]).first(factors.cols());
      std::ranges::transform(from, factors.row(r).begin(), [&](float x) { return root * x; });
      bias[r] = static_cast<float>(scale * static_cast<double>(side.rows[side.place[r]].bias));
    }
  });
}

}  // namespace

TrainResult train(const Dataset& data, const SgdOptions& options, TrainContext& context) {
  check_training(data, options, context);
  Parallel& parallel = context.parallel;
  const double scale = standard_deviation(data, parallel);
  const BlockGrid grid(data, data.mean(), scale, parallel);
  GridSide users(grid.users(), data.by_user(), options, 0);
  GridSide items(grid.items(), data.by_item(), options, std::uint64_t{1} << 32);
  const SgdModel model{users.view(), items.view(), users.factors.stride(), options.learning_rate};

  // One step for each rating. Returns the mean of e^2, in the ratings' own units.
  const auto one_epoch = [&](Factors& factors, Index epoch) {
    std::vector<Index> rounds(grid.size());
    std::iota(rounds.begin(), rounds.end(), Index{0});
    Rng(options.seed, (std::uint64_t{2} << 32) + epoch).shuffle(rounds);
    std::vector<double> loss(std::size_t{grid.size()} * grid.size());
    const auto train_block = [&](Index a, Index round) {
      loss[std::size_t{a} * grid.size() + round] =
          kernels().sgd_steps(grid.block(a, (a + round) % grid.size()), model);
    };
    if (grid.size() == 1) {
      train_block(0, 0);
    } else {
      parallel.region([&](Parallel::Worker& worker) {
        for (const Index round : rounds) {
          for (Index a = worker.index(); a < grid.size(); a += worker.count())
            train_block(a, round);
          worker.barrier();
        }
      });
    }
    write(users, scale, factors.user_factors, factors.user_bias, parallel);
    write(items, scale, factors.item_factors, factors.item_bias, parallel);
    factors.global_mean = static_cast<float>(data.mean());
    move_mean_bias(data.by_user(), factors.user_bias, factors.global_mean);
    move_mean_bias(data.by_item(), factors.item_bias, factors.global_mean);
    return scale * scale * std::accumulate(loss.begin(), loss.end(), 0.0) /
           static_cast<double>(data.size());
  };

  Scorer initial = scorer_of(data, Factors(data.num_users(), data.num_items(), options.factors));
  initial.factors.global_mean = static_cast<float>(data.mean());
  // In the ratings' own units: of x by the root of the scale, as x . y is by the scale.
  initial.row = {.ridge = {.factors = positive_lambda(options.regularization * scale),
                           .exponent = 0.5F,
                           .bias = positive_lambda(options.bias_regularization)}};
  return run_epochs(std::move(initial), options.epochs, context,
                    fmt::format("a lower learning_rate than {}", options.learning_rate), one_epoch);
}

}  // namespace palate
