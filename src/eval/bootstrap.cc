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

// Where users have buckets: the bucket of each, the same for all models.
std::vector<Index> buckets_of(Index num_users, std::uint64_t seed) {
  constexpr std::uint64_t kAfterDraws = std::uint64_t{1} << 32;  // a stream that no draw has
  Rng rng(seed, kAfterDraws);
  std::vector<Index> buckets(num_users);
  for (Index& bucket : buckets) bucket = rng.below(kUserBuckets);
  return buckets;
}

// The sums and weights of all metrics as columns, kCells to a block, with a row for each user or
// for each bucket of users. Equal columns are kept once, as the squared errors of RMSE and MSE, and
// how many ratings users have.
class UserTable {
 public:
  UserTable(std::span<const Metric> metrics, std::span<const UserSums> sums,
            const BootstrapOptions& options) {
    if (metrics.size() != sums.size()) {
      fail(ErrorCode::invalid_argument, "{} metrics have the sums of {}", metrics.size(),
           sums.size());
    }
    const auto num_users = sums.empty() ? Index{0} : static_cast<Index>(sums.front().sum.size());
    std::vector<const std::vector<double>*> columns;
    const auto place_of = [&](const std::string& metric, const std::vector<double>& column) {
      if (column.size() != num_users) {
        fail(ErrorCode::invalid_argument, "metric {} has {} users, the first {}", metric,
             column.size(), num_users);
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
    const bool pooled = num_users > options.pool_above;
    const std::vector<Index> buckets =
        pooled ? buckets_of(num_users, options.seed) : std::vector<Index>();
    num_rows_ = pooled ? kUserBuckets : num_users;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::size_t cell = c % kCells;
      if (cell == 0) {
        blocks_.emplace_back(num_rows_);
        totals_.emplace_back();
      }
      for (Index user = 0; user < num_users; ++user) {
        const double value = (*columns[c])[user];
        blocks_.back()[pooled ? buckets[user] : user].of[cell] += value;
        totals_.back().of[cell] += value;
      }
    }
  }

  Index num_rows() const { return num_rows_; }
  std::size_t num_blocks() const { return blocks_.size(); }
  // The columns added up over all users, block after block.
  const std::vector<Cells>& totals() const { return totals_; }

  // The same over as many rows, drawn at random with replacement.
  void draw(std::uint64_t seed, Index draw, std::span<Cells> totals) const {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const std::vector<Cells>& block = blocks_[b];
      Rng rng(seed, draw);  // the same rows for each block
      Cells total;
      for (Index n = 0; n < num_rows_; ++n) total += block[rng.below(num_rows_)];
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
  Index num_rows_ = 0;
  std::vector<std::vector<Cells>> blocks_;  // each by row
  std::vector<Cells> totals_;               // by block
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
  const UserTable table(metrics, sums, options);
  const std::size_t num_blocks = table.num_blocks();
  Index num_draws = table.num_rows() == 0 ? 0 : options.draws;
  std::vector<Cells> drawn(num_draws * num_blocks);
  const auto totals = [&](Index draw) {
    return std::span(drawn).subspan(draw * num_blocks, num_blocks);
  };
  constexpr Index kGrain = 8;
  const Index round = options.stop_requested ? kGrain * parallel.threads() : num_draws;
  for (Index first = 0; first < num_draws; first += round) {
    if (options.stop_requested && options.stop_requested()) {
      num_draws = 0;
      break;
    }
    parallel.for_ranges(std::min(round, num_draws - first), kGrain, [&](IndexRange range) {
      for (const Index draw : range) table.draw(options.seed, first + draw, totals(first + draw));
    });
  }

  std::vector<Measured> measured;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    std::vector<double> draws(num_draws);
    for (Index draw = 0; draw < num_draws; ++draw) draws[draw] = table.value(m, totals(draw));
    const Interval around = interval(table.value(m, table.totals()), draws);
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
