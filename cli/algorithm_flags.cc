#include "algorithm_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "flag_names.h"
#include "flags.h"
#include "palate/algorithms/algorithms.h"

namespace palate::cli {
namespace {

// --learning-rate for learning_rate; both are understood.
std::string flags_of(const std::string& field) {
  const std::string underscored = "--" + field;
  const std::string hyphened = hyphened_flag(field);
  return hyphened == underscored ? hyphened : hyphened + "," + underscored;
}

// What an option of an algorithm may be.
template <class Value>
std::string values_of(const Field& field, const Value&) {
  if constexpr (std::is_same_v<Value, bool>) {
    return "true|false";
  } else if constexpr (std::is_enum_v<Value>) {
    return fmt::format("{}", fmt::join(choice_names<Value>, "|"));
  } else {
    const auto& [low, high, above_low] = field.bounds;
    const bool has_low = low > Bounds{}.low;
    if (has_low && high < Bounds{}.high) return fmt::format("{:g}..{:g}", low, high);
    if (has_low && (above_low || low != 0))
      return fmt::format("{}{:g}", above_low ? ">" : ">=", low);
    return "N";
  }
}

// What --help says of an option that several algorithms may have.
struct FieldHelp {
  std::string values;
  std::vector<std::string> texts;                  // each once
  std::vector<std::vector<std::string>> defaults;  // of each text: "als 16"

  void add(const std::string& text, std::string value) {
    const auto known = std::ranges::find(texts, text);
    const auto place = static_cast<std::size_t>(known - texts.begin());
    if (known == texts.end()) {
      texts.push_back(text);
      defaults.emplace_back();
    }
    defaults[place].push_back(std::move(value));
  }
  std::string text() const {
    std::string all;
    for (std::size_t t = 0; t < texts.size(); ++t) {
      all += fmt::format("{}{} [{}]", t == 0 ? "" : "; ", texts[t], fmt::join(defaults[t], ", "));
    }
    return all;
  }
};

// The options of these algorithms and presets, each once; of all algorithms where there are none.
std::map<std::string, FieldHelp> fields_of(const std::vector<std::string>& names) {
  std::map<std::string, FieldHelp> fields;
  for (const AlgorithmInfo& row : algorithms()) {
    const bool is_named = std::ranges::find(names, row.about.name) != names.end();
    if (names.empty() ? row.preset : !is_named) continue;
    visit_all_fields(row.defaults, [&](const Field& field, const auto& value) {
      FieldHelp& help = fields[std::string(field.name)];
      help.values = values_of(field, value);
      const std::string preset = option_text(row.defaults, field.name).value();
      help.add(with_flags(field.help),
               names.size() == 1 ? preset : fmt::format("{} {}", row.about.name, preset));
    });
  }
  return fields;
}

// The algorithms that the command line names by --algorithm or --algorithms.
std::vector<std::string> named_algorithms() {
  std::vector<std::string> names;
  const std::vector<std::string>& words = command_words();
  for (std::size_t n = 0; n < words.size(); ++n) {
    const std::size_t equals = std::min(words[n].find('='), words[n].size());
    const std::string flag = words[n].substr(0, equals);
    if (flag != "--algorithm" && flag != "--algorithms") continue;
    const bool is_behind = equals == words[n].size();
    if (is_behind && n + 1 == words.size()) break;
    for (const std::string& name :
         comma_separated(is_behind ? words[n + 1] : words[n].substr(equals + 1)))
      names.push_back(name.substr(0, name.find(':')));
  }
  return names;
}

}  // namespace

void add_algorithm_flags(FlagSet& flags,
                         std::map<std::string, std::optional<std::string>>& fields) {
  FlagSet training = flags.group("options of the algorithm");
  const std::vector<std::string> named = named_algorithms();
  const std::map<std::string, FieldHelp> shown = fields_of(named);
  std::string all_names;
  for (const auto& [name, help] : fields_of({})) {
    if (name == "seed") continue;  // --seed above
    all_names += (all_names.empty() ? "" : ", ") + hyphened_flag(name);
    const auto own = named.empty() ? shown.end() : shown.find(name);
    if (own != shown.end()) {
      training.add(flags_of(name) + ' ' + own->second.values, &fields[name], own->second.text());
    } else {
      training.add_hidden(flags_of(name) + ' ' + help.values, &fields[name], help.text());
    }
  }
  if (named.empty()) {
    training.set_note(fmt::format(
        "With --algorithm NAME, --help shows those of the algorithm, of {}.", all_names));
  }
}

}  // namespace palate::cli
