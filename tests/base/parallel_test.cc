#include "palate/base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace palate {
namespace {

constexpr unsigned kThreads[] = {1, 2, 3, 8};

// The ranges that for_ranges gives, sorted by their first index.
std::vector<std::pair<Index, Index>> ranges(Parallel& parallel, Index count, Index grain) {
  std::mutex mutex;
  std::vector<std::pair<Index, Index>> result;
  parallel.for_ranges(count, grain, [&](IndexRange range) {
    const std::lock_guard lock(mutex);
    result.emplace_back(range.first, range.last);
  });
  std::ranges::sort(result);
  return result;
}

TEST(Parallel, RangesAreCutByCountAndGrainAlone) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    EXPECT_EQ(parallel.threads(), threads);
    for (const Index count : {0U, 1U, 2U, 7U, 8U, 9U, 1000U}) {
      for (const Index grain : {1U, 2U, 3U, 8U, 999U, 1000U, 5000U}) {
        std::vector<std::pair<Index, Index>> expected;
        for (Index first = 0; first < count; first += grain)
          expected.emplace_back(first, std::min(first + grain, count));
        EXPECT_EQ(ranges(parallel, count, grain), expected)
            << threads << " threads, " << count << " by " << grain;
      }
    }
  }
}

TEST(Parallel, RangesReachTheLargestIndex) {
  constexpr Index kHalf = 1U << 31;
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    EXPECT_EQ(ranges(parallel, ~0U, kHalf),
              (std::vector<std::pair<Index, Index>>{{0, kHalf}, {kHalf, ~0U}}));
  }
}

TEST(Parallel, AGrainOfZeroIsOne) {
  Parallel parallel(2);
  EXPECT_EQ(ranges(parallel, 2, 0), (std::vector<std::pair<Index, Index>>{{0, 1}, {1, 2}}));
  EXPECT_EQ(
      parallel.sum_ranges(3, 0, [](IndexRange range) { return static_cast<double>(range.size()); }),
      3);
}

TEST(Parallel, ASingleRangeRunsOnTheCallingThread) {
  Parallel parallel(4);
  std::thread::id ran_on;
  parallel.for_ranges(100, 100, [&](IndexRange) { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(Parallel, RangesRunSideBySide) {
  // Each of two ranges waits for the other, which only two threads can do.
  Parallel parallel(2);
  std::atomic<int> begun{0};
  parallel.for_ranges(2, 1, [&](IndexRange) {
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  EXPECT_EQ(begun, 2);
}

TEST(Parallel, SumsAreAddedInOrderWhateverTheThreads) {
  // Terms of very different size, whose sum depends on the order.
  const auto term = [](Index i) { return std::pow(-1.0, i) * std::exp(i % 37) / (i + 1.0); };
  const auto partial = [&](IndexRange range) {
    double sum = 0;
    for (const Index i : range) sum += term(i);
    return sum;
  };
  for (const auto& [count, grain] :
       {std::pair<Index, Index>{0, 5}, {1, 5}, {5, 5}, {1001, 7}, {1001, 2000}}) {
    double expected = 0;
    for (Index first = 0; first < count; first += grain)
      expected += partial({first, std::min(first + grain, count)});
    for (const unsigned threads : kThreads) {
      Parallel parallel(threads);
      EXPECT_EQ(parallel.sum_ranges(count, grain, partial), expected)
          << threads << " threads, " << count << " by " << grain;
    }
  }
}

TEST(Parallel, TheExceptionOfTheLowestRangeComesBack) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (int repeat = 0; repeat < 200; ++repeat) {
      std::string message;
      try {
        parallel.for_ranges(40, 1, [](IndexRange range) {
          if (range.first >= 11) throw std::runtime_error(std::to_string(range.first));
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      ASSERT_EQ(message, "11") << threads << " threads";
    }
    EXPECT_EQ(ranges(parallel, 40, 1).size(), 40U);  // it goes on working
  }
}

TEST(Parallel, NoRangeBeginsLongAfterAFailure) {
  Parallel parallel(2);
  std::atomic<int> ran{0};
  EXPECT_THROW(parallel.for_ranges(1'000'000, 1,
                                   [&](IndexRange) {
                                     ++ran;
                                     throw std::runtime_error("at once");
                                   }),
               std::runtime_error);
  EXPECT_LE(ran, 2);  // one a thread
}

TEST(Parallel, EveryWorkerOfARegionRunsOnce) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    std::vector<int> runs(threads);
    parallel.region([&](Parallel::Worker& worker) {
      EXPECT_EQ(worker.count(), threads);
      ++runs.at(worker.index());
    });
    EXPECT_EQ(runs, std::vector<int>(threads, 1));
  }
}

TEST(Parallel, NobodyPassesABarrierBeforeAllHaveReachedIt) {
  constexpr int kRounds = 50;
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    // Plain memory: only the barrier makes what others wrote visible, and ThreadSanitizer sees to
    // it.
    std::vector<int> round_of(threads);
    std::atomic<int> wrong{0};
    parallel.region([&](Parallel::Worker& worker) {
      for (int round = 1; round <= kRounds; ++round) {
        round_of[worker.index()] = round;
        worker.barrier();
        for (const int other : round_of) wrong += other != round;
        worker.barrier();
      }
    });
    EXPECT_EQ(wrong, 0) << threads << " threads";
  }
}

TEST(Parallel, TakesOneThreadPerProcessorUnlessTold) {
  Parallel parallel;
  EXPECT_EQ(parallel.threads(), std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace palate
