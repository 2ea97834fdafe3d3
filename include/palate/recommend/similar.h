// Items, and users, that a model holds to be alike. Layer: recommend.
#pragma once

#include <optional>
#include <vector>

#include "palate/model/model.h"
#include "palate/recommend/recommend.h"

namespace palate {

constexpr Index kSupportOfSimilarUsers = 5;

struct SimilarOptions {
  Index count = 10;
  // Items, or users, with fewer train ratings are left out. Those of a user are counted in what the
  // model keeps of who rated what. Nothing: for items as lists have it (default_rules()), for users
  // kSupportOfSimilarUsers.
  std::optional<Index> min_support;
  ItemMask allowed{};
};

// What somebody would be shown who likes just this item: the items to whose scores the like adds
// most, by the row objective or the item weights of what makes the lists, and how much it adds; of
// a model of ratings alone what each point adds by which the item is rated better than everybody
// would. The item itself is left out, and what has no ratings or, of item weights, to which the
// like adds nothing; of equal items the better supported comes first, then the lower index.
// bench/similar.py has what else was tried.
//
// Errors:  invalid_argument  a model without factors and item weights; an item without ratings
std::vector<Recommendation> similar_items(const Model& model, Index item,
                                          const SimilarOptions& options = {});

// A user, and the cosine of the angle between the two factor vectors: 1 for the same direction, -1
// for the opposite one.
struct Neighbour {
  Index index = 0;
  float cosine = 0;
};

// The nearest to the user, who is left out, by the cosine of their factors: the nearest first,
// equally near ones in order of index. Who has no ratings has no direction, and is near nobody.
//
// Errors:  invalid_argument  a model without factors; a user without ratings
std::vector<Neighbour> similar_users(const Model& model, Index user,
                                     const SimilarOptions& options = {});

}  // namespace palate
