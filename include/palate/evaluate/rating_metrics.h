// How far predicted ratings are from actual ones. Layer: eval.
#pragma once

#include <span>
#include <vector>

#include "palate/base/index.h"
#include "palate/evaluate/metrics.h"

namespace palate {

// rmse, mae and mse, of which the first is what models are compared by. For n test ratings r_t, of
// which p_t are predictions,
//
//   MSE = 1/n sum_t (p_t - r_t)^2      RMSE = sqrt(MSE)      MAE = 1/n sum_t |p_t - r_t|
const std::vector<Metric>& rating_metrics();

// What each user contributed to these metrics, in their order. `users`, `predicted` and `actual`
// have an entry for each test rating. The users that have any come in ascending order of index, so
// that the models of one split have the same.
std::vector<UserSums> rating_sums(std::span<const Index> users, std::span<const float> predicted,
                                  std::span<const float> actual);

}  // namespace palate
