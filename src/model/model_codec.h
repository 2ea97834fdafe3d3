// The model as the bytes of its file, and back: docs/model_format.md.
#pragma once

#include <span>

#include "model/safetensors.h"
#include "palate/model/model.h"

namespace palate {

// Gives the bytes of the file, in order, to `sink`. Throws Error(bad_model) where the model does
// not pass check_model.
void encode_model(const Model& model, const ByteSink& sink);

// `file` is aligned to 8 bytes. Throws Error(bad_model) unless it is a whole and consistent model.
Model decode_model(std::span<const std::byte> file);

}  // namespace palate
