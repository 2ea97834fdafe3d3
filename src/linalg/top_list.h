// The best few of many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "palate/index.h"

namespace palate {

struct Scored {
  Index index = 0;
  float score = 0;
};

// Higher scores come first, equal ones in order of index. So there is one order only, however the entries come.
inline bool ranks_before(const Scored& a, const Scored& b) {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

// Keeps the `count` best of the entries that are added. Costs O(1) for each that is, and next to nothing for one below threshold().
class TopList {
 public:
  explicit TopList(Index count) : count_(count) {}

  // What scores less is not among the best any more.
  float threshold() const { return threshold_; }

  // A score that is no number is left out.
  void add(Scored entry) {
    if (!(entry.score >= threshold_) || count_ == 0) return;
    entries_.push_back(entry);
    if (entries_.size() >= 2 * std::size_t{count_} + kSlack) shrink();
  }

  // The best first. The list is empty afterwards.
  std::vector<Scored> take() {
    if (entries_.size() > count_) shrink();
    std::ranges::sort(entries_, ranks_before);
    threshold_ = kNone;
    return std::exchange(entries_, {});
  }

 private:
  static constexpr float kNone = -std::numeric_limits<float>::infinity();
  static constexpr std::size_t kSlack = 32;

  void shrink() {
    std::ranges::nth_element(entries_, entries_.begin() + (count_ - 1), ranks_before);
    entries_.resize(count_);
    threshold_ = entries_.back().score;
  }

  Index count_;
  float threshold_ = kNone;
  std::vector<Scored> entries_;
};

}  // namespace palate
