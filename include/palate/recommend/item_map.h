// The items as points of a plane. Layer: recommend.
#pragma once

#include <array>
#include <vector>

#include "palate/model/scorer.h"

namespace palate {

// Items in the plane in which their factors differ most: item items[k] lies at (x[k], y[k]).
struct ItemMap {
  std::array<double, 2> explained{};  // share of the factors' variance along x and y
  std::vector<Index> items;           // the most rated, most rated first
  std::vector<float> x;
  std::vector<float> y;
  std::vector<Index> ratings;  // of each
};

// Principal component analysis of the item factors (K. Pearson, 1901). Of the `most` most rated
// items, each rated at least once, let y_i be the factors and m their mean. Then x and y are the
// products of y_i - m with the two eigenvectors of the covariance that belong to its largest
// eigenvalues. An eigenvector's sign is that with which its largest element is positive.
//
// Costs O(n f u + u^3) for n items, f factors and u the lesser of both.
//
// The map is empty where the model has fewer than two factors or fewer than three rated items.
ItemMap item_map(const Scorer& scorer, Index most = 10'000);

}  // namespace palate
