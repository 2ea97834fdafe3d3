// Titles and other metadata of items, from a file of their own. Layer: data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "palate/data/id_twins.h"
#include "palate/data/interactions.h"
#include "palate/data/read.h"

namespace palate {

// A movies.csv, movies.dat, u.item or *.item beside the ratings, in the same folder or zip.
std::optional<std::string> find_items_file(const std::string& ratings_path);

// Metadata columns that are kept beside those of years and genres.
inline constexpr std::size_t kMostOtherColumns = 64;

struct TitlesRead {
  Index num_known = 0;           // items of the catalog that the file knows
  std::size_t num_columns = 0;   // of metadata, in the file
  std::size_t num_left_out = 0;  // of these
  LookedUpIds looked_up = {};    // the file's ids
};

// Sets the titles and the metadata of the catalog's items from the file: a column of ids, one of
// titles, the others metadata, of which those of years and genres and the first 64 others are kept.
// What is not UTF-8 is taken for Latin-1. Rows of items that the catalog lacks are passed over; of
// repeated ones the first counts. A file that knows no item leaves the catalog as it was. Takes
// trim_ids and max_expansion of the options.
TitlesRead read_titles(const std::string& items_path, Catalog& catalog,
                       const ReadOptions& options = {});

// Whether years or genres are taken from a column of that name.
bool is_used_item_column(std::string_view name);

// The text in brackets at the end, which is taken off: "Sabrina (1995)". Nothing for a title that
// is all brackets.
std::optional<std::string_view> take_brackets(std::string_view& title);

}  // namespace palate
