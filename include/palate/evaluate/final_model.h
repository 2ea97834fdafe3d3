// From measured comparisons to the model that is kept. Layer: experiment.
#pragma once

#include <vector>

#include "palate/evaluate/compare.h"

namespace palate {

// What a task's comparison is to keep: one of comparison.models.
struct Chosen {
  const Comparison& comparison;
  const ModelResult& result;
};

// The model that answers the tasks of `chosen`, each once, as it was measured. `interactions` are
// those that it was trained on a part of: their digest and selection are told.
Model measured_model(const Interactions& interactions, const std::vector<Chosen>& chosen,
                     const Model* init = nullptr);

// The same trained again on all rows, for as many epochs as were kept. It starts from `init` where
// the measured one did. Where that training is interrupted, or the measured one was of all rows,
// this is measured_model().
//
// Errors:  diverged  training leaves the finite numbers; the message says what to try
Model refitted_model(const Interactions& interactions, const std::vector<Chosen>& chosen,
                     Parallel& parallel, const Watch& watch = {}, const Model* init = nullptr);

}  // namespace palate
