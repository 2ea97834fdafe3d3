#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>
#include <span>

#include "data/counts.h"
#include "palate/data/inspect.h"

namespace palate {
namespace {

constexpr std::uint64_t kSpans = 60;

std::vector<CountBin> doubling_bins(std::span<const std::uint64_t> counts) {
  std::vector<CountBin> bins;
  for (const std::uint64_t count : counts) {
    if (count == 0) continue;
    const auto bin = static_cast<std::size_t>(std::bit_width(count) - 1);
    while (bins.size() <= bin) {
      const std::uint64_t first = std::uint64_t{1} << bins.size();
      bins.push_back({first, 2 * first - 1, 0});
    }
    ++bins[bin].count;
  }
  return bins;
}

// Of counts that are not all zero.
std::vector<double> long_tail(std::vector<std::uint64_t> counts) {
  std::ranges::sort(counts, std::ranges::greater());
  std::vector<std::uint64_t> sums(counts.size() + 1);
  std::inclusive_scan(counts.begin(), counts.end(), sums.begin() + 1);
  std::vector<double> shares;
  for (std::size_t percent = 0; percent <= 100; ++percent) {
    const std::size_t items = (percent * counts.size() + 50) / 100;  // rounded
    shares.push_back(static_cast<double>(sums[items]) / static_cast<double>(sums.back()));
  }
  return shares;
}

std::vector<std::int64_t> times_in_seconds(const Interactions& interactions) {
  std::vector<std::int64_t> times = interactions.times;
  for (std::int64_t& time : times) time = seconds_of(time, interactions.time_unit);
  return times;
}

TimeProfile over_time(std::span<const std::int64_t> times) {
  const auto [first, last] = std::ranges::minmax(times);
  // Differences in unsigned arithmetic: the extremes of 64 bits are further apart than a signed
  // number says.
  const auto distance = [first](std::int64_t time) {
    return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(first);
  };
  const std::uint64_t length = distance(last);
  const std::uint64_t spans = length < kSpans ? length + 1 : kSpans;
  const double width = (static_cast<double>(length) + 1) / static_cast<double>(spans);
  TimeProfile profile{first, last, std::vector<std::uint64_t>(spans)};
  for (const std::int64_t time : times) {
    const auto span = static_cast<std::uint64_t>(static_cast<double>(distance(time)) / width);
    ++profile.counts[std::min(span, spans - 1)];
  }
  return profile;
}

}  // namespace

DataProfile profile(const Interactions& interactions) {
  DataProfile profile;
  if (interactions.size() == 0) return profile;
  const std::vector<std::uint64_t> per_item =
      counts_of(interactions.items, interactions.num_items());
  profile.users = doubling_bins(counts_of(interactions.users, interactions.num_users()));
  profile.items = doubling_bins(per_item);
  profile.long_tail = long_tail(per_item);
  if (!interactions.times.empty()) profile.time = over_time(times_in_seconds(interactions));
  return profile;
}

}  // namespace palate
