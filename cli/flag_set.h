// The flags of a verb, as the verbs declare them: over CLI11, which takes long to compile and is
// included by flag_set.cc and main.cc alone.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "help.h"

namespace CLI {
class App;
}

namespace palate::cli {

// Where what is typed goes; what is there before is the default, and --help shows it. A bool is set
// by its flag alone.
using FlagTarget =
    std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*,
                 std::uint32_t*, std::optional<std::uint32_t>*, std::uint64_t*, double*,
                 std::optional<double>*>;

// What a whole number may be.
struct FlagRange {
  std::uint32_t low = 0;
  std::uint32_t high = std::numeric_limits<std::uint32_t>::max();
};

class FlagSet {
 public:
  // `app` parses, `help` says what it parses; both outlive this.
  FlagSet(CLI::App& app, VerbHelp& help) : app_(&app), help_(&help) {}

  // `names`: "--quiet", "-o,--output FILE" with what it takes, "--task ratings|lists" with all
  // that it takes; without hyphens, "FILE", it is what stands behind the flags, in their order.
  // Of several long names --help shows the first.
  void add(const std::string& names, FlagTarget target, const std::string& text,
           FlagRange range = {});
  void add_required(const std::string& names, FlagTarget target, const std::string& text);
  // The same, but --help does not show it.
  void add_hidden(const std::string& names, FlagTarget target, const std::string& text);
  // Not both at once.
  void exclude(const std::string& name, const std::string& other);
  // Those under a heading of their own in --help; a heading that is there already goes on.
  FlagSet group(const std::string& heading) const;
  // Below the flags of this heading.
  void set_note(const std::string& note);
  void set_examples(std::vector<std::string> examples);

 private:
  CLI::App* app_;
  VerbHelp* help_;
  std::string heading_;
};

}  // namespace palate::cli
