// Compressed tables and members of zips, given any bytes: the reader throws an error of one line,
// or gives a table.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/data/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static palate::Parallel parallel(1);
  const MemoryFile file(data, size);
  try {
    const palate::RatingsTable table =
        palate::read_ratings(file.path(), {.items_file = "none"}, parallel);
    require(table.interactions.items.size() == table.interactions.users.size() &&
            table.interactions.size() > 0);
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data ||
            error.code() == palate::ErrorCode::invalid_argument ||
            error.code() == palate::ErrorCode::io);  // a zip without such a member
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
