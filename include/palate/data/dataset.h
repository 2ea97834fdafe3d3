// What a trainer sees of the interactions. Layer: data.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "palate/base/matrix.h"
#include "palate/base/parallel.h"
#include "palate/data/interactions.h"

namespace palate {

// The lowest and the highest rating seen in training: predictions are clipped to it.
struct RatingRange {
  float low = 0;
  float high = 0;
  bool operator==(const RatingRange&) const = default;
};

// The rows of one split part: as a list in the split's order, by user and by item. Users and items
// without a row are there, with an empty row each, so that indices are those of the catalog.
class Dataset {
 public:
  Dataset(const Interactions& interactions, std::span<const Index> rows, Parallel& parallel);
  // The same of all rows. Interactions that are moved in are not copied.
  Dataset(Interactions interactions, Parallel& parallel);

  Index num_users() const { return by_user_.rows(); }
  Index num_items() const { return by_item_.rows(); }
  std::size_t size() const { return users_.size(); }

  // Rating t of the list, t in [0, size()).
  std::span<const Index> users() const { return users_; }
  std::span<const Index> items() const { return items_; }
  std::span<const float> values() const { return values_; }

  const SparseMatrix& by_user() const { return by_user_; }  // users x items
  const SparseMatrix& by_item() const { return by_item_; }  // items x users

  double mean() const { return mean_; }  // of the values; 0 where there are none
  RatingRange range() const { return range_; }

  // The least rating by which a user likes an item: as told, or else the least value that the upper
  // half of the ratings holds, but above the lowest of all. Nothing where values are weights, or
  // all ratings are equal.
  std::optional<float> relevant() const;

 private:
  void arrange(Index num_users, Index num_items, Parallel& parallel);

  std::vector<Index> users_;
  std::vector<Index> items_;
  std::vector<float> values_;
  SparseMatrix by_user_;
  SparseMatrix by_item_;
  double mean_ = 0;
  RatingRange range_;
  Feedback feedback_;
  std::optional<float> told_relevant_;
};

}  // namespace palate
