#include "palate/recommend/item_map.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "linalg/symmetric.h"

namespace palate {
namespace {

std::vector<Index> most_rated(std::span<const Index> support, std::size_t most) {
  std::vector<Index> items(support.size());
  std::iota(items.begin(), items.end(), Index{0});
  std::erase_if(items, [&](Index item) { return support[item] == 0; });
  std::ranges::stable_sort(items, std::ranges::greater(),
                           [&](Index item) { return support[item]; });
  items.resize(std::min(items.size(), most));
  return items;
}

// The factors of the items, one item's after the other's, less their mean.
std::vector<double> centered(const Matrix& factors, std::span<const Index> items) {
  std::vector<double> mean(factors.cols());
  for (const Index item : items) {
    for (Index f = 0; f < factors.cols(); ++f)
      mean[f] += double{factors.row(item)[f]} / static_cast<double>(items.size());
  }
  std::vector<double> points;
  points.reserve(items.size() * mean.size());
  for (const Index item : items) {
    for (Index f = 0; f < factors.cols(); ++f)
      points.push_back(double{factors.row(item)[f]} - mean[f]);
  }
  return points;
}

// The mean of y y' over the points y of `size` elements.
std::vector<double> covariance(std::span<const double> points, std::size_t size) {
  std::vector<double> means(size * size);
  const double share = static_cast<double>(size) / static_cast<double>(points.size());
  for (auto rest = points; !rest.empty(); rest = rest.subspan(size)) {
    for (std::size_t row = 0; row < size; ++row) {
      const double weight = share * rest[row];
      for (std::size_t column = 0; column <= row; ++column)
        means[row * size + column] += weight * rest[column];
    }
  }
  for (std::size_t row = 0; row < size; ++row) {
    for (std::size_t column = 0; column < row; ++column)
      means[column * size + row] = means[row * size + column];
  }
  return means;
}

std::vector<double> transposed(std::span<const double> points, std::size_t size) {
  const std::size_t count = points.size() / size;
  std::vector<double> elements(points.size());
  for (std::size_t point = 0; point < count; ++point) {
    for (std::size_t f = 0; f < size; ++f) elements[f * count + point] = points[point * size + f];
  }
  return elements;
}

// sum_i weights_i y_i, of length 1 unless it is zero.
std::vector<double> direction_of(std::span<const double> weights, std::span<const double> points) {
  std::vector<double> sum(points.size() / weights.size());
  for (std::size_t point = 0; point < weights.size(); ++point) {
    for (std::size_t f = 0; f < sum.size(); ++f)
      sum[f] += weights[point] * points[point * sum.size() + f];
  }
  const double length = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0));
  for (double& element : sum) element /= length > 0 ? length : 1;
  return sum;
}

// Each point's product with the direction, whose largest element is taken to be positive.
std::vector<float> places_along(std::span<const double> direction, std::span<const double> points) {
  const double largest =
      *std::ranges::max_element(direction, {}, [](double element) { return std::abs(element); });
  std::vector<float> places;
  for (auto rest = points; !rest.empty(); rest = rest.subspan(direction.size())) {
    const double place = std::inner_product(direction.begin(), direction.end(), rest.begin(), 0.0);
    places.push_back(static_cast<float>(largest < 0 ? -place : place));
  }
  return places;
}

}  // namespace

ItemMap item_map(const Scorer& scorer, Index most) {
  const Index factors = scorer.factors.num_factors();
  ItemMap map{.items = most_rated(scorer.item_support, most)};
  if (factors < 2 || map.items.size() < 3) return {};
  for (const Index item : map.items) map.ratings.push_back(scorer.item_support[item]);
  const std::vector<double> points = centered(scorer.factors.item_factors, map.items);
  // The points as columns have the same eigenvalues, but for a factor and zeros. An eigenvector of
  // theirs has the weights of the points in one of the covariance.
  const bool by_items = map.items.size() < factors;
  const std::size_t size = by_items ? map.items.size() : factors;
  const Eigenvectors axes =
      eigenvectors(covariance(by_items ? transposed(points, factors) : points, size));
  const double variance = std::reduce(axes.values.begin(), axes.values.end());
  for (const Index axis : {0U, 1U}) {
    const std::size_t component = size - 1 - axis;  // eigenvalues ascend
    const std::span<const double> vector = axes.vector(component);
    (axis == 0 ? map.x : map.y) = by_items ? places_along(direction_of(vector, points), points)
                                           : places_along(vector, points);
    map.explained[axis] =
        variance > 0 ? std::clamp(axes.values[component] / variance, 0.0, 1.0) : 0;
  }
  return map;
}

}  // namespace palate
