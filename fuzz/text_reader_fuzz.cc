// The reader of rating tables, given any bytes: it throws Error(bad_data), asks for an option, or gives a table that is
// consistent and in which every id is found.
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "palate/error.h"
#include "palate/inspect.h"
#include "palate/read.h"

namespace {

// A file in memory with a path.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : file_(memfd_create("fuzz", 0)) {
    if (file_ < 0 || write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

void require(bool condition) {
  if (!condition) std::abort();
}

void check_ids(const palate::Ids& ids) {
  for (palate::Index index = 0; index < ids.size(); ++index) require(ids.find(ids[index]) == index);
}

void check(const palate::Interactions& table) {
  require(table.items.size() == table.users.size() && table.values.size() == table.users.size());
  require(table.times.empty() || table.times.size() == table.users.size());
  for (palate::Index row = 0; row < table.size(); ++row) {
    require(table.users[row] < table.num_users() && table.items[row] < table.num_items());
    require(std::isfinite(table.values[row]));
  }
  check_ids(table.catalog->users);
  check_ids(table.catalog->items);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static palate::Parallel parallel(1);
  const MemoryFile file(data, size);
  const palate::ReadOptions options{.items_file = "none"};
  try {
    const palate::RatingsTable table = palate::read_ratings(file.path(), options, parallel);
    check(table.interactions);
    palate::summarize(table, 0);
  } catch (const palate::Error& error) {
    // A table whose columns cannot be guessed asks for an option.
    require(error.code() == palate::ErrorCode::bad_data || error.code() == palate::ErrorCode::invalid_argument);
    require(std::string(error.what()).find('\n') == std::string::npos);
  }
  return 0;
}
