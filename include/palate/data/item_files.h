// Short files about items: which ones, and what one user thinks of some. Layer: data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

struct ItemList {
  std::vector<Index> items;   // ascending, each once
  std::uint64_t unknown = 0;  // ids of the file that the catalog does not have
};

// Reads ids: one a line, or the column of a table that is called as an item's is, else its first.
// "-" is standard input.
//
// Errors:  bad_data  what cannot be used; the message names file and line
//          io        the file cannot be read
ItemList read_item_list(const std::string& path, const Catalog& catalog);

// Reads a table of items and ratings: the columns that have such names, or its only two. "-" is
// standard input. It fails as read_item_list() does.
RatedItems read_rated_items(const std::string& path, const Catalog& catalog);

}  // namespace palate
