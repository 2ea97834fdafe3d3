// The order in which an epoch takes the pairs of users and items.
#pragma once

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"
#include "palate/base/index.h"
#include "palate/base/matrix.h"

namespace palate {

struct ChosenPair {
  Index user;
  Index item;
  float weight;  // in units of the mean one
};

// Cuts the pairs, which stand by user, into runs as long as there are batches. Each batch has one
// pair out of each run, drawn anew in each epoch: so a batch has something of all users, as evenly
// as can be; those of a user stand side by side, and runs can be shuffled by different threads.
class PairBatches {
 public:
  // Batches of at most `most` pairs.
  PairBatches(const SparseMatrix& by_user, Index most) {
    const double sum = std::accumulate(by_user.values.begin(), by_user.values.end(), 0.0);
    const double mean = sum / static_cast<double>(by_user.size());
    for (Index user = 0; user < by_user.rows(); ++user) {
      const SparseRow row = by_user.row(user);
      for (Index t = 0; t < row.size(); ++t)
        pairs_.push_back({user, row.columns[t], static_cast<float>(double{row.values[t]} / mean)});
    }
    count_ = (size() + most - 1) / most;
  }

  Index size() const { return static_cast<Index>(pairs_.size()); }
  Index count() const { return count_; }
  Index num_runs() const { return (size() + count_ - 1) / count_; }

  void shuffle_run(Index run, Rng rng) {
    ChosenPair* const first = pairs_.data() + std::size_t{run} * count_;
    for (Index last = std::min(count_, size() - run * count_); last > 1; --last)
      std::swap(first[last - 1], first[rng.below(last)]);
  }

  // Pair t of a batch. Its number of pairs is that of the runs, or one less.
  const ChosenPair& pair(Index batch, Index t) const {
    return pairs_[std::size_t{t} * count_ + batch];
  }
  Index size(Index batch) const { return (size() - batch + count_ - 1) / count_; }
  // That of the next batch, too.
  void prefetch_next(Index batch, Index t) const { __builtin_prefetch(&pair(batch, t) + 1); }

  // These pairs of a batch with both ends moved on to where another user begins, so that ranges
  // which meet still meet, and no user is in two of them.
  IndexRange whole_users(Index batch, IndexRange range) const {
    const Index end = size(batch);
    const auto moved_on = [&](Index t) {
      while (t > 0 && t < end && pair(batch, t).user == pair(batch, t - 1).user) ++t;
      return std::min(t, end);
    };
    return {moved_on(range.first), moved_on(range.last)};
  }

 private:
  std::vector<ChosenPair> pairs_;  // those of a run side by side
  Index count_;
};

}  // namespace palate
