// A part of the ratings: of some users, of a time, of users and items with enough of them.
// Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

// A time of a table in seconds since 1970: above 10^11 it counts milliseconds.
constexpr std::int64_t seconds_of(std::int64_t time) {
  constexpr std::int64_t kMilliseconds = 100'000'000'000;  // as seconds, the year 5138
  return time > kMilliseconds || time < -kMilliseconds ? time / 1000 : time;
}

// In this order; a rating must pass all.
struct Selection {
  // Seconds since 1970: ratings from `since` on and before `until`, by seconds_of().
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
  // This share of the users, (0, 1], at least one, all of whose ratings stay: drawn with `seed`.
  double sample = 1;
  std::uint64_t seed = 1;
  // Users and items with fewer ratings go, again and again until none has fewer: the k-core of the
  // bipartite graph (Seidman, Network structure and minimum degree, Social Networks 1983).
  Index min_user_ratings = 0;
  Index min_item_ratings = 0;

  bool operator==(const Selection&) const = default;
};

// What a condition left out.
struct LeftOut {
  std::string condition;  // "before 2000-01-01": why
  std::uint64_t ratings = 0;
  bool operator==(const LeftOut&) const = default;
};

struct Selected {
  // users and items renumbered by first appearance; `selection` says in words what was asked for
  Interactions interactions;
  std::vector<LeftOut> left_out;
};

// Throws Error(invalid_argument) for an option outside its range or times that the table does not
// have, and Error(bad_data) when no rating is left.
Selected select(const Interactions& interactions, const Selection& selection);

// Seconds since 1970 of "2001-01-31", "2001-01-31T12:00:00Z" or "980899200". Throws
// Error(invalid_argument) for other text.
std::int64_t time_from_text(std::string_view text);

}  // namespace palate
