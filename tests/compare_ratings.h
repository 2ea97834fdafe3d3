// The comparison of algorithms of ratings, which are of one task.
#pragma once

#include <utility>

#include "palate/evaluate/compare.h"

namespace palate {

template <class... Arguments>
Comparison compare_ratings(Arguments&&... arguments) {
  return compare(std::forward<Arguments>(arguments)...).front();
}

}  // namespace palate
