// Whether a file can be written, asked before the work whose result it is for. Layer: base.
#pragma once

#include <string>

namespace palate {

// Makes a temporary file beside `path` and removes it. What `path` holds is not touched.
//
// Errors:  io  the file could not be written, or could not take the place of the one that is there;
//              the message names `path` and the reason
void check_writable(const std::string& path);

}  // namespace palate
