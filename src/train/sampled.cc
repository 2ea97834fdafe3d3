// Factorization by sampled ranking losses: palate/algorithms/sampled.h has the objective and the
// step.
//
// A batch is cut into blocks of pairs. Each block, on whatever thread, draws its negatives, takes
// the steps of its users and writes down what pulls at its items (train/sampled_block.h); then each
// item of the batch takes one step (train/row_pulls.h).
#include "palate/algorithms/sampled.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/approximate_row.h"
#include "train/chosen_pairs.h"
#include "train/epochs.h"
#include "train/item_sampler.h"
#include "train/pair_batches.h"
#include "train/row_pulls.h"
#include "train/sampled_block.h"
#include "train/warm_start.h"
#include "train/weights.h"

namespace palate {
namespace {

class Training {
 public:
  Training(const Dataset& data, const Weights& weights, const SampledOptions& options,
           Parallel& parallel)
      : options_(options),
        batch_(data.num_users(), data.num_items(), options, parallel.threads()),
        pairs_(weights.by_user, batch_.pairs),
        chosen_(weights.by_user),
        sampler_(weights.by_item, options.popularity),
        parallel_(parallel),
        blocks_(parallel.threads(), SampledBlock(pairs_, chosen_, sampler_, options, batch_)) {}
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  // Returns the mean loss of a pair.
  double epoch(Factors& model, Index epoch) {
    std::vector<double> losses(std::size_t{pairs_.count()} * batch_.blocks);
    parallel_.region([&](Parallel::Worker& worker) {
      for (const Index run : share_of(worker, pairs_.num_runs()))
        pairs_.shuffle_run(run, Rng(options_.seed, kOrder + epoch * batch_.pairs + run));
      worker.barrier();
      for (Index b = 0; b < pairs_.count(); ++b) {
        for (const Index block : share_of(worker, batch_.blocks)) {
          const std::size_t number = std::size_t{b} * batch_.blocks + block;
          const Rng draws(options_.seed, kDraws + epoch * losses.size() + number);
          losses[number] = blocks_[worker.index()].step(model, b, block, draws);
        }
        worker.barrier();
        step_items(model, worker);
        worker.barrier();
      }
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0) / pairs_.size();
  }

 private:
  // Streams of random numbers; those below are of the first vectors.
  static constexpr std::uint64_t kOrder = std::uint64_t{1} << 40;
  static constexpr std::uint64_t kDraws = std::uint64_t{1} << 41;

  // A worker has the same part in each batch, so that it mostly meets the same users.
  static IndexRange share_of(const Parallel::Worker& worker, Index count) {
    const auto first = [&](std::uint64_t w) {
      return static_cast<Index>(count * w / worker.count());
    };
    return {first(worker.index()), first(worker.index() + 1)};
  }

  void step_items(Factors& model, const Parallel::Worker& worker) {
    batch_.items.step(worker,
                      {.learning_rate = options_.learning_rate,
                       .regularization = options_.item_regularization,
                       .unit = options_.cosine},
                      model.item_factors.view(),
                      options_.item_bias ? std::span(model.item_bias) : std::span<float>());
  }

  const SampledOptions& options_;
  SampledBatch batch_;
  PairBatches pairs_;
  ChosenPairs chosen_;
  ItemSampler sampler_;
  Parallel& parallel_;
  std::vector<SampledBlock> blocks_;  // of each worker
};

double product(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Random vectors, of length 1 with `cosine`; zero where nothing was chosen.
void set_initial(const SparseMatrix& rows, const SampledOptions& options, std::uint64_t stream,
                 Matrix& factors) {
  for (Index r = 0; r < rows.rows(); ++r) {
    if (rows.row(r).size() == 0) continue;
    Rng rng(options.seed, stream + r);
    const std::span<float> row = factors.row(r);
    for (float& value : row) value = static_cast<float>(rng.normal());
    const float length = options.cosine ? static_cast<float>(std::sqrt(product(row, row)))
                                        : 2 * std::sqrt(static_cast<float>(options.factors));
    for (float& value : row) value /= length;
  }
}

Index count_of_filled(const SparseMatrix& rows) {
  Index count = 0;
  for (Index r = 0; r < rows.rows(); ++r) count += rows.row(r).size() > 0 ? 1 : 0;
  return count;
}

}  // namespace

TrainResult train(const Dataset& data, const SampledOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting = weighting_of(data, options);
  const Weights weights = weighted(data, weighting);
  check_weights(weights.by_user);
  Factors initial(data.num_users(), data.num_items(), options.factors);
  set_initial(weights.by_user, options, 0, initial.user_factors);
  set_initial(weights.by_item, options, std::uint64_t{1} << 32, initial.item_factors);
  Training training(data, weights, options, context.parallel);
  TrainResult result =
      run_epochs(scorer_of(data, started(context, std::move(initial)), weighting), options.epochs,
                 context, fmt::format("a lower learning_rate than {}", options.learning_rate),
                 [&](Factors& model, Index epoch) { return training.epoch(model, epoch); });
  set_approximate_row(weights.by_user, count_of_filled(weights.by_item), result.scorer);
  return result;
}

}  // namespace palate
