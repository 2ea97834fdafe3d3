#include "model/model_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/parse.h"
#include "model/strict_json.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void fail_metadata(std::string_view name, std::string_view problem) {
  fail(ErrorCode::bad_model, "metadata \"{}\" {}", name, problem);
}

nlohmann::json json_of(std::string_view name, std::string_view text) {
  if (text.size() > kLongestJson) fail_metadata(name, "is too long");
  std::string problem;
  nlohmann::json value = parse_json(text, problem);
  if (value.is_discarded()) fail_metadata(name, problem);
  return value;
}

bool is_float(const nlohmann::json& value) {
  return value.is_number() &&
         std::abs(value.get<double>()) <= double{std::numeric_limits<float>::max()};
}

bool is_index(const nlohmann::json& value) {
  return value.is_number_unsigned() &&
         value.get<std::uint64_t>() <= std::numeric_limits<Index>::max();
}

// The member of an object, null where there is none.
nlohmann::json member(const nlohmann::json& object, const char* name) {
  return object.is_object() ? object.value(name, nlohmann::json()) : nlohmann::json();
}

}  // namespace

std::string range_to_json(const RatingRange& range) {
  Json pair = Json::array();
  pair.push_back(range.low);
  pair.push_back(range.high);
  return json_text(pair);
}

// Member by member: GCC 12 forgets the first ones of a list in braces when there is no memory for a
// later one.
std::string row_objective_to_json(const RowObjective& objective) {
  Json json = Json::object();
  json["factors"] = objective.ridge.factors;
  json["exponent"] = objective.ridge.exponent;
  json["bias"] = objective.ridge.bias;
  json["bias_exponent"] = objective.ridge.bias_exponent;
  json["offset"] = objective.ridge.offset;
  json["has_bias"] = objective.bias;
  json["unobserved"] = objective.unobserved;
  if (objective.target != 1) json["target"] = objective.target;
  if (objective.approximate) json["approximate"] = true;
  return json_text(json);
}

std::string weighting_to_json(const Weighting& weighting) {
  Json json = Json::object();
  json["at_least"] = weighting.at_least ? Json(*weighting.at_least) : Json();
  json["exponent"] = weighting.exponent;
  json["lower"] = weighting.lower;
  return json_text(json);
}

std::string measured_to_json(const Measurement& measured) {
  Json values = Json::array();
  for (const auto& [metric, value] : measured.values) {
    Json pair = Json::array();
    pair.push_back(metric);
    pair.push_back(value);
    values.push_back(std::move(pair));
  }
  Json json = Json::object();
  json["metrics"] = std::move(values);
  json["test_ratings"] = measured.test_ratings;
  json["split"] = measured.split;
  json["refitted"] = measured.refitted;
  if (measured.seen != 0U) json["seen"] = measured.seen ? Json(*measured.seen) : Json();
  return json_text(json);
}

std::string fold_in_to_json(const FoldInMeasurement& fold_in) {
  Json json = Json::object();
  json["users"] = fold_in.users;
  json["trained"] = fold_in.trained;
  json["folded_in"] = fold_in.folded_in;
  return json_text(json);
}

std::string curve_to_json(const Curve& curve) {
  Json epochs = Json::array();
  for (const EpochRecord& epoch : curve.epochs) {
    Json record = Json::array();
    record.push_back(epoch.epoch);
    for (const double value : epoch.values) record.push_back(value);
    epochs.push_back(std::move(record));
  }
  Json json = Json::object();
  json["names"] = curve.names;
  json["epochs"] = std::move(epochs);
  return json_text(json);
}

RatingRange range_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json pair = json_of(name, text);
  if (!pair.is_array() || pair.size() != 2 || !is_float(pair[0]) || !is_float(pair[1])) {
    fail_metadata(name, "is not a list of two numbers");
  }
  return {pair[0].get<float>(), pair[1].get<float>()};
}

RowObjective row_objective_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json json = json_of(name, text);
  const auto number = [&](const char* part) {
    const nlohmann::json value = member(json, part);
    if (!is_float(value)) fail_metadata(name, fmt::format("lacks a number {}", part));
    return value.get<float>();
  };
  const nlohmann::json has_bias = member(json, "has_bias");
  const bool has_target = json.is_object() && json.contains("target");
  const bool tells_approximate = json.is_object() && json.contains("approximate");
  const nlohmann::json approximate =
      tells_approximate ? json["approximate"] : nlohmann::json(false);
  const std::size_t members = 7U + (has_target ? 1 : 0) + (tells_approximate ? 1 : 0);
  if (json.size() != members || !has_bias.is_boolean() || !approximate.is_boolean()) {
    fail_metadata(name,
                  "does not have exactly factors, exponent, bias, bias_exponent, offset, has_bias "
                  "and unobserved, with target and approximate where they are not 1 and false");
  }
  return {{.factors = number("factors"),
           .exponent = number("exponent"),
           .bias = number("bias"),
           .bias_exponent = number("bias_exponent"),
           .offset = number("offset")},
          has_bias.get<bool>(),
          number("unobserved"),
          has_target ? number("target") : 1,
          approximate.get<bool>()};
}

