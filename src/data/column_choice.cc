#include "data/column_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/column_names.h"
#include "palate/base/spelling.h"

namespace palate {
namespace {

constexpr std::size_t kMostNames = 50;  // of columns, in a message

// Gives columns to roles, each to one.
class ColumnChoice {
 public:
  ColumnChoice(const TextLayout& layout, const std::string& file)
      : layout_(layout), file_(file), taken_(layout.columns.size()) {}

  // The column that an option names, or that is known by its name.
  std::optional<std::size_t> told(const std::string& role, const std::string& column) {
    const std::size_t position = resolve(role, column);
    if (taken_[position]) {
      fail(ErrorCode::invalid_argument, "{}: column '{}' cannot be the {} column too", file_,
           layout_.columns[position], role);
    }
    taken_[position] = true;
    return position;
  }
  std::optional<std::size_t> named(Names names) {
    return next([&](std::size_t i) { return has_name(i, names); });
  }
  // The first column that nobody has, under a condition.
  template <class Condition>
  std::optional<std::size_t> next(Condition&& usable) {
    for (std::size_t i = 0; i < std::min(taken_.size(), kGuessedColumns); ++i) {
      if (taken_[i] || !usable(i)) continue;
      taken_[i] = true;
      return i;
    }
    return std::nullopt;
  }
  // All that nobody has, under a condition.
  template <class Condition>
  std::vector<std::size_t> free(Condition&& usable) const {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < std::min(taken_.size(), kGuessedColumns); ++i) {
      if (!taken_[i] && usable(i)) columns.push_back(i);
    }
    return columns;
  }
  void take(std::size_t column) { taken_[column] = true; }
  bool is_numeric(std::size_t column) const { return column_is_numeric(layout_.rows, column); }
  // Words that stand in many rows, under the name of events or none.
  bool may_be_events(std::size_t column) const {
    const auto is_word = [&](const Row& row) {
      constexpr std::size_t kLongest = 30;
      return column < row.size() && !row[column].empty() && row[column].size() <= kLongest &&
             row[column].find_first_of(",=") == std::string::npos;
    };
    const bool may_be = layout_.header ? is_one_of(layout_.columns[column], kEventNames)
                                       : has_many_rows() && !is_numeric(column);
    return may_be && std::ranges::all_of(layout_.rows, is_word);
  }

