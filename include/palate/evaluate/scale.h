// Whether test ratings are on the scale of the train ratings. Layer: eval.
#pragma once

#include <cstdint>
#include <span>

namespace palate {

// How some ratings are spread.
struct Scale {
  float low = 0;
  float high = 0;
  double mean = 0;
  double standard_deviation = 0;  // 0: not known, or all are equal
};
Scale scale_of(std::span<const float> values);

struct ScaleMatch {
  Scale train;
  Scale test;
  std::uint64_t ratings = 0;  // test ratings
  std::uint64_t outside = 0;  // those below the lowest train rating or above the highest

  // The test ratings may be of another scale: some lie outside, or there are 20 at least and their
  // mean is farther from that of the train ratings than these are from it (a standard deviation).
  bool in_doubt() const;
};
ScaleMatch match_scale(const Scale& train, std::span<const float> test);

}  // namespace palate
