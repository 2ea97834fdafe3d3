// What may be wrong about how a table was read. Layer: data.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "data/column_names.h"
#include "data/feedback.h"
#include "data/id_twins.h"
#include "data/value_counts.h"
#include "palate/data/inspect.h"

namespace palate {
namespace {

// So many rows do not agree by chance.
constexpr std::size_t kManyRows = 10;

bool is_whole(float value) { return value == std::floor(value); }

// A lowest or a highest value, how often it is there, and the one beside it.
struct End {
  float value;
  std::uint64_t count;
  float next;
};

// The least value by `less`, which may as well be greater.
template <class Less>
End end_of(std::span<const float> values, Less less) {
  End end{values.front(), 0, values.front()};
  bool has_next = false;
  for (const float value : values) {
    if (less(value, end.value)) {
      end = {value, 1, end.value};
      has_next = end.count != 0;
    } else if (value == end.value) {
      ++end.count;
    } else if (!has_next || less(value, end.next)) {
      end.next = value;
      has_next = true;
    }
  }
  return end;
}

class Doubts {
 public:
  Doubts(const RatingsTable& table, std::int64_t now)
      : format_(table.format),
        all_(table.interactions),
        are_weights_(all_.feedback == Feedback::weights),
        values_(are_weights_ ? "weights" : "ratings"),
        now_(now),
        found_(format_.doubts) {}

  std::vector<DataWarning> all() && {
    if (all_.size() == 0) return std::move(found_);
    about_swapped_names();
    const Index users = num_different(all_.users, all_.num_users());
    const Index items = num_different(all_.items, all_.num_items());
    if (items > 1) about_single_rows("user", users, format_.user);
    if (users > 1) about_single_rows("item", items, format_.item);
    about_numbers();
    if (all_.has_values && !format_.event && all_.size() > 1) about_values();
    if (!all_.times.empty()) about_times();
    return std::move(found_);
  }

 private:
  void about_swapped_names() {
    if (!format_.header || !(is_one_of(format_.columns[format_.user], kItemNames) ||
                             is_one_of(format_.columns[format_.item], kUserNames)))
      return;
    add(fmt::format("users are taken from column '{}' and items from '{}': they look swapped",
                    format_.columns[format_.user], format_.columns[format_.item]),
        fmt::format("`user_column={}` `item_column={}`", format_.item + 1, format_.user + 1));
  }

  // In a table that was read by the ids of another, not all of them are in its rows.
  static Index num_different(std::span<const Index> column, Index most) {
    std::vector<bool> seen(most);
    for (const Index index : column) seen[index] = true;
    return static_cast<Index>(std::ranges::count(seen, true));
  }

  void about_single_rows(std::string_view role, Index count, std::size_t column) {
    if (count != all_.size() || count < kManyRows) return;
    // each user's last rating, say
    if (format_.header && is_known_name(format_.columns[column])) return;
    add(fmt::format("every {} of column {} has one row alone, as if the column numbered the rows",
                    role, column + 1),
        fmt::format("`{}_column=COLUMN`", role));
  }

  void about_values() {
    const auto [lowest, highest] = std::ranges::minmax(all_.values);
    lowest_ = lowest;
    highest_ = highest;
    if (lowest_ == highest_) {
      if (!are_weights_) {
        add(fmt::format("all ratings are {}: they tell who chose what, not who liked it", lowest_),
            "`value_column=none`");
      }
    } else {
      levels_ = value_counts(all_.values);
      if (!are_weights_) about_values_that_are_missing();
      about_values_of_others();
      about_skew();
    }
    if (values_look_like_times()) {
      about_values_that_are_times();
    } else {
      about_rounding();
    }
    about_ids_like_ratings("user", all_.num_users(), format_.user, all_.num_items());
    about_ids_like_ratings("item", all_.num_items(), format_.item, all_.num_users());
  }

  void about_numbers() {
    const NumberFormat& numbers = format_.numbers;
    if (!format_.value || !numbers.doubtful) return;
    const bool by_commas = numbers.decimal == '.';
    add(fmt::format("{} like {} are read as 5001, thousands and all: they would be whole "
                    "numbers then, and those below 1000 have no {}",
                    values_, by_commas ? "5,001" : "5.001", by_commas ? "comma" : "point"),
        by_commas ? "`decimal=,` reads 5.001" : "`decimal=.` reads 5.001");
  }

