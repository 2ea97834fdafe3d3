#include "palate/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace palate {
namespace {

// Opens when `count` threads have arrived, as often as they like. Waits briefly in a loop, since
// rounds are short, then sleeps.
class Barrier {
 public:
  explicit Barrier(unsigned count) : count_(count) {}

  void arrive_and_wait() {
    const unsigned round = round_.load(std::memory_order_relaxed);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == count_) {
      arrived_.store(0, std::memory_order_relaxed);
      round_.store(round + 1, std::memory_order_release);
      round_.notify_all();
      return;
    }
    for (int spin = 0; spin < kSpins; ++spin) {
      if (round_.load(std::memory_order_acquire) != round) return;
    }
    while (round_.load(std::memory_order_acquire) == round)
      round_.wait(round, std::memory_order_acquire);
  }

 private:
  static constexpr int kSpins = 20'000;  // some 20 microseconds
  const unsigned count_;
  std::atomic<unsigned> arrived_{0};
  std::atomic<unsigned> round_{0};
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

// Keeps the exception of the lowest range.
class FirstFailure {
 public:
  void note(Index range, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (error_ && range_ <= range) return;
    range_ = range;
    error_ = std::move(error);
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::mutex mutex_;
  Index range_ = 0;
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

  // Runs body(0), ..., body(n - 1) side by side, body(0) on the calling thread. n <= threads(). The
  // body must not throw.
  void side_by_side(unsigned n, const std::function<void(unsigned)>& the_body) {
    {
      const std::lock_guard lock(mutex);
      body = &the_body;
      wanted = n;
      running = n - 1;
      ++round;
    }
    if (n > 1) begins.notify_all();
    the_body(0);
    std::unique_lock lock(mutex);
    ends.wait(lock, [this] { return running == 0; });
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
  if (count == 0) return;
  grain = std::max<Index>(grain, 1);
  const Index num_ranges = (count - 1) / grain + 1;
  const auto range = [&](Index r) {
    return IndexRange{r * grain, r + 1 == num_ranges ? count : (r + 1) * grain};
  };
  const unsigned workers = std::min<unsigned>(pool_->threads(), num_ranges);
  if (workers == 1) {
    for (Index r = 0; r < num_ranges; ++r) body(range(r));
    return;
  }
  std::atomic<std::uint64_t> next{0};  // of 64 bits, as every worker counts one past the last range
  FirstFailure failure;
  pool_->side_by_side(workers, [&](unsigned) {
    for (std::uint64_t r = next.fetch_add(1); r < num_ranges; r = next.fetch_add(1)) {
      try {
        body(range(static_cast<Index>(r)));
      } catch (...) {
        failure.note(static_cast<Index>(r), std::current_exception());
        next.store(num_ranges);  // ranges are begun in order, so every lower one has begun
        return;
      }
    }
  });
  failure.rethrow();
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
  // the others would wait at the barrier for ever
  pool_->side_by_side(pool_->threads(), [&](unsigned index) noexcept {
    RegionWorker worker(index, pool_->threads(), barrier);
    body(worker);
  });
}

}  // namespace palate
