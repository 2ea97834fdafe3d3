// A row of weights made by tests, with what is unobserved given by its axes, and its solution.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/random.h"
#include "linalg/symmetric.h"
#include "model/row_solver.h"

namespace palate {

// n weights of random rows of a random Y. The axes are any numbers: a row's equations do not ask
// where they are from.
struct WeightedProblem {
  WeightedProblem(Index n, Index factors, Index rows_of_y, std::uint64_t seed)
      : y(rows_of_y, factors), bias(rows_of_y), axes(factors) {
    Rng rng(seed);
    for (Index r = 0; r < rows_of_y; ++r) {
      for (float& value : y.row(r)) value = static_cast<float>(0.5 * rng.normal());
    }
    for (Index t = 0; t < n; ++t) {
      columns.push_back(rng.below(rows_of_y));
      weights.push_back(static_cast<float>(0.1 + 2 * rng.uniform()));
    }
    for (float& axis : axes) axis = static_cast<float>(10 * rng.uniform());
    std::ranges::sort(axes, std::ranges::greater());
  }
  SparseRow row() const { return {columns, weights}; }
  FixedSide fixed() const { return {.bias = bias, .factors = y.view(), .axes = axes}; }

  // sum_t w_t (1 - x . y_t)^2 + sum_p (D_p + lambda) x_p^2
  double objective_at(const std::vector<float>& x, const RowObjective& objective) const {
    const double lambda =
        lambda_of<double>(objective, std::accumulate(weights.begin(), weights.end(), 0.0));
    double sum = 0;
    for (std::size_t p = 0; p < x.size(); ++p)
      sum += (double{axes[p]} + lambda) * double{x[p]} * double{x[p]};
    for (std::size_t t = 0; t < columns.size(); ++t) {
      const std::span<const float> of_item = y.row(columns[t]);
      const double e = 1 - std::inner_product(x.begin(), x.end(), of_item.begin(), 0.0);
      sum += double{weights[t]} * e * e;
    }
    return sum;
  }

  // The normal equations' solution in double. lambda is raised as RowEquations says.
  std::vector<double> solution(const RowObjective& objective) const {
    const std::size_t f = axes.size();
    std::vector<double> a(f * f);
    std::vector<double> x(f);
    for (std::size_t t = 0; t < columns.size(); ++t) {
      const std::span<const float> of_item = y.row(columns[t]);
      for (std::size_t p = 0; p < f; ++p) {
        const double weighted = double{weights[t]} * double{of_item[p]};
        x[p] += weighted;
        for (std::size_t q = 0; q < f; ++q) a[p * f + q] += weighted * double{of_item[q]};
      }
    }
    double largest = 0;
    for (std::size_t p = 0; p < f; ++p) {
      a[p * f + p] += double{axes[p]};
      largest = std::max(largest, a[p * f + p]);
    }
    const double lambda =
        lambda_of<double>(objective, std::accumulate(weights.begin(), weights.end(), 0.0));
    for (std::size_t p = 0; p < f; ++p) a[p * f + p] += std::max(lambda, 1e-5 * largest);
    solve(a, x);
    return x;
  }

  Matrix y;
  std::vector<float> bias;
  std::vector<float> axes;
  std::vector<Index> columns;
  std::vector<float> weights;
};

constexpr RowObjective kWeightedObjectives[] = {
    {.ridge = {.factors = 0.02F, .exponent = 1, .offset = 5}, .bias = false, .unobserved = 1},
    {.ridge = {.factors = 0.7F, .exponent = 0.5F}, .bias = false, .unobserved = 1},
    {.ridge = {.factors = 1e3F}, .bias = false, .unobserved = 1},
};

}  // namespace palate
