// Text as it is compared with what a person typed.
#pragma once

#include <string>
#include <string_view>

namespace palate {

// The words of UTF-8 text, one space between them: in lower case, without accents ("Amélie" is
// "amelie", "Straße" "strasse") and without punctuation: apostrophes and full stops vanish
// ("M.A.S.H." is "mash"), & is "and", everything else parts words. Letters of Latin, Latin-1 and
// Latin Extended-A are folded so; those of other scripts stay as they are. What is not UTF-8 is
// taken for Latin-1.
std::string fold_text(std::string_view text);

}  // namespace palate
