#include "palate/evaluate/breakdown.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace palate {
namespace {

constexpr std::size_t kMostValues = 20;

// Group k holds the numbers from starts[k], which ascend, to below starts[k + 1]; none is below
// starts[0].
template <class T>
std::vector<Index> groups_of(std::span<const T> numbers, std::span<const T> starts) {
  std::vector<Index> of(numbers.size());
  std::ranges::transform(numbers, of.begin(), [&](T number) {
    return static_cast<Index>(std::ranges::upper_bound(starts, number) - starts.begin() - 1);
  });
  return of;
}

// Every number by itself where there are at most `most_values` different ones, otherwise fifths of
// them all.
template <class T>
Grouping group_by_number(std::string by, std::span<const T> numbers, std::size_t most_values) {
  std::vector<T> sorted(numbers.begin(), numbers.end());
  std::ranges::sort(sorted);
  std::vector<T> starts;
  for (const T number : sorted) {
    if (starts.empty() || number > starts.back()) starts.push_back(number);
    if (starts.size() > most_values) break;
  }
  if (starts.size() > most_values) {
    constexpr std::size_t kParts = 5;
    starts.clear();
    for (std::size_t part = 0; part < kParts; ++part) {
      const T start = sorted[part * sorted.size() / kParts];
      if (starts.empty() || start > starts.back()) starts.push_back(start);
    }
  }
  Grouping grouping{std::move(by), {}, groups_of(numbers, std::span<const T>(starts))};
  for (std::size_t k = 0; k < starts.size(); ++k) {
    const auto end =
        k + 1 < starts.size() ? std::ranges::lower_bound(sorted, starts[k + 1]) : sorted.end();
    grouping.groups.push_back({static_cast<double>(starts[k]), static_cast<double>(*(end - 1))});
  }
  return grouping;
}

}  // namespace

Grouping group_by_support(std::string by, std::span<const Index> support) {
  constexpr std::array<Index, 6> kStarts{0, 1, 5, 20, 100, 500};
  Grouping grouping{std::move(by), {}, groups_of(support, std::span<const Index>(kStarts))};
  // Those that are not empty, numbered anew.
  std::array<Index, kStarts.size()> number{};
  for (Index k = 0; k < kStarts.size(); ++k) {
    if (std::ranges::find(grouping.of, k) == grouping.of.end()) continue;
    number[k] = static_cast<Index>(grouping.groups.size());
    const bool open = k + 1 == kStarts.size();
    grouping.groups.push_back({static_cast<double>(kStarts[k]),
                               open ? std::nullopt : std::optional(kStarts[k + 1] - 1.0)});
  }
  for (Index& k : grouping.of) k = number[k];
  return grouping;
}

Grouping group_by_value(std::span<const float> values) {
  return group_by_number("value", values, kMostValues);
}

Grouping group_by_time(std::span<const std::int64_t> times) {
  return group_by_number("time", times, 0);
}

Breakdown break_down(const Grouping& grouping, std::span<const float> predicted,
                     std::span<const float> actual) {
  Breakdown breakdown{grouping.by, {}};
  for (const Group& group : grouping.groups) breakdown.groups.push_back({.group = group});
  for (std::size_t t = 0; t < predicted.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(actual[t]);
    GroupErrors& errors = breakdown.groups[grouping.of[t]];
    ++errors.ratings;
    errors.rmse += error * error;  // sums, until all are there
    errors.mae += std::abs(error);
  }
  for (GroupErrors& errors : breakdown.groups) {
    const double ratings = std::max(static_cast<double>(errors.ratings), 1.0);
    errors.rmse = std::sqrt(errors.rmse / ratings);
    errors.mae /= ratings;
  }
  return breakdown;
}

}  // namespace palate
