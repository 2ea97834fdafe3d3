// Parallel loops whose results do not depend on the number of threads. Layer: base.
#pragma once

#include <functional>
#include <memory>

#include "palate/base/index.h"

namespace palate {

// A fixed set of threads, the caller's among them.
//
// Any thread may call it at any time, and so may a body that it runs. One call at a time has all
// threads. A call that comes meanwhile does not wait: it does all of its work on its own thread.
//
// Errors:      What a body throws is rethrown to the caller. Where several throw, the caller gets
//              the exception of the lowest range, or of the lowest worker. The threads can be used
//              as before.
// Guarantees:  Work is cut by its size alone, never by the number of threads: 1 thread, 64 threads
//              and busy threads compute the same bits.
//              for_ranges and region take no memory of their own.
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
  // range runs on the calling thread, and leaves the others to calls of its body. After an
  // exception no more ranges are begun.
  void for_ranges(Index count, Index grain, const std::function<void(IndexRange)>& body);

  // The same with the number of the worker that runs the range, in [0, threads()). Two bodies of
  // one call that get the same number never run at the same time: a caller can keep one scratch
  // object for each worker.
  void for_ranges(Index count, Index grain,
                  const std::function<void(IndexRange, unsigned worker)>& body);

  // The sum of body(range) over the same ranges, added in their order.
  double sum_ranges(Index count, Index grain, const std::function<double(IndexRange)>& body);

  // One of the workers that run the same body side by side.
  class Worker {
   public:
    virtual ~Worker() = default;
    virtual unsigned index() const = 0;  // 0 .. count() - 1
    virtual unsigned count() const = 0;
    // Returns when every worker has called it as often. Where that cannot happen any more, because
    // the body of another worker has thrown, it throws something that region catches: a body lets
    // it pass.
    virtual void barrier() = 0;
  };

  // Runs body once on each of its workers at the same time: for many short rounds with a barrier
  // between them, each far cheaper than a for_ranges. There are threads() workers, or a single one
  // where the threads are busy: a body asks its worker for count(). After an exception the others
  // go on to their next barrier and end there.
  void region(const std::function<void(Worker&)>& body);

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace palate
