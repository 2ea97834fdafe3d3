// What a new user likes, as typed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "palate/model/model.h"

namespace palate::cli {

struct Like {
  Index item = 0;
  std::optional<float> rating;
};

// The items and ratings of "Toy Story:5, Matrix, The (1999):4.5, 296:3": an item's id, or its title
// as for --title, a colon and a rating, set apart by commas, which titles may hold too. Ratings may
// be left out where the model was trained for lists: "Toy Story, Matrix, The (1999), Heat:2". Then
// a name is the longest that an item has. Throws Error(invalid_argument) that names the part that
// cannot be read, and for a title that is not that of exactly one item.
std::vector<Like> parse_likes(const std::string& text, const Model& model);

}  // namespace palate::cli
