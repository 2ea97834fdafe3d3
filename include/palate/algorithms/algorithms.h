// All algorithms: the one table that flags, help, JSON, errors, tests and documents are made from.
// Layer: model.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "palate/algorithms/als.h"
#include "palate/algorithms/bias.h"
#include "palate/algorithms/ease.h"
#include "palate/algorithms/gradient.h"
#include "palate/algorithms/ials.h"
#include "palate/algorithms/imported.h"
#include "palate/algorithms/item_knn.h"
#include "palate/algorithms/mean.h"
#include "palate/algorithms/popular.h"
#include "palate/algorithms/sampled.h"
#include "palate/algorithms/sgd.h"

namespace palate {

// The table. A new algorithm is its name here; what else is to be said of it stands in its header.
using AlgorithmOptions =
    std::variant<AlsOptions, SgdOptions, GradientOptions, BiasOptions, MeanOptions, IalsOptions,
                 SampledOptions, ItemKnnOptions, EaseOptions, PopularOptions, ImportedOptions>;

// A row of the table: an algorithm under its own name, or a preset, whose options are fixed.
struct AlgorithmInfo {
  AlgorithmTraits about;
  AlgorithmOptions defaults;
  bool preset = false;
};

// The algorithms in the order of the table, then the presets. What nothing trains is left out.
std::span<const AlgorithmInfo> algorithms();

// The row of this name, by which a model may have been made: also of what nothing trains.
//
// Errors:  invalid_argument  another name; the message lists those of algorithms()
const AlgorithmInfo& info_of(std::string_view name);

// A name under which an algorithm runs.
struct NamedAlgorithm {
  std::string name;  // of an algorithm or a preset; options of its own may follow it
  AlgorithmOptions options;
  // What others have published, as it was: no early stopping, and predictions are not clipped.
  bool preset = false;
  bool operator==(const NamedAlgorithm&) const = default;
};

// The algorithm or preset of this name. Options of its own may follow it, as in
// "als:factors=8:epochs=20".
//
// Errors:  invalid_argument  another name, where the message lists those that are known; that of
//                            what nothing trains; an option that set_option() refuses
NamedAlgorithm algorithm_named(std::string_view name);

// What factors that another program made are called in a model.
NamedAlgorithm algorithm_of_others(Index factors);

// What the table says of the algorithm that has these options.
const AlgorithmTraits& traits_of(const AlgorithmOptions& options);
std::string_view algorithm_name(const AlgorithmOptions& options);

// By which of its methods an algorithm with these options works, where its header has a
// method_name(); otherwise empty.
std::string_view method_of(const AlgorithmOptions& options);

// Calls visit(field, value) for each field of the options.
template <class Options, class Visitor>
void visit_all_fields(Options& options, Visitor&& visit) {
  std::visit([&](auto& chosen) { visit_fields(chosen, visit); }, options);
}

// The value of the field as text; nothing where the algorithm has no such field.
std::optional<std::string> option_text(const AlgorithmOptions& options, std::string_view field);

// Sets one field from text.
//
// Errors:  invalid_argument  a field that the algorithm does not have; text that is no value of it,
//                            or one out of its bounds
void set_option(AlgorithmOptions& options, std::string_view field, std::string_view text);

// Checks all fields.
//
// Errors:  invalid_argument  a field out of its bounds; the message names the first of them, its
//                            value and the bounds
void validate(const AlgorithmOptions& options);

// The fields as a JSON object, in the order of visit_fields, and back. A missing field keeps its
// default.
//
// Errors:  invalid_argument  text that is not one JSON object; a name that stands twice; a value of
//                            another type than the field's; a field that set_option() refuses
std::string options_to_json(const AlgorithmOptions& options);
AlgorithmOptions options_from_json(std::string_view algorithm, std::string_view json);

}  // namespace palate
