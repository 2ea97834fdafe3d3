// Files over verified TLS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/part_file.h"
#include "palate/data/fetch.h"

namespace palate {

// Both throw Error(invalid_argument) for a url that is not https, Error(bad_data) for more than
// max_size bytes, and Error(io) that says why there is no file. Of `options`, the time-outs,
// ca_file and the callbacks count.

// Writes what `url` answers to the part file, which was made for it: behind the bytes that it has,
// where the server says that they are still the beginning of its file, else anew. False where a
// stop was requested.
bool download(const std::string& url, PartFile& part, std::uint64_t max_size,
              const FetchOptions& options);

// What `url` answers, without telling on_progress; nothing where a stop was requested.
std::optional<std::string> download_text(const std::string& url, std::uint64_t max_size,
                                         const FetchOptions& options);

}  // namespace palate
