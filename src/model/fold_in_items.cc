#include "model/fold_in_items.h"

#include <algorithm>
#include <vector>

namespace palate {
namespace {

bool has_vector(std::span<const float> row) {
  return std::ranges::any_of(row, [](float value) { return value != 0; });
}

// The rows less their mean, but for those that are zero: nobody has chosen these items.
Matrix centred(Matrix rows) {
  std::vector<double> sum(rows.cols());
  double count = 0;
  for (Index r = 0; r < rows.rows(); ++r) {
    const std::span<const float> row = rows.row(r);
    count += has_vector(row) ? 1 : 0;
    for (Index f = 0; f < rows.cols(); ++f) sum[f] += double{row[f]};
  }
  for (Index r = 0; r < rows.rows(); ++r) {
    const std::span<float> row = rows.row(r);
    if (!has_vector(row)) continue;
    for (Index f = 0; f < rows.cols(); ++f)
      row[f] = static_cast<float>(double{row[f]} - sum[f] / count);
  }
  return rows;
}

}  // namespace

FoldInItems::FoldInItems(const Scorer& scorer) : scorer_(scorer) {
  if (scorer.row->approximate) centred_ = centred(scorer.factors.item_factors);
  if (scorer.row->unobserved == 0) return;
  Parallel alone(1);
  unobserved_ = unobserved_equations(side().factors, scorer.row->unobserved, alone);
}

FixedSide FoldInItems::side() const {
  FixedSide items = fixed_items(scorer_.factors);
  if (scorer_.row->approximate) items.factors = centred_.view();
  if (scorer_.row->unobserved > 0) items.unobserved = unobserved_.data();
  return items;
}

}  // namespace palate
