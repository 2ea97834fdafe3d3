// Ranked lists, measured on what was held out. Layer: experiment.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/evaluate/part.h"
#include "palate/model/scorer.h"
#include "palate/recommend/recommend.h"

namespace palate {

// Users who have something relevant among the rows that were held out: for each what a list leaves
// out, and what should stand in it. A row is relevant if its value is at least `relevant`, or above
// 0 where nothing is told. What the user has seen cannot be listed and is not relevant.
class HeldOutLists {
 public:
  // `seen` is users x items, and users and items of the rows may lie beyond it; it outlives this.
  // Of more users than `most` a part is taken, as evenly spread over the users as can be. `history`
  // is what scores of item weights are made of, where that is not all that was seen; it outlives
  // this, too.
  HeldOutLists(const Rows& rows, const SparseMatrix& seen, std::optional<float> relevant,
               Index most = std::numeric_limits<Index>::max(),
               const SparseMatrix* history = nullptr);
  // The users of a part's test rows, who are folded in where the part says so; it outlives this.
  HeldOutLists(const Part& part, const SparseMatrix& seen);

  // The same users, each folded in from the row that `rows` has for them, which outlives this.
  HeldOutLists folded_in(const SparseMatrix& rows) const;

  // Whether a row of this user, item and value is relevant.
  bool is_relevant(Index user, Index item, float value) const;

  Index num_users() const { return static_cast<Index>(users_.size()); }
  std::uint64_t num_relevant() const { return relevant_.size(); }
  Index users_without_relevant() const { return without_relevant_; }

  // Adds the users' lists, which are the same that recommend() makes by default_rules(), to what
  // is collected.
  void measure(const Scorer& scorer, Parallel& parallel, ListSums& sums,
               Exposure* exposure = nullptr) const;

 private:
  const SparseMatrix& seen_;
  const SparseMatrix& history_;
  const SparseMatrix* fold_in_ = nullptr;
  std::optional<float> least_;
  std::vector<Index> users_;
  std::vector<std::size_t> starts_{0};  // of each user's relevant items, and the end
  std::vector<Index> relevant_;         // ascending for each user
  Index without_relevant_ = 0;
};

// The mean of a metric over the users.
double mean_of_lists(const HeldOutLists& lists, const Scorer& scorer, const Metric& metric,
                     Parallel& parallel);

// What the users of a part are known to have seen when the test begins: train, validation and
// fold-in rows.
SparseMatrix seen_before_test(const Part& part);

}  // namespace palate
