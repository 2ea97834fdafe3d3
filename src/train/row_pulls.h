// Steps for many rows at a time, each against a sum of other rows: one side of a factorization
// that is trained by batches.
#pragma once

#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "palate/base/matrix.h"
#include "palate/base/parallel.h"
#include "palate/model/factors.h"

namespace palate {

// `multiple` times the source is a part of the row's gradient.
struct RowPull {
  static constexpr Index kNobody = static_cast<Index>(-1);
  Index row = kNobody;  // the user or the item
  Index source = 0;
  float multiple = 0;
  float weight = 0;  // what the pull counts for the row's regularization
};

// Pulls and sources have fixed places, so that threads may write them side by side, and what they
// add up to does not depend on who wrote them. Then one thread groups the pulls by row, and all
// threads take the rows' steps.
class RowPulls {
 public:
  RowPulls(Index rows, Index pulls, Index sources, Index factors);

  std::span<RowPull> pulls(Index first, Index count) {
    return std::span(pulls_).subspan(first, count);
  }
  // Vectors, and for each what its multiples say of the row's bias.
  Matrix sources;
  std::vector<float> source_biases;

  // From then on each row with a pull is known, its pulls in their order.
  void group();

  // Takes this worker's share of the steps by AdaGrad: of a row's factors, and where there are
  // biases, of its bias. A row's regularization is the descent's times the weights of its pulls.
  void step(const Parallel::Worker& worker, const RowDescent& descent, MutableMatrixView factors,
            std::span<float> biases);

 private:
  std::vector<RowPull> pulls_;
  std::vector<Index> first_;    // pull of each row
  std::vector<Index> next_;     // pull of the same row
  std::vector<Index> rows_;     // those that have pulls
  std::vector<float> squares_;  // G
  std::vector<float> bias_squares_;
};

}  // namespace palate
