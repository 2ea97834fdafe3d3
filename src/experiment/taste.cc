#include "palate/evaluate/taste.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

#include "palate/base/error.h"
#include "palate/recommend/explain.h"
#include "palate/recommend/find_title.h"
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
std::vector<ListedItem> liked(const Model& model, SparseRow row) {
  std::vector<ListedItem> all;
  for (std::size_t t = 0; t < row.size(); ++t) all.push_back({row.columns[t], row.values[t], {}});
  std::ranges::stable_sort(all, [&](const ListedItem& a, const ListedItem& b) {
    return a.rating != b.rating ? a.rating > b.rating
                                : model.item_support[a.item] > model.item_support[b.item];
  });
  all.resize(std::min(all.size(), kItems));
  return all;
}

std::vector<Reason> reasons(const Model& model, Index user, Index item) {
  const Explanation explanation = explain(model, user, item);
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
  const SparseRow row = model.history.row(user);
  UserTaste taste{user, static_cast<Index>(row.size()), liked(model, row), {}};
  const Query query = query_of_user(model, user);
  for (const Recommendation& found : recommend(model, query, {.count = kItems}, row.columns)) {
    taste.recommended.push_back(
        {found.item, predict(model, query, found.item), reasons(model, user, found.item)});
  }
  return taste;
}

// The first of "Action|Crime", of "Action, Crime", and in RecBole's files of "Action Crime".
std::string first_genre(const MetadataColumn& column, Index item) {
  const std::string_view cell = column.cells[item];
  const std::string_view first =
      cell.substr(0, cell.find_first_of(column.name == "class" ? "|, " : "|,"));
  return first.starts_with('(') ? "" : std::string(first);  // "(no genres listed)"
}

// Of each item, as the items' file has it: a column of genres, or one of 0 and 1 for each genre.
// Nothing where it has neither.
std::vector<std::string> genres_of(const Catalog& catalog, std::span<const Index> items) {
  std::vector<std::string> genres;
  const auto& columns = catalog.item_metadata;
  constexpr std::string_view kNames[] = {"genres", "genre", "categories", "category", "class"};
  const auto named = std::ranges::find_if(columns, [&](const MetadataColumn& c) {
    return std::ranges::find(kNames, c.name) != std::end(kNames);
  });
  if (named != columns.end()) {
    for (const Index item : items) genres.push_back(first_genre(*named, item));
    return genres;
  }
  std::vector<const MetadataColumn*> flags;
  for (const MetadataColumn& column : columns) {
    const auto is_flag = [](const std::string& cell) {
      return cell == "0" || cell == "1" || cell.empty();
    };
    if (std::ranges::all_of(column.cells, is_flag) &&
        std::ranges::find(column.cells, "1") != column.cells.end()) {
      flags.push_back(&column);
    }
  }
  if (flags.size() < 2) return {};
  for (const Index item : items) {
    const auto set =
        std::ranges::find_if(flags, [&](const MetadataColumn* c) { return c->cells[item] == "1"; });
    genres.push_back(set == flags.end() || (*set)->name == "unknown" ? "" : (*set)->name);
  }
  return genres;
}

}  // namespace

Taste taste(const Model& model) {
  Taste taste{
      .model = model.algorithm, .num_items = model.factors.num_items(), .map = item_map(model)};
  const Catalog& catalog = *model.catalog;
  taste.genres = genres_of(catalog, taste.map.items);
  if (!catalog.item_titles.empty()) {
    for (const Index item : taste.map.items)
      taste.years.push_back(year_of_title(catalog.item_titles[item]));
  }
  if (std::ranges::none_of(taste.years, [](const auto& year) { return year.has_value(); }))
    taste.years.clear();
  for (const Index user : some_users(model.history)) taste.users.push_back(taste_of(model, user));
  return taste;
}

std::optional<Taste> taste(const Interactions& interactions, const Comparison& comparison,
                           Parallel& parallel, const Watch& watch) {
  const auto value_of = [&](const ModelResult& model) {
    return model.metrics[comparison.primary].interval.value;
  };
  const ModelResult* best = nullptr;
  for (const ModelResult& model : comparison.models) {
    if (model.factors.num_factors() == 0 || model.ending == Ending::diverged) continue;
    if (best == nullptr ||
        is_better(comparison.metrics[comparison.primary], value_of(model), value_of(*best)))
      best = &model;
  }
  if (best == nullptr) return std::nullopt;
  try {
    Taste of_best = taste(refitted_model(interactions, comparison, *best, parallel, watch));
    of_best.model = best->algorithm.name;
    return of_best;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::diverged) return std::nullopt;
    throw;
  }
}

}  // namespace palate
