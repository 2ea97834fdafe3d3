// Small interactions made by tests, and what a model says of one pair.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/random.h"
#include "palate/data/dataset.h"
#include "palate/data/interactions.h"
#include "palate/model/factors.h"

namespace palate {

using Rating = std::tuple<Index, Index, float>;  // user, item, value

inline Ids numbered_ids(Index count) {
  std::vector<std::int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), std::int64_t{1});
  return Ids::integers(std::move(ids));
}

// Ratings of num_users users (ids 1, 2, ...) and num_items items, at times 0, 1, ...
inline Interactions interactions_of(Index num_users, Index num_items,
                                    const std::vector<Rating>& ratings) {
  Interactions interactions;
  auto catalog = std::make_shared<Catalog>();
  catalog->users = numbered_ids(num_users);
  catalog->items = numbered_ids(num_items);
  interactions.catalog = std::move(catalog);
  for (const auto& [user, item, value] : ratings) {
    interactions.users.push_back(user);
    interactions.items.push_back(item);
    interactions.values.push_back(value);
    interactions.times.push_back(static_cast<std::int64_t>(interactions.times.size()));
  }
  return interactions;
}

// A share `density` of all pairs, rated 3.5 + b_u + b_i + p_u . q_i + noise by a planted model with
// `factors` factors, in halves from 0.5 to 5.
inline Interactions planted_interactions(Index num_users, Index num_items, double density,
                                         Index factors, double noise, std::uint64_t seed) {
  Rng rng(seed);
  const auto normals = [&](Index count, double spread) {
    std::vector<double> values(count);
    for (double& value : values) value = spread * rng.normal();
    return values;
  };
  const std::vector<double> user_bias = normals(num_users, 0.4);
  const std::vector<double> item_bias = normals(num_items, 0.5);
  const double spread = 0.9 / std::sqrt(std::sqrt(static_cast<double>(factors)));
  const std::vector<double> p = normals(num_users * factors, spread);
  const std::vector<double> q = normals(num_items * factors, spread);
  std::vector<Rating> ratings;
  for (Index user = 0; user < num_users; ++user) {
    for (Index item = 0; item < num_items; ++item) {
      if (rng.uniform() >= density) continue;
      double value = 3.5 + user_bias[user] + item_bias[item] + noise * rng.normal();
      for (Index f = 0; f < factors; ++f) value += p[user * factors + f] * q[item * factors + f];
      value = std::clamp(std::round(value * 2) / 2, 0.5, 5.0);
      ratings.emplace_back(user, item, static_cast<float>(value));
    }
  }
  return interactions_of(num_users, num_items, ratings);
}

inline float score_of(const Factors& factors, Index user, Index item) {
  return scores(factors, {{user}}, {{item}}).front();
}

}  // namespace palate
