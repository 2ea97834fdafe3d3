#include "train/item_sampler.h"

#include <cmath>

namespace palate {

ItemSampler::ItemSampler(const SparseMatrix& by_item, double popularity)
    : log_excess_(by_item.rows()) {
  std::vector<double> chances;  // of each place, in units of an even one
  double sum = 0;
  for (Index item = 0; item < by_item.rows(); ++item) {
    const Index users = by_item.row(item).size();
    if (users == 0) continue;
    places_.push_back({item, item, 1});
    chances.push_back(std::pow(users, popularity));
    sum += chances.back();
  }
  std::vector<Index> poor;  // places whose item fills less than all of them
  std::vector<Index> rich;
  for (Index place = 0; place < places_.size(); ++place) {
    chances[place] *= static_cast<double>(places_.size()) / sum;
    log_excess_[places_[place].item] = static_cast<float>(std::log(chances[place]));
    (chances[place] < 1 ? poor : rich).push_back(place);
  }
  // A rich item fills up a poor one's place, after which it may be poor itself.
  while (!poor.empty() && !rich.empty()) {
    const Index place = poor.back();
    const Index giver = rich.back();
    poor.pop_back();
    places_[place].alias = places_[giver].item;
    places_[place].own_share = chances[place];
    chances[giver] -= 1 - chances[place];
    if (chances[giver] >= 1) continue;
    rich.pop_back();
    poor.push_back(giver);
  }
}

}  // namespace palate
