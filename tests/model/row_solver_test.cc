#include "model/row_solver.h"

#include <gtest/gtest.h>

#include <vector>

#include "palate/algorithms/train.h"
#include "small_data.h"

namespace palate {
namespace {

TEST(RowSolver, FoldingInAUserEqualsTheUsersHalfStep) {
  Parallel parallel(1);
  const Dataset data(planted_interactions(40, 30, 0.3, 2, 0.4, 1), parallel);
  for (const Index factors : {3U, 32U, 100U}) {
    const AlsOptions options{.factors = factors, .epochs = 3};
    TrainContext context{.parallel = parallel};
    const Factors model = train(data, options, context).factors;
    RowSolver solver(factors, ridge_of(options, data.range()));
    for (Index user = 0; user < data.num_users(); ++user) {
      const SparseRow row = data.by_user().row(user);
      std::vector<float> x(factors);
      float bias = 0;
      const RowSolution solution{x.data(), &bias};
      solver.solve(fixed_items(model), {&row, 1}, {&solution, 1}, false);
      ASSERT_EQ(bias, model.user_bias[user]);
      ASSERT_TRUE(std::ranges::equal(x, model.user_factors.row(user)));
    }
  }
}

TEST(RowSolver, MeasuresTheErrorAfterTheSolution) {
  Parallel parallel(1);
  const Dataset data(planted_interactions(40, 30, 0.3, 2, 0.4, 1), parallel);
  TrainContext context{.parallel = parallel};
  const TrainResult result = train(data, AlsOptions{.factors = 4, .epochs = 3}, context);
  double sum = 0;
  for (std::size_t t = 0; t < data.size(); ++t) {
    const double e = result.factors.score(data.users()[t], data.items()[t]) - data.values()[t];
    sum += e * e;
  }
  EXPECT_NEAR(result.report.curve.back().train_loss, sum / static_cast<double>(data.size()), 1e-5);
}

}  // namespace
}  // namespace palate
