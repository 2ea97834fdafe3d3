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

// Conditions, applied in this order. A rating must pass all of them.
struct Selection {
  // Ratings from `since` on and before `until` stay; both are seconds since 1970.
  std::optional<std::int64_t> since;
  std::optional<std::int64_t> until;
  // All ratings of this share of the users stay. It is in (0, 1], at least one user, and drawn with
  // `seed`.
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

// The interactions have users and items renumbered by first appearance, and say in `selection` what
// was asked for.
struct Selected {
  Interactions interactions;
  std::vector<LeftOut> left_out;
};

// The ratings that pass.
//
// Errors:  invalid_argument  an option out of its range; a time where the table has none
//          bad_data          no rating is left
Selected select(const Interactions& interactions, const Selection& selection);

// Seconds since 1970 of "2001-01-31", "2001-01-31T12:00:00Z", "20010131" or "980899200".
//
// Errors:  invalid_argument  another text
std::int64_t time_from_text(std::string_view text);

}  // namespace palate
