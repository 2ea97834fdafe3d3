// Where negatives are shared, all is products of small matrices, with the scores of some pairs at a
// time as columns; otherwise sums of a few gathered rows.
#include "train/sampled_block.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/prefetch.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

constexpr Index kNobody = RowPull::kNobody;
constexpr Index kColumns = 32;  // pairs whose scores stay in the cache together

}  // namespace

SampledBatch::SampledBatch(Index num_users, Index num_items, const SampledOptions& options)
    : is_shared(options.negatives >= kFewestShared),
      negatives(is_shared ? options.negatives : kPairs * options.negatives),
      users(num_users, kBlocks * kPairs, kBlocks * kPairs, options.factors),
      items(num_items, kBlocks * (kPairs + negatives),
            kBlocks * (kPairs + (is_shared ? negatives : 0)), options.factors) {
  // A user's vector pulls at an item's bias as if it had one more element, which is 1.
  std::ranges::fill(items.source_biases, 1.0F);
}

SampledBlock::SampledBlock(const ChosenPairs& pairs, const ItemSampler& sampler,
                           const SampledOptions& options, SampledBatch& batch)
    : pairs_(pairs),
      sampler_(sampler),
      options_(options),
      batch_(batch),
      temperature_(options.loss == RankingLoss::softmax ? options.temperature : 1),
      weights_(SampledBatch::kPairs),
      chosen_scores_(SampledBatch::kPairs) {
  if (batch.is_shared) {
    scores_ = Matrix(options.negatives, kColumns);
    negatives_ = Matrix(options.negatives, options.factors);
    user_columns_ = Matrix(options.factors, kColumns);
    place_.assign(pairs.num_items(), kNobody);
    next_place_.resize(options.negatives);
  } else {
    scores_ = Matrix(options.negatives, SampledBatch::kPairs);
    candidates_.resize(std::size_t{options.negatives} + 1);
    values_.resize(candidates_.size());
    zeros_.resize(candidates_.size());
  }
}

double SampledBlock::write_pulls(const Factors& model, Index block, std::span<const Index> pairs,
                                 Rng rng) {
  constexpr Index kAhead = 32;  // pairs between asking for one and reading it
  const Index pulls_of_items = SampledBatch::kPairs + batch_.negatives;
  first_pair_ = block * SampledBatch::kPairs;
  user_pulls_ = batch_.users.pulls(first_pair_, SampledBatch::kPairs);
  item_pulls_ = batch_.items.pulls(block * pulls_of_items, pulls_of_items);
  std::ranges::fill(user_pulls_, RowPull{});
  std::ranges::fill(item_pulls_, RowPull{});
  size_ = static_cast<Index>(pairs.size());
  if (size_ == 0) return 0;
  for (Index t = 0; t < size_; ++t) {
    if (t + kAhead < size_) pairs_.prefetch(pairs[t + kAhead]);
    const auto [user, item, weight] = pairs_[pairs[t]];
    weights_[t] = weight;
    user_pulls_[t] = {user, first_pair_ + t, 1, weight};
    item_pulls_[t] = {item, first_pair_ + t, 0, weight};
    prefetch(model.user_factors.row(user));
    prefetch(model.item_factors.row(item));
  }
  for (Index t = 0; t < size_; ++t)
    std::ranges::copy(model.user_factors.row(user_pulls_[t].row), vector_of(t).begin());
  return batch_.is_shared ? beside_shared(model, block, rng) : beside_own(model, rng);
}

// s_ui of a product x_u . y_i.
float SampledBlock::score(const Factors& model, float product, Index item) const {
  return (product + model.item_bias[item]) / temperature_;
}

// What a sampled item's score is lowered by.
float SampledBlock::correction(Index item) const {
  return options_.loss == RankingLoss::softmax ? options_.correction * sampler_.log_excess(item)
                                               : 0;
}

double SampledBlock::to_gradients(IndexRange which) {
  const SampledScores scores{.sampled = scores_.data(),
                             .stride = scores_.stride(),
                             .rows = options_.negatives,
                             .columns = which.size(),
                             .chosen = chosen_scores_.data() + which.first,
                             .weights = weights_.data() + which.first};
  return options_.loss == RankingLoss::softmax ? softmax(scores) : contrastive(scores);
}

