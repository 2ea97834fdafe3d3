// What an algorithm says of itself and of its options. Layer: model.
//
// Options are plain structs; each default is written once, there. A function visit_fields beside
// the struct lists its fields with what is to be said of them: validation, command-line flags,
// JSON, Python keywords, model metadata and the documentation's table are made from it.
#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>

#include "palate/algorithms/task.h"
#include "palate/base/index.h"
#include "palate/data/dataset.h"

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

// What a search for good options draws from: numbers from low to high, evenly, or evenly in their
// logarithm.
struct Search {
  double low = 0;
  double high = 0;
  bool log = false;
};
constexpr Search evenly(double low, double high) { return {low, high, false}; }
constexpr Search by_factors(double low, double high) { return {low, high, true}; }

struct Field {
  std::string_view name;
  std::string_view help;           // what happens as the value grows, and when to touch it
  Bounds bounds{};                 // of a number; a choice or a switch has none
  std::optional<Search> search{};  // nothing: a search leaves the field as it is
  bool is_shape = false;           // a training can only start from a model with the same value
};

// The names of an enumeration's values, in order; specialized for each enumeration that is an
// option.
template <class Enum>
inline constexpr std::array<std::string_view, 0> choice_names{};

template <class T, class Options>
concept OptionsOf = std::same_as<std::remove_const_t<T>, Options>;

// What an algorithm's options have as their member `about`.
struct AlgorithmTraits {
  std::string_view name;
  std::string_view summary;
  std::string_view description;  // two sentences for readers who know none of the field's words
  Task task = Task::ratings;
  bool can_continue = false;  // can start from an earlier model
  bool is_baseline = false;   // stands beside whatever is trained
  bool by_default = false;    // stands in a comparison that names no algorithms
  bool is_trained = true;     // false: its models are made elsewhere (palate/model/import.h)
  // A comparison or a report that names no algorithms leaves it out where there are more items.
  Index most_items = std::numeric_limits<Index>::max();
};

// Options under a name of their own: what others have published, as it was.
template <class Options>
struct PresetOf {
  std::string_view name;
  std::string_view summary;
  std::string_view description;
  Options options;
};

// How many times the factors are in memory: at most at once while an algorithm trains, and in what
// it gives back. An algorithm whose training holds more says so in its header.
struct FactorCopies {
  Index training = 2;  // the current ones and the best
  Index kept = 1;
};
template <class Options>
constexpr FactorCopies factor_copies(const Options&) {
  return {};
}

// The options by which algorithms of lists weigh values (palate/model/scorer.h, Weighting), and the
// most that a search draws of the first and the last.
template <class Options, class Visitor>
void visit_weights(Options& options, Visitor&& visit, double most_exponent, double most_lower) {
  visit(Field{"weight_exponent",
              "how much more a large count weighs than a small one: 0: the same, 1: in proportion",
              between(0, 1), evenly(0, most_exponent)},
        options.weight_exponent);
  visit(Field{"rating_exponent",
              "how much more a high rating weighs than a low one: 0: the same, 1: in proportion",
              between(0, 3), evenly(0, 3)},
        options.rating_exponent);
  visit(Field{"lower_weight",
              "what a rating below `relevant` weighs beside the others: raise it where low "
              "ratings, too, tell what a user is drawn to",
              between(0, 1), evenly(0, most_lower)},
        options.lower_weight);
}

struct TrainContext;  // palate/algorithms/train.h has these two
struct TrainResult;

}  // namespace palate
