// Items drawn at random, those that many have chosen more often.
#pragma once

#include <vector>

#include "base/random.h"
#include "palate/base/matrix.h"

namespace palate {

// Draws item j with the chance q_j, in proportion to n_j^popularity for the n_j users who have
// chosen it; never one that nobody has chosen.
//
// By the method of aliases, which takes the same time for any chances: each place has an item of
// its own and an alias, which share its chance.
//
// A. Walker. An efficient method for generating discrete random variables with general
// distributions. ACM TOMS 3(3), 1977.
class ItemSampler {
 public:
  // `by_item` is items x users, and at least one item has been chosen.
  ItemSampler(const SparseMatrix& by_item, double popularity);

  Index draw(Rng& rng) const {
    constexpr double kWords = 0x1p32;
    const std::uint64_t product = std::uint64_t{rng.next()} * places_.size();
    const Place& place = places_[product >> 32];
    const double rest = static_cast<double>(product & 0xFFFFFFFFU) / kWords;
    return rest < place.own_share ? place.item : place.alias;
  }

  // log(n q_j) with n for the items that somebody has chosen: above 0 for what is drawn more often
  // than if all were drawn alike.
  float log_excess(Index item) const { return log_excess_[item]; }

 private:
  struct Place {
    Index item;
    Index alias;
    double own_share;
  };
  std::vector<Place> places_;
  std::vector<float> log_excess_;  // of each item; 0 for those that are never drawn
};

}  // namespace palate
