// Which Palate this is. Layer: base.
#pragma once

namespace palate {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace palate
