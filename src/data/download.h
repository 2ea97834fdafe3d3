// Files over verified TLS.
#pragma once

#include <cstdint>
#include <string>

#include "data/part_file.h"
#include "palate/data/fetch.h"

namespace palate {

struct WantedFile {
  std::string url;
  std::uint64_t max_size = 0;  // in bytes
  // What comes will be proved by its SHA-256: that a server's own certificate has expired, and
  // nothing else about it, is told on_notice and excused. libcurl with OpenSSL can do that.
  bool is_proved_by_sha256 = false;
  std::string advice;  // what to do where it cannot be had
};

// Writes the file to `part`, which was made for its url: behind the bytes that are there, where the
// server says that they are still the beginning of its file, else anew. False where a stop was
// requested. Of `options`, the time-outs, ca_file and the callbacks count.
//
// Throws Error(invalid_argument) for a url that is not https, Error(bad_data) for too many bytes,
// and Error(io) that says why there is no file and what to do.
bool download(const WantedFile& wanted, PartFile& part, const FetchOptions& options);

}  // namespace palate
