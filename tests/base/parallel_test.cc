#include "palate/base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>
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

TEST(Parallel, TwoBodiesOfOneWorkerNeverRunAtTheSameTime) {
  constexpr Index kCount = 1000;
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      // Plain memory of each worker, which ThreadSanitizer sees to.
      std::vector<Index> sums(threads);
      parallel.for_ranges(kCount, 3, [&](IndexRange range, unsigned worker) {
        for (const Index i : range) sums.at(worker) += i;
      });
      EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), Index{0}), kCount * (kCount - 1) / 2);
    }
  }
}

TEST(Parallel, RangesThatRunSideBySideHaveDifferentWorkers) {
  Parallel parallel(2);
  std::atomic<int> begun{0};
  std::vector<unsigned> workers(2);
  parallel.for_ranges(2, 1, [&](IndexRange range, unsigned worker) {
    workers[range.first] = worker;
    ++begun;
    while (begun < 2) std::this_thread::yield();
  });
  std::ranges::sort(workers);
  EXPECT_EQ(workers, (std::vector<unsigned>{0, 1}));
}

// What the exception of a region says, or "" where there is none.
std::string failure_of_region(Parallel& parallel,
                              const std::function<void(Parallel::Worker&)>& body) {
  try {
    parallel.region(body);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

[[noreturn]] void fail_as(const Parallel::Worker& worker) {
  throw std::runtime_error(std::to_string(worker.index()));
}

TEST(Parallel, TheExceptionOfOneWorkerEndsItsRegion) {
  constexpr int kRounds = 6;
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (unsigned thrower = 0; thrower < threads; ++thrower) {
      for (int last = 0; last <= kRounds; ++last) {
        std::vector<int> rounds(threads);
        const std::string failure = failure_of_region(parallel, [&](Parallel::Worker& worker) {
          for (int round = 0; round < kRounds; ++round) {
            if (worker.index() == thrower && round == last) fail_as(worker);
            ++rounds[worker.index()];
            worker.barrier();
          }
          if (worker.index() == thrower && last == kRounds) fail_as(worker);
        });
        ASSERT_EQ(failure, std::to_string(thrower)) << threads << " threads, round " << last;
        // The others went on to the barrier that the one did not reach, and no further.
        std::vector<int> expected(threads, std::min(last + 1, kRounds));
        expected[thrower] = last;
        ASSERT_EQ(rounds, expected) << threads << " threads, round " << last;
      }
    }
  }
}

TEST(Parallel, AnExceptionWakesThoseWhoSleepAtTheBarrier) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (unsigned thrower = 0; thrower < threads; ++thrower) {
      EXPECT_EQ(failure_of_region(parallel,
                                  [&](Parallel::Worker& worker) {
                                    worker.barrier();
                                    if (worker.index() == thrower) {
                                      std::this_thread::sleep_for(std::chrono::milliseconds(2));
                                      fail_as(worker);
                                    }
                                    worker.barrier();
                                  }),
                std::to_string(thrower));
    }
  }
}

TEST(Parallel, TheExceptionOfTheLowestWorkerComesBack) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (int repeat = 0; repeat < 200; ++repeat) {
      const int last = repeat % 3;
      const unsigned lowest = threads / 2;
      const std::string failure = failure_of_region(parallel, [&](Parallel::Worker& worker) {
        for (int round = 0; round < last; ++round) worker.barrier();
        if (worker.index() >= lowest) fail_as(worker);
        worker.barrier();
      });
      ASSERT_EQ(failure, std::to_string(lowest)) << threads << " threads";
    }
  }
}

TEST(Parallel, ARegionWorksAfterOneThatFailed) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (int repeat = 0; repeat < 100; ++repeat) {
      EXPECT_EQ(failure_of_region(parallel, fail_as), "0");
      std::atomic<unsigned> runs{0};
      std::atomic<unsigned> too_few{0};
      parallel.region([&](Parallel::Worker& worker) {
        ++runs;
        worker.barrier();
        too_few += runs < threads;
        worker.barrier();
      });
      ASSERT_EQ(runs, threads);
      ASSERT_EQ(too_few, 0U);
    }
  }
}

// Runs ranges, a sum and a region; how many of them came out wrong.
int wrong_results(Parallel& parallel, double expected_sum) {
  int wrong = 0;
  std::vector<int> visits(100);
  parallel.for_ranges(100, 3, [&](IndexRange range, unsigned worker) {
    for (const Index i : range) visits[i] += worker < parallel.threads() ? 1 : 2;
  });
  wrong += visits != std::vector<int>(100, 1);

  const double sum = parallel.sum_ranges(1000, 7, [](IndexRange range) {
    double partial = 0;
    for (const Index i : range) partial += 1 / (i + 1.0);
    return partial;
  });
  wrong += sum != expected_sum;

  std::vector<int> rounds(parallel.threads());
  std::atomic<unsigned> workers{0};
  parallel.region([&](Parallel::Worker& worker) {
    if (worker.index() == 0) workers = worker.count();
    for (int round = 0; round < 5; ++round) {
      ++rounds[worker.index()];
      worker.barrier();
    }
  });
  rounds.resize(workers);
  wrong += rounds != std::vector<int>(workers, 5);
  wrong += workers != 1 && workers != parallel.threads();
  return wrong;
}

