// throw Error, with the message formatted.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "palate/base/error.h"

namespace palate {

template <class... Args>
[[noreturn]] void fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(code, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace palate
