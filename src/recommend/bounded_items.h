// The items that may be listed, made ready for bounds of many users' scores.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/recommend.h"

namespace palate {

// Writes v / scale, rounded to 2 * pairs integers of 16 bits, 0 behind the end of v, and returns the scale: that by which the integers
// are a vector of length kQuantizedLength. It is 0 for a v of zeros, and infinite, with integers of 0, for one that is too long or too
// short for a scale.
inline constexpr double kQuantizedLength = 30'000;
float quantize(std::span<const float> v, std::span<std::int16_t> integers);

// Beside the query's base, a score is b_i + x . y_i. Let p and q_i be the integers of x and y_i, and s and s_i their scales. Each integer
// is wrong by 1/2 at most, so p . q_i by sqrt(f) kQuantizedLength and a little, for f factors; with as much for slack,
//
//   bound_i = b_i + s s_i (slack + p . q_i)
//
// is above the score by something between 0 and margin(), but for a shift by rounding that margin() has room for. So what is more than
// margin() below the k-th highest bound is not among the k best scores. Bounds cost a fraction of scores, and few scores are left to be
// computed.
class BoundedItems {
 public:
  // The items that the options let into a list.
  BoundedItems(const Model& model, const RecommendOptions& options);

  // Consecutive items; those that are likely to rank high stand in the first blocks.
  struct Block {
    BoundItems items;
    Index first = 0;  // place of its first item
    float most_bias = 0;
    float most_scale = 0;
  };
  static constexpr Index kBlockItems = 64;  // more, and whole blocks are passed over less often; fewer, and each costs a call
  std::span<const Block> blocks() const { return blocks_; }

  Index pairs() const { return pairs_; }
  std::int32_t slack() const { return slack_; }
  Index item(Index place) const { return items_[place]; }

  // Not finite for numbers so large that their bounds say nothing. `scale` is of the query's vector.
  float margin(const Query& query, float scale) const;

  // Whether an item of the block can have a bound of `floor`.
  bool may_reach(const Block& block, float scale, float floor) const {
    return block.most_bias + scale * block.most_scale * most_sum_ >= floor;
  }

 private:
  Index factors_;
  Index pairs_;
  std::int32_t slack_;
  float most_sum_;       // that slack + p . q can be
  float most_bias_ = 0;  // the largest magnitude of a bias
  float most_scale_ = 0;
  std::vector<Index> items_;  // by place
  std::vector<BoundPairs> values_;
  std::vector<float> scales_;
  std::vector<float> biases_;
  std::vector<Block> blocks_;
};

}  // namespace palate
