#include "recommend/bounded_items.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "recommend/listed.h"

namespace palate {
namespace {

constexpr Index kGrain = 1024;  // rows that a thread takes at a time
constexpr double kEpsilon = std::numeric_limits<float>::epsilon();

double length(std::span<const float> v) {
  double squares = 0;
  for (const float value : v) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

std::vector<double> lengths(const Matrix& rows, Parallel& parallel) {
  std::vector<double> result(rows.rows());
  parallel.for_ranges(rows.rows(), kGrain, [&](IndexRange range) {
    for (const Index r : range) result[r] = length(rows.row(r));
  });
  return result;
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0
                        : std::accumulate(values.begin(), values.end(), 0.0) /
                              static_cast<double>(values.size());
}

// The scale by which the largest element is the largest byte.
float byte_scale(std::span<const float> v) {
  float most = 0;
  for (const float value : v) most = std::max(most, std::abs(value));
  return most / static_cast<float>(kernels().most_byte);
}

// What an item's bytes are shifted by.
int offset() { return kernels().most_byte + 1; }

// Relative roundings of a score's f + 2 operations and of a bound's few.
double rounding(Index factors) { return (factors + 16) * kEpsilon; }

}  // namespace

Quantized quantize(std::span<const float> v, float scale, std::span<std::int8_t> bytes) {
  const double unit = static_cast<double>(scale);
  const double most = kernels().most_byte;
  const double inverse = scale > 0 ? 1 / unit : 0;
  constexpr double kRound = 0x1.8p52;  // leaves no digits behind the point
  double squares = 0;
  double error_squares = 0;
  for (std::size_t f = 0; f < v.size(); ++f) {
    const double whole =
        std::clamp<double>(static_cast<double>(v[f]) * inverse + kRound - kRound, -most, most);
    const double error = static_cast<double>(v[f]) - unit * whole;
    bytes[f] = static_cast<std::int8_t>(whole);
    squares += whole * whole;
    error_squares += error * error;
  }
  return {unit * std::sqrt(squares), std::sqrt(error_squares)};
}

BoundedItems::BoundedItems(const Scorer& scorer, const ListRules& rules, Parallel& parallel)
    : padded_factors_((scorer.factors.num_factors() + kBoundFactors - 1) / kBoundFactors *
                      kBoundFactors) {
  for (Index item = 0; item < scorer.factors.num_items(); ++item) {
    if (may_be_listed(scorer, rules, item)) items_.push_back(item);
  }
  const double typical = mean(lengths(scorer.factors.user_factors, parallel));
  std::vector<double> promise = lengths(scorer.factors.item_factors, parallel);
  for (const Index item : items_)
    promise[item] = static_cast<double>(scorer.factors.item_bias[item]) + typical * promise[item];
  std::ranges::stable_sort(items_, std::ranges::greater(),
                           [&](Index item) { return promise[item]; });

  blocks_.resize((items_.size() + kBoundItems - 1) / kBoundItems);
  quads_.resize(blocks_.size() * (padded_factors_ / 4));
  // what fills up is never reached
  biases_.resize(blocks_.size() * kBoundItems, -std::numeric_limits<float>::infinity());
  parallel.for_ranges(static_cast<Index>(blocks_.size()), kGrain / kBoundItems,
                      [&](IndexRange range) {
                        for (const Index b : range) {
                          blocks_[b].first = b * kBoundItems;
                          fill(blocks_[b], scorer.factors);
                        }
                      });
  for (const Block& block : blocks_) {
    most_scale_ = std::max(most_scale_, block.scale);
    most_length_ = std::max(most_length_, block.most_length);
    most_error_ = std::max(most_error_, block.most_error);
  }
  for (const Index item : items_)
    most_bias_ = std::max(most_bias_, std::abs(scorer.factors.item_bias[item]));
}

void BoundedItems::fill(Block& block, const Factors& factors) {
  BoundQuads* const quads =
      quads_.data() + std::size_t{block.first / kBoundItems} * (padded_factors_ / 4);
  block.items = {quads, biases_.data() + block.first};
  block.most_bias = -std::numeric_limits<float>::infinity();
  const std::span<const Index> own =
      std::span(items_).subspan(block.first, std::min(kBoundItems, count() - block.first));
  for (const Index item : own)
    block.scale = std::max(block.scale, byte_scale(factors.item_factors.row(item)));
  std::vector<std::int8_t> bytes(padded_factors_);
  const int shift = offset();
  for (Index place = 0; place < own.size(); ++place) {
    const std::span<const float> row = factors.item_factors.row(own[place]);
    block.most_error = std::max(block.most_error, quantize(row, block.scale, bytes).error);
    block.most_length = std::max(block.most_length, length(row));
    block.most_bias = std::max(block.most_bias, factors.item_bias[own[place]]);
    biases_[block.first + place] = factors.item_bias[own[place]];
    for (Index f = 0; f < padded_factors_; ++f) {
      quads[f / 4].values[place][f % 4] = static_cast<std::uint8_t>(bytes[f] + shift);
    }
  }
}

BoundedQuery BoundedItems::ready(const QueryView& query, std::span<std::int8_t> bytes) const {
  BoundedQuery result;
  result.bytes = bytes.data();
  result.scale = byte_scale(query.vector);
  result.length = length(query.vector);
  const Quantized quantized = quantize(query.vector, result.scale, bytes);
  const double sum = std::accumulate(bytes.begin(), bytes.end(), 0);
  const double scale = static_cast<double>(result.scale);
  // What floats round away: of a score's products, and of a bound's sum of bytes.
  const double of_score = rounding(padded_factors_) * result.length;
  const double of_bound = kEpsilon * 4.0 * offset() * offset() * padded_factors_ * scale;
  result.per_error = quantized.length;
  result.per_length = quantized.error + of_score;
  result.per_scale = of_bound - scale * offset() * sum;

  constexpr double kMost = 1e30;
  // more than what products of scales lose that are no normal numbers
  constexpr double kUnderflow = 1e-25;
  constexpr Index kMostFactors = 50'000;  // with more, sums would leave 32 bits
  const double most_slack = result.per_error * most_error_ + result.per_length * most_length_ +
                            of_bound * static_cast<double>(most_scale_);
  const double beside = std::abs(static_cast<double>(query.base)) + static_cast<double>(most_bias_);
  const bool is_bounded =
      padded_factors_ <= kMostFactors && result.length * most_length_ < kMost && beside < kMost;
  result.rounding = static_cast<float>(4 * rounding(padded_factors_) * beside + kUnderflow);
  result.margin = is_bounded ? static_cast<float>(2 * most_slack) + result.rounding
                             : std::numeric_limits<float>::infinity();
  return result;
}

}  // namespace palate
