#include "palate/algorithms/algorithms.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/parse.h"
#include "palate/base/spelling.h"

namespace palate {
namespace {

template <class Options>
void add_rows(std::vector<AlgorithmInfo>& algorithms, std::vector<AlgorithmInfo>& presets) {
  if (!Options::about.is_trained) return;
  algorithms.push_back({Options::about, Options{}});
  if constexpr (requires { presets_of(Options{}); }) {
    for (const PresetOf<Options>& preset : presets_of(Options{})) {
      AlgorithmTraits about = Options::about;
      about.name = preset.name;
      about.summary = preset.summary;
      about.description = preset.description;
      presets.push_back({about, preset.options, true});
    }
  }
}

template <class... Options>
std::vector<AlgorithmInfo> table_of(const std::variant<Options...>&) {
  std::vector<AlgorithmInfo> table;
  std::vector<AlgorithmInfo> presets;
  (add_rows<Options>(table, presets), ...);
  table.insert(table.end(), presets.begin(), presets.end());
  return table;
}

// What nothing trains.
template <class... Options>
std::vector<AlgorithmInfo> untrained_of(const std::variant<Options...>&) {
  std::vector<AlgorithmInfo> rows{{Options::about, Options{}}...};
  std::erase_if(rows, [](const AlgorithmInfo& row) { return row.about.is_trained; });
  return rows;
}

const AlgorithmInfo* find_named(std::span<const AlgorithmInfo> rows, std::string_view name) {
  const auto found =
      std::ranges::find(rows, name, [](const AlgorithmInfo& row) { return row.about.name; });
  return found == rows.end() ? nullptr : &*found;
}

template <class Options>
concept IsOptions = requires { Options::about; };

std::string describe(const Bounds& bounds) {
  const bool has_low = bounds.low > std::numeric_limits<double>::lowest();
  const bool has_high = bounds.high < std::numeric_limits<double>::max();
  if (has_low && has_high) return fmt::format("between {:g} and {:g}", bounds.low, bounds.high);
  if (has_low) return fmt::format("{} {:g}", bounds.above_low ? "above" : "at least", bounds.low);
  if (has_high) return fmt::format("at most {:g}", bounds.high);
  return "any finite number";
}

bool within(const Bounds& bounds, double value) {
  return std::isfinite(value) && value <= bounds.high &&
         (bounds.above_low ? value > bounds.low : value >= bounds.low);
}

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

std::string to_text(bool value) { return value ? "true" : "false"; }
std::string to_text(Number auto value) { return fmt::format("{}", value); }
template <class Enum>
  requires std::is_enum_v<Enum>
std::string to_text(Enum value) {
  return std::string(choice_names<Enum>[static_cast<std::size_t>(value)]);
}

// Reads `text` as a value of the field. Numbers are checked against the bounds as numbers, so that
// -1 is out of range and not a large unsigned integer.
template <class T>
T value_of(const Field& field, std::string_view algorithm, std::string_view text) {
  if constexpr (std::same_as<T, bool>) {
    if (text == "true" || text == "1" || text == "on") return true;
    if (text == "false" || text == "0" || text == "off") return false;
    fail(ErrorCode::invalid_argument, "{} {} {} is neither true nor false", algorithm, field.name,
         excerpt(text));
  } else if constexpr (std::is_enum_v<T>) {
    const auto& names = choice_names<T>;
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) {
      fail(ErrorCode::invalid_argument, "{} {} {} is none of: {}", algorithm, field.name,
           excerpt(text), fmt::join(names, ", "));
    }
    return static_cast<T>(found - names.begin());
  } else {
    using Wide = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
    Wide number{};
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec == std::errc::invalid_argument || parsed.ptr != end) {
      fail(ErrorCode::invalid_argument, "{} {} {} is not {}", algorithm, field.name, excerpt(text),
           std::is_integral_v<T> ? "a whole number" : "a number");
    }
    const bool fits =
        parsed.ec == std::errc{} && within(field.bounds, static_cast<double>(number)) &&
        static_cast<double>(number) <= static_cast<double>(std::numeric_limits<T>::max());
    if (!fits) {
      fail(ErrorCode::invalid_argument, "{} {} {} is out of range: {}", algorithm, field.name, text,
           describe(field.bounds));
    }
    return static_cast<T>(number);
  }
}

template <IsOptions Options>
void set_field(Options& options, std::string_view name, std::string_view text) {
  bool found = false;
  std::vector<std::string> names;
  visit_fields(options, [&]<class T>(const Field& field, T& value) {
    names.emplace_back(field.name);
    if (field.name != name) return;
    value = value_of<T>(field, Options::about.name, text);
    found = true;
  });
  if (found) return;
  fail(ErrorCode::invalid_argument, "{} has no option {}: it has {}{}", Options::about.name, name,
       names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")),
       spelling_hint(name, names));
}

template <IsOptions Options>
void validate_fields(const Options& options) {
  visit_fields(options, [&]<class T>(const Field& field, const T& value) {
    if constexpr (Number<T>) {
      if (!within(field.bounds, static_cast<double>(value))) {
        fail(ErrorCode::invalid_argument, "{} {} {} is out of range: {}", Options::about.name,
             field.name, value, describe(field.bounds));
      }
    }
  });
}