// With c for negative_exponent the loss is c times that of the kernel, and (c - 1) s_ui.
double SampledBlock::softmax(const SampledScores& scores) const {
  const float c = options_.negative_exponent;
  double loss = 0;
  if (c == 1) return kernels().softmax_gradients(scores);
  for (Index t = 0; t < scores.columns; ++t)
    loss += double{scores.weights[t]} * double{c - 1} * double{scores.chosen[t]};
  loss += double{c} * kernels().softmax_gradients(scores);
  for (Index t = 0; t < scores.columns; ++t)
    scores.chosen[t] = c * scores.chosen[t] - (c - 1) * scores.weights[t];
  for (Index j = 0; j < scores.rows; ++j) {
    float* const row = scores.sampled + j * scores.stride;
    for (Index t = 0; t < scores.columns; ++t) row[t] *= c;
  }
  return loss;
}

double SampledBlock::contrastive(const SampledScores& scores) const {
  const float share = options_.negative_weight / static_cast<float>(scores.rows);
  double loss = 0;
  for (Index t = 0; t < scores.columns; ++t) {
    loss += double{scores.weights[t]} * double{std::max(0.0F, 1 - scores.chosen[t])};
    scores.chosen[t] = scores.chosen[t] < 1 ? scores.weights[t] : 0;
  }
  for (Index j = 0; j < scores.rows; ++j) {
    float* const row = scores.sampled + j * scores.stride;
    float sum = 0;
    for (Index t = 0; t < scores.columns; ++t) {
      const float above = std::max(0.0F, row[t] - options_.margin);
      const float weight = share * scores.weights[t];
      sum += weight * above;
      row[t] = above > 0 ? weight : 0;
    }
    loss += double{sum};
  }
  return loss;
}

// Every pair of the block beside the same negatives.
double SampledBlock::beside_shared(const Factors& model, Index block, Rng& rng) {
  const Index first_source =
      SampledBatch::kBlocks * SampledBatch::kPairs + block * options_.negatives;
  const std::span<RowPull> negatives = pulls_of_negatives();
  for (Index j = 0; j < negatives.size(); ++j) {
    const Index item = sampler_.draw(rng);
    negatives[j] = {item, first_source + j, 1, 0};
    next_place_[j] = std::exchange(place_[item], j);
    prefetch(model.item_factors.row(item));
  }
  for (Index j = 0; j < negatives.size(); ++j)
    std::ranges::copy(model.item_factors.row(negatives[j].row), negatives_.row(j).begin());
  double loss = 0;
  for (Index first = 0; first < size_; first += kColumns) {
    const IndexRange which{first, std::min(first + kColumns, size_)};
    set_scores(model, which);
    loss += to_gradients(which);
    write_gradients(model, first_source, which);
  }
  for (const RowPull& negative : negatives) place_[negative.row] = kNobody;
  return loss;
}

// The vectors of these pairs' users.
MatrixView SampledBlock::vectors_of(IndexRange which) {
  const Matrix& sources = batch_.items.sources;
  return {vector_of(which.first).data(), which.size(), sources.cols(), sources.stride()};
}

// S = Y X^T / temperature + biases less corrections, for the negatives' vectors Y and the users' X;
// no score where the negative is the user's own.
void SampledBlock::set_scores(const Factors& model, IndexRange which) {
  const MatrixView users = vectors_of(which);
  for (Index column = 0; column < users.rows; ++column) {
    const std::span<const float> x = users.row(column);
    for (Index f = 0; f < users.cols; ++f) user_columns_.row(f)[column] = x[f] / temperature_;
  }
  const std::span<const RowPull> negatives = pulls_of_negatives();
  for (Index j = 0; j < negatives.size(); ++j) {
    const Index item = negatives[j].row;
    std::fill_n(scores_.row(j).begin(), users.rows, score(model, 0, item) - correction(item));
  }
  kernels().multiply({.a = negatives_.data(),
                      .a_row = negatives_.stride(),
                      .b = user_columns_.data(),
                      .b_stride = user_columns_.stride(),
                      .c = scores_.data(),
                      .c_stride = scores_.stride(),
                      .rows = negatives_.rows(),
                      .columns = users.rows,
                      .depth = users.cols,
                      .add = true});
  for (const Index t : which) {
    const Index item = item_pulls_[t].row;
    const std::span<const float> x = vector_of(t);
    const float product =
        std::inner_product(x.begin(), x.end(), model.item_factors.row(item).begin(), 0.0F);
    chosen_scores_[t] = score(model, product, item);
    for (const Index own : pairs_.chosen_by(user_pulls_[t].row).columns) {
      for (Index j = place_[own]; j != kNobody; j = next_place_[j])
        scores_.row(j)[t - which.first] = kNoScore;
    }
  }
}

