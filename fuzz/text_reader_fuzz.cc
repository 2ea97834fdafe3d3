// The reader of rating tables, given any bytes: it throws Error(bad_data), asks for an option, or
// gives a table that is consistent and in which every id is found.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/data/inspect.h"
#include "palate/data/read.h"

namespace {

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
    require(error.code() == palate::ErrorCode::bad_data ||
            error.code() == palate::ErrorCode::invalid_argument);
    require(std::string(error.what()).find('\n') == std::string::npos);
  }
  return 0;
}
