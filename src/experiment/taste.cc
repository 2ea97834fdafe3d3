#include "palate/evaluate/taste.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "palate/base/error.h"
#include "palate/data/item_columns.h"
#include "palate/evaluate/final_model.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/recommend/explain.h"
#include "palate/recommend/recommend.h"

namespace palate {
namespace {

constexpr std::size_t kUsers = 5;
constexpr std::size_t kItems = 5;
constexpr std::size_t kReasons = 3;

// The users with ratings at the middle of each fifth, by number of ratings.
std::vector<Index> some_users(const SparseMatrix& history) {
  std::vector<Index> users(history.rows());
  std::iota(users.begin(), users.end(), Index{0});
  const auto ratings = [&](Index user) { return history.row(user).size(); };
  std::erase_if(users, [&](Index user) { return ratings(user) == 0; });
  std::ranges::stable_sort(users, {}, ratings);
  if (users.size() <= kUsers) return users;
  std::vector<Index> some;
  for (std::size_t k = 0; k < kUsers; ++k)
    some.push_back(users[(2 * k + 1) * users.size() / (2 * kUsers)]);
  return some;
}

// The highest ratings, the most rated items first among equals.
std::vector<LikedItem> liked(const Scorer& scorer, SparseRow row) {
  std::vector<LikedItem> all;
  for (std::size_t t = 0; t < row.size(); ++t) all.push_back({row.columns[t], row.values[t]});
  std::ranges::stable_sort(all, [&](const LikedItem& a, const LikedItem& b) {
    return a.value != b.value ? a.value > b.value
                              : scorer.item_support[a.item] > scorer.item_support[b.item];
  });
  all.resize(std::min(all.size(), kItems));
  return all;
}

std::vector<Reason> reasons(const Model& model, Index user, Index item) {
  const Explanation explanation = explain(model, Task::lists, user, item);
  std::vector<Reason> all;
  if (explanation.ratings) {
    for (const RatingContribution& rating : *explanation.ratings) {
      all.push_back({model.catalog->item_name(rating.item), rating.rating, rating.contribution()});
    }
  } else {
    for (std::size_t f = 0; f < explanation.factors.size(); ++f) {
      all.push_back({fmt::format("factor {}", f), std::nullopt, explanation.factors[f]});
    }
  }
  std::erase_if(all, [](const Reason& reason) { return !(reason.adds > 0); });
  std::ranges::stable_sort(all, std::ranges::greater(), &Reason::adds);
  all.resize(std::min(all.size(), kReasons));
  return all;
}

UserTaste taste_of(const Model& model, Index user) {
  const SparseRow row = model.seen_by(user);
  const Scorer& for_list = for_lists(model).scorer;
  const Scorer& for_rating = for_ratings(model).scorer;
  UserTaste taste{user, row.size(), liked(for_list, row), {}};
  const QueryView query = query_of_user(for_list, user, row);
  ListRules rules = default_rules(for_list);
  rules.count = kItems;
  for (const Recommendation& found : recommend(for_list, query, rules)) {
    const float shown = model.ratings
                            ? score(for_rating, query_of_user(for_rating, user), found.item)
                            : found.score;
    taste.recommended.push_back({found.item, shown, reasons(model, user, found.item)});
  }
  return taste;
}

// The first genre of each item, "" where it has none. Nothing where the catalog has no genres.
std::vector<std::string> first_genres(const Catalog& catalog, std::span<const Index> items) {
  const std::optional<ItemTags> genres = genres_of(catalog);
  if (!genres) return {};
  std::vector<std::string> first;
  for (const Index item : items) {
    const std::span<const Index> tags = genres->of(item);
    first.push_back(tags.empty() ? "" : genres->names[tags.front()]);
  }
  return first;
}

// Nothing where none of the items has a year.
std::vector<std::optional<int>> years_of_items(const Catalog& catalog,
                                               std::span<const Index> items) {
  const std::optional<ItemNumbers> all = years_of(catalog);
  std::vector<std::optional<int>> years;
  for (const Index item : items) {
    const bool known = all && !std::isnan((*all)[item]);
    years.push_back(known ? std::optional(static_cast<int>((*all)[item])) : std::nullopt);
  }
  if (std::ranges::none_of(years, [](const auto& year) { return year.has_value(); })) years.clear();
  return years;
}

}  // namespace

Taste taste(const Model& model) {
  const Fitted& ranks = for_lists(model);
  const std::optional<Weighting>& weighting = ranks.scorer.weighting;
  Taste taste{.model = ranks.algorithm.name,
              .task = model.lists ? Task::lists : Task::ratings,
              .values_are_ratings = !weighting || weighting->at_least,
              .num_items = model.catalog->items.size(),
              .map = item_map(ranks.scorer)};
  if (model.ratings) taste.ratings_model = model.ratings->algorithm.name;
  const Catalog& catalog = *model.catalog;
  taste.genres = first_genres(catalog, taste.map.items);
  taste.years = years_of_items(catalog, taste.map.items);
  if (!model.seen) return taste;
  for (const Index user : some_users(*model.seen)) taste.users.push_back(taste_of(model, user));
  return taste;
}

std::optional<Taste> taste_of_best(const Interactions& interactions,
                                   std::span<const Comparison> comparisons, Parallel& parallel,
                                   const Watch& watch) {
  std::vector<Chosen> best;
  for (const Comparison& comparison : comparisons) {
    if (const ModelResult* const result = best_with_factors(comparison); result != nullptr)
      best.push_back({comparison, *result});
  }
  if (best.empty()) return {};
  try {
    Taste found = taste(refitted_model(interactions, best, parallel, watch));
    found.model = best.back().result.algorithm.name;
    if (found.ratings_model) found.ratings_model = best.front().result.algorithm.name;
    return found;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::diverged) return {};
    throw;
  }
}

}  // namespace palate
