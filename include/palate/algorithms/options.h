// What can be chosen of each algorithm. Layer: model.
//
// Options are plain structs; each default is written once, here. visit_fields lists the fields of
// one with what is to be said of them: validation, command-line flags, JSON, Python keywords, model
// metadata and the documentation's table are made from it.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "palate/base/index.h"

namespace palate {

// The values that a field may have. Bounds of real numbers are always finite numbers.
struct Bounds {
  double low = std::numeric_limits<double>::lowest();
  double high = std::numeric_limits<double>::max();
  bool above_low = false;  // low itself is excluded
};
constexpr Bounds at_least(double low) { return {.low = low}; }
constexpr Bounds above(double low) { return {.low = low, .above_low = true}; }
constexpr Bounds between(double low, double high) { return {.low = low, .high = high}; }

struct Field {
  std::string_view name;
  std::string_view help;
  Bounds bounds{};  // of a number; a choice or a switch has none
};

// The names of an enumeration's values, in order; specialized for each enumeration that is an
// option.
template <class Enum>
inline constexpr std::array<std::string_view, 0> choice_names{};

template <class T, class Options>
concept OptionsOf = std::same_as<std::remove_const_t<T>, Options>;

// -------------------------------------------------------------------------------------------------

// Factorization by gradient steps on whole batches (src/train/gradient.cc has the formulas).
enum class Optimizer { adam, sgd };
template <>
inline constexpr std::array<std::string_view, 2> choice_names<Optimizer>{"adam", "sgd"};

enum class Penalty { norm, squared_norm };
template <>
inline constexpr std::array<std::string_view, 2> choice_names<Penalty>{"norm", "squared_norm"};

struct GradientOptions {
  static constexpr std::string_view name = "gradient";
  Index factors = 16;
  Index epochs = 100;
  Optimizer optimizer = Optimizer::adam;
  float learning_rate = 0.03F;
  Index batch_size = 0;
  bool biases = true;
  Penalty penalty = Penalty::squared_norm;
  float regularization = 0.2F;
  std::uint32_t seed = 1;
  bool operator==(const GradientOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<GradientOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector", between(1, 4096)}, options.factors);
  visit(Field{"epochs", "passes over the ratings", at_least(1)}, options.epochs);
  visit(Field{"optimizer", "how a gradient becomes a step"}, options.optimizer);
  visit(Field{"learning_rate", "size of a step", above(0)}, options.learning_rate);
  visit(Field{"batch_size", "ratings a step; 0 takes all of them", at_least(0)},
        options.batch_size);
  visit(Field{"biases", "learn a mean and a bias for each user and item"}, options.biases);
  visit(Field{"penalty", "what regularization multiplies"}, options.penalty);
  visit(Field{"regularization", "lambda", at_least(0)}, options.regularization);
  visit(Field{"seed", "same seed and data give the same model", at_least(0)}, options.seed);
}

// Biased factorization, one rating at a time (src/train/sgd.cc).
struct SgdOptions {
  static constexpr std::string_view name = "sgd";
  Index factors = 32;
  Index epochs = 40;
  float learning_rate = 0.5F;
  float regularization = 1.3F;
  float bias_regularization = 4;
  std::uint32_t seed = 1;
  bool operator==(const SgdOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<SgdOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector", between(1, 4096)}, options.factors);
  visit(Field{"epochs", "passes over the ratings", at_least(1)}, options.epochs);
  visit(Field{"learning_rate", "size of a row's first step, with ratings in units of their spread",
              above(0)},
        options.learning_rate);
  visit(Field{"regularization",
              "lambda of the factors, times the root of the row's number of ratings", at_least(0)},
        options.regularization);
  visit(Field{"bias_regularization", "lambda of the biases", at_least(0)},
        options.bias_regularization);
  visit(Field{"seed", "same seed and data give the same model", at_least(0)}, options.seed);
}

// Alternating least squares with biases (src/train/als.cc).
struct AlsOptions {
  static constexpr std::string_view name = "als";
  Index factors = 32;
  Index epochs = 15;
  float regularization = 0.33F;
  float regularization_exponent = 0.5F;
  float bias_regularization = 3;
  std::uint32_t seed = 1;
  bool operator==(const AlsOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<AlsOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector", between(1, 4096)}, options.factors);
  visit(Field{"epochs", "one solves every item, then every user", at_least(1)}, options.epochs);
  visit(Field{"regularization", "lambda, for a rating scale that is 1 wide", above(0)},
        options.regularization);
  visit(Field{"regularization_exponent",
              "lambda is multiplied by (the row's number of ratings) ^ this", between(0, 1)},
        options.regularization_exponent);
  visit(Field{"bias_regularization", "ratings of 0 that each bias is counted to have", above(0)},
        options.bias_regularization);
  visit(Field{"seed", "same seed and data give the same model", at_least(0)}, options.seed);
}

// Regularized user and item biases by alternating least squares (src/train/bias.cc).
struct BiasOptions {
  static constexpr std::string_view name = "bias";
  Index epochs = 10;
  float user_regularization = 15;
  float item_regularization = 10;
  bool operator==(const BiasOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<BiasOptions> auto& options, Visitor&& visit) {
  visit(Field{"epochs", "one solves every item, then every user", at_least(1)}, options.epochs);
  visit(Field{"user_regularization", "lambda of a user's bias", at_least(0)},
        options.user_regularization);
  visit(Field{"item_regularization", "lambda of an item's bias", at_least(0)},
        options.item_regularization);
}

// The mean of the train ratings, whoever rates whatever (src/train/bias.cc).
struct MeanOptions {
  static constexpr std::string_view name = "mean";
  bool operator==(const MeanOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<MeanOptions> auto&, Visitor&&) {}

// -------------------------------------------------------------------------------------------------

using AlgorithmOptions =
    std::variant<AlsOptions, SgdOptions, GradientOptions, BiasOptions, MeanOptions>;

// A name under which an algorithm runs: its own with the defaults, or a preset's, whose options are
// fixed.
struct NamedAlgorithm {
  // of an algorithm or a preset; options of its own may follow it, as in "als:factors=8"
  std::string name;
  AlgorithmOptions options;
  // what others have published, as it was: no early stopping, and predictions are not clipped
  bool preset = false;
};

// `als`, `sgd`, `gradient`, `bias`, `mean`, or the presets `notebook-adam` and `notebook-sgd`.
// Throws Error(invalid_argument) that lists the names for any other.
NamedAlgorithm algorithm_named(std::string_view name);

bool is_preset(std::string_view name);

std::string_view algorithm_name(const AlgorithmOptions& options);

// Throws Error(invalid_argument) that names the first field out of its bounds, its value and the
// bounds.
void validate(const AlgorithmOptions& options);

// Sets one field from text. Throws Error(invalid_argument) for a name that the algorithm does not
// have, or a value that is not one.
void set_option(AlgorithmOptions& options, std::string_view field, std::string_view text);

// The fields as a JSON object, in the order of visit_fields, and back. A missing field keeps its
// default; an unknown one is an Error(invalid_argument).
std::string options_to_json(const AlgorithmOptions& options);
AlgorithmOptions options_from_json(std::string_view algorithm, std::string_view json);

}  // namespace palate