// A value in JSON is of the field's own type: no text stands for a number.
void check_type(const AlgorithmOptions& options, std::string_view name,
                const nlohmann::json& value) {
  visit_all_fields(options, [&]<class T>(const Field& field, const T&) {
    if (field.name != name) return;
    const bool fits = std::same_as<T, bool> ? value.is_boolean()
                      : std::is_enum_v<T>   ? value.is_string()
                                            : value.is_number();
    if (!fits) {
      fail(ErrorCode::invalid_argument, "{} {}: {} is a {} in JSON", algorithm_name(options), name,
           excerpt(value.is_string() ? value.get<std::string>() : json_text(value)),
           value.type_name());
    }
  });
}

}  // namespace

std::span<const AlgorithmInfo> algorithms() {
  static const std::vector<AlgorithmInfo> table = table_of(AlgorithmOptions{});
  return table;
}

const AlgorithmInfo& info_of(std::string_view name) {
  static const std::vector<AlgorithmInfo> untrained = untrained_of(AlgorithmOptions{});
  if (const AlgorithmInfo* const row = find_named(algorithms(), name)) return *row;
  if (const AlgorithmInfo* const row = find_named(untrained, name)) return *row;
  std::vector<std::string> names;
  for (const AlgorithmInfo& row : algorithms()) names.emplace_back(row.about.name);
  fail(ErrorCode::invalid_argument, "there is no algorithm {}: choose one of {}{}", excerpt(name),
       fmt::join(names, ", "), spelling_hint(name, names));
}

NamedAlgorithm algorithm_named(std::string_view name) {
  const std::size_t colon = std::min(name.find(':'), name.size());
  const AlgorithmInfo& row = info_of(name.substr(0, colon));
  if (!row.about.is_trained) {
    fail(ErrorCode::invalid_argument, "{} is what {} are called in a model: nothing trains them",
         row.about.name, row.about.summary);
  }
  NamedAlgorithm algorithm{std::string(name), row.defaults, row.preset};
  std::set<std::string_view> given;
  for (std::string_view rest = name.substr(colon); !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, std::min(rest.find(':'), rest.size()));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      fail(ErrorCode::invalid_argument, "algorithm {}: {} is not OPTION=VALUE", excerpt(name),
           excerpt(part));
    }
    if (!given.insert(part.substr(0, equals)).second) {
      fail(ErrorCode::invalid_argument, "algorithm {}: it has {} twice", excerpt(name),
           part.substr(0, equals));
    }
    set_option(algorithm.options, part.substr(0, equals), part.substr(equals + 1));
    rest.remove_prefix(part.size());
  }
  return algorithm;
}

NamedAlgorithm algorithm_of_others(Index factors) {
  return {std::string(ImportedOptions::about.name), ImportedOptions{.factors = factors}};
}

const AlgorithmTraits& traits_of(const AlgorithmOptions& options) {
  return std::visit(
      [](const auto& chosen) -> const AlgorithmTraits& {
        return std::decay_t<decltype(chosen)>::about;
      },
      options);
}

std::string_view algorithm_name(const AlgorithmOptions& options) { return traits_of(options).name; }

std::string_view method_of(const AlgorithmOptions& options) {
  return std::visit(
      [](const auto& chosen) -> std::string_view {
        if constexpr (requires { method_name(chosen); }) return method_name(chosen);
        return "";
      },
      options);
}

std::optional<std::string> option_text(const AlgorithmOptions& options, std::string_view field) {
  std::optional<std::string> text;
  visit_all_fields(options, [&](const Field& known, const auto& value) {
    if (known.name == field) text = to_text(value);
  });
  return text;
}

void validate(const AlgorithmOptions& options) {
  std::visit([](const auto& chosen) { validate_fields(chosen); }, options);
}

void set_option(AlgorithmOptions& options, std::string_view field, std::string_view text) {
  std::visit([&](auto& chosen) { set_field(chosen, field, text); }, options);
}

std::string options_to_json(const AlgorithmOptions& options) {
  std::vector<std::string> members;
  visit_all_fields(options, [&]<class T>(const Field& field, const T& value) {
    constexpr std::string_view quote = std::is_enum_v<T> ? "\"" : "";
    members.push_back(fmt::format("\"{}\": {}{}{}", field.name, quote, to_text(value), quote));
  });
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

AlgorithmOptions options_from_json(std::string_view algorithm, std::string_view json) {
  std::string problem = "is not a JSON object";
  const nlohmann::json object = parse_json(json, problem);
  if (!object.is_object())
    fail(ErrorCode::invalid_argument, "options of {}: {} {}", algorithm, excerpt(json), problem);
  AlgorithmOptions options = info_of(algorithm).defaults;
  for (const auto& [name, value] : object.items()) {
    check_type(options, name, value);
    set_option(options, name, value.is_string() ? value.get<std::string>() : json_text(value));
  }
  return options;
}

}  // namespace palate