  // What its name and its first cells say of a column.
  bool has_name(std::size_t column, Names names) const {
    return layout_.header && is_one_of(layout_.columns[column], names);
  }
  bool has_other_name(std::size_t column) const {
    return layout_.header && is_other_name(layout_.columns[column]);
  }
  // Numbers, with a name that is known or speaks of ratings.
  bool has_rating_name(std::size_t column) const {
    return layout_.header && column_is_numeric(layout_.rows, column) &&
           (is_one_of(layout_.columns[column], kValueNames) ||
            (speaks_of_ratings(layout_.columns[column]) && !ends_in_id(column) &&
             !looks_like_times(layout_.rows, column)));
  }
  // The same in text: "4.0 out of 5 stars".
  bool has_rating_name_in_text(std::size_t column) const {
    return layout_.header && !column_is_numeric(layout_.rows, column) &&
           speaks_of_ratings(layout_.columns[column]) && !ends_in_id(column) &&
           !looks_like_times(layout_.rows, column);
  }
  bool ends_in_title(std::size_t column) const {
    return layout_.header && simplified(layout_.columns[column]).ends_with("title");
  }
  bool ends_in_id(std::size_t column) const {
    return layout_.header && simplified(layout_.columns[column]).ends_with("id");
  }
  // Its integers go up by one from row to row.
  bool counts_rows(std::size_t column) const {
    return layout_.rows.size() >= 2 &&
           std::ranges::adjacent_find(layout_.rows, [&](const Row& above, const Row& below) {
             return !follows(above, below, column);
           }) == layout_.rows.end();
  }
  bool has_an_integer_for_each_row(std::size_t column) const {
    std::set<std::string_view> integers;
    for (const Row& row : layout_.rows) {
      if (column >= row.size() || !parse_canonical_integer(row[column])) return false;
      integers.insert(row[column]);
    }
    return integers.size() == layout_.rows.size();
  }
  // The rows' number, which is no user, no item and no rating.
  bool is_index(std::size_t column) const {
    if (layout_.header && is_unnamed(layout_.columns[column])) return true;
    if (has_name(column, kIndexNames)) return has_an_integer_for_each_row(column);
    return column == 0 && !taken_[0] && taken_.size() >= 4 && has_many_rows() && counts_rows(0) &&
           !third_and_fourth_are_rating_and_time();
  }
  bool has_many_rows() const { return layout_.rows.size() >= kManyRows; }
  bool is_constant(std::optional<std::size_t> column) const {
    return column && std::ranges::all_of(layout_.rows, [&](const Row& row) {
             return *column < row.size() && row[*column] == layout_.rows.front()[*column];
           });
  }
  // Integers of four digits or more and of about one size, as ids are and ratings are not.
  bool looks_like_ids(std::size_t column) const {
    constexpr std::int64_t kLeast = 1000;
    constexpr std::int64_t kMostTimes = 100;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    std::int64_t most = 0;
    for (const Row& row : layout_.rows) {
      const auto id = column < row.size() ? parse_canonical_integer(row[column]) : std::nullopt;
      if (!id || *id < kLeast) return false;
      least = std::min(least, *id);
      most = std::max(most, *id);
    }
    return !layout_.rows.empty() && most / kMostTimes <= least;
  }
  // Whether rows of one item always have one value, and some of them are of different items.
  bool tells_of_items(std::size_t item, std::size_t column) const {
    std::map<std::string_view, std::string_view> values;
    std::size_t repeats = 0;
    for (const Row& row : layout_.rows) {
      if (std::max(item, column) >= row.size()) continue;
      const auto [known, is_new] = values.try_emplace(row[item], row[column]);
      if (known->second != row[column]) return false;
      repeats += is_new ? 0 : 1;
    }
    const auto differs = [&](const auto& entry) { return entry.second != values.begin()->second; };
    return repeats >= kManyRows && std::ranges::any_of(values, differs);
  }

  // "column 3 'rating'", for messages
  std::string in_words(std::size_t column) const {
    return layout_.header ? fmt::format("column {} '{}'", column + 1, layout_.columns[column])
                          : layout_.columns[column];
  }

 private:
  std::size_t resolve(const std::string& role, const std::string& column) const {
    const std::vector<std::string>& columns = layout_.columns;
    if (const auto exact = std::ranges::find(columns, column);
        layout_.header && exact != columns.end()) {
      return static_cast<std::size_t>(exact - columns.begin());
    }
    const auto same = [&](const std::string& other) {
      return simplified(other) == simplified(column);
    };
    if (const auto number = parse_canonical_integer(column)) {
      if (*number >= 1 && static_cast<std::uint64_t>(*number) <= columns.size())
        return static_cast<std::size_t>(*number - 1);
    } else if (const auto found = std::ranges::find_if(columns, same);
               !simplified(column).empty() && found != columns.end()) {
      return static_cast<std::size_t>(found - columns.begin());
    }
    const auto first = std::span(columns).first(std::min(columns.size(), kMostNames));
    fail(ErrorCode::invalid_argument,
         "{}: there is no column {} for the {}: its {} columns are {}{}{}", file_, excerpt(column),
         role, columns.size(), fmt::join(first, ", "),
         columns.size() > kMostNames ? ", and others" : "", spelling_hint(column, columns));
  }

  bool third_and_fourth_are_rating_and_time() const {
    return column_is_numeric(layout_.rows, 2) && !looks_like_ids(2) &&
           looks_like_times(layout_.rows, 3);
  }
  static bool is_unnamed(std::string_view name) {
    const std::string simple = simplified(name);
    return trim_spaces(name).empty() || name == "#" ||
           (simple.starts_with("unnamed") &&
            simple.find_first_not_of("0123456789", 7) == std::string::npos);
  }
  static bool follows(const Row& above, const Row& below, std::size_t column) {
    if (column >= above.size() || column >= below.size()) return false;
    const auto first = parse_canonical_integer(above[column]);
    const auto second = parse_canonical_integer(below[column]);
    return first && second && *first >= 0 && *second - 1 == *first;
  }

  static constexpr std::size_t kManyRows = 10;  // so many do not agree by chance

