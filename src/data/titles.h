// Titles and other metadata of items, from a file of their own. Layer: data.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "palate/data/id_twins.h"
#include "palate/data/interactions.h"

namespace palate {

// A movies.csv, movies.dat, u.item or *.item beside the ratings, in the same folder or zip.
std::optional<std::string> find_items_file(const std::string& ratings_path);

// Sets the titles and the metadata of the catalog's items from the file: a column of ids, one of
// titles, the others metadata. What is not UTF-8 is taken for Latin-1. Rows of items that the
// catalog lacks are passed over; of repeated ones the first counts. Returns how many items the file
// knows; none leaves the catalog as it was. Its ids, without spaces around them if `trim_ids`, are
// added to `looked_up`, if there is one.
Index read_titles(const std::string& items_path, Catalog& catalog, bool trim_ids = false,
                  LookedUpIds* looked_up = nullptr);

// The text in brackets at the end, which is taken off: "Sabrina (1995)". Nothing for a title that
// is all brackets.
std::optional<std::string_view> take_brackets(std::string_view& title);

}  // namespace palate
