#include "data/feedback.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "data/column_names.h"
#include "data/value_counts.h"

namespace palate {
namespace {

// Distinct values with their counts, ascending.
using Levels = std::vector<std::pair<float, std::uint64_t>>;

constexpr std::size_t kMostOfScale = 20;   // values of a scale
constexpr float kPercent = 100;            // the highest of a scale that has more
constexpr std::uint64_t kEnoughRows = 10;  // so many do not agree by chance

enum class Name { rating, count, other };

Name kind_of(std::string_view name) {
  if (is_one_of(name, kCountNames)) return Name::count;
  if (is_one_of(name, kNeutralNames)) return Name::other;
  return is_one_of(name, kValueNames) || speaks_of_ratings(name) ? Name::rating : Name::other;
}

bool are_all_equal(std::span<const float> values) {
  return values.size() > 1 && std::ranges::all_of(values, [first = values.front()](float value) {
           return value == first;
         });
}

std::vector<float> evenly_spread(std::span<const float> values) {
  constexpr std::size_t kMost = std::size_t{1} << 17;
  const std::size_t step = values.size() / kMost + 1;
  std::vector<float> chosen;
  for (std::size_t row = 0; row < values.size(); row += step) chosen.push_back(values[row]);
  return chosen;
}

Levels levels_of(std::vector<float> values) {
  Levels levels = value_counts(values);
  if (!levels.empty()) return levels;
  std::ranges::sort(values);
  for (const float value : values) {
    if (levels.empty() || levels.back().first != value) levels.emplace_back(value, 0);
    ++levels.back().second;
  }
  return levels;
}

std::uint64_t rows_of(std::span<const Levels::value_type> levels) {
  std::uint64_t rows = 0;
  for (const auto& [value, count] : levels) rows += count;
  return rows;
}

float median_of(const Levels& levels) {
  std::uint64_t left = rows_of(levels) / 2;
  for (const auto& [value, count] : levels) {
    if (left < count) return value;
    left -= count;
  }
  return levels.back().first;
}

// Of numbers from 0 on.
class Numbers {
 public:
  explicit Numbers(const Levels& levels)
      : levels_(levels), rows_(rows_of(levels)), median_(median_of(levels)) {}

  float highest() const { return levels_.back().first; }
  float median() const { return median_; }
  bool are_few() const { return levels_.size() <= kMostOfScale; }
  bool are_whole() const {
    return std::ranges::all_of(
        levels_, [](const auto& level) { return level.first == std::floor(level.first); });
  }
  bool have_long_tail() const {
    constexpr float kLong = 10;
    return highest() >= kLong * median_;
  }
  // The highest value has twice as many rows as values have on average, or more.
  bool are_piled_up() const {
    constexpr std::uint64_t kSome = 5;
    const std::uint64_t at_highest = levels_.back().second;
    return at_highest >= kSome && at_highest * levels_.size() >= 2 * rows_;
  }
  bool are_round() const {
    constexpr float kFive = 5;
    std::uint64_t round = 0;
    for (const auto& [value, count] : levels_) round += std::fmod(value, kFive) == 0 ? count : 0;
    constexpr double kMost = 0.6;
    return static_cast<double>(round) > kMost * static_cast<double>(rows_);
  }
  bool are_low() const {  // most are in the lowest quarter of their range
    const float lowest = levels_.front().first;
    return median_ - lowest <= (highest() - lowest) / 4;
  }
  // The lowest above 0 is the commonest of these.
  bool begin_with_commonest() const {
    const auto above_zero = levels_.begin() + (levels_.front().first == 0 ? 1 : 0);
    return std::all_of(above_zero, levels_.end(),
                       [&](const auto& level) { return level.second <= above_zero->second; });
  }
  // 1 in more than half of the rows, then 2, 3 and so on, as counts that are small.
  bool count_from_one() const {
    return rows_ >= kEnoughRows && are_whole() && levels_.size() >= 2 && levels_[0].first == 1 &&
           levels_[1].first == 2 && 2 * levels_[0].second > rows_ &&
           std::ranges::is_sorted(levels_, std::greater<>(),
                                  [](const auto& l) { return l.second; });
  }

