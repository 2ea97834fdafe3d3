// A metric by the name that somebody asked for.
#pragma once

#include <string_view>

#include "palate/algorithms/task.h"
#include "palate/evaluate/metric.h"

namespace palate {

struct NamedMetric {
  Task task = Task::ratings;
  Metric metric;
};

// One of rating_metrics(), or of lists, "ndcg@20"; in capitals or not.
//
// Errors:  invalid_argument  a name that is none of them; the message has all
NamedMetric metric_named(std::string_view name);

}  // namespace palate