double sum_by_one_thread() {
  double sum = 0;
  for (Index first = 0; first < 1000; first += 7) {
    double partial = 0;
    for (Index i = first; i < std::min(first + 7, 1000U); ++i) partial += 1 / (i + 1.0);
    sum += partial;
  }
  return sum;
}

TEST(Parallel, SeveralCallersAtOnceGetWhatOneGets) {
  const double expected_sum = sum_by_one_thread();
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    std::atomic<int> wrong{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 3; ++caller) {
      callers.emplace_back([&] {
        for (int repeat = 0; repeat < 60; ++repeat) wrong += wrong_results(parallel, expected_sum);
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(wrong, 0) << threads << " threads";
  }
}

TEST(Parallel, EachOfSeveralCallersGetsItsOwnExceptions) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    std::atomic<int> wrong{0};
    const auto call = [&](const std::string& name) {
      for (int repeat = 0; repeat < 200; ++repeat) {
        try {
          parallel.for_ranges(20, 1, [&](IndexRange range) {
            if (range.first >= 5) throw std::runtime_error(name + std::to_string(range.first));
          });
          ++wrong;
        } catch (const std::runtime_error& error) {
          wrong += error.what() != name + "5";
        }
        wrong += failure_of_region(parallel, [&](Parallel::Worker& worker) {
                   worker.barrier();
                   if (worker.index() + 1 == worker.count()) throw std::runtime_error(name);
                   worker.barrier();
                 }) != name;
      }
    };
    std::thread other(call, "other ");
    call("this ");
    other.join();
    EXPECT_EQ(wrong, 0) << threads << " threads";
  }
}

TEST(Parallel, ACallWhileTheThreadsAreBusyRunsOnItsOwnThread) {
  Parallel parallel(2);
  std::atomic<bool> busy{false};
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!busy) std::this_thread::yield();
    const auto ran_here = [here = std::this_thread::get_id()] {
      return std::this_thread::get_id() == here;
    };
    parallel.for_ranges(10, 1, [&](IndexRange, unsigned worker) {
      EXPECT_TRUE(ran_here());
      EXPECT_EQ(worker, 0U);
    });
    int runs = 0;
    parallel.region([&](Parallel::Worker& worker) {
      EXPECT_TRUE(ran_here());
      EXPECT_EQ(worker.index(), 0U);
      EXPECT_EQ(worker.count(), 1U);
      worker.barrier();
      ++runs;
    });
    EXPECT_EQ(runs, 1);
    done = true;
  });
  parallel.for_ranges(2, 1, [&](IndexRange) {
    busy = true;
    while (!done) std::this_thread::yield();
  });
  other.join();
}

TEST(Parallel, ABodyMayCallTheParallelThatRunsIt) {
  const double expected_sum = sum_by_one_thread();
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    std::atomic<int> wrong{0};
    std::atomic<int> runs{0};
    for (int repeat = 0; repeat < 20; ++repeat) {
      // A single range leaves the threads to its body, several do not.
      for (const Index count : {1U, 20U}) {
        parallel.for_ranges(count, 1, [&](IndexRange) {
          wrong += wrong_results(parallel, expected_sum);
          ++runs;
        });
      }
      parallel.region([&](Parallel::Worker& worker) {
        worker.barrier();
        wrong += wrong_results(parallel, expected_sum);
        worker.barrier();
      });
    }
    EXPECT_EQ(runs, 20 * 21);
    EXPECT_EQ(wrong, 0) << threads << " threads";
  }
}

TEST(Parallel, AnExceptionComesThroughACallWithinACall) {
  for (const unsigned threads : kThreads) {
    Parallel parallel(threads);
    for (int repeat = 0; repeat < 50; ++repeat) {
      EXPECT_EQ(failure_of_region(parallel,
                                  [&](Parallel::Worker& worker) {
                                    worker.barrier();
                                    parallel.for_ranges(9, 1, [&](IndexRange range) {
                                      if (range.first == 4) fail_as(worker);
                                    });
                                    worker.barrier();
                                  }),
                "0");
      EXPECT_THROW(parallel.for_ranges(9, 1, [&](IndexRange) { parallel.region(fail_as); }),
                   std::runtime_error);
    }
  }
}

TEST(Parallel, TakesOneThreadPerProcessorUnlessTold) {
  Parallel parallel;
  EXPECT_EQ(parallel.threads(), std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace palate
