#include "experiment/fold_in_row.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "model/fold_in_items.h"
#include "model/row_solver.h"
#include "palate/base/error.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/model/query.h"

namespace palate {
namespace {

constexpr Index kMostUsers = 2000;

// Searches powers of two: along one coordinate after the other as long as it gets better, by long
// steps first and then by shorter ones.
class RowSearch {
 public:
  // All that it is given outlives it.
  RowSearch(Scorer& scorer, const HeldOutLists& known, const SparseMatrix& train,
            Parallel& parallel, const Watch& watch)
      : scorer_(scorer),
        left_(*scorer.row),
        items_(scorer),
        known_(known),
        train_(train),
        parallel_(parallel),
        watch_(watch),
        metric_(list_metrics().front()) {
    std::vector<std::span<const float>> trained;
    for (const Index user : known.users()) {
      chosen_.push_back(weighted(train.row(user), *scorer.weighting));
      trained.emplace_back(scorer.factors.user_factors.row(user));
    }
    trained_products_ = products_of(trained);
    best_.measured = {known.num_users(), known.mean(metric_, scorer, parallel), 0};
  }

  // Gives the scorer the best row; nothing where none could be measured.
  std::optional<FoldInChoice> run() {
    improves({});
    for (const int step : {4, 2, 1}) {
      for (const std::size_t coordinate : {0U, 1U}) {
        if (!climb(coordinate, step)) climb(coordinate, -step);
      }
    }
    scorer_.row = has_best_ ? multiplied(left_, best_) : left_;
    return has_best_ ? std::optional(best_) : std::nullopt;
  }

 private:
  using Place = std::array<int, 2>;  // exponents of two, of `unobserved` and of the ridge
  static constexpr int kFarthest = 16;
  static constexpr int kMostRows = 24;

  // Whether it has become better.
  bool climb(std::size_t coordinate, int step) {
    bool has_climbed = false;
    while (true) {
      Place next = place_;
      next[coordinate] += step;
      if (std::abs(next[coordinate]) > kFarthest || !improves(next)) return has_climbed;
      has_climbed = true;
    }
  }

  // Whether the row there is the best so far; false, too, where the search has to end.
  bool improves(const Place& place) {
    if (watch_.stopped() || num_measured_ == kMostRows) return false;
    ++num_measured_;
    FoldInChoice choice{.unobserved = std::ldexp(1.0F, place[0]),
                        .ridge = std::ldexp(1.0F, place[1]),
                        .measured = best_.measured};
    const std::optional<double> value = measure(choice);
    if (!value || (has_best_ && !(*value > best_.measured.folded_in))) return false;
    choice.measured.folded_in = *value;
    best_ = choice;
    place_ = place;
    has_best_ = true;
    return true;
  }

  // Sets the target of the choice. Nothing where somebody has no finite vector by its row.
  std::optional<double> measure(FoldInChoice& choice) {
    scorer_.row = multiplied(left_, choice);
    scorer_.row->target = 1;
    std::vector<Query> queries;
    try {
      queries = fold_in(scorer_, train_, known_.users(), parallel_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_data) throw;
      return {};
    }
    std::vector<std::span<const float>> folded_in;
    for (const Query& query : queries) folded_in.emplace_back(query.vector);
    const double products = products_of(folded_in);
    if (products > 0 && trained_products_ > 0) {
      choice.target =
          positive_lambda(trained_products_ / products / static_cast<double>(left_.target));
    }
    const float target = multiplied(left_, choice).target;
    for (Query& query : queries) {
      for (float& x : query.vector) x *= target;
    }
    return known_.mean(metric_, scorer_, queries, parallel_);
  }

  // sum_t w_t x . y_t over the train rows of the users, with a vector of each; none is zero.
  double products_of(std::span<const std::span<const float>> vectors) const {
    double sum = 0;
    for (std::size_t n = 0; n < chosen_.size(); ++n) {
      const std::span<const float> x = vectors[n];
      for (std::size_t t = 0; !x.empty() && t < chosen_[n].items.size(); ++t) {
        const std::span<const float> y = items_.side().factors.row(chosen_[n].items[t]);
        sum += static_cast<double>(chosen_[n].values[t]) *
               std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
      }
    }
    return sum;
  }

  Scorer& scorer_;
  RowObjective left_;  // by training
  FoldInItems items_;  // as that row has them, and every other
  const HeldOutLists& known_;
  const SparseMatrix& train_;
  Parallel& parallel_;
  const Watch& watch_;
  Metric metric_;
  std::vector<RatedItems> chosen_;  // by each user, with weights
  double trained_products_ = 0;
  FoldInChoice best_;
  Place place_{};  // of the best
  bool has_best_ = false;
  int num_measured_ = 0;
};

}  // namespace

RowObjective multiplied(RowObjective row, const FoldInChoice& choice) {
  const auto multiply = [](float& value, float by) {
    if (value != 0) value = positive_lambda(double{value} * double{by});
  };
  multiply(row.unobserved, choice.unobserved);
  multiply(row.ridge.offset, choice.unobserved);
  multiply(row.ridge.factors, choice.ridge);
  multiply(row.target, choice.target);
  return row;
}

std::optional<FoldInChoice> choose_row(Scorer& scorer, const Part& part, Parallel& parallel,
                                       const Watch& watch) {
  if (!scorer.folds_in_approximately()) return {};
  const SparseMatrix& train = part.train.by_user();
  const HeldOutLists known(part.validation, train, part.train.relevant(), kMostUsers, &train);
  if (known.num_users() == 0 || watch.stopped()) return {};
  return RowSearch(scorer, known, train, parallel, watch).run();
}

}  // namespace palate
