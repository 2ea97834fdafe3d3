// --options FILE.json: flags from a file, in place of words on the command line.
#pragma once

#include <string>
#include <vector>

namespace palate::cli {

inline constexpr char kOptionsFileFlag[] = "--options";
inline constexpr char kOptionsFileHelp[] =
    "a JSON object of flags: {\"factors\": 8, \"quiet\": true}; what is typed wins";

// The words with every `--options FILE.json` replaced by the flags in that file, put before the
// others so that what is typed wins: {"factors": 8, "quiet": true, "algorithms": ["als", "sgd"]} is
// --factors=8 --quiet=true --algorithms=als,sgd. Throws Error(io) for a file that cannot be read
// and Error(bad_data) for one that is not such an object.
std::vector<std::string> with_options_files(const std::vector<std::string>& words);

// The paths of the files that it has read.
const std::vector<std::string>& options_files_read();

}  // namespace palate::cli
