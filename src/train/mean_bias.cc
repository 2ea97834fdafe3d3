#include "train/mean_bias.h"

namespace palate {

void move_mean_bias(const SparseMatrix& ratings, std::span<float> bias, float& global_mean) {
  double sum = 0;
  Index rated = 0;
  for (Index row = 0; row < ratings.rows(); ++row) {
    if (ratings.row(row).size() == 0) continue;
    sum += bias[row];
    ++rated;
  }
  if (rated == 0) return;
  const auto mean = static_cast<float>(sum / rated);
  for (Index row = 0; row < ratings.rows(); ++row) {
    if (ratings.row(row).size() > 0) bias[row] -= mean;
  }
  global_mean += mean;
}

}  // namespace palate
