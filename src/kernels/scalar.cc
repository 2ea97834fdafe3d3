// The plain loops: the definition of every kernel.
#include "kernels/least_squares_scalar.h"
#include "kernels/mark_bytes_scalar.h"
#include "kernels/multiply_scalar.h"
#include "kernels/parse_integers_scalar.h"
#include "kernels/ranking_scalar.h"
#include "kernels/row_errors_scalar.h"
#include "kernels/score_bounds_scalar.h"
#include "kernels/sgd_scalar.h"
#include "kernels/targets.h"

namespace palate {

const Kernels& scalar_kernels() {
  static constexpr Kernels table{
      .target = "scalar",
      .lanes = 1,
      .most_byte = 127,
      .row_equations = scalar::row_equations,
      .solve_rows = scalar::solve_rows,
      .squared_error = scalar::squared_error,
      .mark_bytes = scalar::mark_bytes,
      .parse_integers = scalar::parse_integers,
      .sgd_steps = scalar::sgd_steps,
      .score_bounds = scalar::score_bounds,
      .row_errors = scalar::row_errors,
      .sum_errors = scalar::sum_errors,
      .multiply = scalar::multiply,
      .softmax_gradients = scalar::softmax_gradients,
      .products = scalar::products,
      .descend = scalar::descend,
  };
  return table;
}

}  // namespace palate
