#include <algorithm>
#include <cmath>
#include <numeric>

#include "palate/model.h"

namespace palate {

Factors::Factors(Index num_users, Index num_items, Index factors)
    : user_bias(num_users), item_bias(num_items), user_factors(num_users, factors), item_factors(num_items, factors) {}

float Factors::score(Index user, Index item) const {
  const std::span<const float> p = user_factors.row(user);
  const std::span<const float> q = item_factors.row(item);
  return std::inner_product(p.begin(), p.end(), q.begin(), global_mean + user_bias[user] + item_bias[item]);
}

bool Factors::all_finite() const {
  const auto finite = [](std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
  };
  const auto finite_rows = [&](const Matrix& matrix) { return finite({matrix.data(), matrix.rows() * matrix.stride()}); };
  return std::isfinite(global_mean) && finite(user_bias) && finite(item_bias) && finite_rows(user_factors) &&
         finite_rows(item_factors);
}

std::vector<float> scores(const Factors& factors, std::span<const Index> users, std::span<const Index> items) {
  std::vector<float> result(users.size());
  for (std::size_t t = 0; t < users.size(); ++t) result[t] = factors.score(users[t], items[t]);
  return result;
}

}  // namespace palate
