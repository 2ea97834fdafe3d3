// Starting from an earlier model.
#pragma once

#include "palate/algorithms/train.h"

namespace palate {

// Throws Error(invalid_argument) unless an algorithm with these options can start from what one
// with the options `before` made.
void check_start(const AlgorithmOptions& before, const AlgorithmOptions& options);

// `fresh` with the mean and the rows of the model that the training starts from, if there is one.
Factors started(const TrainContext& context, Factors fresh);

// What the optimizer of that model remembers: rows that it lacks are zero. Nothing where there is
// no such model, or it has no optimizer.
std::optional<OptimizerState> started_optimizer(const TrainContext& context);

}  // namespace palate