  const TextLayout& layout_;
  const std::string& file_;
  std::vector<bool> taken_;
};

// Tells that the values, which are taken from one column, could be in others that nobody has.
template <class Condition>
void doubt_beside_others(const ColumnChoice& choice, std::size_t value,
                         std::vector<DataWarning>& doubts, Condition&& could_be) {
  const std::vector<std::size_t> others = choice.free(could_be);
  if (others.empty()) return;
  std::string names;
  for (const std::size_t other : std::span(others).first(std::min(others.size(), kMostNames)))
    names += (names.empty() ? "" : " or ") + choice.in_words(other);
  if (others.size() > kMostNames) names += fmt::format(" or {} others", others.size() - kMostNames);
  doubts.push_back(
      {fmt::format("the values are taken from {}, and could be {}", choice.in_words(value), names),
       fmt::format("`value_column={}`", others.front() + 1)});
}

// Tells of a column that says what happened in each row of a table without values.
void doubt_events(const TextLayout& layout, const ColumnChoice& choice,
                  std::vector<DataWarning>& doubts) {
  constexpr std::size_t kMostEvents = 10;
  for (const std::size_t column :
       choice.free([&](std::size_t i) { return choice.may_be_events(i); })) {
    std::set<std::string_view> events;
    for (const Row& row : layout.rows) events.insert(row[column]);
    if (events.size() < 2 || events.size() > kMostEvents) continue;
    doubts.push_back({fmt::format("{} holds {}, and a row counts 1 whatever it holds",
                                  choice.in_words(column), fmt::join(events, ", ")),
                      fmt::format("`event_column={}` `event_weights={}=1`", column + 1,
                                  fmt::join(events, "=1,"))});
    return;
  }
}

// The column of values among those that are left, where no name tells it, and what to doubt of it.
class ValueGuess {
 public:
  // `times`: whether a column that holds times is looked for still.
  ValueGuess(const TextLayout& layout, ColumnChoice& choice, std::size_t item, bool times)
      : layout_(layout), choice_(choice), item_(item), times_(times) {}

  std::optional<std::size_t> guess(std::vector<DataWarning>& doubts) {
    const std::vector<std::size_t> numbers =
        choice_.free([&](std::size_t column) { return could_be(column); });
    std::vector<std::size_t> likely;
    for (const std::size_t column : numbers) {
      if (!is_something_else(column)) likely.push_back(column);
    }
    if (likely.empty()) {
      if (!numbers.empty()) {
        doubts.push_back({fmt::format("{} has numbers, but does not look like ratings: no column "
                                      "of ratings is taken",
                                      choice_.in_words(numbers.front())),
                          fmt::format("`value_column={}`", numbers.front() + 1)});
      }
      return std::nullopt;
    }
    // an item's own numbers only where there are no others
    const auto chosen = std::ranges::find_if_not(
        likely, [&](std::size_t column) { return choice_.tells_of_items(item_, column); });
    const std::size_t value = chosen == likely.end() ? likely.front() : *chosen;
    choice_.take(value);
    doubt_beside_others(choice_, value, doubts, [&](std::size_t other) {
      return could_be(other) && !choice_.ends_in_id(other) && !choice_.looks_like_ids(other);
    });
    return value;
  }

 private:
  bool could_be(std::size_t column) const {
    if (choice_.is_index(column) || (times_ && looks_like_times(layout_.rows, column)))
      return false;
    return column_is_numeric(layout_.rows, column) || is_third_with_a_bad_cell(column);
  }
  // A bad first cell must not hide the ratings of a table without a header.
  bool is_third_with_a_bad_cell(std::size_t column) const {
    const auto has_digit = [&](const Row& row) {
      return column < row.size() && row[column].find_first_of("0123456789") != std::string::npos;
    };
    return !layout_.header && column == (choice_.is_index(0) ? 3U : 2U) &&
           (!choice_.has_many_rows() || std::ranges::any_of(layout_.rows, has_digit));
  }
  bool is_something_else(std::size_t column) const {
    const bool says_so = layout_.size.has_value();  // MatrixMarket's third column is the value
    return choice_.ends_in_id(column) || choice_.has_other_name(column) ||
           (choice_.looks_like_ids(column) && !says_so) ||
           (choice_.has_many_rows() && choice_.counts_rows(column));
  }

