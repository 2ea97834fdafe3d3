// Flags that say which items a list may hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flag_set.h"
#include "palate/data/read.h"
#include "palate/model/model.h"
#include "palate/recommend/recommend.h"
#include "verb_files.h"

namespace palate::cli {

// --where, --items, --deny: an item has to be allowed by all of them.
struct ChosenItemFlags {
  std::optional<std::string> where;
  std::string items_file;
  std::string deny_file;
  // Of the files.
  bool trim_ids = false;
  std::uint32_t max_expansion = kMaxExpansion;

  void add_to(FlagSet& flags, const std::string& more_files = "");
  void add_files_to(VerbFiles& used) const;
  bool given() const { return where || !items_file.empty() || !deny_file.empty(); }
  // Tells what was found in the files, unless quiet. With `strict` an id of them that the model
  // does not have is refused.
  ItemMask allowed(const Model& model, bool quiet, bool strict = false) const;

 private:
  std::vector<Index> listed(const Model& model, const std::string& file, bool quiet,
                            bool strict) const;
};

}  // namespace palate::cli
