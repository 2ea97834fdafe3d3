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

// Pulls and sources have fixed places, so that threads may write them side by side, and what they
// add up to does not depend on who wrote them. Then each thread takes the steps of rows of its own.
class RowPulls {
 public:
  static constexpr Index kNobody = static_cast<Index>(-1);

  RowPulls(Index num_rows, Index pulls, Index num_sources, Index factors, unsigned workers);

  // multiples[p] times row from[p] of the sources is a part of the gradient of row rows[p], or of
  // none where that is kNobody. weights[p] is what it counts for the row's regularization.
  std::vector<Index> rows;
  std::vector<Index> from;
  std::vector<float> multiples;
  std::vector<float> weights;
  // Vectors, and for each what its multiples say of the row's bias.
  Matrix sources;
  std::vector<float> source_biases;

  // Takes this worker's steps by AdaGrad: those of its rows' factors, and where there are biases,
  // of their biases. A row's regularization is the descent's times the weights of its pulls, which
  // are added in their order.
  void step(const Parallel::Worker& worker, RowDescent descent, MutableMatrixView factors,
            std::span<float> biases);

 private:
  // A worker's rows that have pulls, in the order of their first ones, and the pulls by row.
  struct Groups {
    Index count = 0;
    std::vector<Index> pulls;
    std::vector<Index> rows;
    std::vector<Index> starts;
    std::vector<Index> from;
    std::vector<float> multiples;
    std::vector<float> weights;
    std::vector<float> bias_gradients;
  };
  void group(const Parallel::Worker& worker, Groups& groups);

  std::vector<Groups> groups_;  // of each worker
  std::vector<Index> places_;   // of each row in its worker's groups
  std::vector<float> squares_;  // G
  std::vector<float> bias_squares_;
};

}  // namespace palate
