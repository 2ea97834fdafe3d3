// Limits of single precision that tests bound errors by.
#pragma once

#include <limits>

namespace palate {

constexpr double kFloatEpsilon = std::numeric_limits<float>::epsilon();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace palate
