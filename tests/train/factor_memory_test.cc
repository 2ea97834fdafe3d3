#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/memory.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"

namespace palate {
namespace {

constexpr Index kMost = 0xFFFFFFFF;

TEST(FactorMemory, IsThatOfAllCopies) {
  const NamedAlgorithm als = algorithm_named("als:factors=100");  // in rows of 112 floats
  const NamedAlgorithm adam = algorithm_named("gradient:factors=16");
  const NamedAlgorithm bias = algorithm_named("bias");
  const auto bytes = [](const std::vector<NamedAlgorithm>& algorithms, bool again) {
    return factor_memory(algorithms, 1000, 2000, again);
  };
  EXPECT_EQ(bytes({als}, false), 2 * 3000 * 113 * 4);
  EXPECT_EQ(bytes({als}, true), 3 * 3000 * 113 * 4);
  EXPECT_EQ(bytes({adam}, false), 6 * 3000 * 17 * 4);
  EXPECT_EQ(bytes({bias}, false), 2 * 3000 * 4);
  EXPECT_EQ(bytes({als, bias}, false), 2 * 3000 * 113 * 4);
  EXPECT_EQ(bytes({bias, als}, true), 3 * 3000 * 113 * 4 + 3000 * 4);
  EXPECT_EQ(bytes({}, true), 0);
}

TEST(FactorMemory, OfTheLargestModelIsANumber) {
  const NamedAlgorithm largest = algorithm_named("gradient:factors=4096");
  EXPECT_EQ(factor_memory({&largest, 1}, kMost, kMost, false),
            6 * std::uint64_t{4} * 4097 * (2 * std::uint64_t{kMost}));
}

std::string refusal(const std::string& name, Index users) {
  const NamedAlgorithm algorithm = algorithm_named(name);
  try {
    check_factor_memory({&algorithm, 1}, users, users, false);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
  return "";
}

TEST(FactorMemory, IsRefusedWhereThereIsLess) {
  EXPECT_EQ(refusal("als:factors=4096", 100), "");
  // Twice what there is, by rows of 4,097 floats for each of two sides and copies.
  const auto users = static_cast<Index>(most_memory() / (2 * 4097 * 4));
  const std::string reason = refusal("als:factors=4096", users);
  EXPECT_NE(reason.find("4096 factors of " + std::to_string(users) + " users"), std::string::npos)
      << reason;
  const std::size_t advice = reason.find("`factors=");
  ASSERT_NE(advice, std::string::npos) << reason;
  const int fitting = std::stoi(reason.substr(advice + 9));
  EXPECT_EQ(refusal("als:factors=" + std::to_string(fitting), users), "");
  EXPECT_NE(refusal("als:factors=" + std::to_string(fitting + 1), users), "");
}

}  // namespace
}  // namespace palate
