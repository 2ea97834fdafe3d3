// Parallel loops whose results do not depend on the number of threads. Layer: base.
#pragma once

#include <functional>
#include <memory>

#include "palate/base/index.h"

namespace palate {

// A fixed set of threads, the caller's among them. Work is cut by its size alone, never by the
// number of threads, so 1 thread and 64 compute the same bits. An exception in a body is rethrown
// to the caller (that of the lowest range where several throw). One call at a time; calls do not
// nest.
class Parallel {
 public:
  // `threads` = 0 takes one per processor.
  explicit Parallel(unsigned threads = 0);
  ~Parallel();
  Parallel(const Parallel&) = delete;
  Parallel& operator=(const Parallel&) = delete;

  unsigned threads() const;

  // Calls body(range) for consecutive ranges of `grain` indices (the last may be shorter) that
  // cover [0, count). Which thread runs which range, and in what order, is not fixed. A single
  // range runs inline.
  void for_ranges(Index count, Index grain, const std::function<void(IndexRange)>& body);

  // The sum of body(range) over the same ranges, added in their order.
  double sum_ranges(Index count, Index grain, const std::function<double(IndexRange)>& body);

  // One of the workers that run the same body side by side.
  class Worker {
   public:
    virtual ~Worker() = default;
    virtual unsigned index() const = 0;  // 0 .. count() - 1
    virtual unsigned count() const = 0;
    virtual void barrier() = 0;  // returns when every worker has called it as often
  };

  // Runs body once on each of threads() workers at the same time: for many short rounds with a
  // barrier between them, each far cheaper than a for_ranges. The body must not throw.
  void region(const std::function<void(Worker&)>& body);

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace palate
