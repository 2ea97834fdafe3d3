#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fail.h"
#include "base/random.h"
#include "palate/evaluate/evaluate.h"

namespace palate {
namespace {

// Sums over some users, from which every metric is made.
struct Totals {
  double ratings = 0;
  double squared = 0;
  double absolute = 0;

  void add(const UserErrors& errors, std::size_t user) {
    ratings += errors.counts[user];
    squared += errors.squared[user];
    absolute += errors.absolute[user];
  }
  double mse() const { return ratings > 0 ? squared / ratings : 0; }
  double rmse() const { return std::sqrt(mse()); }
  double mae() const { return ratings > 0 ? absolute / ratings : 0; }
};

// The 95 % percentile interval of the draws around the measured value.
Interval interval(double value, std::vector<double> draws) {
  if (draws.empty()) return {value, value, value};
  std::ranges::sort(draws);
  const auto quantile = [&](double share) {
    const double position = share * static_cast<double>(draws.size() - 1);
    const std::size_t below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, draws.size() - 1);
    return std::lerp(draws[below], draws[above], position - static_cast<double>(below));
  };
  return {value, quantile(0.025), quantile(0.975)};
}

// The RMSE of one model minus that of the other in each draw.
std::vector<double> paired_draws(const RatingMetrics& model, const RatingMetrics& reference) {
  if (model.rmse_draws.size() != reference.rmse_draws.size()) {
    fail(ErrorCode::invalid_argument, "models measured with {} and {} draws cannot be compared",
         model.rmse_draws.size(), reference.rmse_draws.size());
  }
  std::vector<double> differences(model.rmse_draws.size());
  std::ranges::transform(model.rmse_draws, reference.rmse_draws, differences.begin(), std::minus{});
  return differences;
}

}  // namespace

std::uint64_t UserErrors::ratings() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

UserErrors pool_by_user(std::span<const Index> users, std::span<const float> predicted,
                        std::span<const float> actual) {
  const Index num_users = users.empty() ? 0 : *std::ranges::max_element(users) + 1;
  UserErrors all{std::vector<std::uint32_t>(num_users), std::vector<double>(num_users),
                 std::vector<double>(num_users)};
  for (std::size_t t = 0; t < users.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(actual[t]);
    ++all.counts[users[t]];
    all.squared[users[t]] += error * error;
    all.absolute[users[t]] += std::abs(error);
  }
  UserErrors pooled;
  for (Index user = 0; user < num_users; ++user) {
    if (all.counts[user] == 0) continue;
    pooled.counts.push_back(all.counts[user]);
    pooled.squared.push_back(all.squared[user]);
    pooled.absolute.push_back(all.absolute[user]);
  }
  return pooled;
}

RatingMetrics rating_metrics(const UserErrors& errors, Parallel& parallel,
                             const BootstrapOptions& options) {
  const Index num_users = static_cast<Index>(errors.counts.size());
  Totals measured;
  for (Index user = 0; user < num_users; ++user) measured.add(errors, user);

  std::vector<Totals> draws(num_users == 0 ? 0 : options.draws);
  constexpr Index kGrain = 32;
  parallel.for_ranges(static_cast<Index>(draws.size()), kGrain, [&](IndexRange range) {
    for (const Index draw : range) {
      Rng rng(options.seed, draw);
      for (Index n = 0; n < num_users; ++n) draws[draw].add(errors, rng.below(num_users));
    }
  });
  const auto values_of = [&](double (Totals::*metric)() const) {
    std::vector<double> values(draws.size());
    std::ranges::transform(draws, values.begin(), metric);
    return values;
  };
  return {interval(measured.rmse(), values_of(&Totals::rmse)),
          interval(measured.mae(), values_of(&Totals::mae)),
          interval(measured.mse(), values_of(&Totals::mse)), values_of(&Totals::rmse)};
}

Interval rmse_difference(const RatingMetrics& model, const RatingMetrics& reference) {
  return interval(model.rmse.value - reference.rmse.value, paired_draws(model, reference));
}

double rmse_p_value(const RatingMetrics& model, const RatingMetrics& reference) {
  const std::vector<double> differences = paired_draws(model, reference);
  const auto not_above = std::ranges::count_if(differences, [](double d) { return d <= 0; });
  const auto not_below = std::ranges::count_if(differences, [](double d) { return d >= 0; });
  const double rarer = static_cast<double>(std::min(not_above, not_below));
  return std::min(2 * (rarer + 1) / (static_cast<double>(differences.size()) + 1), 1.0);
}

}  // namespace palate
