// Flags that all verbs share, and what flags are read with.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "flag_set.h"
#include "palate/algorithms/task.h"
#include "palate/base/index.h"

namespace palate::cli {

struct CommonFlags {
  unsigned threads = 0;
  bool quiet = false;
  bool json = false;

  void add_to(FlagSet& flags);
  void add_threads_to(FlagSet& flags);
};

// Throws Error(invalid_argument).
[[noreturn]] void refuse(const std::string& message);

// The value that goes by this name; refuses others, and lists those that are known.
template <class Value>
Value choice(const std::string& flag, const std::string& name,
             const std::vector<std::pair<std::string, Value>>& choices) {
  std::string names;
  for (const auto& [known, value] : choices) {
    if (known == name) return value;
    names += (names.empty() ? "" : ", ") + known;
  }
  refuse(fmt::format("{} \"{}\" is none of: {}", flag, name, names));
}

// What was typed behind `palate`, kept by main for what tells how it was made.
std::vector<std::string>& command_words();

// Names of the table of algorithms, several with commas between them.
std::string first_algorithm(Task task);  // what `train` takes
std::string algorithm_names();           // all, as --help shows them
std::string preset_algorithms(Task task);
// What a comparison has that names none: of these tasks, with commas, for a table of so many items.
std::string default_algorithms(std::span<const Task> tasks, Index items);

// A list of words from "a,b,c".
std::vector<std::string> comma_separated(const std::string& text);

}  // namespace palate::cli
