#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Four users and some groups of items; the last item only fills up.
struct Problem {
  Problem(Index groups, Index pairs, float floor)
      : rows(std::size_t{groups} * pairs), users(kBoundUsers, std::vector<std::int16_t>(2 * pairs)) {
    Rng rng(groups * 100 + pairs);
    // Elements so large that a sum of all products just stays in 32 bits.
    const auto element = [&] { return static_cast<std::int16_t>((2 * rng.uniform() - 1) * 32000 / std::sqrt(2.0 * pairs)); };
    for (BoundPairs& row : rows) {
      for (auto& pair : row.values) pair[0] = element(), pair[1] = element();
    }
    for (auto& user : users) {
      for (std::int16_t& value : user) value = element();
    }
    const std::size_t count = std::size_t{groups} * kBoundGroup;
    for (std::size_t i = 0; i < count; ++i) {
      scales.push_back(static_cast<float>(1e-5 * rng.uniform()));
      biases.push_back(static_cast<float>(rng.uniform()));
    }
    if (count > 0) biases.back() = -kInfinity;
    items = {rows.data(), scales.data(), biases.data(), groups, pairs};
    for (Index u = 0; u < kBoundUsers; ++u) {
      bound_users.values[u] = users[u].data();
      bound_users.scales[u] = 1e-3F * static_cast<float>(u);
      bound_users.floors[u] = floor;
    }
  }
  std::vector<BoundPairs> rows;
  std::vector<std::vector<std::int16_t>> users;
  std::vector<float> scales;
  std::vector<float> biases;
  BoundItems items;
  BoundUsers bound_users;
};

TEST(ScoreBounds, EveryKernelFindsWhatTheFormulaDoes) {
  constexpr std::int32_t kSlack = 12345;
  for (const Kernels* const kernels : all_kernels()) {
    for (const Index groups : {0U, 1U, 3U}) {
      for (const Index pairs : {0U, 1U, 16U, 33U}) {
        for (const float floor : {std::numeric_limits<float>::lowest(), 0.5F, 0.9F, kInfinity}) {
          SCOPED_TRACE(std::string(kernels->target) + ", groups " + std::to_string(groups) + ", pairs " +
                       std::to_string(pairs));
          const Problem problem(groups, pairs, floor);
          std::vector<std::vector<ScoreBound>> found(kBoundUsers, std::vector<ScoreBound>(groups * kBoundGroup));
          ScoreBound* bounds[kBoundUsers];
          for (Index u = 0; u < kBoundUsers; ++u) bounds[u] = found[u].data();
          Index counts[kBoundUsers];
          kernels->score_bounds(problem.items, problem.bound_users, kSlack, bounds, counts);
          for (Index u = 0; u < kBoundUsers; ++u) {
            Index at = 0;
            for (Index place = 0; place < groups * kBoundGroup; ++place) {
              std::int64_t sum = kSlack;
              for (Index f = 0; f < 2 * pairs; ++f) {
                const BoundPairs& row = problem.rows[std::size_t{place / kBoundGroup} * pairs + f / 2];
                sum += std::int64_t{problem.users[u][f]} * row.values[place % kBoundGroup][f % 2];
              }
              const double product = static_cast<double>(problem.bound_users.scales[u]) *
                                     static_cast<double>(problem.scales[place]) * static_cast<double>(sum);
              const double expected = static_cast<double>(problem.biases[place]) + product;
              const double rounding = 3 * std::numeric_limits<float>::epsilon() * (1 + std::abs(product));
              const bool listed = at < counts[u] && found[u][at].place == place;
              if (listed) {
                EXPECT_NEAR(static_cast<double>(found[u][at].bound), expected, rounding);
                EXPECT_GE(found[u][at].bound, floor);
                ++at;
              } else {
                EXPECT_LT(expected, static_cast<double>(floor) + rounding) << place;
              }
            }
            EXPECT_EQ(at, counts[u]);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace palate
