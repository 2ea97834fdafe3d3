// What there is to know of a table of ratings before training on it. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "palate/data/read.h"
#include "palate/data/split.h"

namespace palate {

// The least, the quartiles, the 90th percentile and the greatest of some counts.
struct Quantiles {
  double minimum = 0;
  double lower_quartile = 0;
  double median = 0;
  double upper_quartile = 0;
  double ninetieth = 0;
  double maximum = 0;
};

// What a split of the ratings by this method, with the defaults of SplitOptions, would leak.
struct SplitPreview {
  SplitMethod method = SplitMethod::random;
  SplitLeak leak;
};

// How many users, or items, have first .. last ratings.
struct CountBin {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t count = 0;
  bool operator==(const CountBin&) const = default;
};

// Ratings in equal spans of time, the first of which begins at `first` and the last of which ends
// with `last`, in seconds since 1970.
struct TimeProfile {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::vector<std::uint64_t> counts;  // at most 60
};

// How the ratings are spread over users, items and time.
struct DataProfile {
  // By their numbers of ratings. Each bin is twice as wide as the one before: 1, 2-3, 4-7, and on.
  std::vector<CountBin> users;
  std::vector<CountBin> items;
  // The share of all ratings that the most rated 0, 1, 2, .. 100 % of the items have.
  std::vector<double> long_tail;
  std::optional<TimeProfile> time;
};
DataProfile profile(const Interactions& interactions);

struct DataSummary {
  std::uint64_t users = 0;
  std::uint64_t items = 0;
  std::uint64_t ratings = 0;
  double density = 0;  // ratings / (users x items)
  std::uint64_t duplicates = 0;
  double mean = 0;
  float lowest = 0;
  float highest = 0;
  // The scale: every distinct value with its count, or, with more than 40 of them, 20 equal bins by
  // their lower edge.
  std::vector<std::pair<double, std::uint64_t>> histogram;
  Quantiles ratings_per_user;
  Quantiles ratings_per_item;
  std::optional<std::pair<std::int64_t, std::int64_t>> time_span;  // in seconds since 1970
  DataProfile profile;
  std::vector<DataWarning> warnings;
  std::vector<SplitPreview> splits;  // empty: preview_splits() was not asked
};

// What may be wrong about how the table was read: its columns, values and times. Of those, times
// later than `now`, in seconds since 1970. It takes a few passes over the columns.
std::vector<DataWarning> doubts(const RatingsTable& table, std::int64_t now);

// All but the previews of splits. Its warnings are the doubts, and before them what many sound
// tables have: repeated pairs, users and items with one rating.
DataSummary summarize(const RatingsTable& table, std::int64_t now);

// Of random, per_user, leave_last_out and time those that can part the ratings.
std::vector<SplitPreview> preview_splits(const Interactions& interactions);

}  // namespace palate
