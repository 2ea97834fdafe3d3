// The strings of a model's file that are JSON: docs/model_format.md.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "palate/model/model.h"

namespace palate {

// The bytes of a string, at most. A curve is thinned, and everything else is shorter.
inline constexpr std::size_t kLongestJson = 1 << 18;

std::string range_to_json(const RatingRange& range);
std::string row_objective_to_json(const RowObjective& objective);
std::string weighting_to_json(const Weighting& weighting);
std::string measured_to_json(const Measurement& measured);
std::string fold_in_to_json(const FoldInMeasurement& fold_in);
std::string curve_to_json(const Curve& curve);

// These throw Error(bad_model), which says `name`, unless `text` has exactly the form that it is
// written in.
RatingRange range_from_json(std::string_view name, std::string_view text);
Weighting weighting_from_json(std::string_view name, std::string_view text);
RowObjective row_objective_from_json(std::string_view name, std::string_view text);
Measurement measured_from_json(std::string_view name, std::string_view text);
FoldInMeasurement fold_in_from_json(std::string_view name, std::string_view text);
Curve curve_from_json(std::string_view name, std::string_view text);
Index epochs_from_json(std::string_view name, std::string_view text);

// The algorithm `algorithm` with these options, as it ran under a name: its own, or a preset's.
// Throws Error(bad_model), with `prefix` before the names of the strings.
NamedAlgorithm algorithm_of_model(std::string_view prefix, std::string_view name,
                                  std::string_view algorithm, std::string_view options);

}  // namespace palate
