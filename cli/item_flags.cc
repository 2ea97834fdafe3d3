#include "item_flags.h"

#include "palate/base/error.h"
#include "palate/recommend/find_title.h"
#include "terminal.h"
#include "twins.h"

namespace palate::cli {

void ItemFlags::add_to(FlagSet& flags, const std::string& help_of_item) {
  flags.add("--item ID", &id, help_of_item);
  flags.add("--title TEXT", &title, kTitleHelp);
  flags.exclude("--title", "--item");
}

std::optional<Index> ItemFlags::find(const Model& model, bool quiet) const {
  if (!title) return model.catalog->items.find(id.value());
  const Index item = TitleIndex(model.catalog).only_item(*title);
  if (!quiet)
    tell("\"{}\" is item {}, {}", *title, model.catalog->items[item], title_of(model, item));
  return item;
}

Index ItemFlags::find_known(const Model& model, bool quiet) const {
  if (const auto item = find(model, quiet)) return *item;
  throw Error(ErrorCode::invalid_argument, fmt::format("item {} is not in the model{}", *id,
                                                       did_you_mean(model.catalog->items, *id)));
}

Index known_user(const Model& model, const std::string& id) {
  if (const auto user = model.catalog->users.find(id)) return *user;
  throw Error(ErrorCode::invalid_argument, fmt::format("user {} is not in the model{}", id,
                                                       did_you_mean(model.catalog->users, id)));
}

std::string title_of(const Model& model, Index item) {
  return model.catalog->item_titles.empty() ? "" : model.catalog->item_titles[item];
}

}  // namespace palate::cli
