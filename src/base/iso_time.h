// Dates and times of day in ISO 8601. Layer: base.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace palate {

// Seconds since 1970 of "1997-12-04", "1997-12-04T15:55Z" or "1997-12-04 15:55:49.250+01:00", and
// of what is near to that: "1997/12/04", "1997-12-04 15:55:49 UTC". Fractions are cut off, a time
// without a zone is one in UTC. Nothing for another text or a day that no calendar has.
std::optional<std::int64_t> parse_iso_time(std::string_view text);

// "1997-12-04T15:55:49Z", or "1997-12-04" where a day begins. Seconds since 1970; those of years
// that ISO 8601 has no four digits for are written as a number.
std::string iso_time(std::int64_t seconds);

}  // namespace palate
