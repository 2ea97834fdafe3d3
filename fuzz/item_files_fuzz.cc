// Titles, lists of items, and ratings of a new user, given any bytes: an error of one line, or what
// fits the catalog.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "data/titles.h"
#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/data/item_files.h"
#include "palate/recommend/find_title.h"
#include "palate/recommend/history.h"

namespace {

void run(const std::function<void()>& action) {
  try {
    action();
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data ||
            error.code() == palate::ErrorCode::invalid_argument);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  palate::Catalog catalog;
  const std::vector<std::string> ids{"1", "2", "3", "toy", "Heat (1995)"};
  catalog.items = palate::Ids::from_strings(ids);
  run([&] {
    for (const palate::Index item : palate::read_item_list(file.path(), catalog).items)
      require(item < ids.size());
  });
  const auto read_history_by = [&](const palate::Catalog& by) {
    run([&] {
      const palate::RatedItems rated =
          palate::read_history(file.path(), std::make_shared<const palate::Catalog>(by), {})
              .ratings;
      require(rated.items.size() == rated.values.size() && !rated.items.empty());
      for (const palate::Index item : rated.items) require(item < ids.size());
    });
  };
  read_history_by(catalog);
  run([&] {
    const palate::Index known = palate::read_titles(file.path(), catalog).num_known;
    require(known <= ids.size() &&
            (catalog.item_titles.empty() || catalog.item_titles.size() == ids.size()));
    const auto shared = std::make_shared<const palate::Catalog>(catalog);
    const palate::TitleIndex titles(shared);
    for (const std::string& title : catalog.item_titles) titles.find(title);
  });
  read_history_by(catalog);
  return 0;
}
