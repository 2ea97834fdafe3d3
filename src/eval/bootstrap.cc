#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/random.h"
#include "palate/evaluate/metrics.h"

namespace palate {
namespace {

// A row for each user and in it the columns of all metrics: a draw takes users at random, and finds
// what it needs of one side by side. Equal columns are kept once, as the squared errors of RMSE and
// MSE, and how many ratings users have.
class UserTable {
 public:
  UserTable(std::span<const Metric> metrics, std::span<const UserSums> sums) {
    if (metrics.size() != sums.size())
      fail(ErrorCode::invalid_argument, "{} metrics have the sums of {}", metrics.size(),
           sums.size());
    std::vector<const std::vector<double>*> columns;
    const auto place_of = [&](const std::vector<double>& column) {
      const auto same = std::ranges::find_if(columns, [&](const auto* c) { return *c == column; });
      const auto place = static_cast<std::size_t>(same - columns.begin());
      if (same == columns.end()) columns.push_back(&column);
      return place;
    };
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      places_.push_back({place_of(sums[m].sum), place_of(sums[m].weight), metrics[m].root});
      for (const auto* column : {&sums[m].sum, &sums[m].weight}) {
        if (column->size() != columns.front()->size()) {
          fail(ErrorCode::invalid_argument, "metric {} has {} users, the first {}", metrics[m].name,
               column->size(), columns.front()->size());
        }
      }
    }
    width_ = columns.size();
    num_users_ = columns.empty() ? 0 : static_cast<Index>(columns.front()->size());
    cells_.resize(num_users_ * width_);
    for (std::size_t c = 0; c < width_; ++c) {
      for (std::size_t user = 0; user < num_users_; ++user)
        cells_[user * width_ + c] = (*columns[c])[user];
    }
  }

  Index num_users() const { return num_users_; }
  std::size_t width() const { return width_; }

  void add(Index user, std::span<double> totals) const {
    const double* const row = cells_.data() + user * width_;
    for (std::size_t c = 0; c < width_; ++c) totals[c] += row[c];
  }

  double value(std::size_t metric, std::span<const double> totals) const {
    const auto [sum, weight, root] = places_[metric];
    const double mean = totals[weight] > 0 ? totals[sum] / totals[weight] : 0;
    return root ? std::sqrt(mean) : mean;
  }

 private:
  struct Place {
    std::size_t sum = 0;  // the metric's columns
    std::size_t weight = 0;
    bool root = false;
  };
  std::vector<Place> places_;  // by metric
  std::size_t width_ = 0;
  Index num_users_ = 0;
  std::vector<double> cells_;
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

// The metric of one model minus that of the other in each draw.
std::vector<double> paired_draws(const Measured& model, const Measured& reference) {
  if (model.draws.size() != reference.draws.size()) {
    fail(ErrorCode::invalid_argument, "models measured with {} and {} draws cannot be compared",
         model.draws.size(), reference.draws.size());
  }
  std::vector<double> differences(model.draws.size());
  std::ranges::transform(model.draws, reference.draws, differences.begin(), std::minus{});
  return differences;
}

}  // namespace

std::vector<Measured> bootstrap(std::span<const Metric> metrics, std::span<const UserSums> sums,
                                Parallel& parallel, const BootstrapOptions& options) {
  const UserTable table(metrics, sums);
  const Index num_users = table.num_users();
  const std::size_t width = table.width();
  std::vector<double> all(width);
  for (Index user = 0; user < num_users; ++user) table.add(user, all);

  const Index num_draws = num_users == 0 ? 0 : options.draws;
  std::vector<double> drawn(num_draws * width);
  const auto totals = [&](Index draw) { return std::span(drawn).subspan(draw * width, width); };
  constexpr Index kGrain = 32;
  parallel.for_ranges(num_draws, kGrain, [&](IndexRange range) {
    for (const Index draw : range) {
      Rng rng(options.seed, draw);
      for (Index n = 0; n < num_users; ++n) table.add(rng.below(num_users), totals(draw));
    }
  });

  std::vector<Measured> measured;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    std::vector<double> draws(num_draws);
    for (Index draw = 0; draw < num_draws; ++draw) draws[draw] = table.value(m, totals(draw));
    const Interval around = interval(table.value(m, all), draws);
    measured.push_back({metrics[m], around, std::move(draws)});
  }
  return measured;
}

const Measured* find_metric(std::span<const Measured> measured, std::string_view name) {
  const auto found =
      std::ranges::find_if(measured, [&](const Measured& one) { return one.metric.name == name; });
  return found == measured.end() ? nullptr : &*found;
}

Interval difference(const Measured& model, const Measured& reference) {
  return interval(model.interval.value - reference.interval.value, paired_draws(model, reference));
}

double p_value(const Measured& model, const Measured& reference) {
  const std::vector<double> differences = paired_draws(model, reference);
  const auto not_above = std::ranges::count_if(differences, [](double d) { return d <= 0; });
  const auto not_below = std::ranges::count_if(differences, [](double d) { return d >= 0; });
  const double rarer = static_cast<double>(std::min(not_above, not_below));
  return std::min(2 * (rarer + 1) / (static_cast<double>(differences.size()) + 1), 1.0);
}

}  // namespace palate
