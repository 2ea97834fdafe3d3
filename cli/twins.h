// What to say where ids are not found, but others are that differ little.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "palate/data/id_twins.h"
#include "palate/data/read.h"

namespace palate::cli {

// `; did you mean "1.0"? They differ by ".0"`, for the end of a message that an id is not one of
// `ids`; empty where none of them is its twin.
std::string did_you_mean(const Ids& ids, const std::string& id);

// Warns that hardly any of the ids of a file is one of `ids`, but twins of them are. `what` they
// are: "items".
void tell_twins(const std::string& file, const std::string& what, const LookedUpIds& looked_up,
                const Ids& ids);
// The same of the users and the items of a table that was read with read_ratings_with(known).
void tell_twins(const RatingsTable& table, const Catalog& known, bool quiet);

// Throws Error(invalid_argument) where so many of a file's ids, a "user" or an "item" each, are not
// in the model, as --strict has it.
void refuse_unknown(const std::string& file, std::string_view noun, std::uint64_t count);

}  // namespace palate::cli