 private:
  const Levels& levels_;
  std::uint64_t rows_;
  float median_;
};

using Found = std::optional<Feedback>;
constexpr Found kDoubt = std::nullopt;

Found of_ratings(const Numbers& numbers) {
  const bool piled_up = numbers.are_whole() && numbers.are_piled_up();
  if (numbers.are_few() || !numbers.have_long_tail() || piled_up) return Feedback::ratings;
  return kDoubt;
}

Found of_counts(const Numbers& numbers) {
  const bool doubtful = numbers.are_few() ? !numbers.begin_with_commonest()
                                          : numbers.are_whole() && numbers.are_piled_up() &&
                                                !numbers.have_long_tail();
  return doubtful ? kDoubt : Feedback::weights;
}

Found of_others(const Numbers& numbers, const std::function<bool()>& tells_of_one_side) {
  const bool are_percent = numbers.highest() <= kPercent;
  if (numbers.are_few()) {
    const bool reach_far = numbers.are_whole() && !are_percent && numbers.have_long_tail();
    return reach_far || numbers.count_from_one() ? kDoubt : Feedback::ratings;
  }
  if (!numbers.are_whole()) return numbers.have_long_tail() ? kDoubt : Feedback::ratings;
  if (numbers.are_piled_up() || numbers.are_round())
    return are_percent && !numbers.have_long_tail() ? Feedback::ratings : kDoubt;
  if ((are_percent && !numbers.are_low()) || tells_of_one_side()) return kDoubt;
  return Feedback::weights;
}

}  // namespace

bool is_one_value_each(std::span<const Index> owners, std::span<const float> values,
                       Index num_owners) {
  std::vector<float> first(num_owners, std::numeric_limits<float>::quiet_NaN());
  std::size_t repeats = 0;
  for (std::size_t row = 0; row < owners.size(); ++row) {
    float& known = first[owners[row]];
    if (std::isnan(known)) {
      known = values[row];
    } else if (known != values[row]) {
      return false;
    } else {
      ++repeats;
    }
  }
  return repeats >= kEnoughRows;
}

FeedbackFound feedback_of(std::span<const float> values, std::string_view name,
                          const std::function<bool()>& tells_of_one_side) {
  if (are_all_equal(values))
    return {Feedback::weights, fmt::format("all values are {}", values.front())};
  if (values.empty()) return {Feedback::ratings, ""};
  Levels levels = levels_of(evenly_spread(values));
  const auto from_zero = std::ranges::lower_bound(levels, 0.0F, {}, &Levels::value_type::first);
  const std::uint64_t below = rows_of({levels.begin(), from_zero});
  const std::uint64_t rows = rows_of(levels);
  levels.erase(levels.begin(), from_zero);
  const Name kind = kind_of(name);
  constexpr std::uint64_t kRare = 100;  // one row in so many, or one alone
  if (kind == Name::count && levels.empty()) return {Feedback::weights, "weights below 0"};
  if (levels.empty() || (kind == Name::rating && below > 0) ||
      (kind == Name::other && below > std::max<std::uint64_t>(1, rows / kRare)))
    return {Feedback::ratings, ""};

  const Numbers numbers(levels);
  bool is_one_sided = false;
  const auto asked = [&] { return is_one_sided = tells_of_one_side(); };
  Found found = kind == Name::rating  ? of_ratings(numbers)
                : kind == Name::count ? of_counts(numbers)
                                      : of_others(numbers, asked);
  if (kind == Name::other && below > 0 && found != Feedback::weights) found = Feedback::ratings;
  if (found == Feedback::ratings) return {found, ""};
  const auto [lowest, highest] = std::ranges::minmax(values);
  return {found, fmt::format("{} from {} to {}, half of them up to {}{}",
                             found ? "weights" : "numbers", lowest, highest, numbers.median(),
                             is_one_sided ? ", the same in all rows of an item or of a user" : "")};
}

}  // namespace palate
