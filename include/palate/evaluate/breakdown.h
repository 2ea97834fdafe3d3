// The error on parts of the test ratings: by what a model knows of the user and the item, by value,
// by time. Layer: eval.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/base/index.h"

namespace palate {

// The test ratings whose count, value or time lies between the two, both included.
struct Group {
  double first = 0;
  std::optional<double> last;  // nothing: no end
  bool operator==(const Group&) const = default;
};

// Test rating t belongs to groups[of[t]]. The groups ascend, and none is empty. How ratings are
// grouped does not depend on a model, so that the rows of several models are of the same ratings.
struct Grouping {
  std::string by;  // of what they are ranges: "user_ratings", "item_ratings", "value" or "time"
  std::vector<Group> groups;
  std::vector<Index> of;
};

// By the number of train ratings of the user or the item: 0 (cold), 1-4, 5-19, 20-99, 100-499, 500
// and more.
Grouping group_by_support(std::string by, std::span<const Index> support);

// Each value by itself where there are at most 20 different ones, otherwise fifths as by time.
Grouping group_by_value(std::span<const float> values);

// Fifths of the ratings in order of time, as near as possible: ratings of one time stay together.
// Times are in seconds since 1970.
Grouping group_by_time(std::span<const std::int64_t> times);

struct GroupErrors {
  Group group;
  std::uint64_t ratings = 0;
  double rmse = 0;  // 0, as mae, where there are no ratings
  double mae = 0;
};
struct Breakdown {
  std::string by;
  std::vector<GroupErrors> groups;
};

// The errors of each group, counting the first predicted.size() ratings of the grouping.
Breakdown break_down(const Grouping& grouping, std::span<const float> predicted,
                     std::span<const float> actual);

// Predicted minus actual: counts[b] of these differences lie from low + b width to
// low + (b + 1) width. The outermost bins also hold what lies beyond them. The middle one is about
// zero, and the bins reach as far to either side as the range of the actual values is wide.
struct Residuals {
  double low = 0;
  double width = 0;
  std::vector<std::uint64_t> counts;
};
Residuals residuals(std::span<const float> predicted, std::span<const float> actual);

// What was predicted for the ratings of a group: the mean, the median, and the 10th and 90th
// percentiles, between two predictions linearly.
struct GroupPredictions {
  Group group;
  std::uint64_t ratings = 0;
  double mean = 0;
  double lower = 0;
  double median = 0;
  double upper = 0;
};

// Those of each group, counting the first predicted.size() ratings of the grouping. Groups without
// any are left out.
std::vector<GroupPredictions> predictions_by_group(const Grouping& grouping,
                                                   std::span<const float> predicted);

}  // namespace palate
