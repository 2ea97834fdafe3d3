// How the numbers and times of a table are written: told, or guessed over a column. Layer: data.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "data/text_layout.h"
#include "palate/data/read.h"

namespace palate {

// Sets `numbers` and `times` of the format, by all rows of the sample. Where those say nothing, a
// file is like the first one of its table, if that is another. Throws Error(bad_data) where 5,001
// may be 5 as well as 5001, and Error(invalid_argument) for an option that says nothing.
void choose_formats(const Sample& sample, const TextLayout& layout, const RatingPlaces& places,
                    const ReadOptions& options, const TableFormat* first, TableFormat& format);

// How the numbers of one column are written. A cell that is a number in one format alone decides.
// Where all separators may set thousands apart, they do if numbers from 100 to below 1000 are there
// and larger ones without a separator are not. Nothing where that does not tell.
std::optional<NumberFormat> choose_number_format(const Sample& sample, const TextLayout& layout,
                                                 std::size_t column);

}  // namespace palate
