// What makes a model consistent.
#pragma once

#include "palate/model/model.h"

namespace palate {

// Throws Error(bad_model) that names the tensor or string of the model file (docs/model_format.md)
// that is wrong, and how, unless every part of the model fits every other and every number is
// finite and in its range. A model that does not pass is neither written nor read.
void check_model(const Model& model);

}  // namespace palate
