#include "table_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <vector>

#include "flag_names.h"
#include "palate/base/error.h"
#include "terminal.h"

namespace palate::cli {
namespace {

// "user = column 1 'userId', item = column 2 'movieId', rating = column 3 'rating', no times"
std::string column_in_words(const TableFormat& format, std::string_view role,
                            std::optional<std::size_t> position) {
  if (!position) return fmt::format("no {}s", role);
  return fmt::format("{} = column {}{}", role, *position + 1,
                     format.header ? " '" + format.columns[*position] + "'" : "");
}

std::string columns_in_words(const TableFormat& format, Feedback feedback) {
  const std::string_view value = format.event                    ? "event"
                                 : feedback == Feedback::weights ? "weight"
                                                                 : "rating";
  const bool has_none = !format.event && !format.value;
  return fmt::format("{}, {}, {}, {}", column_in_words(format, "user", format.user),
                     column_in_words(format, "item", format.item),
                     column_in_words(format, has_none ? "rating" : value,
                                     format.event ? format.event : format.value),
                     column_in_words(format, "time", format.time));
}

std::string_view what_became_of_repeats(Duplicates policy) {
  if (policy == Duplicates::keep) return "measured as well (--duplicates keeps one of each)";
  if (policy == Duplicates::sum) return "added up (--duplicates says what else becomes of them)";
  return "left out (--duplicates says which rating is kept)";
}

// Lines and files that were passed over, at the end of a line that says what was read.
std::string passed_over(const RatingsTable& table) {
  std::string text;
  if (const std::uint64_t lines = table.format.lines_above; lines > 0)
    text += fmt::format("; {} above the table skipped", counted(lines, "line"));
  for (const std::string& file : table.empty_files) text += "; nothing in " + file;
  return text;
}

}  // namespace

void tell_table(const RatingsTable& table, bool quiet) {
  if (quiet) return;
  const Interactions& read = table.interactions;
  // of a table that was read by the ids of another, not all of them are in its rows
  const auto different = [](const std::vector<Index>& column, Index size) {
    std::vector<bool> seen(size);
    for (const Index index : column) seen[index] = true;
    return static_cast<std::uint64_t>(std::ranges::count(seen, true));
  };
  std::string line =
      fmt::format("{}: {} of {} by {}; {}", table.path,
                  counted(read.size(), read.feedback == Feedback::ratings ? "rating" : "row"),
                  counted(different(read.items, read.num_items()), "item"),
                  counted(different(read.users, read.num_users()), "user"),
                  columns_in_words(table.format, read.feedback));
  const auto add = [&](std::uint64_t count, std::string_view what, std::string_view why) {
    line += fmt::format("; {} {}", counted(count, what), why);
  };
  if (!table.why_weights.empty()) line += "; implicit feedback: " + table.why_weights;
  line += passed_over(table);
  if (table.duplicates > 0)
    add(table.duplicates, "repeated (user, item) pair", what_became_of_repeats(table.resolved_by));
  constexpr std::size_t kMostReasons = 10;
  std::size_t told = 0;
  std::uint64_t other_rows = 0;
  for (const auto& [reason, count] : table.rejects) {
    if (++told > kMostReasons) {
      other_rows += count;
    } else {
      add(count, "row", "set aside: " + with_flags(reason));
    }
  }
  if (other_rows > 0) add(other_rows, "row", "set aside for other reasons");
  for (const LeftOut& left_out : table.left_out)
    add(left_out.ratings, read.feedback == Feedback::ratings ? "rating" : "row",
        "left out: " + left_out.condition);
  if (!table.items_file.empty()) line += "; titles from " + table.items_file;
  tell(line);
}

void tell_reading(const RatingsTable& table, bool quiet) {
  if (quiet) return;
  tell_table(table, quiet);
  for (const DataWarning& doubt : doubts(table, seconds_since_1970()))
    tell("warning: {}", warning_in_words(doubt));
}

void tell_pairs(const RatingsTable& pairs, bool quiet) {
  if (quiet) return;
  tell("{}: {}; {}, {}{}", pairs.path, counted(pairs.rows_read, "pair"),
       column_in_words(pairs.format, "user", pairs.format.user),
       column_in_words(pairs.format, "item", pairs.format.item), passed_over(pairs));
}

std::string warning_in_words(const DataWarning& warning) {
  return warning.option.empty()
             ? warning.message
             : fmt::format("{} ({})", warning.message, with_flags(warning.option));
}

void require_ratings(const RatingsTable& table) {
  if (table.interactions.feedback == Feedback::ratings) return;
  constexpr std::size_t kMostNames = 50;
  const std::vector<std::string>& columns = table.format.columns;
  const auto first = std::span(columns).first(std::min(columns.size(), kMostNames));
  throw Error(ErrorCode::bad_data,
              fmt::format("{}: there is no column of ratings (implicit feedback) among {}{}, and "
                          "predicted ratings need one: name it with --value if it is there, or "
                          "train for lists alone (--task lists)",
                          table.path, fmt::join(first, ", "),
                          columns.size() > kMostNames ? " and others" : ""));
}

std::int64_t seconds_since_1970() {
  return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
}

}  // namespace palate::cli
