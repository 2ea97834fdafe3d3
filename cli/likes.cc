#include "likes.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "palate/base/error.h"
#include "palate/recommend/find_title.h"
#include "twins.h"

namespace palate::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::optional<float> number(std::string_view text) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::pair<Index, float>> parse_likes(const std::string& text, const Model& model) {
  std::vector<std::pair<Index, float>> ratings;
  std::optional<TitleIndex> titles;
  std::string_view rest = text;
  // A name ends at the first colon with nothing but a number between it and the next comma.
  for (std::size_t colon = rest.find(':'); colon != std::string_view::npos;
       colon = rest.find(':', colon)) {
    const std::size_t comma = std::min(rest.find(',', colon), rest.size());
    const auto value = number(trimmed(rest.substr(colon + 1, comma - colon - 1)));
    if (!value) {
      ++colon;
      continue;
    }
    const std::string name(trimmed(rest.substr(0, colon)));
    auto item = model.catalog->items.find(name);
    if (!item) {
      const bool has_titles = !model.catalog->item_titles.empty();
      const std::string twin =
          has_titles && !number(name) ? "" : did_you_mean(model.catalog->items, name);
      if (!has_titles || !twin.empty()) {
        throw Error(ErrorCode::invalid_argument,
                    fmt::format("--likes: item {} is not in the model{}{}", name,
                                has_titles ? "" : ", which has no titles", twin));
      }
      if (!titles) titles.emplace(model.catalog);
      item = titles->only_item(name);
    }
    ratings.emplace_back(*item, *value);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    colon = 0;
  }
  if (!trimmed(rest).empty() || ratings.empty()) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("--likes: \"{}\" has no rating; write TITLE:RATING, TITLE:RATING, as "
                            "in \"Toy Story:5, Heat:4\"",
                            std::string(trimmed(rest))));
  }
  return ratings;
}

}  // namespace palate::cli
