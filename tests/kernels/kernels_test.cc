#include "kernels/kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace palate {
namespace {

// The fastest kernels come last, and kernels() takes those. What the processor has, Linux says in
// its own words.
TEST(Kernels, AreAllThatTheProcessorCanRun) {
#ifndef __x86_64__
  GTEST_SKIP() << "the names of instruction sets below are those of x86-64";
#endif
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::set<std::string> flags;
  for (std::string line; flags.empty() && std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags")) continue;
    std::istringstream words(line.substr(line.find(':') + 1));
    flags.insert(std::istream_iterator<std::string>(words), {});
  }
  ASSERT_FALSE(flags.empty()) << "/proc/cpuinfo has no flags";
  const auto has = [&](const std::vector<std::string>& wanted) {
    return std::ranges::all_of(wanted,
                               [&](const std::string& flag) { return flags.contains(flag); });
  };
  const bool avx2 = has({"avx2", "fma", "bmi1", "bmi2"});
  const bool avx512 = avx2 && has({"avx512f", "avx512vl", "avx512dq", "avx512bw"});
  EXPECT_EQ(all_kernels().back()->target, avx512 && has({"avx512_vnni"}) ? "avx512vnni"
                                          : avx512                       ? "avx512"
                                          : avx2                         ? "avx2"
                                                                         : "scalar");
}

TEST(Kernels, TheScalarOnesAreAlwaysThere) {
  EXPECT_EQ(all_kernels().front()->target, "scalar");
  EXPECT_FALSE(kernels().target.empty());
}

}  // namespace
}  // namespace palate