Weighting weighting_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json json = json_of(name, text);
  const nlohmann::json at_least = member(json, "at_least");
  const nlohmann::json exponent = member(json, "exponent");
  const nlohmann::json lower = member(json, "lower");
  if (json.size() != 3 || !json.contains("at_least") || !is_float(exponent) || !is_float(lower) ||
      !(at_least.is_null() || is_float(at_least))) {
    fail_metadata(
        name, "does not have exactly at_least, a number or null, and numbers exponent and lower");
  }
  Weighting weighting{.exponent = exponent.get<float>(), .lower = lower.get<float>()};
  if (!at_least.is_null()) weighting.at_least = at_least.get<float>();
  return weighting;
}

Measurement measured_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json json = json_of(name, text);
  const nlohmann::json metrics = member(json, "metrics");
  const bool tells_seen = json.is_object() && json.contains("seen");
  const nlohmann::json seen = member(json, "seen");
  const bool complete = json.size() == (tells_seen ? 5 : 4) && metrics.is_array() &&
                        member(json, "test_ratings").is_number_unsigned() &&
                        member(json, "split").is_string() && member(json, "refitted").is_boolean();
  if (!complete)
    fail_metadata(name, "does not have exactly metrics, test_ratings, split, refitted and seen");
  if (!seen.is_null() && !seen.is_number_unsigned())
    fail_metadata(name, "has a seen that is neither a count nor null");
  Measurement measured{.values = {},
                       .test_ratings = json["test_ratings"].get<std::uint64_t>(),
                       .split = json["split"].get<std::string>(),
                       .refitted = json["refitted"].get<bool>()};
  if (!seen.is_null()) {
    measured.seen = seen.get<std::uint64_t>();
  } else if (tells_seen) {
    measured.seen.reset();
  }
  for (const auto& pair : metrics) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number())
      fail_metadata(name, "has a metric that is not a name and a number");
    measured.values.push_back({pair[0].get<std::string>(), pair[1].get<double>()});
  }
  return measured;
}

FoldInMeasurement fold_in_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json json = json_of(name, text);
  const nlohmann::json users = member(json, "users");
  const nlohmann::json trained = member(json, "trained");
  const nlohmann::json folded_in = member(json, "folded_in");
  if (json.size() != 3 || !is_index(users) || !trained.is_number() || !folded_in.is_number())
    fail_metadata(name, "does not have exactly users, trained and folded_in, which are numbers");
  return {users.get<Index>(), trained.get<double>(), folded_in.get<double>()};
}

Curve curve_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json json = json_of(name, text);
  const nlohmann::json names = member(json, "names");
  const nlohmann::json epochs = member(json, "epochs");
  const auto is_text = [](const nlohmann::json& value) { return value.is_string(); };
  if (json.size() != 2 || !names.is_array() || !std::ranges::all_of(names, is_text) ||
      !epochs.is_array()) {
    fail_metadata(name, "does not have exactly names and epochs");
  }
  Curve curve{names.get<std::vector<std::string>>(), {}};
  for (const auto& record : epochs) {
    const auto is_number = [](const nlohmann::json& value) { return value.is_number(); };
    const bool complete = record.is_array() && record.size() == curve.names.size() + 1 &&
                          std::ranges::all_of(record, is_number) && is_index(record[0]);
    if (!complete)
      fail_metadata(name, "has a record that is not an epoch and a number for each name");
    curve.epochs.push_back({record[0].get<Index>(), {}});
    for (std::size_t v = 1; v < record.size(); ++v)
      curve.epochs.back().values.push_back(record[v].get<double>());
  }
  return curve;
}

Index epochs_from_json(std::string_view name, std::string_view text) {
  const nlohmann::json epochs = json_of(name, text);
  if (!is_index(epochs) || epochs == 0) fail_metadata(name, "is not a number of epochs");
  return epochs.get<Index>();
}

NamedAlgorithm algorithm_of_model(std::string_view prefix, std::string_view name,
                                  std::string_view algorithm, std::string_view options) {
  const std::string options_name = fmt::format("{}options", prefix);
  if (options.size() > kLongestJson) fail_metadata(options_name, "is too long");
  try {
    NamedAlgorithm result{std::string(name), options_from_json(algorithm, options),
                          info_of(name).preset};
    if (algorithm_name(result.options) == algorithm) return result;
  } catch (const Error& error) {
    fail(ErrorCode::bad_model, "metadata \"{}\": {}", options_name, error.what());
  }
  fail_metadata(fmt::format("{}algorithm", prefix),
                fmt::format("{} is a preset's name, not an algorithm's", excerpt(algorithm)));
}

}  // namespace palate
