// Ids that are not the same and may be meant to be: "1" beside " 1", "1.0", "01" and "\"1\"", "ABC"
// beside "abc". They are never taken for one another, but where an id is not found, its twin says
// why. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

struct IdTwins {
  std::string wanted;      // as it was looked up
  std::string known;       // as it stands among the ids
  std::string difference;  // in words: "spaces", "\".0\" and case"
  std::string option;      // what reads ids without it, "`trim_ids`", as errors write it; or empty
};

// The twin of an id that `ids` lacks, if there is one.
std::optional<IdTwins> find_twins(const Ids& ids, std::string_view wanted);

// The ids of a file as they are looked up.
class LookedUpIds {
 public:
  void add(std::string_view id, bool found);

  // Where none was found, the first that has a twin in `ids`. Where less than a tenth was found,
  // too, if most of those that were not have one: of their first thousand.
  std::optional<IdTwins> twins_in(const Ids& ids) const;

 private:
  std::uint64_t num_found_ = 0;
  std::uint64_t num_missed_ = 0;
  std::vector<std::string> missed_;  // the first of them
};

// The users, or the items, of a table that was read with read_ratings_with(catalog of `known`), as
// they were looked up there.
LookedUpIds looked_up_users(const Catalog& known, const Interactions& table);
LookedUpIds looked_up_items(const Catalog& known, const Interactions& table);

}  // namespace palate
