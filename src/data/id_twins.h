// What is put aside when ids are compared as a person reads them. Layer: data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "palate/data/id_twins.h"
#include "palate/data/read.h"

namespace palate {

// Without spaces, tabs, line ends and no-break spaces around it.
std::string_view trimmed_id(std::string_view id);

// One text for all ids that are twins: without spaces around it, one pair of quotes, and the zeros
// in front of and behind the point of a whole number, in small letters.
std::string folded_id(std::string_view id);

// Of ids that begin or end with spaces, and of a file of titles that knows none of the items.
std::vector<DataWarning> id_warnings(const RatingsTable& table);

}  // namespace palate