// From the gradients S by the scores: S^T Y of the users, and what the chosen items add; S X of the
// negatives.
void SampledBlock::write_gradients(const Factors& model, Index first_source, IndexRange which) {
  const MatrixView users = vectors_of(which);
  Matrix& of_users = batch_.users.sources;
  for (const Index t : which) {
    RowPull& chosen = item_pulls_[t];
    chosen.multiple = -chosen_scores_[t];
    std::ranges::transform(model.item_factors.row(chosen.row),
                           of_users.row(first_pair_ + t).begin(),
                           [&](float y) { return chosen.multiple * y; });
  }
  kernels().multiply({.a = scores_.data(),
                      .a_row = 1,
                      .a_column = scores_.stride(),
                      .b = negatives_.data(),
                      .b_stride = negatives_.stride(),
                      .c = of_users.row(first_pair_ + which.first).data(),
                      .c_stride = of_users.stride(),
                      .rows = users.rows,
                      .columns = users.cols,
                      .depth = negatives_.rows(),
                      .add = true});
  kernels().multiply({.a = scores_.data(),
                      .a_row = scores_.stride(),
                      .b = users.data,
                      .b_stride = users.stride,
                      .c = batch_.items.sources.row(first_source).data(),
                      .c_stride = batch_.items.sources.stride(),
                      .rows = negatives_.rows(),
                      .columns = users.cols,
                      .depth = users.rows,
                      .add = which.first > 0});
  for (Index j = 0; options_.item_bias && j < negatives_.rows(); ++j) {
    const std::span<const float> of_pairs = scores_.row(j).first(users.rows);
    float& bias = batch_.items.source_biases[first_source + j];
    bias = std::accumulate(of_pairs.begin(), of_pairs.end(), which.first > 0 ? bias : 0.0F);
  }
}

// An item that the user has not chosen; kNobody where none of several draws gives one.
Index SampledBlock::draw_beside(Index user, Rng& rng) const {
  constexpr int kDraws = 16;
  for (int n = 0; n < kDraws; ++n) {
    const Index item = sampler_.draw(rng);
    if (!pairs_.contain(user, item)) return item;
  }
  return kNobody;
}

// Every pair of the block beside negatives of its own.
double SampledBlock::beside_own(const Factors& model, Rng& rng) {
  const Index n = options_.negatives;
  const auto pull_of = [&](Index t, Index j) -> RowPull& {
    return pulls_of_negatives()[t * n + j];
  };
  for (Index t = 0; t < size_; ++t) {
    for (Index j = 0; j < n; ++j) {
      const Index item = sampler_.draw(rng);
      pull_of(t, j) = {item, first_pair_ + t, 0, 0};
      pairs_.prefetch_mark(user_pulls_[t].row, item);
      prefetch(model.item_factors.row(item));
    }
  }
  for (Index t = 0; t < size_; ++t) {
    const Index user = user_pulls_[t].row;
    for (Index j = 0; j < n; ++j) {
      RowPull& pull = pull_of(t, j);
      if (pairs_.contain(user, pull.row)) pull.row = draw_beside(user, rng);
    }
  }
  for (Index t = 0; t < size_; ++t) {
    set_candidates(t);
    kernels().row_errors({{candidates_, zeros_}, model.item_factors.view()}, vector_of(t).data(),
                         values_.data());
    chosen_scores_[t] = score(model, -values_[0], candidates_[0]);
    for (Index j = 0; j < n; ++j) {
      const Index item = candidates_[j + 1];
      scores_.row(j)[t] = pull_of(t, j).row == kNobody
                              ? kNoScore
                              : score(model, -values_[j + 1], item) - correction(item);
    }
  }
  const double loss = to_gradients({0, size_});
  for (Index t = 0; t < size_; ++t) {
    set_candidates(t);
    item_pulls_[t].multiple = values_[0] = -chosen_scores_[t];
    for (Index j = 0; j < n; ++j) pull_of(t, j).multiple = values_[j + 1] = scores_.row(j)[t];
    kernels().sum_errors({{candidates_, values_}, model.item_factors.view()}, nullptr,
                         batch_.users.sources.row(first_pair_ + t).data());
  }
  return loss;
}

// The chosen item of pair t and its negatives, the chosen one again in place of missing ones.
void SampledBlock::set_candidates(Index t) {
  candidates_[0] = item_pulls_[t].row;
  for (Index j = 0; j < options_.negatives; ++j) {
    const Index item = pulls_of_negatives()[t * options_.negatives + j].row;
    candidates_[j + 1] = item == kNobody ? candidates_[0] : item;
  }
}

}  // namespace palate
