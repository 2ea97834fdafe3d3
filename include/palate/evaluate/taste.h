// What a model says of people's taste, for people to look at. Layer: experiment.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/evaluate/compare.h"
#include "palate/model/model.h"
#include "palate/recommend/item_map.h"

namespace palate {

// Something that the user rated and that speaks for an item.
struct Reason {
  std::string what;            // its title
  float value = 0;             // what the user gave it, as in LikedItem
  float adds = 0;              // > 0: what the rating adds to the score of the item
  bool is_similarity = false;  // it is the cosine of the two items' factors, since the algorithm
                               // does not know what a single rating adds
};

struct LikedItem {
  Index item = 0;
  float value = 0;  // the rating that the user gave, or the weight of what the user did
};

struct RecommendedItem {
  Index item = 0;
  float score = 0;              // the predicted rating, not clipped, or that of the list
  std::vector<Reason> because;  // what adds most to the place in the list, greatest first
};

struct UserTaste {
  Index user = 0;
  Index ratings = 0;
  std::vector<LikedItem> liked;              // some of what the user rated highest, or did most
  std::vector<RecommendedItem> recommended;  // best first
};

struct Taste {
  std::string model;        // the name of what ranks
  Task task = Task::lists;  // which it was trained for
  // The name of what predicts ratings; nothing: a recommended item has the score of the list.
  std::optional<std::string> ratings_model;
  bool values_are_ratings = true;  // of the users; else weights
  Index num_items = 0;
  ItemMap map;
  // The genre that says most of each of the map's items, "" where none is known: of its genres the
  // least common, of those that at least one in ten of these items has; where it has none of those,
  // the most common. Empty where the items' file has no genres.
  std::vector<std::string> genres;
  std::vector<std::optional<int>> years;  // of the same items; empty where none has a year
  std::vector<UserTaste> users;           // from few ratings to many
};

// What a model that keeps who rated what says: its map, and lists for five users at the 10th, 30th,
// 50th, 70th and 90th percentile of the number of ratings.
Taste taste(const Model& model);

// The same of the best model with factors of each task, trained again on all rows. Nothing where
// there is none, or where that training diverges.
std::optional<Taste> taste_of_best(const Interactions& interactions,
                                   std::span<const Comparison> comparisons, Parallel& parallel,
                                   const Watch& watch = {});

}  // namespace palate
