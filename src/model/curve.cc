#include "palate/model/curve.h"

#include <utility>

namespace palate {

Curve thinned(Curve curve, Index kept) {
  constexpr std::size_t kMost = 1000;  // a screen has about as many columns
  const std::size_t count = curve.epochs.size();
  if (count <= kMost) return curve;
  Curve thin{std::move(curve.names), {}};
  for (std::size_t t = 0; t < count; ++t) {
    const bool is_one_of_those = t * (kMost - 1) / count != (t + 1) * (kMost - 1) / count;
    if (t == 0 || is_one_of_those || curve.epochs[t].epoch == kept)
      thin.epochs.push_back(std::move(curve.epochs[t]));
  }
  return thin;
}

}  // namespace palate
