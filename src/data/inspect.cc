#include "palate/data/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "base/quantile.h"
#include "data/counts.h"
#include "data/value_counts.h"
#include "palate/base/error.h"

namespace palate {
namespace {

constexpr std::size_t kBins = 20;

Quantiles quantiles(std::vector<std::uint64_t> counts) {
  if (counts.empty()) return {};
  std::ranges::sort(counts);
  const auto at = [&](double share) { return quantile<std::uint64_t>(counts, share); };
  return {at(0), at(0.25), at(0.5), at(0.75), at(0.9), at(1)};
}

std::vector<std::pair<double, std::uint64_t>> binned(std::span<const float> values, double low,
                                                     double high) {
  std::vector<std::pair<double, std::uint64_t>> bins(kBins);
  const double width = high / kBins - low / kBins;
  for (std::size_t bin = 0; bin < kBins; ++bin)
    bins[bin].first = low + static_cast<double>(bin) * width;
  for (const float value : values) {
    const double place = (static_cast<double>(value) - low) / width;
    ++bins[std::min(static_cast<std::size_t>(place), kBins - 1)].second;
  }
  return bins;
}

// "3 of 610 users (0.5 %)"
std::string part_of(std::uint64_t part, std::uint64_t whole, std::string_view what) {
  return fmt::format("{} of {} {} ({:.1f} %)", part, whole, what,
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// What many sound tables have.
void warn_of_repeats_and_single_ratings(const RatingsTable& table,
                                        std::span<const std::uint64_t> per_user,
                                        std::span<const std::uint64_t> per_item,
                                        std::vector<DataWarning>& warnings) {
  if (table.duplicates > 0) {
    warnings.push_back({part_of(table.duplicates, table.rows_read, "rows") +
                            " repeat a (user, item) pair of an earlier row",
                        "`duplicates=last|first|mean|sum|error`"});
  }
  const auto users = static_cast<std::uint64_t>(std::ranges::count(per_user, 1U));
  const auto items = static_cast<std::uint64_t>(std::ranges::count(per_item, 1U));
  if (users > 0) {
    warnings.push_back({part_of(users, per_user.size(), "users") +
                            " with one rating: little can be learned about them",
                        "`regularization=X`, higher than the default"});
  }
  if (items > 0) {
    warnings.push_back({part_of(items, per_item.size(), "items") +
                            " rated by one user alone: lists should not rest on that",
                        "`min_support=N` leaves them out of lists"});
  }
}

}  // namespace

DataSummary summarize(const RatingsTable& table, std::int64_t now) {
  const Interactions& all = table.interactions;
  DataSummary summary;
  summary.users = all.num_users();
  summary.items = all.num_items();
  summary.ratings = all.size();
  summary.duplicates = table.duplicates;
  if (all.size() == 0) return summary;
  summary.density = static_cast<double>(summary.ratings) /
                    (static_cast<double>(summary.users) * static_cast<double>(summary.items));
  double sum = 0;
  for (const float value : all.values) sum += static_cast<double>(value);
  summary.mean = sum / all.size();
  const auto [low, high] = std::ranges::minmax(all.values);
  summary.lowest = low;
  summary.highest = high;
  const auto levels = value_counts(all.values);
  summary.histogram.assign(levels.begin(), levels.end());
  if (levels.empty())
    summary.histogram = binned(all.values, static_cast<double>(low), static_cast<double>(high));
  const std::vector<std::uint64_t> per_user = counts_of(all.users, all.num_users());
  const std::vector<std::uint64_t> per_item = counts_of(all.items, all.num_items());
  summary.ratings_per_user = quantiles(per_user);
  summary.ratings_per_item = quantiles(per_item);
  if (!all.times.empty()) {
    const auto [first, last] = std::ranges::minmax(all.times);
    summary.time_span.emplace(seconds_of(first, all.time_unit), seconds_of(last, all.time_unit));
  }
  summary.profile = profile(all);
  warn_of_repeats_and_single_ratings(table, per_user, per_item, summary.warnings);
  std::ranges::move(doubts(table, now), std::back_inserter(summary.warnings));
  return summary;
}

std::vector<SplitPreview> preview_splits(const Interactions& interactions) {
  std::vector<SplitPreview> previews;
  for (const SplitMethod method : {SplitMethod::random, SplitMethod::per_user,
                                   SplitMethod::leave_last_out, SplitMethod::time}) {
    try {
      previews.push_back(
          {method, split_leak(interactions, make_splits(interactions, {.method = method}).front(),
                              method)});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_data) throw;  // too few ratings, or no times
    }
  }
  return previews;
}

}  // namespace palate
