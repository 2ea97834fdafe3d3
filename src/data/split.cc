#include "palate/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "base/fail.h"
#include "base/random.h"

namespace palate {
namespace {

std::vector<Index> counted_to(Index n) {
  std::vector<Index> rows(n);
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

void check_share(double share, const char* part) {
  if (!(share > 0 && share < 1))
    fail(ErrorCode::invalid_argument, "{} share {} is not between 0 and 1", part, share);
}

// The size of a part that is a share of n ratings, say: scikit-learn rounds it up.
Index part_size(Index n, double share, const char* part, const char* what = "ratings") {
  check_share(share, part);
  const Index size = static_cast<Index>(std::ceil(share * n));
  if (size == 0 || size >= n) {
    fail(ErrorCode::bad_data, "{} {} are too few for a {} share of {}: one part would be empty{}",
         n, what, part, share,
         part == std::string_view("validation") ? "; `validation_share=0` does without" : "");
  }
  return size;
}

// The rows in order of (user, item).
std::vector<Index> row_major_order(const Interactions& interactions) {
  std::vector<std::pair<std::uint64_t, Index>> cells(interactions.size());
  for (Index row = 0; row < interactions.size(); ++row) {
    cells[row] = {std::uint64_t{interactions.users[row]} << 32 | interactions.items[row], row};
  }
  std::ranges::sort(cells);
  std::vector<Index> rows(cells.size());
  std::ranges::transform(cells, rows.begin(), [](const auto& cell) { return cell.second; });
  return rows;
}

struct Parts {
  std::vector<Index> held_out;
  std::vector<Index> rest;
};

// Permutes the rows; the first of them are held out. Positions are shuffled rather than row
// numbers, as train_test_split does.
Parts random_parts(std::span<const Index> rows, Index held_out, std::uint32_t seed) {
  std::vector<Index> permuted = counted_to(static_cast<Index>(rows.size()));
  numpy_shuffle(permuted, seed);
  for (Index& row : permuted) row = rows[row];
  return {{permuted.begin(), permuted.begin() + held_out},
          {permuted.begin() + held_out, permuted.end()}};
}

// FNV-1a in 64 bits of an id as it is written. The seed is where it starts.
//
// G. Fowler, L. Noll, K.-P. Vo, D. Eastlake. The FNV Non-Cryptographic Hash Algorithm. 1991, 2011.
std::uint64_t hash_of(const std::string& id, std::uint32_t seed) {
  std::uint64_t hash = 0xCBF29CE484222325U ^ seed;
  for (const char byte : id) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3U;
  return hash;
}

std::vector<std::uint64_t> hashes_of(const Ids& ids, std::uint32_t seed) {
  std::vector<std::uint64_t> hashes(ids.size());
  for (Index i = 0; i < ids.size(); ++i) hashes[i] = hash_of(ids[i], seed);
  return hashes;
}

// Rows of one time are in the order of a lot that hangs on the seed, the user's id and the item's:
// the same ratings have the same order in whatever order a file has them.
void sort_by_time(const Interactions& interactions, std::vector<Index>& rows, SplitMethod method,
                  std::uint32_t seed) {
  if (interactions.times.empty()) {
    fail(ErrorCode::bad_data,
         "`method={}` needs a time column, and the ratings have none: name one with `time_column`, "
         "or "
         "use `method=random`",
         split_name(method));
  }
  std::ranges::sort(rows, {}, [&](Index row) { return interactions.times[row]; });
  const std::vector<std::uint64_t> users = hashes_of(interactions.catalog->users, seed);
  const std::vector<std::uint64_t> items = hashes_of(interactions.catalog->items, seed);
  std::vector<std::pair<double, Index>> lots;  // and their rows
  for (auto first = rows.begin(); first != rows.end();) {
    const auto last = std::find_if(first, rows.end(), [&](Index row) {
      return interactions.times[row] != interactions.times[*first];
    });
    if (last - first > 1) {
      lots.clear();
      for (const Index row : std::span(first, last)) {
        lots.emplace_back(
            Rng(users[interactions.users[row]], items[interactions.items[row]]).uniform(), row);
      }
      std::ranges::sort(lots);
      std::ranges::transform(lots, first, &std::pair<double, Index>::second);
    }
    first = last;
  }
}

// The latest rows are held out.
Parts latest_parts(const Interactions& interactions, std::vector<Index> rows, Index held_out,
                   std::uint32_t seed) {
  sort_by_time(interactions, rows, SplitMethod::time, seed);
  const auto cut = rows.end() - held_out;
  return {{cut, rows.end()}, {rows.begin(), cut}};
}

// The last rows of each user are held out, held_out(n) of n; the order is kept.
Parts last_of_each_user(const Interactions& interactions, std::span<const Index> rows,
                        auto held_out) {
  // first how many a user has, then how many of them are yet to stay
  std::vector<Index> stay(interactions.num_users());
  for (const Index row : rows) ++stay[interactions.users[row]];
  for (Index& count : stay) count -= std::min(count, held_out(count));
  Parts parts;
  for (const Index row : rows) {
    Index& left = stay[interactions.users[row]];
    (left > 0 ? parts.rest : parts.held_out).push_back(row);
    if (left > 0) --left;
  }
  return parts;
}

// A random share of each user's rows is held out.
Parts share_of_each_user(const Interactions& interactions, std::vector<Index> rows, double share,
                         std::uint32_t seed, const char* part) {
  check_share(share, part);
  numpy_shuffle(rows, seed);
  Parts parts = last_of_each_user(interactions, rows, [&](Index n) {
    return n == 0 ? 0 : std::min(n - 1, static_cast<Index>(std::round(share * n)));
  });
  if (parts.held_out.empty()) {
    fail(ErrorCode::bad_data,
         "no user has enough ratings for a {} share of {} of each: use a larger share or "
         "`method=random`",
         part, share);
  }
  return parts;
}

// The `leave_last` latest rows of each user who has more are held out.
Parts latest_of_each_user(const Interactions& interactions, std::vector<Index> rows,
                          Index leave_last, std::uint32_t seed) {
  if (leave_last < 1)
    fail(ErrorCode::invalid_argument, "leave_last {} is out of range: at least 1", leave_last);
  sort_by_time(interactions, rows, SplitMethod::leave_last_out, seed);
  Parts parts = last_of_each_user(interactions, rows,
                                  [&](Index n) { return n > leave_last ? leave_last : 0; });
  if (parts.held_out.empty()) {
    fail(ErrorCode::bad_data,
         "no user has more than {} ratings to leave the last {} out: use `method=random`",
         leave_last, leave_last);
  }
  return parts;
}

// A share of the users is held out, and of the rows of each a share is folded in.
Split held_out_users(const Interactions& interactions, const SplitOptions& options) {
  const double folded_in = options.fold_in_share;
  check_share(folded_in, "fold-in");
  std::vector<Index> counts(interactions.num_users());
  for (const Index user : interactions.users) ++counts[user];
  std::vector<Index> users = counted_to(interactions.num_users());
  std::erase_if(users, [&](Index user) { return counts[user] < 2; });
  const Index size = part_size(static_cast<Index>(users.size()), options.test_share, "test",
                               "users with two ratings or more");
  numpy_shuffle(users, options.seed);
  std::vector<bool> held_out(counts.size());
  for (const Index user : std::span(users).first(size)) held_out[user] = true;
  Split split;
  std::vector<Index> rows;
  for (Index row = 0; row < interactions.size(); ++row)
    (held_out[interactions.users[row]] ? rows : split.train).push_back(row);
  numpy_shuffle(rows, options.seed);
  Parts parts = last_of_each_user(interactions, rows, [&](Index n) -> Index {
    if (n == 0) return 0;
    return n - std::clamp<Index>(static_cast<Index>(std::round(folded_in * n)), 1, n - 1);
  });
  split.test = std::move(parts.held_out);
  split.fold_in = std::move(parts.rest);
  return split;
}

std::vector<Split> folds_of(Index n, Index folds, std::uint32_t seed) {
  if (folds < 2) fail(ErrorCode::invalid_argument, "folds {} is out of range: at least 2", folds);
  if (folds > n) fail(ErrorCode::bad_data, "{} ratings cannot be cut into {} folds", n, folds);
  std::vector<Index> rows = counted_to(n);
  numpy_shuffle(rows, seed);
  std::vector<Split> splits(folds);
  auto first = rows.begin();
  for (Index fold = 0; fold < folds; ++fold) {
    const auto last = first + n / folds + (fold < n % folds ? 1 : 0);
    Split& split = splits[fold];
    split.test.assign(first, last);
    split.train.assign(rows.begin(), first);
    split.train.insert(split.train.end(), last, rows.end());
    first = last;
  }
  return splits;
}

}  // namespace

std::string_view split_name(SplitMethod method) {
  switch (method) {
    case SplitMethod::random:
      return "random";
    case SplitMethod::kfold:
      return "kfold";
    case SplitMethod::time:
      return "time";
    case SplitMethod::per_user:
      return "per-user";
    case SplitMethod::leave_last_out:
      return "leave-last-out";
    case SplitMethod::notebook:
      return "notebook";
    case SplitMethod::users:
      return "users";
  }
  return "";
}

std::vector<Split> make_splits(const Interactions& interactions, const SplitOptions& options) {
  const Index n = interactions.size();
  const auto one_split = [](Parts parts) {
    return std::vector{Split{std::move(parts.rest), {}, std::move(parts.held_out)}};
  };
  switch (options.method) {
    case SplitMethod::random:
      return one_split(
          random_parts(counted_to(n), part_size(n, options.test_share, "test"), options.seed));
    case SplitMethod::notebook: {
      constexpr double kShare = 0.2;
      constexpr std::uint32_t kSeed = 1;
      return one_split(
          random_parts(row_major_order(interactions), part_size(n, kShare, "test"), kSeed));
    }
    case SplitMethod::time:
      return one_split(latest_parts(interactions, counted_to(n),
                                    part_size(n, options.test_share, "test"), options.seed));
    case SplitMethod::per_user:
      return one_split(share_of_each_user(interactions, counted_to(n), options.test_share,
                                          options.seed, "test"));
    case SplitMethod::leave_last_out:
      return one_split(
          latest_of_each_user(interactions, counted_to(n), options.leave_last, options.seed));
    case SplitMethod::kfold:
      return folds_of(n, options.folds, options.seed);
    case SplitMethod::users:
      return {held_out_users(interactions, options)};
  }
  fail(ErrorCode::invalid_argument, "unknown split method {}", static_cast<int>(options.method));
}

Split with_validation(const Interactions& interactions, const Split& split,
                      const SplitOptions& options, double validation_share) {
  const Index size =
      part_size(static_cast<Index>(split.train.size()), validation_share, "validation");
  const Parts parts = [&] {
    switch (options.method) {
      case SplitMethod::time:
        return latest_parts(interactions, split.train, size, options.seed);
      case SplitMethod::per_user:
        return share_of_each_user(interactions, split.train, validation_share, options.seed,
                                  "validation");
      case SplitMethod::leave_last_out:
        return latest_of_each_user(interactions, split.train, options.leave_last, options.seed);
      default:
        return random_parts(split.train, size, options.seed);
    }
  }();
  // What stays, in the order it had.
  std::vector<bool> held_out(interactions.size());
  for (const Index row : parts.held_out) held_out[row] = true;
  std::vector<Index> rest;
  rest.reserve(parts.rest.size());
  std::ranges::copy_if(split.train, std::back_inserter(rest),
                       [&](Index row) { return !held_out[row]; });
  return {std::move(rest), parts.held_out, split.test, split.fold_in};
}

}  // namespace palate
