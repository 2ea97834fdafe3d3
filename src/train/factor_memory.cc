// How much memory factors take, before it is asked for.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/fail.h"
#include "base/memory.h"
#include "palate/algorithms/train.h"
#include "palate/base/matrix.h"

namespace palate {
namespace {

Index factors_of(const AlgorithmOptions& options) {
  const std::optional<std::string> text = option_text(options, "factors");
  return text ? static_cast<Index>(std::stoul(*text)) : 0;
}

std::uint64_t copy_size(const AlgorithmOptions& options, Index users, Index items) {
  return (std::uint64_t{users} + items) * (padded_stride(factors_of(options)) + 1) * sizeof(float);
}

// The algorithms with at most so many factors.
std::vector<NamedAlgorithm> with_fewer(std::span<const NamedAlgorithm> algorithms, Index factors) {
  std::vector<NamedAlgorithm> all(algorithms.begin(), algorithms.end());
  for (NamedAlgorithm& algorithm : all) {
    if (factors_of(algorithm.options) > factors)
      set_option(algorithm.options, "factors", fmt::format("{}", factors));
  }
  return all;
}

}  // namespace

std::uint64_t factor_memory(std::span<const NamedAlgorithm> algorithms, Index users, Index items,
                            bool again) {
  std::uint64_t kept = 0;
  std::uint64_t most = 0;
  for (int round = 0; round < (again ? 2 : 1); ++round) {
    for (const NamedAlgorithm& algorithm : algorithms) {
      const FactorCopies copies =
          std::visit([](const auto& options) { return factor_copies(options); }, algorithm.options);
      const std::uint64_t size = copy_size(algorithm.options, users, items);
      most = std::max(most, kept + copies.training * size);
      if (round == 0) kept += copies.kept * size;
    }
  }
  return most;
}

void check_factor_memory(std::span<const NamedAlgorithm> algorithms, Index users, Index items,
                         bool again) {
  const std::uint64_t needed = factor_memory(algorithms, users, items, again);
  const std::uint64_t most = most_memory();
  if (needed <= most) return;
  Index factors = 0;
  for (const NamedAlgorithm& algorithm : algorithms)
    factors = std::max(factors, factors_of(algorithm.options));
  Index fitting = factors;
  while (fitting > 0 && factor_memory(with_fewer(algorithms, fitting), users, items, again) > most)
    --fitting;
  constexpr double kGigabyte = 1e9;
  fail(ErrorCode::invalid_argument,
       "{} factors of {} users and {} items take {:.1f} GB of memory while they are trained, and "
       "there are {:.1f} GB{}",
       factors, users, items, static_cast<double>(needed) / kGigabyte,
       static_cast<double>(most) / kGigabyte,
       fitting > 0 ? fmt::format(": `factors={}` would fit", fitting) : "");
}

}  // namespace palate