  const TextLayout& layout_;
  ColumnChoice& choice_;
  std::size_t item_;
  bool times_;
};

}  // namespace

TableFormat choose_columns(const TextLayout& layout, const ReadOptions& options,
                           const std::string& name) {
  const std::size_t count = layout.columns.size();
  if (count < 2)
    fail(ErrorCode::bad_data, "{}: {} column is too few for users and items", name, count);
  ColumnChoice choice(layout, name);
  const auto told = [&](const char* role,
                        const std::optional<std::string>& column) -> std::optional<std::size_t> {
    return column ? choice.told(role, *column) : std::nullopt;
  };
  const auto is_given = [](const std::optional<std::string>& column) {
    return column && *column != "none";
  };
  const auto optional_told = [&](const char* role, const std::optional<std::string>& column) {
    return is_given(column) ? told(role, column) : std::nullopt;
  };
  auto user = told("user", options.user_column);
  auto item = told("item", options.item_column);
  auto value = optional_told("value", options.value_column);
  auto time = optional_told("time", options.time_column);
  auto event = told("event", options.event_column);
  if (!event && !options.event_weights.empty()) {
    event = choice.named(kEventNames);
    if (!event) {
      fail(ErrorCode::invalid_argument,
           "{}: `event_weights` needs `event_column`: no column has a name of events", name);
    }
  }
  const bool value_is_told = options.value_column || event;
  TableFormat format;
  if (!user) {  // ids before names, which several people may have
    user = choice.next([&](std::size_t column) {
      return choice.has_name(column, kUserNames) && choice.ends_in_id(column);
    });
  }
  if (!user) user = choice.named(kUserNames);
  if (!item) item = choice.named(kItemNames);
  if (!value_is_told) {
    const auto has_rating_name = [&](std::size_t i) { return choice.has_rating_name(i); };
    value = choice.named(kValueNames);
    if (!value) value = choice.next(has_rating_name);
    if (value) {
      doubt_beside_others(choice, *value, format.doubts, has_rating_name);
    } else {  // its first row is refused then: it is not implicit feedback
      value = choice.next([&](std::size_t i) { return choice.has_rating_name_in_text(i); });
    }
    if (const auto counted = value ? std::nullopt : choice.named(kCountNames)) {
      value = counted;
      doubt_beside_others(choice, *value, format.doubts, [&](std::size_t i) {
        return choice.has_name(i, kCountNames) ||
               (choice.has_name(i, kAmountNames) && choice.is_numeric(i));
      });
    }
  }
  if (!options.time_column) time = choice.named(kTimeNames);
  // An "id" may number the rows. Beside one user alone, or one item, it may be the other.
  const auto no_index = [&](std::size_t column) {
    return !choice.is_index(column) && !(count > 2 && looks_like_dates(layout.rows, column)) &&
           !(choice.has_name(column, " id ") && choice.has_many_rows() &&
             choice.counts_rows(column) && !choice.is_constant(user) && !choice.is_constant(item));
  };
  if (user && !item) {
    const auto is_id = [&](std::size_t column) {
      return no_index(column) && choice.has_name(column, " id ");
    };
    const auto is_some_id = [&](std::size_t column) {
      return no_index(column) && choice.ends_in_id(column) && !choice.has_other_name(column);
    };
    item = choice.next(is_id);
    if (!item) item = choice.next(is_some_id);
    if (!item) item = choice.named(kTitleNames);
    if (!item) item = choice.next([&](std::size_t column) { return choice.ends_in_title(column); });
  }
  if (!user) user = choice.next(no_index);
  if (!item) item = choice.next(no_index);
  if (!user || !item) {
    const auto index = choice.next([&](std::size_t column) { return !no_index(column); });
    fail(ErrorCode::invalid_argument,
         "{}: no column is left for the {}{}: tell it with `{}_column`", name,
         user ? "item" : "user",
         index ? fmt::format(", as {} numbers the rows", choice.in_words(*index)) : "",
         user ? "item" : "user");
  }
  const bool times_are_looked_for = !time && !options.time_column;
  if (!value && !value_is_told)
    value = ValueGuess(layout, choice, *item, times_are_looked_for).guess(format.doubts);
  if (times_are_looked_for) {
    time = choice.next([&](std::size_t column) {
      return looks_like_times(layout.rows, column) && !choice.ends_in_id(column);
    });
  }
  if (!value && !value_is_told) doubt_events(layout, choice, format.doubts);

  format.delimiter = layout.dialect.delimiter;
  format.header = layout.header;
  format.columns = layout.columns;
  format.user = *user;
  format.item = *item;
  format.value = value;
  format.time = time;
  format.event = event;
  return format;
}

