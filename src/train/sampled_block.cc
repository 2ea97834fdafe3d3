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

constexpr Index kNobody = RowPulls::kNobody;
constexpr Index kColumns = 32;  // pairs whose scores stay in the cache together

}  // namespace

SampledBatch::SampledBatch(Index num_users, Index num_items, const SampledOptions& options,
                           unsigned workers)
    : is_shared(options.negatives >= kFewestShared),
      pairs(is_shared ? 1024 : 4096),
      own(is_shared ? 0 : options.negatives),
      shared(is_shared ? options.negatives : 0),
      block_pairs(is_shared ? 128 : 32),
      blocks(pairs / block_pairs),
      items(num_items, pairs * (1 + own) + blocks * shared, pairs + blocks * shared,
            options.factors, workers),
      user_squares(num_users, 1) {
  // A user's vector pulls at an item's bias as if it had one more element, which is 1.
  std::ranges::fill(items.source_biases, 1.0F);
}

SampledBlock::SampledBlock(const PairBatches& pairs, const ChosenPairs& chosen,
                           const ItemSampler& sampler, const SampledOptions& options,
                           SampledBatch& batch)
    : pairs_(pairs),
      chosen_(chosen),
      sampler_(sampler),
      options_(options),
      batch_(batch),
      temperature_(options.loss == RankingLoss::softmax ? options.temperature : 1),
      users_(batch.pairs),
      weights_(batch.pairs),
      chosen_scores_(batch.pairs) {
  if (batch.is_shared) {
    scores_ = Matrix(options.negatives, kColumns);
    negatives_ = Matrix(options.negatives, options.factors);
    user_columns_ = Matrix(options.factors, kColumns);
    gradients_ = Matrix(batch.pairs, options.factors);
    places_of_pairs_.resize(batch.pairs);
    std::iota(places_of_pairs_.begin(), places_of_pairs_.end(), Index{0});
    ones_.assign(batch.pairs, 1);
    place_.assign(chosen.num_items(), kNobody);
    next_place_.resize(options.negatives);
  } else {
    scores_ = Matrix(options.negatives, batch.pairs);
    products_.resize(batch.items.rows.size());
  }
}

double SampledBlock::step(Factors& model, Index batch, Index block, Rng rng) {
  const Index first = block * batch_.block_pairs;
  pairs_of_block_ = pairs_.whole_users(batch, {first, first + batch_.block_pairs});
  for (Index t = std::max(first, pairs_.size(batch)); t < first + batch_.block_pairs; ++t)
    std::fill_n(batch_.items.rows.begin() + batch_.pull_of_pair(t), 1 + batch_.own, kNobody);
  read_pairs(model, batch);
  return batch_.is_shared ? beside_shared(model, block, rng) : beside_own(model, rng);
}

void SampledBlock::read_pairs(const Factors& model, Index batch) {
  rows_.clear();
  row_weights_.clear();
  starts_.clear();
  for (Index t = 0; t < pairs_of_block_.size(); ++t) {
    pairs_.prefetch_next(batch, pairs_of_block_.first + t);
    const auto [user, item, weight] = pairs_.pair(batch, pairs_of_block_.first + t);
    if (rows_.empty() || rows_.back() != user) {
      rows_.push_back(user);
      row_weights_.push_back(0);
      starts_.push_back(t);
      prefetch(model.user_factors.row(user));
    }
    row_weights_.back() += weight;
    users_[t] = user;
    weights_[t] = weight;
    const Index pull = pull_of(t);
    batch_.items.rows[pull] = item;
    batch_.items.from[pull] = pairs_of_block_.first + (batch_.is_shared ? t : starts_.back());
    batch_.items.weights[pull] = weight;
    prefetch(model.item_factors.row(item));
  }
  starts_.push_back(pairs_of_block_.size());
}

