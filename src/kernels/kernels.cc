#include "kernels/kernels.h"

#include <cstdlib>
#include <string>

#include "base/fail.h"
#include "kernels/targets.h"

namespace palate {
namespace {

const Kernels& choose() {
  const std::vector<const Kernels*> available = all_kernels();
  const char* const wanted = std::getenv("PALATE_SIMD");
  if (wanted == nullptr || *wanted == '\0') return *available.back();
  std::string names;
  for (const Kernels* const candidate : available) {
    if (candidate->target == wanted) return *candidate;
    names += (names.empty() ? "" : ", ") + std::string(candidate->target);
  }
  fail(ErrorCode::invalid_argument, "PALATE_SIMD: \"{}\" is not one of what this machine has: {}",
       wanted, names);
}

}  // namespace

const Kernels& kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all{&scalar_kernels()};
  for (const Kernels* const simd : simd_kernels()) all.push_back(simd);
  return all;
}

Index Kernels::batch(Index factors) const { return factors > kMostBatchedFactors ? 1 : lanes; }

std::size_t Kernels::equations_stride(Index factors) const {
  return (std::size_t{factors} + lanes - 1) / lanes * lanes;
}

std::size_t Kernels::equations_size(Index factors) const {
  // they are computed four at a time
  const std::size_t gram_rows = (std::size_t{factors} + 3) / 4 * 4;
  return (2 + gram_rows) * equations_stride(factors);
}

std::size_t Kernels::solve_scratch(Index factors) const {
  if (factors > kMostBatchedFactors) return 0;
  // A square of blocks of 4 x 4 elements, the two rows of the border, the right-hand side: each
  // element one vector.
  const std::size_t padded = (std::size_t{factors} + 3) / 4 * 4;
  return (padded * padded + 3 * padded) * lanes;
}

}  // namespace palate
