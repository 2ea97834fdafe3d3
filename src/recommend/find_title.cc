#include "palate/recommend/find_title.h"

#include <algorithm>
#include <array>
#include <bit>
#include <tuple>
#include <utility>

#include "base/fail.h"
#include "base/fold_text.h"
#include "base/parse.h"
#include "data/titles.h"
#include "palate/base/spelling.h"
#include "palate/data/item_columns.h"

namespace palate {
namespace {

constexpr std::array<std::string_view, 18> kArticles{"the", "a",    "an",  "le",  "la",  "les",
                                                     "l",   "un",   "une", "der", "die", "das",
                                                     "ein", "eine", "el",  "los", "las", "il"};

// What would take longer than in proportion to the texts is done for no more of them than titles
// have.
constexpr std::size_t kMostNames = 4;      // in brackets: the last ones
constexpr std::ptrdiff_t kMostWords = 32;  // that are looked for one by one
constexpr std::size_t kMostLetters = 100;  // of which the nearest titles are the nearest

bool is_article(std::string_view word) {
  return std::ranges::find(kArticles, word) != kArticles.end();
}

// "l" stands before its noun without a space: "L'Avventura" is folded to "lavventura".
std::string with_article(const std::string& article, const std::string& rest) {
  return article == "l" ? article + rest : article + ' ' + rest;
}

template <class Visitor>
void for_each_word(std::string_view text, Visitor&& visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool has_word(std::string_view words, std::string_view word) {
  bool found = false;
  for_each_word(words, [&](std::string_view other) { found |= other == word; });
  return found;
}

std::string_view first_words(std::string_view words, std::ptrdiff_t count) {
  std::size_t end = 0;
  for (; end < words.size(); ++end) {
    if (words[end] == ' ' && --count == 0) break;
  }
  return words.substr(0, end);
}

// Less is closer.
std::pair<Index, TitleMatch> closeness(const FoundTitle& found) {
  return {found.mistakes, found.match};
}

// A bit for each byte that the text has; several share one.
std::uint32_t bytes_of(std::string_view text) {
  std::uint32_t bytes = 0;
  for (const char c : text) bytes |= std::uint32_t{1} << (static_cast<unsigned char>(c) % 32);
  return bytes;
}

// How many edits it takes at least to get from a text to one with bytes that the first lacks.
std::size_t least_edits(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::size_t>(std::popcount(to & ~from));
}

}  // namespace

TitleIndex::Name TitleIndex::name_of(const std::string& article, const std::string& rest) {
  Name name{article.empty() ? rest : with_article(article, rest),
            rest,
            rest,
            std::ranges::count(rest, ' ') + 1,
            0,
            0};
  std::erase(name.letters, ' ');
  name.bytes_with_article = bytes_of(name.with_article);
  name.bytes_without = bytes_of(name.without);
  return name;
}

TitleIndex::Name TitleIndex::parse_name(std::string_view text) {
  // "Matrix, The"
  if (const std::size_t comma = text.rfind(','); comma != std::string_view::npos) {
    const std::string article = fold_text(text.substr(comma + 1));
    const std::string rest = fold_text(text.substr(0, comma));
    if (is_article(article) && !rest.empty()) return name_of(article, rest);
  }
  // "The Matrix", "L'Avventura"
  if (const std::size_t end = text.find_first_of(" '"); end != std::string_view::npos) {
    const std::string article = fold_text(text.substr(0, end));
    const std::string rest = fold_text(text.substr(end + 1));
    if (is_article(article) && !rest.empty()) return name_of(article, rest);
  }
  return name_of("", fold_text(text));
}

TitleIndex::Title TitleIndex::parse(std::string_view title) {
  Title parsed{.names = {}, .words = fold_text(title), .year = std::nullopt};
  title = trim_spaces(title);
  std::string_view name = title;
  parsed.year = year_of_title(title);
  if (parsed.year) take_brackets(name);
  parsed.names.push_back(parse_name(name));
  for (std::size_t n = 0; n < kMostNames; ++n) {
    const auto other = take_brackets(name);
    if (!other) break;
    constexpr std::string_view kAlso = "a.k.a.";
    const bool also = other->starts_with(kAlso);
    parsed.names.push_back(parse_name(trim_spaces(also ? other->substr(kAlso.size()) : *other)));
    parsed.names.push_back(parse_name(name));
  }
  std::erase_if(parsed.names, [](const Name& n) { return n.without.empty(); });
  return parsed;
}

TitleIndex::TitleIndex(std::shared_ptr<const Catalog> catalog) : catalog_(std::move(catalog)) {
  titles_.reserve(catalog_->item_titles.size());
  for (const std::string& title : catalog_->item_titles) {
    longest_ = std::max(longest_, title.size());
    const auto item = static_cast<Index>(titles_.size());
    const Title& parsed = titles_.emplace_back(parse(title));
    for (Index name = 0; name < parsed.names.size(); ++name) by_name_.push_back({item, name});
  }
  std::ranges::stable_sort(by_name_, {}, [this](const NameOfItem& n) -> const std::string& {
    return titles_[n.item].names[n.name].with_article;
  });
}

TitleIndex::Title TitleIndex::parse_wanted(std::string_view title) const {
  constexpr std::size_t kAnyway = 100;
  return parse(title.substr(0, 2 * longest_ + kAnyway));
}

std::optional<TitleMatch> TitleIndex::match(const Title& wanted, const Title& title) {
  const Name& name = wanted.names.front();
  const auto any = [&](auto&& condition) { return std::ranges::any_of(title.names, condition); };
  if (any([&](const Name& other) { return other.with_article == name.with_article; }))
    return TitleMatch::same;
  if (any([&](const Name& other) { return other.letters == name.letters; }))
    return TitleMatch::almost_same;
  if (any([&](const Name& other) {
        return other.with_article.starts_with(name.with_article) ||
               other.without.starts_with(name.without);
      })) {
    return TitleMatch::beginning;
  }
  bool all = name.num_words <= kMostWords;
  for_each_word(name.without,
                [&](std::string_view word) { all = all && has_word(title.words, word); });
  return all ? std::optional(TitleMatch::words) : std::nullopt;
}

std::optional<FoundTitle> TitleIndex::misspelt(const Title& wanted, const Title& title) {
  std::optional<FoundTitle> best;
  const auto compare = [&](std::string_view name, std::string_view other, std::size_t at_least,
                           TitleMatch match) {
    const std::size_t most = std::min<std::size_t>(name.size() / 4, 3);
    if (at_least > most) return;
    const Index mistakes = edit_distance(name, other, most);
    if (mistakes <= most && (!best || closeness({0, match, mistakes}) < closeness(*best)))
      best = {0, match, mistakes};
  };
  const Name& name = wanted.names.front();
  for (const Name& other : title.names) {
    compare(name.with_article, other.with_article,
            least_edits(other.bytes_with_article, name.bytes_with_article), TitleMatch::misspelt);
    const std::size_t at_least = least_edits(other.bytes_without, name.bytes_without);
    compare(name.without, other.without, at_least, TitleMatch::misspelt);
    compare(name.without, first_words(other.without, name.num_words), at_least,
            TitleMatch::misspelt_beginning);
  }
  return best;
}

std::vector<FoundTitle> TitleIndex::find_same(std::string_view title) const {
  const Title wanted = parse_wanted(title);
  std::vector<FoundTitle> found;
  if (wanted.names.empty()) return found;
  const auto name_of = [this](const NameOfItem& n) -> const std::string& {
    return titles_[n.item].names[n.name].with_article;
  };
  const std::string& name = wanted.names.front().with_article;
  for (const auto& [item, _] : std::ranges::equal_range(by_name_, name, {}, name_of)) {
    const std::optional<int>& year = titles_[item].year;
    if (wanted.year && year && wanted.year != year) continue;
    if (found.empty() || found.back().item != item) found.push_back({item, TitleMatch::same, 0});
  }
  return found;
}

std::vector<FoundTitle> TitleIndex::find(std::string_view title) const {
  const Title wanted = parse_wanted(title);
  std::vector<FoundTitle> found;
  if (wanted.names.empty()) return found;
  const auto search = [&](auto&& compare) {
    for (Index item = 0; item < titles_.size(); ++item) {
      if (wanted.year && titles_[item].year && wanted.year != titles_[item].year) continue;
      compare(item);
    }
  };
  search([&](Index item) {
    if (const auto like = match(wanted, titles_[item])) found.push_back({item, *like, 0});
  });
  if (found.empty()) {
    search([&](Index item) {
      if (const auto like = misspelt(wanted, titles_[item]))
        found.push_back({item, like->match, like->mistakes});
    });
  }
  std::ranges::stable_sort(found, {}, closeness);
  return found;
}

// Those that share most words with the title, and of these the ones with the fewest mistakes, as
// far as both are compared.
std::vector<Index> TitleIndex::nearest(const Title& wanted, std::size_t count) const {
  std::vector<std::tuple<Index, Index, Index>> far;  // words that are missing, mistakes, item
  const std::string_view name = wanted.names.front().without;
  for (Index item = 0; item < titles_.size(); ++item) {
    if (titles_[item].names.empty()) continue;
    Index missing = 0;
    for_each_word(first_words(name, kMostWords), [&](std::string_view word) {
      missing += has_word(titles_[item].words, word) ? 0 : 1;
    });
    const std::string_view other = titles_[item].names.front().without;
    const Index mistakes =
        edit_distance(name.substr(0, kMostLetters), other.substr(0, kMostLetters), kMostLetters);
    far.emplace_back(missing, mistakes, item);
  }
  const auto end = far.begin() + static_cast<std::ptrdiff_t>(std::min(count, far.size()));
  std::ranges::partial_sort(far, end);
  std::vector<Index> items;
  for (auto at = far.begin(); at != end; ++at) items.push_back(std::get<2>(*at));
  return items;
}

// "1 Toy Story (1995), 3114 Toy Story 2 (1999) and 3 more"
std::string TitleIndex::named(const std::vector<Index>& items, std::size_t most) const {
  std::string text;
  for (std::size_t t = 0; t < std::min(items.size(), most); ++t) {
    text += fmt::format("{}{} {}", t == 0 ? "" : ", ", catalog_->items[items[t]],
                        catalog_->item_titles[items[t]]);
  }
  if (items.size() > most) text += fmt::format(" and {} more", items.size() - most);
  return text;
}

Index TitleIndex::only_item(std::string_view title) const {
  constexpr std::size_t kMostCandidates = 10;
  constexpr std::size_t kSuggestions = 3;
  if (titles_.empty())
    fail(ErrorCode::invalid_argument, "title {}: the model has no titles; use ids", excerpt(title));
  const Title wanted = parse_wanted(title);
  if (wanted.names.empty())
    fail(ErrorCode::invalid_argument, "title {} has no letter and no digit", excerpt(title));
  std::vector<FoundTitle> found = find_same(title);
  if (found.empty()) found = find(title);
  if (found.empty()) {
    fail(ErrorCode::invalid_argument, "title {} is of no item; the nearest are: {}", excerpt(title),
         named(nearest(wanted, kSuggestions), kSuggestions));
  }
  std::vector<Index> best;
  for (const FoundTitle& f : found) {
    if (closeness(f) == closeness(found.front())) best.push_back(f.item);
  }
  if (best.size() > 1) {
    fail(ErrorCode::invalid_argument,
         "title {} may be {} items: {}; say more of the title, its year in brackets, or the id",
         excerpt(title), best.size(), named(best, kMostCandidates));
  }
  return best.front();
}

}  // namespace palate
