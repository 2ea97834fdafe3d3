#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

// Users and a block of items; the last item only fills up. The first of both have the largest bytes
// everywhere, of either sign.
struct Problem {
  Problem(Index factors, int most_byte, float floor)
      : quads(factors / 4),
        values(kBoundUsers, std::vector<std::int8_t>(factors)),
        biases(kBoundItems) {
    Rng rng(factors);
    const auto below = [&](int end) {
      return static_cast<int>(rng.below(static_cast<std::uint32_t>(end)));
    };
    for (Index f = 0; f < factors; ++f) {
      for (Index place = 0; place < kBoundItems; ++place) {
        quads[f / 4].values[place][f % 4] =
            static_cast<std::uint8_t>(place == 0 ? 2 * most_byte + 1 : below(2 * most_byte + 2));
      }
      for (Index u = 0; u < kBoundUsers; ++u) {
        values[u][f] = static_cast<std::int8_t>(u == 0   ? most_byte
                                                : u == 1 ? -most_byte
                                                         : below(2 * most_byte + 1) - most_byte);
      }
    }
    for (float& bias : biases) bias = static_cast<float>(rng.uniform());
    biases.back() = -kInfinity;
    for (Index u = 0; u < kBoundUsers; ++u) {
      users.values[u] = values[u].data();
      users.scales[u] = 1e-5F * static_cast<float>(u + 1);
      users.floors[u] = floor;
    }
  }
  std::vector<BoundQuads> quads;
  std::vector<std::vector<std::int8_t>> values;
  std::vector<float> biases;
  BoundUsers users;
};

TEST(ScoreBounds, EveryKernelFindsWhatTheFormulaDoes) {
  for (const Kernels* const kernels : all_kernels()) {
    for (const Index factors : {0U, 8U, 64U, 136U}) {
      for (const float floor : {std::numeric_limits<float>::lowest(), 0.5F, 0.9F, kInfinity}) {
        SCOPED_TRACE(std::string(kernels->target) + ", " + std::to_string(factors) + " factors");
        const Problem problem(factors, kernels->most_byte, floor);
        std::vector<std::vector<ScoreBound>> found(kBoundUsers,
                                                   std::vector<ScoreBound>(kBoundItems));
        ScoreBound* bounds[kBoundUsers];
        for (Index u = 0; u < kBoundUsers; ++u) bounds[u] = found[u].data();
        Index counts[kBoundUsers];
        kernels->score_bounds({problem.quads.data(), problem.biases.data()}, problem.users, factors,
                              bounds, counts);
        for (Index u = 0; u < kBoundUsers; ++u) {
          Index at = 0;
          for (Index place = 0; place < kBoundItems; ++place) {
            int sum = 0;
            for (Index f = 0; f < factors; ++f)
              sum += problem.quads[f / 4].values[place][f % 4] * problem.values[u][f];
            const double product = static_cast<double>(problem.users.scales[u]) * sum;
            const double expected = static_cast<double>(problem.biases[place]) + product;
            const double rounding =
                2 * std::numeric_limits<float>::epsilon() * (1 + std::abs(product));
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

}  // namespace
}  // namespace palate
