// Starting from an earlier model.
#pragma once

#include "palate/algorithms/train.h"

namespace palate {

// Throws Error(invalid_argument) unless an algorithm with these options can start from the model.
void check_warm_start(const Model& model, const AlgorithmOptions& options);

// Gives the rows that the model has, and its mean, to `fresh`, which has the catalog's users and
// items.
void take_over(const WarmStart& start, Factors& fresh);

// The same of what the model's optimizer remembers: rows that it lacks are zero. Nothing where it
// has none.
std::optional<OptimizerState> optimizer_of(const WarmStart& start);

}  // namespace palate
