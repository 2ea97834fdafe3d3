#include "recommend/bounded_items.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "recommend/scores.h"

namespace palate {
namespace {

constexpr double kEpsilon = std::numeric_limits<float>::epsilon();

double length(std::span<const float> v) {
  double squares = 0;
  for (const float value : v) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

double mean_length(const Matrix& rows) {
  double sum = 0;
  for (Index r = 0; r < rows.rows(); ++r) sum += length(rows.row(r));
  return rows.rows() > 0 ? sum / rows.rows() : 0;
}

// Relative roundings of a score's f + 2 operations and of a bound's few.
double rounding(Index factors) { return (factors + 16) * kEpsilon; }

}  // namespace

float quantize(std::span<const float> v, std::span<std::int16_t> integers) {
  std::ranges::fill(integers, std::int16_t{0});
  const double whole = length(v);
  const auto scale = static_cast<float>(whole / kQuantizedLength);
  if (!std::isnormal(scale)) return whole > 0 ? std::numeric_limits<float>::infinity() : 0;
  constexpr double kRound = 0x1.8p52;  // leaves no digits behind the point
  for (std::size_t f = 0; f < v.size(); ++f) {
    integers[f] = static_cast<std::int16_t>(static_cast<double>(v[f]) / static_cast<double>(scale) + kRound - kRound);
  }
  return scale;
}

BoundedItems::BoundedItems(const Model& model, const RecommendOptions& options)
    : factors_(model.factors.num_factors()), pairs_((factors_ + 1) / 2) {
  const double root = std::sqrt(static_cast<double>(factors_));
  const double square = kQuantizedLength * kQuantizedLength;
  slack_ = static_cast<std::int32_t>(root * (kQuantizedLength + 1) + factors_ / 4.0 + 1 + rounding(factors_) * square);
  most_sum_ = static_cast<float>((kQuantizedLength + root) * (kQuantizedLength + root) * (1 + 1e-5) + slack_);

  for (Index item = 0; item < model.factors.num_items(); ++item) {
    if (may_be_listed(model, options, item)) items_.push_back(item);
  }
  const double typical = mean_length(model.factors.user_factors);
  std::vector<double> promise(model.factors.num_items());
  for (const Index item : items_) {
    promise[item] = static_cast<double>(model.factors.item_bias[item]) + typical * length(model.factors.item_factors.row(item));
  }
  std::ranges::stable_sort(items_, std::ranges::greater(), [&](Index item) { return promise[item]; });

  const Index groups = static_cast<Index>((items_.size() + kBoundGroup - 1) / kBoundGroup);
  values_.resize(std::size_t{groups} * pairs_);
  scales_.resize(std::size_t{groups} * kBoundGroup);
  biases_.resize(scales_.size(), -std::numeric_limits<float>::infinity());  // what fills up the last group is never reached
  std::vector<std::int16_t> integers(2 * std::size_t{pairs_});
  for (Index place = 0; place < items_.size(); ++place) {
    scales_[place] = quantize(model.factors.item_factors.row(items_[place]), integers);
    biases_[place] = model.factors.item_bias[items_[place]];
    for (Index p = 0; p < pairs_; ++p) {
      auto& pair = values_[std::size_t{place / kBoundGroup} * pairs_ + p].values[place % kBoundGroup];
      pair[0] = integers[2 * p];
      pair[1] = integers[2 * p + 1];
    }
    most_bias_ = std::max(most_bias_, std::abs(biases_[place]));
    most_scale_ = std::max(most_scale_, scales_[place]);
  }
  constexpr Index kBlockGroups = kBlockItems / kBoundGroup;
  for (Index group = 0; group < groups; group += kBlockGroups) {
    const Index count = std::min(kBlockGroups, groups - group);
    const Index first = group * kBoundGroup;
    const auto in_block = [&](const std::vector<float>& values) {
      return std::span(values).subspan(first, count * kBoundGroup);
    };
    blocks_.push_back(
        {{values_.data() + std::size_t{group} * pairs_, scales_.data() + first, biases_.data() + first, count, pairs_},
         first,
         std::ranges::max(in_block(biases_)),
         std::ranges::max(in_block(scales_))});
  }
}

float BoundedItems::margin(const Query& query, float scale) const {
  constexpr float kMost = 1e30F;
  const float product = scale * most_scale_;
  if (!(product * most_sum_ < kMost)) return std::numeric_limits<float>::infinity();
  constexpr double kUnderflow = 1e-25;  // more than what products of scales lose that are no normal numbers
  const double beside = std::abs(static_cast<double>(query.base)) + static_cast<double>(most_bias_);
  const double all = 2.0 * slack_ * static_cast<double>(product) + 4 * rounding(factors_) * beside + kUnderflow;
  return static_cast<float>(all);
}

}  // namespace palate
