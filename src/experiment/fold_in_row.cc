#include "experiment/fold_in_row.h"

#include <array>
#include <cmath>

#include "model/row_solver.h"
#include "palate/base/error.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/evaluate/list_metrics.h"

namespace palate {
namespace {

constexpr Index kMostUsers = 2000;

// Searches powers of two: along one coordinate after the other as long as it gets better, by long
// steps first and then by shorter ones.
class RowSearch {
 public:
  RowSearch(Scorer& scorer, const HeldOutLists& folded_in, Parallel& parallel, const Watch& watch)
      : scorer_(scorer),
        left_(*scorer.row),
        folded_in_(folded_in),
        parallel_(parallel),
        watch_(watch) {}

  // Whether any row could be measured.
  bool run() {
    best_value_ = value_of(best_).value_or(-1);
    for (const int step : {4, 2, 1}) {
      for (const std::size_t coordinate : {0U, 1U}) {
        if (!climb(coordinate, step)) climb(coordinate, -step);
      }
    }
    scorer_.row = row_at(best_);
    return best_value_ >= 0;
  }

  double best_value() const { return best_value_; }
  float unobserved() const { return std::ldexp(1.0F, best_[0]); }
  float ridge() const { return std::ldexp(1.0F, best_[1]); }

 private:
  using Place = std::array<int, 2>;  // exponents of two, of `unobserved` and of the ridge
  static constexpr int kFarthest = 12;
  static constexpr int kMostRows = 24;

  RowObjective row_at(const Place& place) const {
    return multiplied(left_, std::ldexp(1.0F, place[0]), std::ldexp(1.0F, place[1]));
  }

  // Whether it has become better.
  bool climb(std::size_t coordinate, int step) {
    bool has_climbed = false;
    while (true) {
      Place next = best_;
      next[coordinate] += step;
      if (std::abs(next[coordinate]) > kFarthest) return has_climbed;
      const std::optional<double> value = value_of(next);
      if (!value || !(*value > best_value_)) return has_climbed;
      best_ = next;
      best_value_ = *value;
      has_climbed = true;
    }
  }

  // Nothing where the search has to end, and of a row by which somebody has no finite vector.
  std::optional<double> value_of(const Place& place) {
    if (watch_.stopped() || measured_ == kMostRows) return {};
    ++measured_;
    scorer_.row = row_at(place);
    try {
      return mean_of_lists(folded_in_, scorer_, list_metrics().front(), parallel_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_data) throw;
      return {};
    }
  }

  Scorer& scorer_;
  RowObjective left_;  // by training
  const HeldOutLists& folded_in_;
  Parallel& parallel_;
  const Watch& watch_;
  Place best_{};
  double best_value_ = -1;
  int measured_ = 0;
};

}  // namespace

RowObjective multiplied(RowObjective row, float unobserved, float ridge) {
  const auto product = [](float a, float b) {
    return a == 0 ? 0 : positive_lambda(double{a} * double{b});
  };
  row.unobserved = product(row.unobserved, unobserved);
  row.ridge.offset = product(row.ridge.offset, unobserved);
  row.ridge.factors = product(row.ridge.factors, ridge);
  return row;
}

std::optional<FoldInChoice> choose_row(Scorer& scorer, const Part& part, Parallel& parallel,
                                       const Watch& watch) {
  if (!scorer.folds_in_approximately()) return {};
  const SparseMatrix& train = part.train.by_user();
  const HeldOutLists known(part.validation, train, part.train.relevant(), kMostUsers, &train);
  if (known.num_users() == 0 || watch.stopped()) return {};
  const HeldOutLists folded_in = known.folded_in(train);
  const double trained = mean_of_lists(known, scorer, list_metrics().front(), parallel);
  RowSearch search(scorer, folded_in, parallel, watch);
  if (!search.run()) return {};
  return FoldInChoice{
      search.unobserved(), search.ridge(), {known.num_users(), trained, search.best_value()}};
}

}  // namespace palate
