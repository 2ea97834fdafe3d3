#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "base/fail.h"
#include "base/quantile.h"
#include "base/random.h"
#include "palate/evaluate/metrics.h"

namespace palate {
namespace {

// Some numbers of one user side by side, within one cache line: a draw takes users at random.
constexpr std::size_t kCells = 4;
struct alignas(32) Cells {
  std::array<double, kCells> of{};

  Cells& operator+=(const Cells& other) {
    for (std::size_t c = 0; c < kCells; ++c) of[c] += other.of[c];
    return *this;
  }
};

// The sums and weights of all metrics as columns, kCells to a block. Equal columns are kept once,
// as the squared errors of RMSE and MSE, and how many ratings users have.
class UserTable {
 public:
  UserTable(std::span<const Metric> metrics, std::span<const UserSums> sums) {
    if (metrics.size() != sums.size()) {
      fail(ErrorCode::invalid_argument, "{} metrics have the sums of {}", metrics.size(),
           sums.size());
    }
    if (!sums.empty()) num_users_ = static_cast<Index>(sums.front().sum.size());
    std::vector<const std::vector<double>*> columns;
    const auto place_of = [&](const std::string& metric, const std::vector<double>& column) {
      if (column.size() != num_users_) {
        fail(ErrorCode::invalid_argument, "metric {} has {} users, the first {}", metric,
             column.size(), num_users_);
      }
      const auto same = std::ranges::find_if(columns, [&](const auto* c) { return *c == column; });
      const auto place = static_cast<std::size_t>(same - columns.begin());
      if (same == columns.end()) columns.push_back(&column);
      return place;
    };
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const std::string& name = metrics[m].name;
      places_.push_back(
          {place_of(name, sums[m].sum), place_of(name, sums[m].weight), metrics[m].root});
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c % kCells == 0) blocks_.emplace_back(num_users_);
      for (Index user = 0; user < num_users_; ++user)
        blocks_.back()[user].of[c % kCells] = (*columns[c])[user];
    }
  }

  Index num_users() const { return num_users_; }
  std::size_t num_blocks() const { return blocks_.size(); }

  // Adds the columns up, block after block, over as many users as there are. A call of what
  // make_next() returns gives the next of them: the same users for each block.
  template <class MakeNext>
  void add_up(MakeNext make_next, std::span<Cells> totals) const {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::vector<Cells>& block = blocks_[b];
      auto next = make_next();
      Cells total;
      for (Index n = 0; n < num_users_; ++n) total += block[next()];
      totals[b] = total;
    }
  }

  double value(std::size_t metric, std::span<const Cells> totals) const {
    const auto total = [&](std::size_t column) {
      return totals[column / kCells].of[column % kCells];
    };
    const auto [sum, weight, root] = places_[metric];
    const double mean = total(weight) > 0 ? total(sum) / total(weight) : 0;
    return root ? std::sqrt(mean) : mean;
  }

 private:
  struct Place {
    std::size_t sum = 0;  // the metric's columns
    std::size_t weight = 0;
    bool root = false;
  };
  std::vector<Place> places_;  // by metric
  Index num_users_ = 0;
  std::vector<std::vector<Cells>> blocks_;  // each by user
};

// The 95 % percentile interval of the draws around the measured value.
Interval interval(double value, std::vector<double> draws) {
  if (draws.empty()) return {value, value, value};
  std::ranges::sort(draws);
  return {value, quantile<double>(draws, 0.025), quantile<double>(draws, 0.975)};
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
  const std::size_t num_blocks = table.num_blocks();
  std::vector<Cells> all(num_blocks);
  table.add_up([] { return [user = Index{0}]() mutable { return user++; }; }, all);

  const Index num_draws = num_users == 0 ? 0 : options.draws;
  std::vector<Cells> drawn(num_draws * num_blocks);
  const auto totals = [&](Index draw) {
    return std::span(drawn).subspan(draw * num_blocks, num_blocks);
  };
  constexpr Index kGrain = 32;
  parallel.for_ranges(num_draws, kGrain, [&](IndexRange range) {
    for (const Index draw : range) {
      const auto users = [&] {
        return [&, rng = Rng(options.seed, draw)]() mutable { return rng.below(num_users); };
      };
      table.add_up(users, totals(draw));
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
