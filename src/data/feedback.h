// Whether a column holds ratings or weights, by its name and its numbers. Layer: data.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "palate/data/interactions.h"

namespace palate {

struct FeedbackFound {
  std::optional<Feedback> feedback;  // nothing: in doubt
  std::string why;                   // weights, or a doubt, in words; empty for ratings
};

// What values say of which nothing is told. `name` is their column's, empty where it has none.
// Values that are all equal are weights. Others are judged by this table:
//
//   the numbers                               name of a rating   of a count   another, or none
//   up to 20, the lowest is the commonest     ratings            weights      doubt if 1, 2, 3
//   up to 20, others                          ratings            doubt        ratings up to 100
//   whole, piled up at the top                ratings            doubt        ratings up to 100
//   whole, most are multiples of 5            ratings            weights      ratings up to 100
//   whole, with a long tail                   doubt              weights      weights
//   whole, others                             ratings            weights      doubt up to 100
//   with fractions and a long tail            doubt              weights      doubt
//   with fractions, others                    ratings            weights      ratings
//   some of them below 0                      ratings            weights      ratings
//
// The tail is long where the highest is ten times the median or more. Ratings "up to 100" are in
// doubt beyond it, and what is in doubt "up to 100" is weights beyond it. Counts of which hardly
// one is below 0 are weights under any name but a rating's: that one is refused then. Whole numbers
// without a name that are the same in all rows of an item, or of a user, as a price is, are in
// doubt; `tells_of_one_side` says so, and is asked where it matters.
//
// A table of many rows is judged by some of them, evenly spread.
FeedbackFound feedback_of(std::span<const float> values, std::string_view name,
                          const std::function<bool()>& tells_of_one_side);

// Whether all values of each item, or of each user, are one, and enough of them are there.
bool is_one_value_each(std::span<const Index> owners, std::span<const float> values,
                       Index num_owners);

}  // namespace palate
