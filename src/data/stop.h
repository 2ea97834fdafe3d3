// A request to stop, within work that has no other way to end early. Layer: data.
#pragma once

#include "palate/data/fetch.h"

namespace palate {

// fetch() makes it its answer.
struct Stopped {};

inline void stop_if_requested(const FetchOptions& options) {
  if (options.stop_requested && options.stop_requested()) throw Stopped{};
}

}  // namespace palate
