#include "help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "terminal.h"

namespace palate::cli {
namespace {

constexpr std::size_t kTextColumn = 26;  // where the texts of flags begin

constexpr std::array<std::pair<const char*, const char*>, 7> kStatuses{
    {{"  0", "done"},
     {"  1", "an error inside Palate"},
     {"  2", "bad input: a table, the value of a flag, a training that diverged"},
     {"  3", "a file or the network"},
     {"  4", "a file that is no model, or a damaged one"},
     {"  64", "a command that cannot be understood"},
     {"  130", "interrupted; the best model so far is kept"}}};

// "-o, --output FILE"
std::string left_side(const FlagHelp& flag) {
  std::string left = fmt::format("{}", fmt::join(flag.names, ", "));
  // Long names below each other, where some have a short one.
  if (!flag.is_positional() && flag.names.front().starts_with("--")) left = "    " + left;
  return left + (flag.value.empty() ? "" : ' ' + flag.value);
}

// What is on the left, and its text beside it, or below where the left is long.
void add_entry(std::string& help, const std::string& left, const std::string& text,
               std::size_t column, std::size_t width) {
  const bool fits = left.size() + 2 <= column;
  if (!fits) help += left + '\n';
  bool is_first = fits;
  for (const std::string& line : wrapped(text, width - column)) {
    help += fmt::format("{:<{}}{}\n", is_first ? left : "", column, line);
    is_first = false;
  }
}

void add_flag(std::string& help, const FlagHelp& flag, std::size_t width) {
  const std::string preset = flag.preset.empty() ? "" : fmt::format(" [{}]", flag.preset);
  add_entry(help, "  " + left_side(flag), flag.text + preset, kTextColumn, width);
}

void add_paragraph(std::string& help, const std::string& text, std::size_t width) {
  for (const std::string& line : wrapped(text, width)) help += line + '\n';
}

}  // namespace

FlagGroup& VerbHelp::group(const std::string& heading) {
  const auto found = std::ranges::find(groups, heading, &FlagGroup::heading);
  if (found != groups.end()) return *found;
  return groups.emplace_back(FlagGroup{heading, {}});
}

std::string help_of_verb(const VerbHelp& verb, std::size_t width) {
  std::string help;
  std::string usage = "palate " + verb.name;
  for (const FlagGroup& group : verb.groups) {
    for (const FlagHelp& flag : group.flags) {
      if (flag.is_positional()) {
        usage += ' ' + (flag.required ? flag.names.front() : '[' + flag.names.front() + ']');
      } else if (flag.required) {
        usage += fmt::format(" {} {}", flag.names.back(), flag.value);
      }
    }
  }
  help += usage + " [flags]\n\n";
  add_paragraph(help, verb.summary, width);
  for (const FlagGroup& group : verb.groups) {
    if (group.flags.empty() && group.note.empty()) continue;
    help += '\n';
    if (!group.heading.empty()) help += group.heading + '\n';
    for (const FlagHelp& flag : group.flags) {
      if (flag.shown) add_flag(help, flag, width);
    }
    if (!group.note.empty()) {
      for (const std::string& line : wrapped(group.note, width - 2)) help += "  " + line + '\n';
    }
  }
  if (!verb.examples.empty()) {
    help += "\nexamples\n";
    for (const std::string& example : verb.examples) help += "  " + example + '\n';
  }
  help += '\n';
  add_paragraph(
      help,
      "Brackets hold the value of a flag that is not given. `palate help` has the exit statuses.",
      width);
  return help;
}

std::string help_of_all(std::span<const VerbHelp> verbs, std::size_t width) {
  std::string help = "palate VERB [flags]\n\n";
  add_paragraph(help,
                "Palate learns what people like from a table of who rated, bought or watched what. "
                "It predicts ratings, makes lists of recommendations, and says how good both are.",
                width);
  help += "\nverbs\n";
  for (const VerbHelp& verb : verbs) add_entry(help, "  " + verb.name, verb.summary, 13, width);
  help +=
      "\nexamples\n"
      "  palate train ratings.csv\n"
      "  palate recommend model.safetensors --user 1\n"
      "  palate report ratings.csv -o report.html\n";
  help += '\n';
  add_paragraph(help,
                "`palate help VERB` or `palate VERB --help` shows the flags of a verb, `palate "
                "version` the version.",
                width);
  help += "\nexit status\n";
  for (const auto& [status, meaning] : kStatuses) add_entry(help, status, meaning, 7, width);
  help += '\n';
  add_paragraph(help, "The documents are in docs/ of the source; `man palate` has all flags.",
                width);
  return help;
}

nlohmann::ordered_json to_json(const VerbHelp& verb) {
  nlohmann::ordered_json flags = nlohmann::ordered_json::array();
  for (const FlagGroup& group : verb.groups) {
    for (const FlagHelp& flag : group.flags) {
      flags.push_back({{"names", flag.names},
                       {"value", flag.value},
                       {"text", flag.text},
                       {"preset", flag.preset},
                       {"required", flag.required},
                       {"group", group.heading}});
    }
  }
  return {{"name", verb.name},
          {"summary", verb.summary},
          {"flags", std::move(flags)},
          {"examples", verb.examples}};
}

}  // namespace palate::cli
