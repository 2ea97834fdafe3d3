// Which column of a table is what: told, or guessed. Layer: data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "data/text_layout.h"
#include "palate/data/read.h"

namespace palate {

// The columns of ratings: as told, else by name, else by position: user, item, value if it is a
// number, time if it is at least 10^8 (seconds since 1970, from 1973 on). A column that numbers the
// rows is none of them, and one that looks like something else than ratings is not the value; the
// format's doubts say so. docs/data_formats.md has the rules in order. Throws
// Error(invalid_argument) for a column that is not there or told twice, and where none is left for
// the users or the items.
TableFormat choose_columns(const TextLayout& layout, const ReadOptions& options,
                           const std::string& name);

// The columns of an items' file: the item and its title.
struct ItemColumns {
  std::size_t item = 0;
  std::size_t title = 1;
};
ItemColumns choose_item_columns(const TextLayout& layout);

// The column that is called as a user's is, else the first.
std::size_t choose_user_column(const TextLayout& layout);

// The columns of a file of ratings that are all of one user: as told, else by their names, or of
// two columns without a header the first and the second. Where values may be lacking, a column of
// no value's name is taken for them only if it is numeric, and `none` tells that there is none.
// Throws Error(bad_data) for other columns without a header, and Error(invalid_argument) for a
// column that is not there.
struct RatedItemColumns {
  std::vector<std::size_t> items;    // which may have the items' ids: one that is told, or several
  std::optional<std::size_t> title;  // beside these
  std::optional<std::size_t> year;   // of the item
  std::optional<std::size_t> user;   // whose ratings they are
  std::optional<std::size_t> value;
};
RatedItemColumns choose_rated_item_columns(const TextLayout& layout, const std::string& name,
                                           const std::optional<std::string>& item_column,
                                           const std::optional<std::string>& value_column,
                                           bool may_lack_values = false);

}  // namespace palate
