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
#include "train/row_pulls.h"

namespace palate {

// What the blocks of a batch write to.
struct SampledBatch {
  static constexpr Index kBlocks = 8;
  static constexpr Index kPairs = 128;  // of a block
  static constexpr Index kFewestShared =
      32;  // from so many negatives on, a block's pairs share them

  SampledBatch(Index num_users, Index num_items, const SampledOptions& options);

  bool is_shared;
  Index negatives;  // of a block, with those of all its pairs where they are not shared
  RowPulls users;   // sources: the gradient of each pair's user
  RowPulls
      items;  // sources: the vector of each pair's user, then the gradients of shared negatives
};

// Computes with memory of its own, so that each thread has one.
class SampledBlock {
 public:
  SampledBlock(const ChosenPairs& pairs, const ItemSampler& sampler, const SampledOptions& options,
               SampledBatch& batch);

  // Writes the pulls of a batch's block of this number, at most kPairs pairs beside negatives by
  // these random numbers. Returns the sum of their losses.
  double write_pulls(const Factors& model, Index block, std::span<const Index> pairs, Rng rng);

 private:
  double beside_shared(const Factors& model, Index block, Rng& rng);
  void set_scores(const Factors& model, IndexRange which);
  void write_gradients(const Factors& model, Index first_source, IndexRange which);
  double beside_own(const Factors& model, Rng& rng);

  // Of the losses of some pairs, from their scores: turns scores_ to the gradients by the sampled
  // items' scores and chosen_scores_ to those by the chosen one's, with the other sign. Returns the
  // sum of the losses.
  double to_gradients(IndexRange which);
  double softmax(const SampledScores& scores) const;
  double contrastive(const SampledScores& scores) const;

  float score(const Factors& model, float product, Index item) const;
  float correction(Index item) const;
  Index draw_beside(Index user, Rng& rng) const;
  void set_candidates(Index t);
  MatrixView vectors_of(IndexRange which);
  std::span<float> vector_of(Index t) { return batch_.items.sources.row(first_pair_ + t); }
  std::span<RowPull> pulls_of_negatives() { return item_pulls_.subspan(SampledBatch::kPairs); }

  const ChosenPairs& pairs_;
  const ItemSampler& sampler_;
  const SampledOptions& options_;
  SampledBatch& batch_;
  float temperature_;
  // The block's.
  Index size_ = 0;        // pairs
  Index first_pair_ = 0;  // in the batch
  std::span<RowPull> user_pulls_;
  std::span<RowPull> item_pulls_;  // of the pairs, then of the negatives
  std::vector<float> weights_;
  std::vector<float> chosen_scores_;
  Matrix scores_;  // of each negative for some pairs, side by side
  // Where negatives are shared.
  Matrix negatives_;               // their vectors
  Matrix user_columns_;            // the pairs' user vectors / temperature
  std::vector<Index> place_;       // of each item, the last negative that is it
  std::vector<Index> next_place_;  // of each negative, one before that is the same item
  // Where they are not: a pair's chosen item, then its negatives.
  std::vector<Index> candidates_;
  std::vector<float> values_;
  std::vector<float> zeros_;
};

}  // namespace palate
