// Text of others (an id, a title, a file's name), shown so that it cannot steer a terminal.
// Layer: base.
#pragma once

#include <string>
#include <string_view>

namespace palate {

// One line. What would move the cursor, color, reorder or break it stands as an escape: control
// characters as \x1b and \u009b, line separators and the marks that turn the direction of writing
// around as \u202e, a byte that is not UTF-8 as \x9b. All else, a backslash too, stays as it is.
std::string visible(std::string_view text);

// The same of text that has several lines of its own.
std::string visible_lines(std::string_view text);

// A JSON document that says what `json` says: within its strings, what steers stands as \u009b, and
// a byte that is not UTF-8 as \ufffd.
std::string visible_json(std::string_view json);

// A message from elsewhere (a library, a server): visible, without the white space at its end.
std::string one_line(std::string_view text);

}  // namespace palate
