#include "palate/evaluate/part.h"

#include <utility>

namespace palate {

Rows::Rows(const Interactions& interactions, std::span<const Index> rows) {
  for (const Index row : rows) {
    users.push_back(interactions.users[row]);
    items.push_back(interactions.items[row]);
    values.push_back(interactions.values[row]);
    if (!interactions.times.empty())
      times.push_back(seconds_of(interactions.times[row], interactions.time_unit));
  }
}

Part part_of(const Interactions& interactions, const Split& split, Parallel& parallel) {
  Part part{interactions.catalog, Dataset(interactions, split.train, parallel),
            Rows(interactions, split.validation), Rows(interactions, split.test),
            interactions.catalog};
  if (!split.fold_in.empty())
    part.fold_in = Dataset(interactions, split.fold_in, parallel).by_user();
  return part;
}

Part whole(const Interactions& interactions, std::optional<float> relevant, Parallel& parallel) {
  Interactions all = interactions;
  if (relevant) all.relevant = relevant;
  return {interactions.catalog, Dataset(std::move(all), parallel), {}, {}, interactions.catalog};
}

}  // namespace palate