void SampledBlock::step_users(Factors& model, const Index* others, const float* multiples,
                              MatrixView y) {
  const RowDescent descent{.multiples = multiples,
                           .weights = row_weights_.data(),
                           .learning_rate = options_.learning_rate,
                           .regularization = options_.user_regularization,
                           .unit = options_.cosine};
  kernels().descend({rows_, starts_.data(), others}, descent, y, model.user_factors.view(),
                    batch_.user_squares.data());
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
double SampledBlock::beside_shared(Factors& model, Index block, Rng& rng) {
  const Index first_source = batch_.pairs + block * options_.negatives;
  const std::span<Index> negatives =
      std::span(batch_.items.rows).subspan(first_source, options_.negatives);
  if (pairs_of_block_.size() == 0) {
    std::ranges::fill(negatives, kNobody);
    return 0;
  }
  for (Index j = 0; j < negatives.size(); ++j) {
    const Index item = sampler_.draw(rng);
    negatives[j] = item;
    batch_.items.from[first_source + j] = first_source + j;
    batch_.items.multiples[first_source + j] = 1;
    next_place_[j] = std::exchange(place_[item], j);
    prefetch(model.item_factors.row(item));
  }
  for (Index t = 0; t < pairs_of_block_.size(); ++t)
    std::ranges::copy(model.user_factors.row(users_[t]), vector_of(t).begin());
  for (Index j = 0; j < negatives.size(); ++j)
    std::ranges::copy(model.item_factors.row(negatives[j]), negatives_.row(j).begin());
  double loss = 0;
  for (Index first = 0; first < pairs_of_block_.size(); first += kColumns) {
    const IndexRange which{first, std::min(first + kColumns, pairs_of_block_.size())};
    set_scores(model, first_source, which);
    loss += to_gradients(which);
    write_gradients(model, first_source, which);
  }
  for (const Index item : negatives) place_[item] = kNobody;
  step_users(model, places_of_pairs_.data(), ones_.data(), std::as_const(gradients_).view());
  return loss;
}

// The vectors of these pairs' users.
MatrixView SampledBlock::vectors_of(IndexRange which) {
  const Matrix& sources = batch_.items.sources;
  return {vector_of(which.first).data(), which.size(), sources.cols(), sources.stride()};
}

// S = Y X^T / temperature + biases less corrections, for the negatives' vectors Y and the users' X;
// no score where the negative is the user's own.
void SampledBlock::set_scores(const Factors& model, Index first_pull, IndexRange which) {
  const MatrixView users = vectors_of(which);
  for (Index column = 0; column < users.rows; ++column) {
    const std::span<const float> x = users.row(column);
    for (Index f = 0; f < users.cols; ++f) user_columns_.row(f)[column] = x[f] / temperature_;
  }
  for (Index j = 0; j < negatives_.rows(); ++j) {
    const Index item = batch_.items.rows[first_pull + j];
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
    const Index item = batch_.items.rows[pull_of(t)];
    const std::span<const float> x = vector_of(t);
    const float product =
        std::inner_product(x.begin(), x.end(), model.item_factors.row(item).begin(), 0.0F);
    chosen_scores_[t] = score(model, product, item);
    for (const Index own : chosen_.chosen_by(users_[t]).columns) {
      for (Index j = place_[own]; j != kNobody; j = next_place_[j])
        scores_.row(j)[t - which.first] = kNoScore;
    }
  }
}

// From the gradients S by the scores: S^T Y of the users, and what the chosen items add; S X of the
// negatives.
void SampledBlock::write_gradients(const Factors& model, Index first_source, IndexRange which) {
  const MatrixView users = vectors_of(which);
  for (const Index t : which) {
    const float multiple = -chosen_scores_[t];
    batch_.items.multiples[pull_of(t)] = multiple;
    std::ranges::transform(model.item_factors.row(batch_.items.rows[pull_of(t)]),
                           gradients_.row(t).begin(), [&](float y) { return multiple * y; });
  }
  kernels().multiply({.a = scores_.data(),
                      .a_row = 1,
                      .a_column = scores_.stride(),
                      .b = negatives_.data(),
                      .b_stride = negatives_.stride(),
                      .c = gradients_.row(which.first).data(),
                      .c_stride = gradients_.stride(),
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

// An item that the user has not chosen; the other one where none of several draws gives one.
Index SampledBlock::draw_beside(Index user, Rng& rng, Index otherwise) const {
  constexpr int kDraws = 16;
  for (int n = 0; n < kDraws; ++n) {
    const Index item = sampler_.draw(rng);
    if (!chosen_.contain(user, item)) return item;
  }
  return otherwise;
}

// Every pair of the block beside negatives of its own; where there are none, beside the chosen item
// without a score.
double SampledBlock::beside_own(Factors& model, Rng& rng) {
  const Index n = options_.negatives;
  RowPulls& items = batch_.items;
  const Index size = pairs_of_block_.size();
  for (Index t = 0; t < size; ++t) {
    const Index chosen = pull_of(t);
    for (Index p = chosen + 1; p <= chosen + n; ++p) {
      items.rows[p] = sampler_.draw(rng);
      items.from[p] = items.from[chosen];
      chosen_.prefetch(users_[t], items.rows[p]);
      prefetch(model.item_factors.row(items.rows[p]));
    }
  }
  for (Index t = 0; t < size; ++t) {
    const Index chosen = pull_of(t);
    for (Index p = chosen + 1; p <= chosen + n; ++p) {
      if (chosen_.contain(users_[t], items.rows[p]))
        items.rows[p] = draw_beside(users_[t], rng, items.rows[chosen]);
    }
  }
  for (Index r = 0; r < rows_.size(); ++r) {
    std::ranges::copy(model.user_factors.row(rows_[r]), vector_of(starts_[r]).begin());
  }
  for (Index& start : starts_) start = pull_of(start);
  kernels().products({rows_, starts_.data(), items.rows.data()},
                     std::as_const(model.user_factors).view(),
                     std::as_const(model.item_factors).view(), products_.data());
  for (Index t = 0; t < size; ++t) {
    const Index chosen = pull_of(t);
    chosen_scores_[t] = score(model, products_[chosen], items.rows[chosen]);
    for (Index j = 0; j < n; ++j) {
      const Index item = items.rows[chosen + 1 + j];
      scores_.row(j)[t] = item == items.rows[chosen]
                              ? kNoScore
                              : score(model, products_[chosen + 1 + j], item) - correction(item);
    }
  }
  const double loss = to_gradients({0, size});
  for (Index t = 0; t < size; ++t) {
    const Index chosen = pull_of(t);
    items.multiples[chosen] = -chosen_scores_[t];
    for (Index j = 0; j < n; ++j) items.multiples[chosen + 1 + j] = scores_.row(j)[t];
  }
  step_users(model, items.rows.data(), items.multiples.data(),
             std::as_const(model.item_factors).view());
  return loss;
}

}  // namespace palate
