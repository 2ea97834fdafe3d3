#include "likes.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

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

// Finds items by their ids and titles.
class Names {
 public:
  explicit Names(const Model& model) : catalog_(model.catalog) {
    if (!catalog_->item_titles.empty()) titles_.emplace(catalog_);
  }

  // Whether an item is called so, but for case, accents and the article.
  bool is_one(const std::string& name) const {
    return catalog_->items.find(name) ||
           (titles_ && !name.empty() && !titles_->find_same(name).empty());
  }
  // Whether it is at least like a title.
  bool may_be_one(const std::string& name) const {
    return is_one(name) || (titles_ && !titles_->find(name).empty());
  }
  // The item that is meant.
  Index item(const std::string& name) const {
    if (const auto item = catalog_->items.find(name)) return *item;
    const std::string twin = titles_ && !number(name) ? "" : did_you_mean(catalog_->items, name);
    if (!titles_ || !twin.empty()) {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("--likes: item {} is not in the model{}{}", name,
                              titles_ ? "" : ", which has no titles", twin));
    }
    return titles_->only_item(name);
  }

 private:
  std::shared_ptr<const Catalog> catalog_;
  std::optional<TitleIndex> titles_;
};

// The names of a text in which commas set names apart and stand in them: each is the longest that
// an item is called, or else ends at the first comma.
std::vector<std::string> names_in(std::string_view text, const Names& names) {
  std::vector<std::string> found;
  while (!trimmed(text).empty()) {
    std::size_t end = text.size();
    while (end != std::string_view::npos &&
           !names.is_one(std::string(trimmed(text.substr(0, end)))))
      end = end == 0 ? std::string_view::npos : text.rfind(',', end - 1);
    if (end == std::string_view::npos) end = std::min(text.find(','), text.size());
    const std::string name(trimmed(text.substr(0, end)));
    if (!name.empty()) found.push_back(name);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

}  // namespace

std::vector<Like> parse_likes(const std::string& text, const Model& model) {
  const Names names(model);
  const bool needs_ratings = !model.lists;
  std::vector<Like> likes;
  std::string_view rest = text;
  // A rating is a colon with nothing but a number between it and the next comma.
  for (std::size_t colon = rest.find(':'); colon != std::string_view::npos;
       colon = rest.find(':', colon)) {
    const std::size_t comma = std::min(rest.find(',', colon), rest.size());
    const auto value = number(trimmed(rest.substr(colon + 1, comma - colon - 1)));
    if (!value) {
      ++colon;
      continue;
    }
    // What stands before it is one name, or several of which the last is rated.
    const std::string before(trimmed(rest.substr(0, colon)));
    std::vector<std::string> found{before};
    if (!needs_ratings && !names.is_one(before)) {
      std::vector<std::string> several = names_in(before, names);
      if (several.size() > 1 && (names.is_one(several.front()) || !names.may_be_one(before)))
        found = std::move(several);
    }
    for (const std::string& name : found) likes.push_back({names.item(name), {}});
    likes.back().rating = value;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    colon = 0;
  }
  if (needs_ratings && (!trimmed(rest).empty() || likes.empty())) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--likes: \"{}\" has no rating, and the model was not trained for "
                    "lists, which do without; write TITLE:RATING, TITLE:RATING, as in \"Toy "
                    "Story:5, Heat:4\"",
                    std::string(trimmed(rest))));
  }
  for (const std::string& name : names_in(rest, names)) likes.push_back({names.item(name), {}});
  return likes;
}

}  // namespace palate::cli
