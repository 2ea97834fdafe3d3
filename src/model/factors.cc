#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "palate/model/factors.h"

namespace palate {

Factors::Factors(Index num_users, Index num_items, Index factors)
    : user_bias(num_users),
      item_bias(num_items),
      user_factors(num_users, factors),
      item_factors(num_items, factors) {}

namespace {

// No early end, so that the compiler can look at several at once: this runs after every epoch.
bool all_finite(std::span<const float> values) {
  // all its bits are set in infinities and NaNs alone
  constexpr std::uint32_t kExponent = 0x7F800000;
  std::uint32_t not_finite = 0;
  for (const float value : values)
    not_finite |=
        static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent);
  return not_finite == 0;
}

bool all_finite(const Matrix& matrix) {
  return all_finite({matrix.data(), matrix.rows() * matrix.stride()});
}

}  // namespace

bool Factors::all_finite() const {
  return std::isfinite(global_mean) && palate::all_finite(user_bias) &&
         palate::all_finite(item_bias) && palate::all_finite(user_factors) &&
         palate::all_finite(item_factors);
}

namespace {

double largest(std::span<const float> values) {
  double most = 0;
  for (const float value : values) most = std::max(most, std::abs(double{value}));
  return most;
}

// The square of the longest row's length.
double longest_square(const Matrix& matrix) {
  double most = 0;
  for (Index r = 0; r < matrix.rows(); ++r) {
    double square = 0;
    for (const float value : matrix.row(r)) square += double{value} * double{value};
    most = std::max(most, square);
  }
  return most;
}

}  // namespace

bool Factors::scores_are_finite() const {
  constexpr double kMost = double{std::numeric_limits<float>::max()} / 2;
  const double users = longest_square(user_factors);
  const double items = longest_square(item_factors);
  return all_finite() && users <= kMost && items <= kMost &&
         std::abs(double{global_mean}) + largest(user_bias) + largest(item_bias) +
                 std::sqrt(users * items) <=
             kMost;
}

namespace {

// For vectors of kFactors factors, known when compiling, or of any number where kFactors is 0.
template <Index kFactors>
void fill_scores(const Factors& factors, std::span<const Index> users, std::span<const Index> items,
                 std::span<float> result) {
  const Index count = kFactors > 0 ? kFactors : factors.num_factors();
  const MatrixView p = factors.user_factors.view();
  const MatrixView q = factors.item_factors.view();
  for (std::size_t t = 0; t < result.size(); ++t) {
    const bool known_user = users[t] < p.rows;
    const bool known_item = items[t] < q.rows;
    float score = factors.global_mean + (known_user ? factors.user_bias[users[t]] : 0) +
                  (known_item ? factors.item_bias[items[t]] : 0);
    if (known_user && known_item) {
      const float* const x = p.data + users[t] * p.stride;
      const float* const y = q.data + items[t] * q.stride;
      for (Index f = 0; f < count; ++f) score += x[f] * y[f];
    }
    result[t] = score;
  }
}

}  // namespace

std::vector<float> scores(const Factors& factors, std::span<const Index> users,
                          std::span<const Index> items) {
  std::vector<float> result(users.size());
  if (factors.num_factors() == 2) {  // the notebook's: every epoch asks for the test loss
    fill_scores<2>(factors, users, items, result);
  } else {
    fill_scores<0>(factors, users, items, result);
  }
  return result;
}

}  // namespace palate
