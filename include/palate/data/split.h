// Which rows train a model and which measure it. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

// Row numbers of the interactions, each row in at most one list. The order of `train` is the order
// in which a trainer sees the rows. A split is a value: every model of a comparison is given the
// same.
struct Split {
  std::vector<Index> train;
  std::vector<Index> validation;
  std::vector<Index> test;
  // Rows of test users whom no model trains on: a trained one is told these. Empty unless whole
  // users are held out.
  std::vector<Index> fold_in{};
  bool operator==(const Split&) const = default;
};

enum class SplitMethod {
  random,          // a random share of the rows: bit for bit scikit-learn's train_test_split
  kfold,           // every row once in a test part: bit for bit Surprise's KFold
  time,            // the latest rows, on one time line for all users
  per_user,        // a random share of each user's rows
  leave_last_out,  // the latest rows of each user
  notebook,        // `random` with a share of 0.2 and seed 1 over the rows in order of (user, item)
  users,           // whole users: a share of their rows is folded in, the others are the test
};

// "random", "kfold", "time", "per-user", "leave-last-out", "notebook", "users".
std::string_view split_name(SplitMethod method);

struct SplitOptions {
  SplitMethod method = SplitMethod::random;
  double test_share = 0.2;     // random, time and per_user; users: of the users
  double fold_in_share = 0.8;  // users: of the rows of each who is held out
  Index folds = 5;             // kfold
  Index leave_last = 1;        // leave_last_out: how many ratings of each user are the test
  std::uint32_t seed = 1;      // all but notebook
};

// One split, or one for each fold. Of n rows,
//
//   random          permutes them by NumPy's legacy generator (MT19937), seeded with `seed`; the
//                   first ceil(test_share n) are the test
//   kfold           shuffles them by the same generator and cuts them into `folds` consecutive
//                   parts, of which the first n % folds are one longer
//   time            sorts them by time; the last ceil(test_share n) are the test, those of cold
//                   users and items among them
//   per_user        shuffles them as kfold does; of each user's m rows the last test_share m,
//                   rounded to the nearest, are the test, but one at least stays in train
//   leave_last_out  sorts them by time; the last `leave_last` of each user are the test, but a
//                   user who has no more than that stays whole in train
//   users           shuffles, as kfold does, the n users with two rows or more; the first
//                   ceil(test_share n) are held out. It shuffles their rows, and of the m of each
//                   the first fold_in_share m, rounded to the nearest, are folded in and the others
//                   are the test: one at least of either. Nobody else is tested
//
// Ratings of one time are put in order by lot: by a hash of `seed` and of the two ids as they are
// written. So a split by time has the same ratings in each part in whatever order they come.
//
// Errors:  invalid_argument  an option out of its range
//          bad_data          a part would be empty; the table lacks the times that the split needs
std::vector<Split> make_splits(const Interactions& interactions, const SplitOptions& options);

// Moves a share of `split.train` to `split.validation`, cut by the same rule as the outer split:
// the latest for `time`, a share of each user's for `per_user`, the last `leave_last` of each user
// once more for `leave_last_out` (whatever the share), random otherwise. For `users`, too, it is of
// random rows: what is measured after each epoch is measured without folding in. The order of what
// stays is kept. It fails as make_splits() does.
Split with_validation(const Interactions& interactions, const Split& split,
                      const SplitOptions& options, double validation_share);

// What the train part of a split gives away of its test part, and what it does not know of it. To
// predict the future a model has neither later ratings nor every user and item: where a split gives
// it these, the figures are too optimistic.
struct SplitLeak {
  // Of the users, or the items, that have test ratings.
  struct Cold {
    std::uint64_t tested = 0;   // how many these are
    std::uint64_t cold = 0;     // those without a train rating
    std::uint64_t ratings = 0;  // the test ratings of the cold ones
    bool operator==(const Cold&) const = default;
  };
  std::uint64_t test = 0;  // test ratings
  // Test ratings older than the newest train or fold-in rating of the same user, and those older
  // than half of all train ratings (than their lower median). Nothing in a table without times.
  std::optional<std::uint64_t> before_own;
  std::optional<std::uint64_t> before_half;
  // Test ratings that lot put there and not time, as a rating that is not in the test has the same
  // time: any rating, or for leave_last_out one of the same user. Nothing where the split does not
  // go by time.
  std::optional<std::uint64_t> by_lot;
  Cold users;
  Cold items;
  std::uint64_t cold_pairs = 0;  // test ratings of which both user and item are cold
  // Test ratings whose user rated the same item in the train part, too. Nothing where both are
  // parts of one table, in which a pair stands once.
  std::optional<std::uint64_t> in_train;
  bool operator==(const SplitLeak&) const = default;

  // No test rating has a user and an item that are both known: a model answers each with its mean
  // and one bias at most.
  bool no_pair_is_known() const {
    return test > 0 && users.ratings + items.ratings - cold_pairs == test;
  }
};
// `method` is the one that made the split.
SplitLeak split_leak(const Interactions& interactions, const Split& split,
                     SplitMethod method = SplitMethod::random);

}  // namespace palate
