#include "twins.h"

#include <fmt/format.h>

#include "flag_names.h"
#include "palate/base/error.h"
#include "terminal.h"

namespace palate::cli {
namespace {

std::string difference_of(const IdTwins& twins) {
  if (twins.option.empty()) return twins.difference;
  return fmt::format("{} ({} reads ids without them)", twins.difference, with_flags(twins.option));
}

}  // namespace

std::string did_you_mean(const Ids& ids, const std::string& id) {
  const auto twins = find_twins(ids, id);
  if (!twins) return "";
  // Flags that read a file's ids are of no use to an id that was typed with spaces.
  const bool is_typed_so = id.starts_with(' ') || id.ends_with(' ');
  return fmt::format("; did you mean \"{}\"? They differ by {}", twins->known,
                     is_typed_so ? twins->difference : difference_of(*twins));
}

void tell_twins(const std::string& file, const std::string& what, const LookedUpIds& looked_up,
                const Ids& ids) {
  const auto twins = looked_up.twins_in(ids);
  if (!twins) return;
  tell(
      "warning: {}: hardly any of its {} are known, but its \"{}\" may be \"{}\": they differ by "
      "{}",
      file, what, twins->wanted, twins->known, difference_of(*twins));
}

void tell_twins(const RatingsTable& table, const Catalog& known, bool quiet) {
  if (quiet) return;
  const Interactions& rows = table.interactions;
  tell_twins(table.path, "users", looked_up_users(known, rows), known.users);
  tell_twins(table.path, "items", looked_up_items(known, rows), known.items);
}

void refuse_unknown(const std::string& file, std::string_view noun, std::uint64_t count) {
  if (count == 0) return;
  throw Error(ErrorCode::invalid_argument,
              fmt::format("{}: {} {} not in the model (--strict)", file, counted(count, noun),
                          count == 1 ? "is" : "are"));
}

}  // namespace palate::cli
