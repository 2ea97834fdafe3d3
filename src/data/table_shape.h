// Tables that hold no row for each rating. Layer: data.
#pragma once

#include <span>
#include <string>

#include "data/text_layout.h"

namespace palate {

// Throws Error(bad_data), which says what the table looks like and how to make one that can be
// read of it, for
//
//   a matrix of users x items   a line per user and a column per item, or the other way round
//   lists                       a line per user with all of its items: "1 5 7 9", "1,\"5,7,9\""
void refuse_other_shapes(const TextLayout& layout, const std::string& name);

// The second alone, of rows whose columns are not known; and where it is known what they are.
void refuse_lists(std::span<const Row> rows, const std::string& name);
[[noreturn]] void refuse_list(const std::string& name);

}  // namespace palate