  // The values without those beyond `low` and `high`, where they are a scale: three or more, with
  // equal steps between most of them.
  struct Scale {
    bool is_regular = false;
    float step = 0;
    float commonest = 0;
  };
  Scale scale_between(float low, float high) const {
    Scale scale{false, high - low, low};
    std::uint64_t most = 0;
    std::size_t count = 0;
    float before = low;
    for (const auto& [value, rows] : levels_) {
      if (value < low || value > high) continue;
      if (++count > 1) scale.step = std::min(scale.step, value - before);
      before = value;
      if (rows > most) scale.commonest = value;
      most = std::max(most, rows);
    }
    scale.is_regular = count >= 3 && high - low <= 2 * scale.step * static_cast<float>(count - 1);
    return scale;
  }

  // 0, -1, 99 and the like, apart from the scale.
  void about_values_that_are_missing() {
    const bool are_few = !levels_.empty() && levels_.size() < 4;  // likes and dislikes
    if (are_few) return;
    const End low = end_of(all_.values, std::less<>());
    const End high = end_of(all_.values, std::greater<>());
    if (low_is_missing(low)) about_missing(low.value, low.count, low.next, highest_);
    if (high_is_missing(high)) about_missing(high.value, high.count, lowest_, high.next);
  }

  static bool is_code(float value) {
    constexpr std::array<float, 4> kCodes{99, 999, 9999, 99999};
    return std::ranges::find(kCodes, std::fabs(value)) != kCodes.end();
  }

  bool low_is_missing(const End& low) const {
    const float gap = low.next - low.value;
    const float range = highest_ - low.next;
    if (low.value < 0)
      return (low.next >= 0 && is_whole(low.value)) ||
             (low.count > 1 && is_code(low.value) && gap > range);
    if (low.value != 0 || low.count < 2) return false;
    if (levels_.empty()) {
      constexpr float kApart = 0.1F;
      return gap >= kApart * range && !std::ranges::all_of(all_.values, is_whole);
    }
    const Scale scale = scale_between(low.next, highest_);
    constexpr float kWide = 1.5F;
    constexpr std::uint64_t kFrequent = 3;
    return scale.is_regular &&
           (gap > kWide * scale.step ||
            (scale.commonest != low.next && low.count > kFrequent * levels_[1].second));
  }

  bool high_is_missing(const End& high) const {
    constexpr std::uint64_t kRare = 20;  // less than a part in so many
    if (high.count < 2 || high.value - high.next <= high.next - lowest_) return false;
    return is_code(high.value) || (high.count >= all_.size() / kRare && !levels_.empty() &&
                                   scale_between(lowest_, high.next).is_regular);
  }

  void about_missing(float value, std::uint64_t count, float low, float high) {
    add(fmt::format("{} stands apart from the other ratings, {} to {}, and {:.1f} % of the rows "
                    "have it: it may mean \"not rated\"",
                    value, low, high,
                    100.0 * static_cast<double>(count) / static_cast<double>(all_.size())),
        fmt::format("`missing={}`", value));
  }

  void about_values_of_others() {
    for (const auto& [what, owners, count] : {std::tuple{"item", &all_.items, all_.num_items()},
                                              std::tuple{"user", &all_.users, all_.num_users()}}) {
      if (!is_one_value_each(*owners, all_.values, count)) continue;
      add(fmt::format(
              "all {0} of each {1} are the same: column {2} says something of the {1}, as a "
              "price or an age does, and not who liked what",
              values_, what, value_column()),
          "`value_column=COLUMN`, or `value_column=none`");
    }
  }

  // A few rows that decide everything.
  void about_skew() {
    if (lowest_ < 0 || all_.size() < kManyRows) return;
    const double sum = std::accumulate(all_.values.begin(), all_.values.end(), 0.0);
    const double mean = sum / all_.size();
    constexpr double kFar = 10;
    if (static_cast<double>(highest_) <= kFar * mean) return;
    std::vector<float> values = all_.values;
    const auto top = values.end() - static_cast<std::ptrdiff_t>((values.size() + 99) / 100);
    std::ranges::nth_element(values, top);
    const double share = std::accumulate(top, values.end(), 0.0) / sum;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (mean <= 2 * static_cast<double>(*middle) && share <= 0.5) return;
    add(fmt::format("the {} are very skewed: median {:g}, mean {:g}, highest {:g}, and 1 % of the "
                    "rows hold {:.0f} % of the sum; write their logarithms into the file, or leave "
                    "them out",
                    values_, *middle, mean, highest_, 100 * share),
        "`value_column=none`");
  }

