// Bounds of scores from vectors of bytes, in plain loops. kernels.h has the formula.
#pragma once

#include <cstdint>

#include "kernels/kernels.h"

namespace palate::scalar {

inline void score_bounds(const BoundItems& items, const BoundUsers& users, Index factors,
                         ScoreBound* const bounds[kBoundUsers], Index counts[kBoundUsers]) {
  for (Index u = 0; u < kBoundUsers; ++u) {
    counts[u] = 0;
    for (Index place = 0; place < kBoundItems; ++place) {
      std::int32_t sum = 0;
      for (Index f = 0; f < factors; ++f)
        sum += items.quads[f / 4].values[place][f % 4] * users.values[u][f];
      const float bound = items.biases[place] + users.scales[u] * static_cast<float>(sum);
      if (bound >= users.floors[u]) bounds[u][counts[u]++] = {place, bound};
    }
  }
}

}  // namespace palate::scalar
