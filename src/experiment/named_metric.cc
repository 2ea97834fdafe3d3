#include "experiment/named_metric.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "palate/base/error.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/evaluate/rating_metrics.h"

namespace palate {

NamedMetric metric_named(std::string_view name) {
  const std::vector<Metric>& of_ratings = rating_metrics();
  const auto found = std::ranges::find(of_ratings, ascii_lower(name), &Metric::name);
  if (found != of_ratings.end()) return {Task::ratings, *found};
  try {
    return {Task::lists, list_metric_named(name)};
  } catch (const Error& error) {
    std::vector<std::string> names;
    for (const Metric& metric : of_ratings) names.push_back(metric.name);
    fail(ErrorCode::invalid_argument, "{}; nor of: {}", error.what(), fmt::join(names, ", "));
  }
}

}  // namespace palate
