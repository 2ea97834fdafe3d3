// The gradients of a block of pairs: palate/algorithms/sampled.h has the losses.
#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "kernels/kernels.h"
#include "palate/algorithms/sampled.h"
#include "palate/base/matrix.h"
#include "palate/model/factors.h"
#include "train/chosen_pairs.h"
#include "train/item_sampler.h"
#include "train/pair_batches.h"
#include "train/row_pulls.h"

namespace palate {

// What the blocks of a batch write to.
struct SampledBatch {
  // From so many negatives on, the pairs of a block share them.
  static constexpr Index kFewestShared = 32;

  SampledBatch(Index num_users, Index num_items, const SampledOptions& options, unsigned workers);

  bool is_shared;
  Index pairs;        // at most: more where each is little work, between which threads wait
  Index own;          // negatives of each pair
  Index shared;       // negatives of each block
  Index block_pairs;  // of a block, but for those that go to it with the others of their user
  Index blocks;
  // Sources: the vector of each pair's user, or where several are the same user's, of the first;
  // then the gradients of shared negatives. Pulls: each pair's chosen item and its own negatives;
  // then the shared negatives.
  RowPulls items;
  std::vector<float> user_squares;  // G

  Index pull_of_pair(Index t) const { return t * (1 + own); }
};

// Computes with memory of its own, so that each thread has one.
class SampledBlock {
 public:
  SampledBlock(const PairBatches& pairs, const ChosenPairs& chosen, const ItemSampler& sampler,
               const SampledOptions& options, SampledBatch& batch);

  // Takes the steps of the users of a block, beside negatives by these random numbers, and writes
  // the pulls at its items. Reads and writes no other users. Returns the sum of the pairs' losses.
  double step(Factors& model, Index batch, Index block, Rng rng);

 private:
  void read_pairs(const Factors& model, Index batch);
  double beside_shared(Factors& model, Index block, Rng& rng);
  void set_scores(const Factors& model, Index first_pull, IndexRange which);
  void write_gradients(const Factors& model, Index first_source, IndexRange which);
  double beside_own(Factors& model, Rng& rng);
  void step_users(Factors& model, const Index* others, const float* multiples, MatrixView y);

  // Of the losses of some pairs, from their scores: turns scores_ to the gradients by the sampled
  // items' scores and chosen_scores_ to those by the chosen one's, with the other sign. Returns the
  // sum of the losses.
  double to_gradients(IndexRange which);
  double softmax(const SampledScores& scores) const;
  double contrastive(const SampledScores& scores) const;

  float score(const Factors& model, float product, Index item) const;
  float correction(Index item) const;
  Index draw_beside(Index user, Rng& rng, Index otherwise) const;

  // Of the block's pair t, and its pull at the chosen item.
  Index pull_of(Index t) const { return batch_.pull_of_pair(pairs_of_block_.first + t); }
  std::span<float> vector_of(Index t) {
    return batch_.items.sources.row(pairs_of_block_.first + t);
  }
  MatrixView vectors_of(IndexRange which);

  const PairBatches& pairs_;
  const ChosenPairs& chosen_;
  const ItemSampler& sampler_;
  const SampledOptions& options_;
  SampledBatch& batch_;
  float temperature_;
  // The block's.
  IndexRange pairs_of_block_;  // in the batch
  std::vector<Index> users_;   // of each pair
  std::vector<float> weights_;
  std::vector<float> chosen_scores_;
  Matrix scores_;  // of each negative for some pairs, side by side
  // Its users, each once: the weights of their pairs, and where their pairs begin.
  std::vector<Index> rows_;
  std::vector<float> row_weights_;
  std::vector<Index> starts_;
  // Where negatives are shared.
  Matrix negatives_;     // their vectors
  Matrix user_columns_;  // the pairs' user vectors / temperature
  Matrix gradients_;     // of the pairs' users
  std::vector<Index> places_of_pairs_;
  std::vector<float> ones_;
  std::vector<Index> place_;       // of each item, the last negative that is it
  std::vector<Index> next_place_;  // of each negative, one before that is the same item
  // Where they are not: x . y of each pull.
  std::vector<float> products_;
};

}  // namespace palate
