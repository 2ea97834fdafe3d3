// Words that were meant. Layer: base.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "palate/base/index.h"

namespace palate {

// Letters to replace, add, take out, or exchange with their neighbours, to get from one text to the
// other; more than `most` where that is more. It costs O(most times the length).
//
// F. Damerau. A technique for computer detection and correction of spelling errors. CACM 7(3),
// 1964.
Index edit_distance(std::string_view a, std::string_view b, std::size_t most);

// Of these words the one that is most like what was typed, the first of equal ones: the same in
// another case, or with at most one letter in three wrong; or one that begins so. Nothing where
// none is.
std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> words);

// `; did you mean "train"?`, for the end of a message that says that there is no such word; empty
// where no word is near.
std::string spelling_hint(std::string_view typed, std::span<const std::string> words);

}  // namespace palate
