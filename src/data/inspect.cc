#include "palate/data/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <span>

#include "base/quantile.h"
#include "data/column_names.h"
#include "data/counts.h"
#include "data/id_twins.h"
#include "palate/base/error.h"

namespace palate {
namespace {

constexpr std::size_t kMostDistinct = 40;
constexpr std::size_t kBins = 20;

Quantiles quantiles(std::vector<std::uint64_t> counts) {
  if (counts.empty()) return {};
  std::ranges::sort(counts);
  const auto at = [&](double share) { return quantile<std::uint64_t>(counts, share); };
  return {at(0), at(0.25), at(0.5), at(0.75), at(0.9), at(1)};
}

// Every distinct value with its count; nothing when there are more than `most`.
std::map<float, std::uint64_t> distinct_values(std::span<const float> values, std::size_t most) {
  std::map<float, std::uint64_t> counts;
  for (const float value : values) {
    ++counts[value];
    if (counts.size() > most) return {};
  }
  return counts;
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

class Warnings {
 public:
  Warnings(const RatingsTable& table, DataSummary& summary)
      : table_(table), all_(table.interactions), summary_(summary) {}

  void about_duplicates() {
    if (summary_.duplicates == 0) return;
    add(fmt::format("{} repeat a (user, item) pair that stood before",
                    part_of(summary_.duplicates, table_.rows_read, "rows")),
        "`duplicates=last|first|mean|sum|error`");
  }

  void about_single_ratings(std::span<const std::uint64_t> per_user,
                            std::span<const std::uint64_t> per_item) {
    const auto users = static_cast<std::uint64_t>(std::ranges::count(per_user, 1U));
    const auto items = static_cast<std::uint64_t>(std::ranges::count(per_item, 1U));
    if (users > 0) {
      add(part_of(users, per_user.size(), "users") +
              " have one rating: little can be learnt of them",
          "`regularization=X`, higher than the default");
    }
    if (items > 0) {
      add(part_of(items, per_item.size(), "items") +
              " were rated by one user and nobody else: no list should rest on that",
          "`min_support=N` leaves them out of lists");
    }
  }

  void about_values() {
    if (!all_.has_values || all_.size() < 2 || summary_.lowest != summary_.highest) return;
    add(fmt::format("all ratings are {}: they tell who chose what, not who liked it",
                    summary_.lowest),
        "`value_column=none`");
  }

  void about_numbers() {
    const NumberFormat& numbers = table_.format.numbers;
    if (!table_.format.value || !numbers.doubtful) return;
    const bool by_commas = numbers.decimal == '.';
    add(fmt::format("ratings like {} are read as 5001, since all are whole numbers then and those "
                    "below 1000 have no {}",
                    by_commas ? "5,001" : "5.001", by_commas ? "comma" : "point"),
        by_commas ? "`decimal=,` reads 5.001" : "`decimal=.` reads 5.001");
  }

  void about_times(std::int64_t now) {
    constexpr std::int64_t kDay = 24 * 60 * 60;
    const auto in_future = std::ranges::count_if(all_.times, [&](std::int64_t time) {
      return seconds_of(time, all_.time_unit) > now + kDay;
    });
    if (in_future == 0) return;
    add(part_of(static_cast<std::uint64_t>(in_future), all_.size(), "times") + " are in the future",
        "`time_column=COLUMN`, or `time_column=none`");
  }

  void about_swapped_columns() {
    const TableFormat& format = table_.format;
    if (format.header && (is_one_of(format.columns[format.user], kItemNames) ||
                          is_one_of(format.columns[format.item], kUserNames))) {
      add(fmt::format("users are taken from column '{}' and items from '{}': they look swapped",
                      format.columns[format.user], format.columns[format.item]),
          fmt::format("`user_column={}` `item_column={}`", format.item + 1, format.user + 1));
    }
    if (!format.value) return;
    constexpr float kLeastTime = 1e8F;
    if (summary_.lowest >= kLeastTime) {
      const std::size_t value = *format.value + 1;
      add(fmt::format("the ratings of column {} look like times", value),
          format.time ? fmt::format("`value_column={}` `time_column={}`", *format.time + 1, value)
                      : fmt::format("`value_column=none` `time_column={}`", value));
    }
    about_ids_like_ratings("user", summary_.users, format.user, summary_.items);
    about_ids_like_ratings("item", summary_.items, format.item, summary_.users);
  }

 private:
  // A handful of different ids beside ratings that are whole numbers and differ like ids.
  void about_ids_like_ratings(std::string_view role, std::uint64_t ids, std::size_t column,
                              std::uint64_t others) {
    constexpr std::uint64_t kMostLevels = 20;
    if (ids > kMostLevels || others <= kMostLevels || summary_.histogram.size() != kBins) return;
    if (!std::ranges::all_of(all_.values,
                             [](float value) { return value >= 0 && value == std::floor(value); }))
      return;
    add(fmt::format("column {} has {} different {}s only, column {} has ratings like ids: they "
                    "look swapped",
                    column + 1, ids, role, *table_.format.value + 1),
        fmt::format("`{}_column={}` `value_column={}`", role, *table_.format.value + 1,
                    column + 1));
  }

  void add(std::string message, std::string option) {
    summary_.warnings.push_back({std::move(message), std::move(option)});
  }

  const RatingsTable& table_;
  const Interactions& all_;
  DataSummary& summary_;
};

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
  const auto distinct = distinct_values(all.values, kMostDistinct);
  summary.histogram.assign(distinct.begin(), distinct.end());
  if (distinct.empty())
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
  Warnings warnings(table, summary);
  warnings.about_duplicates();
  warnings.about_single_ratings(per_user, per_item);
  warnings.about_values();
  warnings.about_numbers();
  warnings.about_times(now);
  warnings.about_swapped_columns();
  std::ranges::move(id_warnings(table), std::back_inserter(summary.warnings));
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
