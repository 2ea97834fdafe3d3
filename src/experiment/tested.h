// What the models of a comparison answered on the test rows.
#pragma once

#include <memory>
#include <vector>

#include "palate/evaluate/compare.h"
#include "palate/evaluate/metrics.h"
#include "palate/evaluate/part.h"
#include "palate/evaluate/trial.h"

namespace palate {

// The answers of all models to one task, over the folds so far. A model has answers for each of its
// seeds.
class Tested {
 public:
  virtual ~Tested() = default;

  // The test rows of the next fold. The part outlives the calls for it.
  virtual void add_part(const Part& part) = 0;
  // Whether test row t of the part that was added last measures anything.
  virtual bool counts(std::size_t t) const = 0;
  // What the trial answers on the part that was added last.
  virtual void keep(std::size_t model, Index seed, const Trial& trial) = 0;

  // How many seeds of a model have answers, and whether that one answered on all that there is.
  virtual Index seeds(std::size_t model) const = 0;
  virtual bool is_whole(std::size_t model, Index seed) const = 0;
  // What each user contributed to the metrics of the comparison.
  virtual std::vector<UserSums> sums(std::size_t model, Index seed) const = 0;
  // What else there is to tell of a model, with its first seed.
  virtual void tell(std::size_t model, ModelResult& result) const = 0;
  // What there is to tell of all.
  virtual void tell(Comparison& comparison) const = 0;
};

std::unique_ptr<Tested> tested_ratings(std::size_t models, const CompareOptions& options,
                                       Parallel& parallel);
// Measured by these metrics of lists; what else is told is of the cutoff of the first.
std::unique_ptr<Tested> tested_lists(std::size_t models, std::vector<Metric> metrics,
                                     Parallel& parallel);

}  // namespace palate
