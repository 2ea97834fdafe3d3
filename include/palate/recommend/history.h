// What somebody new has chosen or rated, and lists of it; a file of it, as another site exports
// it: by ids or by titles. Layer: recommend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "palate/data/dataset.h"
#include "palate/data/interactions.h"
#include "palate/data/read.h"
#include "palate/model/model.h"
#include "palate/model/query.h"

namespace palate {

// The scale of the ratings that the model was trained on; nothing where its values are no ratings,
// or where it keeps neither their range nor who rated what.
std::optional<RatingRange> rating_scale(const Model& model);

// The value that an item has which somebody new likes without rating it: the highest of the scale,
// or 1 where values are no ratings. Nothing for a model that was not trained for lists, which needs
// ratings.
std::optional<float> liked_value(const Model& model);

// Somebody new to the scorer of lists: what is relevant of these values is folded in, and what is
// not is no more than left out. A scorer of ratings folds in all.
//
// Errors:  bad_data  as fold_in() fails
Query query_of_newcomer(const Scorer& scorer, RatedItems values);

struct HistoryOptions {
  // By name or by number from 1; guessed where they are not given. A value column `none` is that of
  // a table without ratings.
  std::optional<std::string> item_column;
  std::optional<std::string> value_column;
  // liked_value(): what each item has of a table without ratings. Nothing: such a table is refused.
  std::optional<float> liked;
  bool trim_ids = false;                        // leave out the spaces around ids
  std::uint32_t max_expansion = kMaxExpansion;  // of a compressed file, as ReadOptions says
};

struct History {
  RatedItems ratings;           // `unknown` are the rows that are in `unknown` and in `ambiguous`
  bool has_values = true;       // false: the file has no ratings, and every value is `liked`
  std::string columns;          // which column was taken for what, in words
  std::uint64_t not_rated = 0;  // rows without a rating, which were left out
  std::vector<std::string> unknown;                    // items that the catalog does not have
  std::vector<std::string> ambiguous;                  // titles that several of its items may have
  std::vector<std::pair<std::string, Index>> likened;  // titles that are only like the item's
};

// Reads a table with one row for each item that was rated or chosen, all by one user. "-" is
// standard input.
//
// The item is the column that has most ids of the catalog, of those that are called as an item's id
// is. Where none has any, and where the titles beside the ids are those of other items, items are
// found by their titles, as TitleIndex finds them, and by the year of release where the file has
// it. A cell without a rating means "not rated", and so does a 0 of Goodreads' "My Rating" or below
// `scale`.
//
// Errors:  invalid_argument  a column that is not there
//          bad_data          what cannot be used; no row is of an item of the catalog
//          io                the file cannot be read
History read_history(const std::string& path, std::shared_ptr<const Catalog> catalog,
                     std::optional<RatingRange> scale, const HistoryOptions& options = {});

}  // namespace palate
