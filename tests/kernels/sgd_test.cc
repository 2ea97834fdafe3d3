#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "floats.h"
#include "kernels/kernels.h"
#include "palate/base/matrix.h"

namespace palate {
namespace {

// Random factors and states of some rows. Matrix pads a row to the stride of the widest vectors.
struct Rows {
  Rows(Index count, Index width, std::uint64_t seed) : factors(count, width), states(count) {
    Rng rng(seed);
    const auto uniform = [&](double low, double high) {
      return static_cast<float>(low + (high - low) * rng.uniform());
    };
    for (Index r = 0; r < count; ++r) {
      for (float& x : factors.row(r)) x = uniform(-1, 1);
      states[r] = {.bias = uniform(-1, 1),
                   .squares = uniform(1, 9),
                   .regularization = uniform(0, 3),
                   .bias_regularization = uniform(0, 3)};
    }
  }
  SgdSide view() { return {factors.data(), states.data()}; }
  bool operator==(const Rows& other) const {
    const auto same = [](const SgdRow& a, const SgdRow& b) {
      return a.bias == b.bias && a.squares == b.squares && a.regularization == b.regularization &&
             a.bias_regularization == b.bias_regularization;
    };
    return factors == other.factors && std::ranges::equal(states, other.states, same);
  }
  Matrix factors;
  std::vector<SgdRow> states;
};

struct SgdProblem {
  SgdProblem(Index width, std::uint64_t seed)
      : users(kRows, width, seed), items(kRows, width, seed + 1) {}
  static constexpr Index kRows = 8;
  SgdModel model() { return {users.view(), items.view(), users.factors.stride(), 0.4F}; }
  Rows users;
  Rows items;
};

const std::vector<RatingQuad> kQuads{{{0, 5, 2, 7}, {3, 1, 6, 4}, {4, 0.5F, -2, 1}},
                                     {{1, 2, 5, 4}, {3, 0, 1, 2}, {0, 1, 0, -3}},
                                     {{7, 0, 6, 3}, {5, 7, 0, 1}, {1, 2, -1, 0}}};

// The widths that every kernel takes: whole vectors of 16, the widest.
const std::vector<Index> kWidths{16, 32, 48, 64, 128, 256};

TEST(SgdKernel, AStepOfEveryKernelIsThatOfTheFormula) {
  for (const Kernels* const kernels : all_kernels()) {
    for (const Index width : kWidths) {
      SCOPED_TRACE(std::string(kernels->target) + ", width " + std::to_string(width));
      const RatingQuad& quad = kQuads[0];
      SgdProblem before(width, 1);
      SgdProblem after = before;
      const double loss = kernels->sgd_steps({&quad, 1}, after.model());
      double expected_loss = 0;
      double loss_bound = 0;
      for (std::size_t j = 0; j < 4; ++j) {
        const std::span<const float> x = before.users.factors.row(quad.users[j]);
        const std::span<const float> y = before.items.factors.row(quad.items[j]);
        const SgdRow user = before.users.states[quad.users[j]];
        const SgdRow item = before.items.states[quad.items[j]];
        double error = static_cast<double>(quad.values[j]) - static_cast<double>(user.bias) -
                       static_cast<double>(item.bias);
        double magnitude = std::abs(static_cast<double>(quad.values[j])) + 2;
        for (Index f = 0; f < width; ++f) {
          error -= static_cast<double>(x[f]) * static_cast<double>(y[f]);
          magnitude += std::abs(static_cast<double>(x[f]) * static_cast<double>(y[f]));
        }
        // of a sum of width + 3 terms in any order
        const double error_bound = (width + 4) * kFloatEpsilon * magnitude;
        expected_loss += error * error;
        loss_bound +=
            (2 * std::abs(error) + error_bound) * error_bound + 4 * kFloatEpsilon * error * error;

        const auto expect_row = [&](const SgdRow& old, const SgdRow& now,
                                    std::span<const float> own, std::span<const float> other,
                                    std::span<const float> moved) {
          const double rate = 0.4 / std::sqrt(static_cast<double>(old.squares));
          const auto shrink = [&](float regularization) {
            return std::max(0.0, 1 - rate * static_cast<double>(regularization));
          };
          const auto expect_moved = [&](double value, double shrunk, double direction,
                                        float actual) {
            const double expected = value * shrunk + rate * error * direction;
            const double bound =
                rate * std::abs(direction) * error_bound +
                10 * kFloatEpsilon * (std::abs(value) + std::abs(rate * error * direction));
            EXPECT_NEAR(static_cast<double>(actual), expected, bound);
          };
          expect_moved(static_cast<double>(old.bias), shrink(old.bias_regularization), 1, now.bias);
          for (Index f = 0; f < width; ++f) {
            expect_moved(static_cast<double>(own[f]), shrink(old.regularization),
                         static_cast<double>(other[f]), moved[f]);
          }
          const double squares = static_cast<double>(old.squares) + error * error;
          EXPECT_NEAR(
              static_cast<double>(now.squares), squares,
              (2 * std::abs(error) + error_bound) * error_bound + 4 * kFloatEpsilon * squares);
        };
        expect_row(user, after.users.states[quad.users[j]], x, y,
                   after.users.factors.row(quad.users[j]));
        expect_row(item, after.items.states[quad.items[j]], y, x,
                   after.items.factors.row(quad.items[j]));
      }
      EXPECT_NEAR(loss, expected_loss, loss_bound);
      // The quad has users 0, 2, 5, 7 and items 1, 3, 4, 6.
      for (const Index other : {1U, 3U, 4U, 6U})
        EXPECT_EQ(after.users.states[other].bias, before.users.states[other].bias);
      for (const Index other : {0U, 2U, 5U, 7U})
        EXPECT_EQ(after.items.states[other].bias, before.items.states[other].bias);
    }
  }
}

TEST(SgdKernel, QuadsAreTakenOneAfterTheOther) {
  for (const Kernels* const kernels : all_kernels()) {
    for (const Index width : kWidths) {
      SgdProblem at_once(width, 2);
      SgdProblem one_by_one = at_once;
      kernels->sgd_steps(kQuads, at_once.model());
      for (const RatingQuad& quad : kQuads) kernels->sgd_steps({&quad, 1}, one_by_one.model());
      EXPECT_TRUE(at_once.users == one_by_one.users && at_once.items == one_by_one.items)
          << kernels->target << ", width " << width;
    }
  }
}

TEST(SgdKernel, TheOrderWithinAQuadDoesNotMatter) {
  for (const Kernels* const kernels : all_kernels()) {
    SgdProblem forwards(32, 3);
    SgdProblem backwards = forwards;
    RatingQuad quad = kQuads[1];
    kernels->sgd_steps({&quad, 1}, forwards.model());
    std::ranges::reverse(quad.users);
    std::ranges::reverse(quad.items);
    std::ranges::reverse(quad.values);
    kernels->sgd_steps({&quad, 1}, backwards.model());
    EXPECT_TRUE(forwards.users == backwards.users && forwards.items == backwards.items)
        << kernels->target;
  }
}

TEST(SgdKernel, ARowNeverShrinksBeyondZero) {
  for (const Kernels* const kernels : all_kernels()) {
    SgdProblem problem(16, 4);
    for (SgdRow& row : problem.users.states) row.regularization = 1e6F;
    const RatingQuad quad{{0, 1, 2, 3}, {0, 1, 2, 3}, {}};
    SgdProblem before = problem;
    kernels->sgd_steps({&quad, 1}, problem.model());
    // x <- 0 x + h e y: parallel to y.
    const std::span<const float> x = problem.users.factors.row(0);
    const std::span<const float> y = before.items.factors.row(0);
    for (Index f = 1; f < 16; ++f) EXPECT_NEAR(x[f] * y[0], x[0] * y[f], 1e-6F) << kernels->target;
  }
}

TEST(SgdKernel, NoQuadsAreNoLoss) {
  for (const Kernels* const kernels : all_kernels()) {
    SgdProblem problem(16, 5);
    const SgdProblem before = problem;
    EXPECT_EQ(kernels->sgd_steps({}, problem.model()), 0) << kernels->target;
    EXPECT_TRUE(problem.users == before.users && problem.items == before.items) << kernels->target;
  }
}

}  // namespace
}  // namespace palate
