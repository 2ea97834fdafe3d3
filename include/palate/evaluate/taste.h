// What a model says of people's taste, for people to look at. Layer: experiment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "palate/model/model.h"
#include "palate/recommend/item_map.h"

namespace palate {

// A part of a score: what a rating of the user adds, or a factor.
struct Reason {
  std::string what;             // the title of what was rated, or "factor 3"
  std::optional<float> rating;  // what the user gave it
  float adds = 0;               // > 0
};

struct ListedItem {
  Index item = 0;
  float rating = 0;             // the user's own, or the predicted one
  std::vector<Reason> because;  // of a predicted one: what adds most to it, greatest first
};

struct UserTaste {
  Index user = 0;
  Index ratings = 0;
  std::vector<ListedItem> liked;        // some of what the user rated highest
  std::vector<ListedItem> recommended;  // best first
};

struct Taste {
  std::string model;  // its name
  Index num_items = 0;
  ItemMap map;
  // of the map's items: the first genre of each, "" where none is known; none at all where the
  // items' file has no genres
  std::vector<std::string> genres;
  std::vector<std::optional<int>> years;  // likewise; none at all where no item has one
  std::vector<UserTaste> users;           // from few ratings to many
};

// What `model`, which keeps who rated what, says: its map, and lists for five users at the 10th,
// 30th, .. 90th percentile of the number of ratings.
Taste taste(const Model& model);

}  // namespace palate
