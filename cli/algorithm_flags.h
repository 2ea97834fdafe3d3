// Flags for the options of algorithms.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "flag_set.h"

namespace palate::cli {

// One for each option of any algorithm, into `fields` by the option's name; but for `seed`, which
// verbs have themselves. --help shows those of the algorithms that the command line names.
void add_algorithm_flags(FlagSet& flags, std::map<std::string, std::optional<std::string>>& fields);

}  // namespace palate::cli
