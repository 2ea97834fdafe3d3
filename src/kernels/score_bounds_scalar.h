// Bounds of scores from vectors of 16-bit integers, in plain loops. kernels.h has the formula.
#pragma once

#include <cstdint>

#include "kernels/kernels.h"

namespace palate::scalar {

inline void score_bounds(const BoundItems& items, const BoundUsers& users, std::int32_t slack,
                         ScoreBound* const bounds[kBoundUsers], Index counts[kBoundUsers]) {
  for (Index u = 0; u < kBoundUsers; ++u) {
    counts[u] = 0;
    for (Index place = 0; place < items.groups * kBoundGroup; ++place) {
      std::int32_t sum = slack;
      for (Index p = 0; p < items.pairs; ++p) {
        const BoundPairs& pairs = items.pairs_of[std::size_t{place / kBoundGroup} * items.pairs + p];
        const std::int16_t* const y = pairs.values[place % kBoundGroup];
        const std::int16_t* const x = users.values[u] + 2 * p;
        sum += x[0] * y[0] + x[1] * y[1];
      }
      const float bound = items.biases[place] + users.scales[u] * items.scales[place] * static_cast<float>(sum);
      if (bound >= users.floors[u]) bounds[u][counts[u]++] = {place, bound};
    }
  }
}

}  // namespace palate::scalar
