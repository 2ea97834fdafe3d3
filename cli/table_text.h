// What a table of ratings holds, in words.
#pragma once

#include <cstdint>
#include <string>

#include "palate/data/inspect.h"
#include "palate/data/read.h"

namespace palate::cli {

// "all ratings are 1: they tell who chose what, not who liked it (--value none)"
std::string warning_in_words(const DataWarning& warning);

// Says in a line what was read: counts, which column is what, what was left out and why, where the
// titles came from.
void tell_table(const RatingsTable& table, bool quiet);
// Says beside it what may be wrong about that. Repeated pairs and single ratings, which many sound
// tables have, are told by `inspect` and the page alone.
void tell_reading(const RatingsTable& table, bool quiet);
// The same of pairs that were predicted.
void tell_pairs(const RatingsTable& pairs, bool quiet);

// Refuses a table without a column of ratings.
void require_ratings(const RatingsTable& table);

// Now, by the clock.
std::int64_t seconds_since_1970();

}  // namespace palate::cli
