#include "palate/item_map.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <functional>
#include <numeric>

namespace palate {
namespace {

std::vector<Index> most_rated(std::span<const Index> support, std::size_t most) {
  std::vector<Index> items(support.size());
  std::iota(items.begin(), items.end(), Index{0});
  std::erase_if(items, [&](Index item) { return support[item] == 0; });
  std::ranges::stable_sort(items, std::ranges::greater(), [&](Index item) { return support[item]; });
  items.resize(std::min(items.size(), most));
  return items;
}

}  // namespace

ItemMap item_map(const Model& model, Index most) {
  const auto factors = static_cast<Eigen::Index>(model.factors.num_factors());
  std::vector<Index> items = most_rated(model.item_support, most);
  if (factors < 2 || items.size() < 3) return {};
  const auto count = static_cast<Eigen::Index>(items.size());
  Eigen::MatrixXd points(count, factors);
  for (Eigen::Index i = 0; i < count; ++i) {
    const std::span<const float> row = model.factors.item_factors.row(items[static_cast<std::size_t>(i)]);
    for (Eigen::Index f = 0; f < factors; ++f) points(i, f) = static_cast<double>(row[static_cast<std::size_t>(f)]);
  }
  points.rowwise() -= points.colwise().mean().eval();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(points.transpose() * points / static_cast<double>(count));
  ItemMap map{.items = std::move(items)};
  for (const Index item : map.items) map.ratings.push_back(model.item_support[item]);
  const double variance = solver.eigenvalues().sum();
  for (int axis = 0; axis < 2; ++axis) {
    const Eigen::Index column = factors - 1 - axis;  // eigenvalues ascend
    Eigen::VectorXd direction = solver.eigenvectors().col(column);
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    if (direction(largest) < 0) direction = -direction;
    const Eigen::VectorXf place = (points * direction).cast<float>();
    (axis == 0 ? map.x : map.y).assign(place.begin(), place.end());
    const double share = variance > 0 ? solver.eigenvalues()(column) / variance : 0;
    map.explained[static_cast<std::size_t>(axis)] = std::clamp(share, 0.0, 1.0);
  }
  return map;
}

}  // namespace palate
