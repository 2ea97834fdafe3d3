// What a new user likes, as typed.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "palate/model/model.h"

namespace palate::cli {

// The items and ratings of "Toy Story:5, Matrix, The (1999):4.5, 296:3": an item's id, or its title
// as for --title, a colon and a rating, set apart by commas, which titles may hold too. Throws
// Error(invalid_argument) that names the part that cannot be read, and for a title that is not that
// of exactly one item.
std::vector<std::pair<Index, float>> parse_likes(const std::string& text, const Model& model);

}  // namespace palate::cli
