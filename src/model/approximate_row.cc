#include "model/approximate_row.h"

#include <cmath>
#include <numeric>
#include <span>

#include "model/fold_in_items.h"
#include "model/row_solver.h"

namespace palate {
namespace {

double inner(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

void set_approximate_row(const SparseMatrix& weights, Index num_items, Scorer& scorer) {
  constexpr double kUnobserved = 16;
  constexpr double kRegularization = 3;
  scorer.row = RowObjective{.bias = false, .approximate = true};
  const FoldInItems centred(scorer);
  const MatrixView y = centred.side().factors;
  double total = 0;
  double products = 0;
  double users = 0;
  for (Index user = 0; user < weights.rows(); ++user) {
    const SparseRow row = weights.row(user);
    users += row.size() > 0 ? 1 : 0;
    for (Index t = 0; t < row.size(); ++t) {
      total += double{row.values[t]};
      products += inner(scorer.factors.user_factors.row(user), y.row(row.columns[t]));
    }
  }
  double squares = 0;
  for (Index item = 0; item < y.rows; ++item) squares += inner(y.row(item), y.row(item));
  const auto items = static_cast<double>(num_items);
  const auto pairs = static_cast<double>(weights.size());
  const double c = kUnobserved * total / (users * items);
  scorer.row->unobserved = positive_lambda(c);
  scorer.row->ridge = {
      .factors = positive_lambda(kRegularization * std::sqrt(total / pairs) * squares / items),
      .exponent = 0.5F,
      .offset = positive_lambda(c * items)};
  if (products > 0) scorer.row->target = positive_lambda(products / pairs);
}

}  // namespace palate
