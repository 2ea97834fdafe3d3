// The strings of a model's file that are JSON: docs/model_format.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/model/model.h"

namespace palate {

std::string range_to_json(const RatingRange& range);
std::string measured_to_json(const Measurement& measured);
std::string curve_to_json(std::span<const EpochRecord> curve);

// These throw Error(bad_model), which names the string, unless `text` has exactly the form that it
// is written in.
RatingRange range_from_json(std::string_view text);
Measurement measured_from_json(std::string_view text);
std::vector<EpochRecord> curve_from_json(std::string_view text);
Index epochs_from_json(std::string_view text);

// options_from_json for a model: its errors are those of a file.
AlgorithmOptions options_of_model(std::string_view algorithm, std::string_view text);

}  // namespace palate