ItemColumns choose_item_columns(const TextLayout& layout) {
  static const std::string kNoName;
  ColumnChoice choice(layout, kNoName);
  const auto any = [](std::size_t) { return true; };
  auto item = choice.named(kItemNames);
  auto title = choice.named(kTitleNames);
  if (!item) item = choice.named(" id ");
  if (!item) item = choice.next([&](std::size_t column) { return !choice.is_index(column); });
  if (!title) title = choice.next(any);
  return {item.value_or(0), title.value_or(0)};
}

std::size_t choose_user_column(const TextLayout& layout) {
  static const std::string kNoName;
  return ColumnChoice(layout, kNoName).named(kUserNames).value_or(0);
}

RatedItemColumns choose_rated_item_columns(const TextLayout& layout, const std::string& name,
                                           const std::optional<std::string>& item_column,
                                           const std::optional<std::string>& value_column,
                                           bool may_lack_values) {
  // Of what the person gave, in files that also have what others gave.
  constexpr Names kOwnValueNames = " myrating yourrating userrating myscore yourscore userscore ";
  constexpr Names kYearNames = " year releaseyear yearpublished publicationyear ";
  // Of ids, beside kItemNames and those that end in "id".
  constexpr Names kIdNames = " const isbn13 isbn10 ean ";
  constexpr std::size_t kMostItemColumns = 64;
  const std::size_t count = layout.columns.size();
  const bool told_none = may_lack_values && value_column == "none";
  const bool are_clear = layout.header || count <= 2 || (item_column && value_column);
  if (count < (may_lack_values ? 1 : 2) || !are_clear) {
    fail(ErrorCode::bad_data,
         "{}: {} column{}{}, where an item and its rating are two; a header \"item,rating\" tells "
         "them",
         name, count, count == 1 ? "" : "s", layout.header ? "" : " without a header");
  }
  ColumnChoice choice(layout, name);
  RatedItemColumns columns;
  if (item_column) columns.items.push_back(*choice.told("item", *item_column));
  std::optional<std::size_t> value;
  if (value_column && !told_none) value = choice.told("value", *value_column);
  columns.user = choice.named(kUserNames);
  if (!item_column) columns.title = choice.named(kTitleNames);
  columns.year = choice.named(" originalpublicationyear ");
  if (!columns.year) columns.year = choice.named(kYearNames);
  choice.named(kTimeNames);
  if (!value && !told_none) value = choice.named(kOwnValueNames);
  if (!value && !told_none) value = choice.named(kValueNames);
  const auto is_id = [&](std::size_t column) {
    return choice.has_name(column, kItemNames) || choice.has_name(column, kIdNames) ||
           choice.ends_in_id(column);
  };
  const auto any = [](std::size_t) { return true; };
  const auto is_numeric = [&](std::size_t column) {
    return column_is_numeric(layout.rows, column) && !looks_like_times(layout.rows, column);
  };
  if (!item_column) columns.items = choice.free(is_id);
  if (columns.items.size() > kMostItemColumns) columns.items.resize(kMostItemColumns);
  if (columns.items.empty() && !columns.title) {
    const auto left = choice.free(any);
    if (!left.empty()) columns.items.push_back(left.front());
  }
  for (const std::size_t item : columns.items) choice.take(item);
  if (!value && !told_none) value = choice.named(kCountNames);
  if (!value && !told_none) {
    const auto left = choice.free(any);
    const auto usable = left.size() == 1 && !may_lack_values ? left : choice.free(is_numeric);
    if (!usable.empty()) value = usable.front();
  }
  if ((!value && !may_lack_values) || (columns.items.empty() && !columns.title)) {
    fail(ErrorCode::bad_data,
         "{}: no column is left for the {}; a header \"item,rating\" tells them", name,
         value ? "item" : "rating");
  }
  columns.value = value;
  return columns;
}

}  // namespace palate
