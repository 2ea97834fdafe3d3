// The flags of a verb, as the verbs declare them: over CLI11, which takes long to compile and is
// included by flag_set.cc and main.cc alone.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
  explicit FlagSet(CLI::App& app) : app_(&app) {}

  // `names`: "--quiet" or "-q,--quiet"; without hyphens, "FILE", it is what stands behind the
  // flags, in their order.
  void add(const std::string& names, FlagTarget target, const std::string& help,
           FlagRange range = {});
  void add_required(const std::string& names, FlagTarget target, const std::string& help);
  // Not both at once.
  void exclude(const std::string& name, const std::string& other);
  // A part of these flags, with a heading of its own in --help.
  FlagSet group(const std::string& heading, const std::string& description = "");
  // The last line of --help.
  void set_footer(const std::string& footer);

 private:
  CLI::App* app_;
};

}  // namespace palate::cli
