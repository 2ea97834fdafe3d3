// Ranked lists, measured on what was held out. Layer: experiment.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/evaluate/part.h"
#include "palate/model/query.h"
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

  // Whether a row of this user, item and value is relevant.
  bool is_relevant(Index user, Index item, float value) const;

  std::span<const Index> users() const { return users_; }
  Index num_users() const { return static_cast<Index>(users_.size()); }
  std::uint64_t num_relevant() const { return relevant_.size(); }
  Index users_without_relevant() const { return without_relevant_; }

  // Adds the users' lists, which are the same that recommend() makes by default_rules(), to what
  // is collected.
  void measure(const Scorer& scorer, Parallel& parallel, ListSums& sums,
               Exposure* exposure = nullptr) const;

  // The mean of a metric over the users.
  double mean(const Metric& metric, const Scorer& scorer, Parallel& parallel) const;
  // The same with queries of their own, query n for users()[n].
  double mean(const Metric& metric, const Scorer& scorer, std::span<const Query> queries,
              Parallel& parallel) const;

 private:
  // `query` says for any n what users()[n] is to the items, by any thread.
  void measure(const Scorer& scorer, const std::function<QueryView(Index)>& query,
               Parallel& parallel, ListSums& sums, Exposure* exposure) const;

  const SparseMatrix& seen_;
  const SparseMatrix& history_;
  const SparseMatrix* fold_in_ = nullptr;
  std::optional<float> least_;
  std::vector<Index> users_;
  std::vector<std::size_t> starts_{0};  // of each user's relevant items, and the end
  std::vector<Index> relevant_;         // ascending for each user
  Index without_relevant_ = 0;
};

// What the users of a part are known to have seen when the test begins: train, validation and
// fold-in rows.
SparseMatrix seen_before_test(const Part& part);

}  // namespace palate
