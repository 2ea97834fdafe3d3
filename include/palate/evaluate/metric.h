// A metric by its name, and a value with its interval. Layer: base.
#pragma once

#include <string>
#include <string_view>

namespace palate {

// A value with its 95 % interval.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 0;
};

// A figure of a model: the mean of what each user contributed, or the root of that mean.
struct Metric {
  enum class Better { higher, lower, neither };

  std::string name;  // "rmse", "ndcg@10": as in JSON
  Better better = Better::higher;
  bool root = false;
  std::string_view description{};  // two sentences for readers who do not know it
  bool operator==(const Metric&) const = default;
};

// Whether the value is strictly better than the other; never where neither direction is better.
inline bool is_better(const Metric& metric, double value, double other) {
  switch (metric.better) {
    case Metric::Better::higher:
      return value > other;
    case Metric::Better::lower:
      return value < other;
    case Metric::Better::neither:
      return false;
  }
  return false;
}

}  // namespace palate
