// What --help says of a verb: kept as the verb declares its flags, and laid out for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

namespace palate::cli {

struct FlagHelp {
  std::vector<std::string> names;  // "-q", "--quiet"; of what stands without a flag "FILE"
  std::string value;               // what it takes: "FILE", "0..1", "csv|json"; empty: nothing
  std::string text;
  std::string preset;  // what it is unless it is given; empty: the text says so
  bool required = false;
  bool shown = true;  // by --help; the man page and the completions have all

  bool is_positional() const { return !names.front().starts_with('-'); }
};

// The groups that come last, in this order: what most verbs have would hide what is the verb's own.
inline constexpr const char* kChoosingRows = "choosing rows";
inline constexpr const char* kReadingTable = "reading the table";
inline constexpr const char* kGeneral = "general";

struct FlagGroup {
  std::string heading;
  std::vector<FlagHelp> flags;
  std::string note{};  // below them
};

struct VerbHelp {
  std::string name;
  std::string summary;            // a sentence
  std::vector<FlagGroup> groups;  // the first has no heading: what most people want
  std::vector<std::string> examples;

  FlagGroup& group(const std::string& heading);
};

// Lines of at most `width` characters.
std::string help_of_verb(const VerbHelp& verb, std::size_t width);
std::string help_of_all(std::span<const VerbHelp> verbs, std::size_t width);

// All that these say, for the man page and the completions.
nlohmann::ordered_json to_json(const VerbHelp& verb);

}  // namespace palate::cli
