// What stands above a table of text. Layer: data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/text_sample.h"

namespace palate {

// Whether a line begins with # or %, as comments do.
bool begins_as_comment(std::string_view line);

// Throws Error(bad_data) where that leaves nothing.
void pass_told_lines(RestOfText& rest, std::uint64_t count);

// A first line "sep=;", which says the delimiter unless that is told.
void pass_sep_line(RestOfText& rest, std::optional<std::string>& delimiter);

// The comments on top, up to a row whose id begins like one. Returns the names of the columns,
// where a comment says them and no header does. Throws Error(bad_data) for what may be a comment or
// a row.
std::optional<Row> pass_comments(RestOfText& rest, const std::optional<std::string>& told);

// Titles and counts: lines above those that are all cut into as many cells.
void pass_odd_lines(RestOfText& rest, const std::optional<std::string>& told);

// What stands above a header and is cut into as many cells as it: a title with commas.
void pass_to_header(RestOfText& rest, const Dialect& dialect);

// A first row that says how many users, items and rows there are, in any order, before rows of
// three cells. Throws Error(bad_data) where it seems so and the rows below are not all there.
void pass_counts(RestOfText& rest, const Dialect& dialect);

}  // namespace palate
