// Short files of items' and users' ids. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "palate/data/id_twins.h"
#include "palate/data/interactions.h"
#include "palate/data/read.h"

namespace palate {

struct ItemList {
  std::string column;         // that was read, in words: "column 2 'movieId'"
  std::vector<Index> items;   // ascending, each once
  std::uint64_t unknown = 0;  // ids of the file that the catalog does not have
  LookedUpIds looked_up;      // all of them
};

// Reads ids: one a line, or the column of a table that is called as an item's is, else its first.
// "-" is standard input. With `trim_ids` the spaces around them are left out. `max_expansion` is
// what ReadOptions says.
//
// Errors:  bad_data  what cannot be used; the message names file and line
//          io        the file cannot be read
ItemList read_item_list(const std::string& path, const Catalog& catalog, bool trim_ids = false,
                        std::uint32_t max_expansion = kMaxExpansion);

struct UserList {
  std::string column;                       // that was read, in words
  std::vector<std::string> ids;             // of each row
  std::vector<std::optional<Index>> users;  // of each row, where the catalog has the id
  std::uint64_t unknown = 0;                // rows whose id it does not have
  LookedUpIds looked_up;
};

// The same of users, with an entry for each row: a repeated id is one like any other, and an empty
// one is an error.
UserList read_user_list(const std::string& path, const Catalog& catalog, bool trim_ids = false,
                        std::uint32_t max_expansion = kMaxExpansion);

}  // namespace palate
