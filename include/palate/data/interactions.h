// Who rated what: ids, titles and the table of interactions. Layer: data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "palate/base/index.h"
#include "palate/base/views.h"

namespace palate {

class IdTable;  // src/data/id_table.h

// The caller's names for users or for items, one per Index, all different. They are 64-bit integers
// while every one is a canonical integer ("7", "-3", not "07", "+7", "-0"), otherwise UTF-8 text.
// Immutable and shared: a copy is cheap.
class Ids {
 public:
  Ids();  // none; they count as integers

  // From integers, or from text: id i is bytes[offsets[i] .. offsets[i + 1]), and offsets has one
  // entry more than there are ids. Texts that are canonical integers one and all become integers.
  //
  // Errors:  bad_data  an id that is repeated, empty or not valid UTF-8; the message names it
  static Ids integers(const std::vector<std::int64_t>& ids);
  static Ids texts(std::string_view bytes, const std::vector<std::uint64_t>& offsets);
  explicit Ids(std::shared_ptr<const IdTable> table);
  static Ids from_strings(std::span<const std::string> ids);

  Index size() const;
  bool are_integers() const;
  std::string operator[](Index index) const;             // as it was written in the file
  std::optional<Index> find(std::string_view id) const;  // exactly as written
  std::span<const std::int64_t> integer_ids() const;     // empty when they are text
  std::string_view text_bytes() const;                   // empty when they are integers
  std::span<const std::uint64_t> text_offsets() const;   // empty when they are integers
  bool operator==(const Ids& other) const;
  const IdTable& table() const { return *table_; }

 private:
  std::shared_ptr<const IdTable> table_;
};

// The canonical integer that `text` is, if it is one.
std::optional<std::int64_t> canonical_integer(std::string_view text);

// A model's file names these columns in its header, which has an end: there are no more of them,
// and no name has more bytes.
inline constexpr std::size_t kMostMetadataColumns = 10'000;
inline constexpr std::size_t kLongestColumnName = 1000;

// A further column of the items' file: one cell per item, empty where the file does not say.
struct MetadataColumn {
  std::string name;
  std::vector<std::string> cells;
  bool operator==(const MetadataColumn&) const = default;
};

// What is known of users and items beside the interactions.
struct Catalog {
  Ids users;
  Ids items;
  std::vector<std::string> item_titles;  // one per item ("" where unknown), or none at all
  std::vector<MetadataColumn> item_metadata;

  // The item's title, or its id where it has none.
  std::string item_name(Index item) const;
  bool operator==(const Catalog&) const = default;
};

// What a column of times counts since 1970.
enum class TimeUnit { seconds, milliseconds, microseconds, nanoseconds };

constexpr std::int64_t per_second(TimeUnit unit) {
  constexpr std::int64_t kThousand = 1000;
  switch (unit) {
    case TimeUnit::seconds:
      return 1;
    case TimeUnit::milliseconds:
      return kThousand;
    case TimeUnit::microseconds:
      return kThousand * kThousand;
    case TimeUnit::nanoseconds:
      return kThousand * kThousand * kThousand;
  }
  return 1;
}

// The whole seconds since 1970 of a time, rounded down.
constexpr std::int64_t seconds_of(std::int64_t time, TimeUnit unit) {
  const std::int64_t count = per_second(unit);
  return time / count - (time % count < 0 ? 1 : 0);
}

// What the values of a table say.
enum class Feedback {
  ratings,  // how much the user liked the item
  weights,  // implicit feedback: how much evidence there is that the user chose it, >= 0; all 1
            // where the table has no values
};

// Columns in file order: row r says that users[r] gave values[r] to items[r] (at times[r]). Users
// and items are numbered in order of first appearance; a (user, item) pair stands once.
struct Interactions {
  std::shared_ptr<const Catalog> catalog = std::make_shared<Catalog>();
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;
  std::vector<std::int64_t> times;  // empty where the file has no times
  TimeUnit time_unit = TimeUnit::seconds;
  // false: the file had no value column, every row is worth 1 and the feedback is weights
  bool has_values = true;
  Feedback feedback = Feedback::ratings;
  // The least rating by which a user likes an item; nothing: that of Dataset::relevant().
  std::optional<float> relevant{};
  // Which of the file's rows these are, in words (palate/data/select.h); empty: all of them.
  std::string selection;

  Index size() const { return static_cast<Index>(users.size()); }
  Index num_users() const { return catalog->users.size(); }
  Index num_items() const { return catalog->items.size(); }
};

// What one user gave to some items.
struct RatedItems {
  std::vector<Index> items;  // ascending, each once
  std::vector<float> values;
  std::uint64_t unknown = 0;  // rows of a file whose item the catalog does not have

  SparseRow row() const { return {items, values}; }
};

// These ratings in order of item. Of an item that is rated several times the last rating counts.
RatedItems rated_items(std::vector<std::pair<Index, float>> ratings);

// SHA-256, in hexadecimal, of the ids and columns: the same table in another format has the same
// digest.
std::string digest(const Interactions& interactions);

}  // namespace palate
