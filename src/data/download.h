// One file over verified TLS.
#pragma once

#include <cstdint>
#include <string>

#include "palate/fetch.h"

namespace palate {

// Writes what `url` answers to the file `path`; false where a stop was requested. Throws Error(invalid_argument) for a url that
// is not https, Error(bad_data) for more than max_size bytes, and Error(io) that says why there is no file. Of `options`, the
// time-outs, ca_file and the callbacks count.
bool download(const std::string& url, const std::string& path, std::uint64_t max_size, const FetchOptions& options);

}  // namespace palate
