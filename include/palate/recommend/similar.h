// Items, and users, that a model holds to be alike. Layer: recommend.
#pragma once

#include <vector>

#include "palate/model/model.h"

namespace palate {

// An item, or a user, and the cosine of the angle between the two factor vectors: 1 for the same
// direction, -1 for the opposite one.
struct Neighbour {
  Index index = 0;
  float cosine = 0;
};

struct SimilarOptions {
  Index count = 10;
  // Items, or users, with fewer train ratings are left out. Those of a user are counted in what the
  // model keeps of who rated what.
  Index min_support = 5;
};

// The nearest to the item or user, itself left out, by the cosine of their factors: the nearest
// first, equally near ones in order of index. What has no ratings has no direction, and is near
// nothing.
//
// Errors:  invalid_argument  a model without factors; an item or a user without ratings
std::vector<Neighbour> similar_items(const Model& model, Index item,
                                     const SimilarOptions& options = {});
std::vector<Neighbour> similar_users(const Model& model, Index user,
                                     const SimilarOptions& options = {});

}  // namespace palate
