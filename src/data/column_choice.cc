#include "data/column_choice.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/cell_formats.h"
#include "data/column_names.h"

namespace palate {
namespace {

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
    for (std::size_t i = 0; layout_.header && i < taken_.size(); ++i) {
      if (taken_[i] || !is_one_of(layout_.columns[i], names)) continue;
      taken_[i] = true;
      return i;
    }
    return std::nullopt;
  }
  // All that nobody has, under a condition.
  template <class Condition>
  std::vector<std::size_t> free(Condition&& usable) const {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (!taken_[i] && usable(i)) columns.push_back(i);
    }
    return columns;
  }
  void take(std::size_t column) { taken_[column] = true; }
  // The first column that nobody has, under a condition.
  template <class Condition>
  std::optional<std::size_t> next(Condition&& usable) {
    const auto free = std::ranges::find(taken_, false);
    const auto position = static_cast<std::size_t>(free - taken_.begin());
    if (free == taken_.end() || !usable(position)) return std::nullopt;
    taken_[position] = true;
    return position;
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
    std::string names;
    for (const std::string& name : columns) names += (names.empty() ? "" : ", ") + name;
    fail(ErrorCode::invalid_argument, "{}: there is no column {} for the {}: its {} columns are {}",
         file_, excerpt(column), role, columns.size(), names);
  }

  const TextLayout& layout_;
  const std::string& file_;
  std::vector<bool> taken_;
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
  if (!user) user = choice.named(kUserNames);
  if (!item) item = choice.named(kItemNames);
  if (!options.value_column) value = choice.named(kValueNames);
  if (!options.time_column) time = choice.named(kTimeNames);
  const auto any = [](std::size_t) { return true; };
  if (!user) user = choice.next(any);
  if (!item) item = choice.next(any);
  if (!user || !item) {
    fail(ErrorCode::invalid_argument, "{}: no column is left for the {}: tell it with `{}_column`",
         name, user ? "item" : "user", user ? "item" : "user");
  }
  const auto times = [&](std::size_t column) { return looks_like_times(layout.rows, column); };
  const auto values = [&](std::size_t column) {
    // a bad first cell must not hide the ratings
    const bool only_rows_tell = !layout.header && column == 2;
    return (column_is_numeric(layout.rows, column) || only_rows_tell) &&
           !(times(column) && !time && !options.time_column);
  };
  if (!value && !options.value_column) value = choice.next(values);
  if (!time && !options.time_column) time = choice.next(times);

  TableFormat format;
  format.delimiter = layout.dialect.delimiter;
  format.header = layout.header;
  format.columns = layout.columns;
  format.user = *user;
  format.item = *item;
  format.value = value;
  format.time = time;
  return format;
}

ItemColumns choose_item_columns(const TextLayout& layout) {
  static const std::string kNoName;
  ColumnChoice choice(layout, kNoName);
  const auto any = [](std::size_t) { return true; };
  auto item = choice.named(kItemNames);
  auto title = choice.named(kTitleNames);
  if (!item) item = choice.next(any);
  if (!title) title = choice.next(any);
  return {item.value_or(0), title.value_or(0)};
}

RatedItemColumns choose_rated_item_columns(const TextLayout& layout, const std::string& name,
                                           const std::optional<std::string>& item_column,
                                           const std::optional<std::string>& value_column) {
  // Of what the person gave, in files that also have what others gave.
  constexpr Names kOwnValueNames = " myrating yourrating userrating myscore yourscore userscore ";
  constexpr Names kYearNames = " year releaseyear yearpublished publicationyear ";
  // Of ids, beside kItemNames and those that end in "id".
  constexpr Names kIdNames = " const isbn13 isbn10 ean ";
  const std::size_t count = layout.columns.size();
  if (count < 2 || (!layout.header && count > 2 && !(item_column && value_column))) {
    fail(ErrorCode::bad_data,
         "{}: {} column{}{}, where an item and its rating are two; a header \"item,rating\" tells "
         "them",
         name, count, count == 1 ? "" : "s", layout.header ? "" : " without a header");
  }
  ColumnChoice choice(layout, name);
  RatedItemColumns columns;
  if (item_column) columns.items.push_back(*choice.told("item", *item_column));
  std::optional<std::size_t> value;
  if (value_column) value = choice.told("value", *value_column);
  choice.named(kUserNames);
  if (!item_column) columns.title = choice.named(kTitleNames);
  columns.year = choice.named(" originalpublicationyear ");
  if (!columns.year) columns.year = choice.named(kYearNames);
  choice.named(kTimeNames);
  if (!value) value = choice.named(kOwnValueNames);
  if (!value) value = choice.named(kValueNames);
  const auto is_id = [&](std::size_t column) {
    const std::string& text = layout.columns[column];
    return layout.header && (is_one_of(text, kItemNames) || is_one_of(text, kIdNames) ||
                             simplified(text).ends_with("id"));
  };
  const auto any = [](std::size_t) { return true; };
  const auto is_numeric = [&](std::size_t column) {
    return column_is_numeric(layout.rows, column) &&
           !looks_like_times(layout.rows, column);
  };
  if (!item_column) columns.items = choice.free(is_id);
  if (columns.items.empty() && !columns.title) {
    const auto left = choice.free(any);
    if (!left.empty()) columns.items.push_back(left.front());
  }
  for (const std::size_t item : columns.items) choice.take(item);
  if (!value) {
    const auto left = choice.free(any);
    const auto usable = left.size() == 1 ? left : choice.free(is_numeric);
    if (!usable.empty()) value = usable.front();
  }
  if (!value || (columns.items.empty() && !columns.title)) {
    fail(ErrorCode::bad_data,
         "{}: no column is left for the {}; a header \"item,rating\" tells them", name,
         value ? "item" : "rating");
  }
  columns.value = *value;
  return columns;
}

}  // namespace palate
