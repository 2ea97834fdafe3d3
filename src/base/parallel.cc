#include "palate/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace palate {
namespace {

// Opens when `count` threads have arrived, as often as they like. Waits briefly in a loop, since
// rounds are short, then sleeps.
class Barrier {
 public:
  // What those get who wait in vain. Not a std::exception, which a body might catch.
  struct Broken {};

  explicit Barrier(unsigned count) : count_(count) {}

  void arrive_and_wait() {
    const unsigned state = state_.load(std::memory_order_relaxed);
    if ((state & kBroken) != 0) throw Broken();
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      arrived_.store(0, std::memory_order_relaxed);
      // Nobody can have broken it in this round: all have arrived, and none has gone on.
      state_.store(state + kRound, std::memory_order_release);
      state_.notify_all();
      return;
    }
    unsigned now = state;
    for (int spin = 0; spin < kSpins && now == state; ++spin)
      now = state_.load(std::memory_order_acquire);
    while (now == state) {
      state_.wait(state, std::memory_order_acquire);
      now = state_.load(std::memory_order_acquire);
    }
    // A round that all have reached is over for all of them, even if one has left since.
    if (now == (state | kBroken)) throw Broken();
  }

  // For a thread that will not arrive again: the others are not to wait for it.
  void leave() {
    state_.fetch_or(kBroken, std::memory_order_release);
    state_.notify_all();
  }

 private:
  static constexpr int kSpins = 20'000;  // some 20 microseconds
  static constexpr unsigned kBroken = 1;
  static constexpr unsigned kRound = 2;
  const unsigned count_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> state_{0};  // rounds so far times kRound, and whether it is broken
};

class RegionWorker final : public Parallel::Worker {
 public:
  RegionWorker(unsigned index, unsigned count, Barrier& barrier)
      : index_(index), count_(count), barrier_(barrier) {}
  unsigned index() const override { return index_; }
  unsigned count() const override { return count_; }
  void barrier() override { barrier_.arrive_and_wait(); }

 private:
  unsigned index_;
  unsigned count_;
  Barrier& barrier_;
};

// Keeps the exception of the lowest range or worker.
class FirstFailure {
 public:
  void note(Index number, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ && number_ <= number) return;
    number_ = number;
    error_ = std::move(error);
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  Index number_ = 0;
  std::exception_ptr error_;
};

}  // namespace

// Threads of our own, that wait for the next body: running one takes no memory, and where no more
// threads can be had there are fewer.
struct Parallel::Pool {
  explicit Pool(unsigned count) {
    try {
      helpers.reserve(count - 1);
      while (helpers.size() < count - 1)
        helpers.emplace_back([this, worker = threads()] { serve(worker); });
    } catch (const std::exception&) {  // of the system, or for want of memory
    }
  }

  ~Pool() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    begins.notify_all();
    for (std::thread& helper : helpers) helper.join();
  }

  unsigned threads() const { return static_cast<unsigned>(helpers.size()) + 1; }

  // Runs body(0), ..., body(n - 1) side by side, body(0) on the calling thread; n <= threads().
  // Returns false, without running any, where the threads are busy. The body must not throw.
  bool try_side_by_side(unsigned n, const std::function<void(unsigned)>& the_body) {
    if (busy.test_and_set(std::memory_order_acquire)) return false;
    {
      const std::lock_guard lock(mutex);
      body = &the_body;
      wanted = n;
      running = n - 1;
      ++round;
    }
    if (n > 1) begins.notify_all();
    the_body(0);
    {
      std::unique_lock lock(mutex);
      ends.wait(lock, [this] { return running == 0; });
    }
    busy.clear(std::memory_order_release);
    return true;
  }

  // What a helper does all its life.
  void serve(unsigned worker) {
    std::unique_lock lock(mutex);
    for (std::uint64_t served = 0;;) {
      begins.wait(lock, [&] { return ending || round != served; });
      if (ending) return;
      served = round;
      if (worker >= wanted) continue;
      lock.unlock();
      (*body)(worker);
      lock.lock();
      if (--running == 0) ends.notify_one();
    }
  }

  std::atomic_flag busy;  // with a call
  std::mutex mutex;
  std::condition_variable begins;
  std::condition_variable ends;
  const std::function<void(unsigned)>* body = nullptr;
  unsigned wanted = 0;
  unsigned running = 0;  // helpers
  std::uint64_t round = 0;
  bool ending = false;
  std::vector<std::thread> helpers;
};

Parallel::Parallel(unsigned threads)
    : pool_(std::make_unique<Pool>(
          threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency()))) {}

Parallel::~Parallel() = default;

unsigned Parallel::threads() const { return pool_->threads(); }

void Parallel::for_ranges(Index count, Index grain, const std::function<void(IndexRange)>& body) {
  for_ranges(count, grain, [&body](IndexRange range, unsigned) { body(range); });
}

void Parallel::for_ranges(Index count, Index grain,
                          const std::function<void(IndexRange, unsigned)>& body) {
  if (count == 0) return;
  grain = std::max<Index>(grain, 1);
  const Index num_ranges = (count - 1) / grain + 1;
  const auto run = [&](Index r, unsigned worker) {
    body({r * grain, r + 1 == num_ranges ? count : (r + 1) * grain}, worker);
  };
  std::atomic<std::uint64_t> next{0};  // of 64 bits, as every worker counts one past the last range
  FirstFailure failure;
  const auto work = [&](unsigned worker) noexcept {
    for (std::uint64_t r = next.fetch_add(1); r < num_ranges; r = next.fetch_add(1)) {
      try {
        run(static_cast<Index>(r), worker);
      } catch (...) {
        failure.note(static_cast<Index>(r), std::current_exception());
        next.store(num_ranges);  // ranges are begun in order, so every lower one has begun
        return;
      }
    }
  };
  const unsigned workers = std::min<unsigned>(pool_->threads(), num_ranges);
  // A std::function of a reference takes no memory.
  if (workers > 1 && pool_->try_side_by_side(workers, std::ref(work))) {
    failure.rethrow();
  } else {
    for (Index r = 0; r < num_ranges; ++r) run(r, 0);
  }
}

double Parallel::sum_ranges(Index count, Index grain,
                            const std::function<double(IndexRange)>& body) {
  grain = std::max<Index>(grain, 1);
  std::vector<double> partial(count == 0 ? 0 : (count - 1) / grain + 1);
  for_ranges(count, grain, [&](IndexRange range) { partial[range.first / grain] = body(range); });
  double sum = 0;
  for (const double value : partial) sum += value;
  return sum;
}

void Parallel::region(const std::function<void(Worker&)>& body) {
  Barrier barrier(pool_->threads());
  FirstFailure failure;
  const auto work = [&](unsigned index) noexcept {
    RegionWorker worker(index, pool_->threads(), barrier);
    try {
      body(worker);
    } catch (const Barrier::Broken&) {  // another worker has noted why
    } catch (...) {
      failure.note(index, std::current_exception());
      barrier.leave();
    }
  };
  if (pool_->try_side_by_side(pool_->threads(), std::ref(work))) {
    failure.rethrow();
  } else {
    Barrier of_one(1);
    RegionWorker worker(0, 1, of_one);
    body(worker);
  }
}

}  // namespace palate
