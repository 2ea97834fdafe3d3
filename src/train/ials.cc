// Factorization of implicit feedback by alternating least squares: palate/algorithms/ials.h has the
// objective.
//
// With the users held fixed each item's factors are a weighted ridge regression of their own, and
// the other way round. What all unobserved pairs say is the same for every row, c Y^T Y, but for
// the seen ones, which add to it. Where that pays, both sides are turned before a half-step so that
// c Y^T Y is diagonal (model/axes.h), which changes no score.
#include "palate/algorithms/ials.h"

#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

#include "base/random.h"
#include "model/axes.h"
#include "model/half_step.h"
#include "train/epochs.h"
#include "train/warm_start.h"
#include "train/weights.h"

namespace palate {
namespace {

double sum_of(std::span<const float> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

Index count_of_filled(const SparseMatrix& rows) {
  Index count = 0;
  for (Index r = 0; r < rows.rows(); ++r) count += rows.row(r).size() > 0 ? 1 : 0;
  return count;
}

// `others` is how many there are on the other side, each of which weighs c.
RowObjective objective_of(const IalsOptions& options, double mean_weight, double c, Index others) {
  const double unit = std::pow(mean_weight, 1 - double{options.regularization_exponent});
  return {.ridge = {.factors = positive_lambda(double{options.regularization} * unit),
                    .exponent = options.regularization_exponent,
                    .offset = positive_lambda(c * others)},
          .bias = false,
          .unobserved = positive_lambda(c)};
}

// One half of an epoch, by the solver that is chosen.
class Step {
 public:
  // `others`: how many rows of the other side have weights; nothing where the rows have to be
  // solved as somebody new is folded in.
  Step(const SparseMatrix& rows, const IalsOptions& options, const RowObjective& objective,
       std::optional<Index> others, Parallel& parallel)
      : weight_(objective.unobserved), parallel_(parallel) {
    const IalsSolver solver = chosen_solver(options);
    const Index factors = options.factors;
    has_axes_ = solver != IalsSolver::exact || (others && axes_pay(rows, factors, *others));
    for (Index row = 0; row < rows.rows(); ++row) {
      if (solver != IalsSolver::exact || rows.row(row).size() == 0) turned_.push_back(row);
    }
    if (solver == IalsSolver::cg) {
      half_ = half<ConjugateGradient>(rows, factors, objective, kSteps);
    } else if (solver == IalsSolver::subspace) {
      half_ = half<Subspace>(rows, factors, objective, kBlock);
    } else {
      half_ = half<RowSolver>(rows, factors, objective, kernels(), has_axes_);
    }
  }

  // The views are of these factors, which are turned in their place.
  double operator()(Matrix& fixed_factors, FixedSide fixed, Matrix& solved_factors,
                    const Side& solved, bool measure) const {
    std::vector<float> axes;
    if (has_axes_) {
      axes = turn_to_axes(fixed_factors, solved_factors, turned_, weight_, parallel_);
      fixed.axes = axes;
    }
    return half_(fixed, solved, measure);
  }

 private:
  static constexpr Index kSteps = 3;
  static constexpr Index kBlock = 16;

  // Whether turning the factors takes well under what it spares rows with few weights. Eigenvectors
  // take as long as some 100 of the systems of equations that are spared (measured), a turned row
  // 3 / factors of one (counted).
  static bool axes_pay(const SparseMatrix& rows, Index factors, Index others) {
    double few = 0;
    for (Index row = 0; row < rows.rows(); ++row) {
      const Index n = rows.row(row).size();
      few += n > 0 && num_unknowns(n, factors) < factors ? 1 : 0;
    }
    return few > 400 + 4.0 * others / factors;
  }

  template <class Solver, class... Settings>
  std::function<double(const FixedSide&, const Side&, bool)> half(const SparseMatrix& rows,
                                                                  Index factors,
                                                                  const RowObjective& objective,
                                                                  const Settings&... settings) {
    const auto step =
        std::make_shared<HalfStepOf<Solver>>(rows, factors, objective, parallel_, settings...);
    return [step](const FixedSide& fixed, const Side& solved, bool measure) {
      return (*step)(fixed, solved, measure);
    };
  }

  float weight_;
  Parallel& parallel_;
  bool has_axes_ = false;
  std::vector<Index> turned_;  // of the rows, those that are turned with the fixed side
  std::function<double(const FixedSide&, const Side&, bool)> half_;
};

// Small random user factors; zero where a user has chosen nothing.
Factors initial_factors(const Dataset& data, const SparseMatrix& by_user,
                        const IalsOptions& options) {
  const double scale = 0.1 / std::sqrt(options.factors);
  Factors factors(data.num_users(), data.num_items(), options.factors);
  for (Index user = 0; user < data.num_users(); ++user) {
    if (by_user.row(user).size() == 0) continue;
    Rng rng(options.seed, user);
    for (float& value : factors.user_factors.row(user))
      value = static_cast<float>(scale * rng.normal());
  }
  return factors;
}

// sum_{u,i} (x_u . y_i)^2, which is the trace of X^T X Y^T Y
double sum_of_squares(const Factors& model, Parallel& parallel) {
  const Matrix of_users = unobserved_equations(model.user_factors.view(), 1, parallel);
  const Matrix of_items = unobserved_equations(model.item_factors.view(), 1, parallel);
  const std::size_t stride = kernels().equations_stride(model.num_factors());
  double sum = 0;
  for (Index p = 0; p < model.num_factors(); ++p) {
    for (Index q = p; q < model.num_factors(); ++q) {
      const std::size_t place = (2 + std::size_t{p}) * stride + q;
      sum += (p == q ? 1 : 2) * double{of_users.data()[place]} * double{of_items.data()[place]};
    }
  }
  return sum;
}

// sum_r lambda_r |x_r|^2
double penalty(const SparseMatrix& rows, const RowObjective& objective, const Matrix& factors) {
  double sum = 0;
  for (Index r = 0; r < rows.rows(); ++r) {
    const std::span<const float> x = factors.row(r);
    const double square = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
    sum += lambda_of<double>(objective, sum_of(rows.row(r).values)) * square;
  }
  return sum;
}

}  // namespace

TrainResult train(const Dataset& data, const IalsOptions& options, TrainContext& context) {
  check_training(data, options, context);
  const Weighting weighting = weighting_of(data, options);
  const auto [by_user, by_item] = weighted(data, weighting);
  check_weights(by_user);
  const Index users = count_of_filled(by_user);
  const Index items = count_of_filled(by_item);
  const double total = sum_of(by_user.values);
  const double c = options.unobserved * total / (static_cast<double>(users) * items);
  const double mean_weight = total / static_cast<double>(by_user.size());
  const RowObjective of_user = objective_of(options, mean_weight, c, items);
  const RowObjective of_item = objective_of(options, mean_weight, c, users);
  const Step solve_items(by_item, options, of_item, users, context.parallel);
  const Step solve_users(by_user, options, of_user, {}, context.parallel);
  const auto one_epoch = [&](Factors& model, Index) {
    solve_items(model.user_factors, fixed_users(model), model.item_factors, items_of(model), false);
    // Users last: they fit the items that are stored.
    const double observed = solve_users(model.item_factors, fixed_items(model), model.user_factors,
                                        users_of(model), true);
    const double unobserved = c * sum_of_squares(model, context.parallel);
    const double regularization = penalty(by_user, of_user, model.user_factors) +
                                  penalty(by_item, of_item, model.item_factors);
    return EpochLoss::sum_of({observed / total, unobserved / total, regularization / total});
  };
  Scorer initial =
      scorer_of(data, started(context, initial_factors(data, by_user, options)), weighting);
  initial.row = of_user;
  return run_epochs(std::move(initial), options.epochs, context,
                    fmt::format("a higher regularization than {}", options.regularization),
                    one_epoch, {"train_observed", "train_unobserved", "train_regularization"});
}

}  // namespace palate
