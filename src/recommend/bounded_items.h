// The items that may be listed, made ready for bounds of many users' scores.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/recommend/recommend.h"

namespace palate {

// v as scale * bytes + error.
struct Quantized {
  double length = 0;  // of scale * bytes
  double error = 0;   // length of the error
};

// Writes v / scale, rounded to integers of no more than kernels().most_byte, to the first bytes. A
// scale of 0 gives zeros.
Quantized quantize(std::span<const float> v, float scale, std::span<std::int8_t> bytes);

// A query, ready for bounds.
struct BoundedQuery {
  const std::int8_t* bytes = nullptr;
  float scale = 0;
  double length = 0;  // of the query's vector
  // The shift of a block, by what of it they are multiplied with.
  double per_error = 0;
  double per_length = 0;
  double per_scale = 0;
  // A score, beside the base, is above its bound by no more than this.
  float rounding = 0;
  // What is more than this below the k-th highest bound is not among the k best scores. Not finite
  // for numbers so large that bounds say nothing.
  float margin = 0;
};

// Beside the query's base, a score is b_i + x . y_i. Let X and Y_i be x and y_i as multiples of
// bytes. By Cauchy and Schwarz,
//
//   |x . y_i - X . Y_i| = |X . (y_i - Y_i) + (x - X) . y_i|
//                       <= |X| |y_i - Y_i| + |x - X| |y_i| <= slack
//
// with the slack that is enough for all items of a block, whose bytes have one scale. So bound_i =
// b_i + X . Y_i + slack is above the score by something between 0 and 2 slack. Bounds cost a
// fraction of scores, and few scores are left to be computed.
class BoundedItems {
 public:
  // The items that the rules let into a list.
  BoundedItems(const Scorer& scorer, const ListRules& rules, Parallel& parallel);

  // kBoundItems consecutive items; those that are likely to rank high stand in the first blocks.
  // The last one is filled up with items of no number.
  struct Block {
    BoundItems items;
    Index first = 0;  // place of its first item
    float scale = 0;
    float most_bias = 0;
    double most_length = 0;
    double most_error = 0;
  };
  std::span<const Block> blocks() const { return blocks_; }

  Index factors() const { return padded_factors_; }  // bytes of a vector
  Index count() const { return static_cast<Index>(items_.size()); }
  Index item(Index place) const { return items_[place]; }

  BoundedQuery ready(const QueryView& query, std::span<std::int8_t> bytes) const;

  // bound_i is what the kernel computes with this scale, and the shift. The bytes of items are no
  // negative ones, for which the shift makes up.
  static float scale(const Block& block, const BoundedQuery& query) {
    return query.scale * block.scale;
  }
  static float shift(const Block& block, const BoundedQuery& query) {
    return static_cast<float>(query.per_error * block.most_error +
                              query.per_length * block.most_length +
                              query.per_scale * static_cast<double>(block.scale));
  }

  // Whether a score in the block, beside the query's base, can be `floor`.
  static bool may_reach(const Block& block, const BoundedQuery& query, float floor) {
    return static_cast<double>(block.most_bias) + query.length * block.most_length >=
           static_cast<double>(floor);
  }

 private:
  void fill(Block& block, const Factors& factors);

  Index padded_factors_;
  float most_bias_ = 0;  // the largest magnitude
  float most_scale_ = 0;
  double most_length_ = 0;
  double most_error_ = 0;
  std::vector<Index> items_;  // by place
  std::vector<BoundQuads> quads_;
  std::vector<float> biases_;
  std::vector<Block> blocks_;
};

}  // namespace palate
