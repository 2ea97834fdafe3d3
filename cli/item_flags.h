// Flags that say which item is meant.
#pragma once

#include <optional>
#include <string>

#include "flag_set.h"
#include "palate/model/model.h"

namespace palate::cli {

inline constexpr const char* kTitleHelp =
    "the item's title; case, accents, the article and small mistakes do not matter";

// --item ID, or --title TEXT.
struct ItemFlags {
  std::optional<std::string> id;
  std::optional<std::string> title;

  void add_to(FlagSet& flags, const std::string& help_of_item = "the item's id, as in the data");
  bool given() const { return id || title; }
  // The item; nothing where the model does not have the id. Tells which item a title is of, unless
  // quiet. Throws Error(invalid_argument) for a title that is not that of exactly one item.
  std::optional<Index> find(const Model& model, bool quiet) const;
  // Throws Error(invalid_argument) for an id that the model does not have, too.
  Index find_known(const Model& model, bool quiet) const;
};

// The user's index. Throws Error(invalid_argument) for an id that the model does not have.
Index known_user(const Model& model, const std::string& id);

// The item's title, empty where it has none.
std::string title_of(const Model& model, Index item);

}  // namespace palate::cli