  // What 24 bits cannot tell apart.
  void about_rounding() {
    const float size = std::max(std::fabs(lowest_), std::fabs(highest_));
    const float step = std::nextafter(size, std::numeric_limits<float>::infinity()) - size;
    constexpr float kFewSteps = 1000;
    constexpr float kAllWhole = 1 << 23;  // from here on every number is
    const bool are_close = lowest_ < highest_ && highest_ - lowest_ < kFewSteps * step &&
                           (size >= kAllWhole || !std::ranges::all_of(all_.values, is_whole));
    if (step <= 1 && !are_close) return;
    add(fmt::format("{} as large as {} are kept to the nearest {} only: write them into the file "
                    "with a constant subtracted, or take another column",
                    values_, size, step),
        "`value_column=COLUMN`");
  }

  bool values_look_like_times() const {
    constexpr float kLeastTime = 1e8F;
    return format_.value && lowest_ >= kLeastTime;
  }

  void about_values_that_are_times() {
    add(fmt::format("the {} of column {} look like times", values_, value_column()),
        format_.time
            ? fmt::format("`value_column={}` `time_column={}`", *format_.time + 1, value_column())
            : fmt::format("`value_column=none` `time_column={}`", value_column()));
  }

  // A handful of different ids beside ratings that are whole numbers and differ like ids.
  void about_ids_like_ratings(std::string_view role, std::uint64_t ids, std::size_t column,
                              std::uint64_t others) {
    constexpr std::uint64_t kMostRatings = 20;
    if (format_.header && format_.value && is_known_name(format_.columns[*format_.value])) return;
    if (ids > kMostRatings || others <= kMostRatings || !levels_.empty() || !format_.value ||
        lowest_ < 0 || lowest_ == highest_ || !std::ranges::all_of(all_.values, is_whole))
      return;
    add(fmt::format("column {} has {} different {}s only, column {} has numbers like ids: they "
                    "look swapped",
                    column + 1, ids, role, value_column()),
        fmt::format("`{}_column={}` `value_column={}`", role, value_column(), column + 1));
  }

  void about_times() {
    constexpr std::int64_t kDay = 24 * 60 * 60;
    constexpr std::int64_t kYear = 365 * kDay;
    const auto in_future = std::ranges::count_if(all_.times, [&](std::int64_t time) {
      return seconds_of(time, all_.time_unit) > now_ + kDay;
    });
    if (in_future != 0) {
      add(fmt::format("{} of {} times ({:.1f} %) are in the future", in_future, all_.size(),
                      100.0 * static_cast<double>(in_future) / all_.size()),
          "`time_column=COLUMN`, or `time_column=none`");
    }
    const auto unknown = std::ranges::count_if(
        all_.times, [](std::int64_t time) { return time == 0 || time == -1; });
    if (unknown != 0 && static_cast<std::size_t>(unknown) < all_.size()) {
      add(fmt::format(
              "{} of {} times are 0 or -1, in 1970: they may mean that the time is not known",
              unknown, all_.size()),
          "`time_column=COLUMN`, or `time_column=none`");
    }
    const auto [first, last] = std::ranges::minmax(all_.times);
    if (first >= 0 && seconds_of(last, all_.time_unit) < kYear && !values_look_like_times()) {
      add("all times are in 1970: they count something other than seconds, or are no times",
          "`time_column=COLUMN`, or `time_column=none`");
    }
  }

  std::size_t value_column() const { return format_.value ? *format_.value + 1 : 0; }

  void add(std::string message, std::string option) {
    found_.push_back({std::move(message), std::move(option)});
  }

  const TableFormat& format_;
  const Interactions& all_;
  bool are_weights_;
  std::string_view values_;  // what they are called
  std::int64_t now_;
  std::vector<DataWarning> found_;
  // Of the values: of all that differ, with counts, nothing when they are more than kMostLevels.
  float lowest_ = 0;
  float highest_ = 0;
  std::vector<std::pair<float, std::uint64_t>> levels_;
};

}  // namespace

std::vector<DataWarning> doubts(const RatingsTable& table, std::int64_t now) {
  std::vector<DataWarning> all = Doubts(table, now).all();
  std::ranges::move(id_warnings(table), std::back_inserter(all));
  return all;
}

}  // namespace palate
