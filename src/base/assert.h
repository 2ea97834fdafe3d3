// For what cannot be unless Palate has a bug; never reachable from input.
#pragma once

#include <source_location>

namespace palate {
[[noreturn]] void assertion_failed(
    const char* condition, const std::source_location& where = std::source_location::current());
}  // namespace palate

#define PALATE_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::palate::assertion_failed(#condition))
