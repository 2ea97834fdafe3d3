// How much more two threads compute than one, on numbers in its own first-level cache: bench_cores
//
// Processors lent to a virtual machine may be two halves of one core at times: then no program runs
// twice as fast on two threads as on one, and this prints some 1.0 instead of 2.0. Speeds of two
// threads are to be read beside it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include "palate/base/parallel.h"

namespace {

using Clock = std::chrono::steady_clock;

// Many chains side by side, so that a core is busy all the time and has nothing left for another
// thread.
float compute() {
  std::array<float, 128> chains{};
  for (int step = 0; step < 2'000'000; ++step) {
    for (float& x : chains) x = x * 0.999F + 0.001F;
  }
  return *std::ranges::max_element(chains);
}

// Seconds that `threads` threads take for as many calls of compute().
double seconds(unsigned threads) {
  palate::Parallel parallel(threads);
  std::array<float, 2> results{};
  const Clock::time_point began = Clock::now();
  parallel.region([&](palate::Parallel::Worker& worker) { results[worker.index()] = compute(); });
  const double took = std::chrono::duration<double>(Clock::now() - began).count();
  if (!std::isfinite(results[0] + results[1])) std::abort();
  return took;
}

}  // namespace

int main() {
  seconds(1);  // wakes the processor
  std::array<double, 5> ratios{};
  for (double& ratio : ratios) {
    const double one = seconds(1);
    ratio = 2 * one / seconds(2);
  }
  std::ranges::sort(ratios);
  fmt::print("{{\"two_threads_over_one\": {:.2f}}}\n", ratios[ratios.size() / 2]);
}
