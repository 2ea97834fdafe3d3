#include "data/id_twins.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "base/parse.h"

namespace palate {
namespace {

constexpr std::size_t kMostMissed = 1000;

bool is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

std::string_view without_quotes(std::string_view id) {
  const bool quoted =
      id.size() > 2 && (id.front() == '"' || id.front() == '\'') && id.back() == id.front();
  return quoted ? trimmed_id(id.substr(1, id.size() - 2)) : id;
}

// "-7" of "-007.0" and of "-7"; the text as it is where it is no whole number.
std::string_view without_fraction(std::string_view id) {
  const std::size_t point = id.find('.');
  if (point == std::string_view::npos || point == 0) return id;
  const std::string_view fraction = id.substr(point + 1);
  return fraction.find_first_not_of('0') == std::string_view::npos ? id.substr(0, point) : id;
}

bool is_whole_number(std::string_view id) {
  const std::string_view digits = id.substr(id.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string without_leading_zeros(std::string_view number) {
  const bool negative = number.starts_with('-');
  const std::string_view digits = number.substr(negative ? 1 : 0);
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return (negative ? "-" : "") + std::string(digits.substr(first));
}

// Puts aside, one after the other, what may set two ids apart, and names what does.
IdTwins twins_of(std::string_view wanted, std::string_view known) {
  IdTwins twins{
      .wanted = std::string(wanted), .known = std::string(known), .difference = {}, .option = {}};
  std::vector<std::string_view> differences;
  const auto step = [&](std::string_view name, auto&& without) {
    const std::string_view a = without(wanted);
    const std::string_view b = without(known);
    if ((a == wanted) != (b == known) || (a == b && wanted != known)) differences.push_back(name);
    wanted = a;
    known = b;
  };
  step("spaces", trimmed_id);
  if (!differences.empty()) {
    const bool begins_so = twins.wanted.starts_with(' ') || twins.known.starts_with(' ');
    twins.option = begins_so ? "`trim_ids`, or `delimiter=\", \"`" : "`trim_ids`";
  }
  step("quotes", without_quotes);
  if (is_whole_number(without_fraction(wanted)) && is_whole_number(without_fraction(known))) {
    step("\".0\"", without_fraction);
    if (wanted != known) differences.emplace_back("leading zeros");
  } else if (wanted != known) {
    differences.emplace_back("case");
  }
  twins.difference = fmt::format("{}", fmt::join(differences, " and "));
  return twins;
}

LookedUpIds looked_up(const Ids& known, const Ids& all, std::span<const Index> rows) {
  LookedUpIds ids;
  for (const Index id : rows) {
    const bool found = id < known.size();
    ids.add(found ? "" : all[id], found);
  }
  return ids;
}

}  // namespace

std::string_view trimmed_id(std::string_view id) {
  for (;;) {
    if (!id.empty() && is_space(static_cast<unsigned char>(id.front()))) {
      id.remove_prefix(1);
    } else if (!id.empty() && is_space(static_cast<unsigned char>(id.back()))) {
      id.remove_suffix(1);
    } else if (id.starts_with(kNoBreakSpace)) {
      id.remove_prefix(kNoBreakSpace.size());
    } else if (id.ends_with(kNoBreakSpace)) {
      id.remove_suffix(kNoBreakSpace.size());
    } else {
      return id;
    }
  }
}

std::string folded_id(std::string_view id) {
  id = without_quotes(trimmed_id(id));
  const std::string_view whole = without_fraction(id);
  return is_whole_number(whole) ? without_leading_zeros(whole) : ascii_lower(id);
}

std::optional<IdTwins> find_twins(const Ids& ids, std::string_view wanted) {
  LookedUpIds looked_up;
  looked_up.add(wanted, false);
  return looked_up.twins_in(ids);
}

void LookedUpIds::add(std::string_view id, bool found) {
  ++(found ? num_found_ : num_missed_);
  if (!found && missed_.size() < kMostMissed) missed_.emplace_back(id);
}

// The ids are gone through once: they may be many, and those that were missed are few.
std::optional<IdTwins> LookedUpIds::twins_in(const Ids& ids) const {
  if (missed_.empty() || num_found_ * 10 >= num_found_ + num_missed_) return {};
  constexpr Index kNone = ~Index{0};
  std::unordered_map<std::string, Index, KeyedHash> twins;
  for (const std::string& id : missed_) twins.emplace(folded_id(id), kNone);
  twins.erase("");
  for (Index index = 0; index < ids.size(); ++index) {
    const auto twin = twins.find(folded_id(ids[index]));
    if (twin != twins.end() && twin->second == kNone) twin->second = index;
  }
  std::optional<IdTwins> first;
  std::size_t count = 0;
  for (const std::string& id : missed_) {
    const auto twin = twins.find(folded_id(id));
    if (twin == twins.end() || twin->second == kNone) continue;
    if (!first) first = twins_of(id, ids[twin->second]);
    ++count;
  }
  return num_found_ == 0 || 2 * count > missed_.size() ? first : std::nullopt;
}

LookedUpIds looked_up_users(const Catalog& known, const Interactions& table) {
  return looked_up(known.users, table.catalog->users, table.users);
}

LookedUpIds looked_up_items(const Catalog& known, const Interactions& table) {
  return looked_up(known.items, table.catalog->items, table.items);
}

std::vector<DataWarning> id_warnings(const RatingsTable& table) {
  std::vector<DataWarning> warnings;
  const auto about = [&](const Ids& ids, std::string_view what) {
    if (ids.are_integers()) return;
    std::uint64_t count = 0;
    std::string first;
    for (Index index = 0; index < ids.size(); ++index) {
      const std::string id = ids[index];
      if (trimmed_id(id).size() == id.size()) continue;
      if (count++ == 0) first = id;
    }
    if (count == 0) return;
    const std::string& delimiter = table.format.delimiter;
    const bool space_behind = first.starts_with(' ') && delimiter.size() == 1 &&
                              delimiter.find_first_of(",;|") != std::string::npos;
    warnings.push_back({fmt::format("{} of {} {} begin or end with spaces, as in {}: without the "
                                    "spaces they would be other ids",
                                    count, ids.size(), what, excerpt(first)),
                        space_behind ? fmt::format("`trim_ids`, or `delimiter=\"{} \"`", delimiter)
                                     : "`trim_ids`"});
  };
  about(table.interactions.catalog->users, "users");
  about(table.interactions.catalog->items, "items");
  warnings.insert(warnings.end(), table.items_warnings.begin(), table.items_warnings.end());
  return warnings;
}

}  // namespace palate
