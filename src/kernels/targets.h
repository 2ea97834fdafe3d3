// The tables that kernels() chooses from.
#pragma once

#include <vector>

#include "kernels/kernels.h"

namespace palate {

// Above this many factors the systems are solved one after another: a batch of them would leave the
// cache.
inline constexpr Index kMostBatchedFactors = 96;

const Kernels& scalar_kernels();

// Those that this machine can run, the fastest last.
std::vector<const Kernels*> simd_kernels();

}  // namespace palate
