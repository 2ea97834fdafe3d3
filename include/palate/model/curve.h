// How a training went, epoch by epoch. Layer: model.
#pragma once

#include <string>
#include <vector>

#include "palate/base/index.h"

namespace palate {

struct EpochRecord {
  Index epoch = 0;  // from 0
  std::vector<double> values;
  bool operator==(const EpochRecord&) const = default;
};

// Each record has as many values as there are names. The first is "train_loss", measured while the
// epoch runs (before the step, where the epoch is a single step); the others, "validation_loss" or
// "test_loss", say, are measured after it. Losses are mean squared errors, unclipped.
struct Curve {
  std::vector<std::string> names;
  std::vector<EpochRecord> epochs;
  bool operator==(const Curve&) const = default;
};

// About 1,000 records at most, as many as a person can see. Of a longer curve some stay that are
// evenly far apart, and the first, the last and that of epoch `kept` among them.
Curve thinned(Curve curve, Index kept);

}  // namespace palate
