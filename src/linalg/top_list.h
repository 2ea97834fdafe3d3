// The best few of many.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "palate/base/index.h"

namespace palate {

struct Scored {
  Index index = 0;
  float score = 0;
  Index support = 0;
};

// Higher scores come first, of equal ones the better supported, then in order of index. So there is
// one order only, however the entries come.
inline constexpr auto ranks_before = [](const Scored& a, const Scored& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.support != b.support ? a.support > b.support : a.index < b.index;
};

// Keeps the `count` best of the entries that are added; with a margin, all that are no more than
// that below the last of them. Costs O(1) for each entry that is kept, and next to nothing for one
// below threshold().
class TopList {
 public:
  explicit TopList(Index count, float margin = 0)
      : count_(count), margin_(margin), most_(2 * std::size_t{count} + kSlack) {}

  // What scores less is not kept any more.
  float threshold() const { return threshold_; }

  // A score that is no number is left out.
  void add(Scored entry) {
    if (!(entry.score >= threshold_) || count_ == 0) return;
    entries_.push_back(entry);
    if (entries_.size() >= most_) shrink();
  }

  // The best first. The list is empty afterwards.
  std::vector<Scored> take() {
    shrink();
    std::ranges::sort(entries_, ranks_before);
    threshold_ = kNone;
    return std::exchange(entries_, {});
  }

 private:
  static constexpr float kNone = -std::numeric_limits<float>::infinity();
  static constexpr std::size_t kSlack = 16;

  void shrink() {
    if (entries_.size() <= count_) return;
    const auto last = entries_.begin() + (count_ - 1);
    std::ranges::nth_element(entries_, last, ranks_before);
    threshold_ = last->score - margin_;
    if (margin_ > 0) {
      std::erase_if(entries_, [&](const Scored& entry) { return entry.score < threshold_; });
    } else {
      entries_.resize(count_);
    }
    most_ = std::max(most_, entries_.size() + entries_.size() / 2 + kSlack);
  }

  Index count_;
  float margin_;
  std::size_t most_;  // entries before the next time that they are thinned out
  float threshold_ = kNone;
  std::vector<Scored> entries_;
};

}  // namespace palate
