#include "palate/base/spelling.h"

#include <algorithm>
#include <vector>

#include "base/fold_text.h"
#include "base/parse.h"

namespace palate {

// What is further from the table's diagonal than `most` would be more than that.
Index edit_distance(std::string_view a, std::string_view b, std::size_t most) {
  if (a.size() > b.size() + most || b.size() > a.size() + most) return static_cast<Index>(most + 1);
  const std::size_t width = b.size() + 1;
  const auto too_far = static_cast<Index>(most + 1);
  // Rows of the table of distances between beginnings: this one, and the two before.
  std::vector<Index> rows(3 * width, too_far);
  for (std::size_t j = 0; j <= std::min(most, b.size()); ++j) rows[j] = static_cast<Index>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const auto row = [&](std::size_t r) { return rows.data() + r % 3 * width; };
    const std::size_t first = i > most ? i - most : 0;
    const std::size_t last = std::min(i + most, b.size());
    if (first > 0) row(i)[first - 1] = too_far;
    for (std::size_t j = first; j <= last; ++j) {
      if (j == 0) {
        row(i)[0] = static_cast<Index>(i);
        continue;
      }
      const Index above = j < i + most ? row(i - 1)[j] : too_far;
      row(i)[j] = std::min(
          {above + 1, row(i)[j - 1] + 1, row(i - 1)[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row(i)[j] = std::min(row(i)[j], row(i - 2)[j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3 * width + b.size()];
}

std::optional<std::string> nearest_word(std::string_view typed,
                                        std::span<const std::string> words) {
  const std::string wanted = fold_text(typed);
  if (wanted.empty()) return std::nullopt;
  const std::size_t most = std::max<std::size_t>(wanted.size() / 3, 1);
  const std::string* nearest = nullptr;
  std::size_t least = most + 1;
  for (const std::string& word : words) {
    const std::string folded = fold_text(word);
    // One that begins so is as good as one with the most mistakes.
    const std::size_t mistakes =
        std::min<std::size_t>(edit_distance(wanted, folded, most),
                              folded.starts_with(wanted) && wanted.size() > 1 ? most : most + 1);
    if (mistakes >= least || mistakes >= folded.size()) continue;
    least = mistakes;
    nearest = &word;
  }
  return nearest ? std::optional(*nearest) : std::nullopt;
}

std::string spelling_hint(std::string_view typed, std::span<const std::string> words) {
  const std::optional<std::string> nearest = nearest_word(typed, words);
  return nearest ? "; did you mean " + excerpt(*nearest) + '?' : "";
}

}  // namespace palate
