// The reader of rating tables in its rarer formats, given any bytes: the first says which. It
// throws Error(bad_data), asks for an option, or gives a table in which every row has its user and
// its item. Bad rows are set aside for every other input.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/data/read.h"

namespace {

constexpr std::array<std::string_view, 8> kBeginnings{
    "%%MatrixMarket matrix coordinate real general\n3 4 5\n",
    "%%MatrixMarket matrix coordinate integer general\n% comment\n",
    "1 2 3.5\n2 3 4\n",
    "{\"user\": 1, \"item\": \"a\", \"rating\": 4.5}\n",
    "{\"user\":\"\\u00fc\",\"item\":1,\"rating\":1,\"timestamp\":\"2001-01-31\"}\n",
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t2\t3\t4\n",
    "1::2::3::978300760\n",
    "user;item;rating\n1;2;3,5\n",
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  static palate::Parallel parallel(1);
  std::string text(kBeginnings[data[0] % kBeginnings.size()]);
  text.append(reinterpret_cast<const char*>(data + 1), size - 1);
  const MemoryFile file(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  palate::ReadOptions options{.items_file = "none"};
  static const std::string rejects = "/tmp/palate-formats-" + std::to_string(getpid()) + ".csv";
  if (data[0] % 16 >= 8) options.rejects_file = rejects;
  try {
    const palate::RatingsTable table = palate::read_ratings(file.path(), options, parallel);
    const palate::Interactions& all = table.interactions;
    require(all.items.size() == all.users.size() && all.values.size() == all.users.size());
    for (palate::Index row = 0; row < all.size(); ++row) {
      require(all.users[row] < all.num_users() && all.items[row] < all.num_items() &&
              std::isfinite(all.values[row]));
    }
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data ||
            error.code() == palate::ErrorCode::invalid_argument);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  if (options.rejects_file) std::remove(rejects.c_str());
  return 0;
}
