// Options of the library as flags of the command line.
#pragma once

#include <string>
#include <string_view>

namespace palate::cli {

// "--learning-rate" for "learning_rate": the flag of an option that has the same name.
std::string hyphened_flag(std::string_view option);

// A message of the library, in which options stand in backquotes, with flags in their place:
// "`time_column=none` leaves times out" becomes "--time none leaves times out". What else stands in
// backquotes may be text of somebody's file, and stays.
std::string with_flags(std::string_view message);

}  // namespace palate::cli
