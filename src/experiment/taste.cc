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

// 0 where either has no factors to speak of.
float cosine(std::span<const float> a, std::span<const float> b) {
  const auto product = [](std::span<const float> x, std::span<const float> y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  const double lengths = std::sqrt(product(a, a) * product(b, b));
  return lengths > 0 ? static_cast<float>(product(a, b) / lengths) : 0;
}

// Where what a single rating adds is not known: what the user rated at least as high as the mean of
// the user's ratings, the items most like this one first.
std::vector<Reason> similar_liked(const Model& model, Index user, Index item) {
  const Factors& factors = for_lists(model).scorer.factors;
  const SparseRow row = model.seen_by(user);
  const float mean =
      std::accumulate(row.values.begin(), row.values.end(), 0.0F) / static_cast<float>(row.size());
  std::vector<Reason> all;
  for (std::size_t t = 0; t < row.size(); ++t) {
    const Index rated = row.columns[t];
    if (row.values[t] < mean) continue;
    all.push_back({model.catalog->item_name(rated), row.values[t],
                   cosine(factors.item_factors.row(rated), factors.item_factors.row(item)), true});
  }
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
    all = similar_liked(model, user, item);
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

// Of each item's genres the one that says most of it. The least common does: "Drama" says little of
// a war film that is one, too. But what hardly any item has is no genre to color a map by.
std::vector<std::string> main_genres(const Catalog& catalog, std::span<const Index> items) {
  constexpr std::size_t kOneIn = 10;
  const std::optional<ItemTags> genres = genres_of(catalog);
  if (!genres) return {};
  std::vector<std::size_t> counts(genres->names.size());
  for (const Index item : items)
    for (const Index genre : genres->of(item)) ++counts[genre];
  // Common ones before the others, of the common ones the least first, of the others the most.
  const auto place = [&](Index genre) {
    const bool common = counts[genre] * kOneIn >= items.size();
    return std::pair(!common, common ? counts[genre] : items.size() - counts[genre]);
  };
  std::vector<std::string> main;
  for (const Index item : items) {
    const std::span<const Index> of_item = genres->of(item);
    main.push_back(of_item.empty() ? ""
                                   : genres->names[*std::ranges::min_element(of_item, {}, place)]);
  }
  return main;
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
  taste.genres = main_genres(catalog, taste.map.items);
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
