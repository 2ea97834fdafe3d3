// What is known of items beside their titles, as numbers, tags and text. Layer: data.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

// Each of the three has an entry for every item.
using ItemNumbers = std::vector<double>;  // NaN where nothing is known
using ItemTexts = std::vector<std::string>;

// The tags of items: two with "Action|Crime" and "Crime" have names = {Action, Crime},
// starts = {0, 2, 3} and tags = {0, 1, 1}.
struct ItemTags {
  std::vector<std::string> names;  // all different
  std::vector<std::size_t> starts{0};
  std::vector<Index> tags;  // places in `names`

  std::span<const Index> of(Index item) const {
    return std::span(tags).subspan(starts[item], starts[item + 1] - starts[item]);
  }
};

struct ItemColumn {
  std::string name;
  std::variant<ItemNumbers, ItemTags, ItemTexts> cells;
};

// The columns of the catalog's metadata in their order, and before them `year` and `genres` where
// the catalog has them: these take the place of columns of the same names. A column holds numbers
// when all its cells are numbers or empty and one is not empty, tags when a cell has a "|" between
// tags, and text otherwise.
std::vector<ItemColumn> item_columns(const Catalog& catalog);

// The year of each item: from a column `year` or `release_year` where it has one of four digits,
// otherwise from its title. None where no item has a year.
std::optional<ItemNumbers> years_of(const Catalog& catalog);

// The genres of each item. They come from a column `genres`, `genre`, `categories`, `category` or
// `class`, which has "|" or commas between them, in `class` also spaces; or from at least two
// columns of 0 and 1, one for each genre. None where there are no such columns.
std::optional<ItemTags> genres_of(const Catalog& catalog);

// The year in brackets at a title's end, the first of a series: "Heat (1995)", "Dragons
// (2006-2007)".
std::optional<int> year_of_title(std::string_view title);

}  // namespace palate
