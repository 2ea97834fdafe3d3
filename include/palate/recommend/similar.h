// Items, and users, that a model holds to be alike. Layer: recommend.
#pragma once

#include <vector>

#include "palate/model/model.h"

namespace palate {

struct Neighbour {
  Index index = 0;  // of an item, or of a user
  // of the angle between the two factor vectors: 1 for the same direction, -1 for the opposite one
  float cosine = 0;
};

struct SimilarOptions {
  Index count = 10;
  // items, or users, with fewer train ratings are left out; those of users are counted in the
  // history
  Index min_support = 5;
};

// The nearest to the item or user, itself left out, by the cosine of their factors: the nearest
// first, equally near ones in order of index. What has no ratings has no direction, and is near
// nothing. Throws Error(invalid_argument) for a model without factors, and for an item or user
// without ratings.
std::vector<Neighbour> similar_items(const Model& model, Index item,
                                     const SimilarOptions& options = {});
std::vector<Neighbour> similar_users(const Model& model, Index user,
                                     const SimilarOptions& options = {});

}  // namespace palate
