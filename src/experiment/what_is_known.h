// What a model knows of the test ratings before it is measured on them. Layer: experiment.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fail.h"
#include "base/parse.h"
#include "palate/model/model.h"

namespace palate {

inline void require_values(const Interactions& interactions, std::string_view part) {
  if (interactions.feedback == Feedback::weights) {
    fail(ErrorCode::bad_data,
         "the {} rows are no ratings (implicit feedback), and there is an algorithm that predicts "
         "ratings: `task=lists`",
         part);
  }
}

// Of this many test ratings, the first of which is of these two, nothing was learned of any user or
// any item: an answer would be the mean alone.
[[noreturn]] inline void fail_none_known(std::size_t ratings, const Catalog& tested, Index user,
                                         Index item, const Catalog& known) {
  fail(ErrorCode::bad_data,
       "none of the {} test ratings is by a user or of an item that was trained on, so that they "
       "measure nothing: the first of them is by user {} of item {}, and what was trained on has "
       "user {} and item {}",
       ratings, excerpt(tested.users[user]), excerpt(tested.items[item]), excerpt(known.users[0]),
       excerpt(known.items[0]));
}

// Of test ratings, `in_history` of which are in the model's history, those that it was trained on;
// nothing where that cannot be known: the history was not kept, or it may lack what an earlier
// model, from which this one started, was trained on.
inline std::optional<std::uint64_t> seen_ratings(const Model& model, std::uint64_t in_history) {
  if (!model.seen) return {};
  const auto& measured = for_ratings(model).provenance.measured;
  if (in_history == 0 && measured && measured->seen != 0U) return {};
  return in_history;
}

}  // namespace palate
