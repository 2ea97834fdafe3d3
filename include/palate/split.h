// Which rows train a model and which measure it. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "palate/interactions.h"

namespace palate {

// Row numbers of the interactions, each row in at most one list. The order of `train` is the order in which a trainer sees
// the rows. A split is a value: every model of a comparison is given the same.
struct Split {
  std::vector<Index> train;
  std::vector<Index> validation;
  std::vector<Index> test;
  bool operator==(const Split&) const = default;
};

enum class SplitMethod {
  random,    // a random share of the rows: bit for bit scikit-learn's train_test_split
  kfold,     // every row once in a test part: bit for bit Surprise's KFold
  time,      // the latest rows, on one time line for all users
  notebook,  // `random` with a share of 0.2 and seed 1 over the rows in order of (user, item)
};

struct SplitOptions {
  SplitMethod method = SplitMethod::random;
  double test_share = 0.2;  // random and time
  Index folds = 5;          // kfold
  std::uint32_t seed = 1;   // random and kfold
};

// One split, or one per fold. Throws Error(invalid_argument) for an option out of range and Error(bad_data) where a part would
// be empty or `time` is asked of a table without times.
//
// random: n rows are permuted by NumPy's legacy generator (MT19937) seeded with `seed`; the first ceil(test_share n) are the test.
// kfold:  the rows are shuffled by the same generator and cut into `folds` consecutive parts, the first n % folds one longer.
// time:   a stable sort by time; the last ceil(test_share n) are the test, cold users and items kept.
std::vector<Split> make_splits(const Interactions& interactions, const SplitOptions& options);

// Moves a share of `split.train` to `split.validation`, cut by the same rule as the outer split (the latest for `time`, random
// otherwise). The order of what stays is kept.
Split with_validation(const Interactions& interactions, const Split& split, const SplitOptions& options,
                      double validation_share);

}  // namespace palate
