// Items by their titles, however they are spelled. Layer: recommend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/interactions.h"

namespace palate {

// How a title is like what was asked for, the closest first.
enum class TitleMatch {
  // Case, accents, punctuation and the place of the article do not matter: "the matrix" is "Matrix,
  // The (1999)".
  same,
  almost_same,  // the article is missing, or a space: "matrix", "spiderman"
  beginning,    // it begins so: "toy sto"
  words,        // it has all the words, at most 32: "empire strikes", "sabrina 1995"
  // At most one letter in four, and no more than three, is wrong, missing, too many or in its
  // neighbour's place.
  misspelt,
  misspelt_beginning,
};

struct FoundTitle {
  Index item = 0;
  TitleMatch match = TitleMatch::same;
  Index mistakes = 0;  // how many letters are misspelt
  bool operator==(const FoundTitle&) const = default;
};

// The titles of a catalog, made ready for searching. A title may have a year, "(1995)", at its end,
// and other names before that, of which the last four count: "Seven (a.k.a. Se7en) (1995)" is found
// as "seven" and as "se7en". Any number of threads may search it.
class TitleIndex {
 public:
  explicit TitleIndex(std::shared_ptr<const Catalog> catalog);

  // The items whose titles match, the closest first, equally close ones in order of index. With a
  // year in brackets only those of that year, or of none. Misspelt titles are looked for only where
  // no other matches.
  std::vector<FoundTitle> find(std::string_view title) const;

  // Those of find() whose titles are the same. It takes hardly any time.
  std::vector<FoundTitle> find_same(std::string_view title) const;

  // The item whose title matches best.
  //
  // Errors:  invalid_argument  several match equally well, and the message names them; or none
  //                            does, and it names the nearest titles
  Index only_item(std::string_view title) const;

 private:
  // One name, folded (src/base/fold_text.h): with its article in front, and without.
  struct Name {
    std::string with_article;
    std::string without;
    std::string letters;           // of `without`: no spaces
    std::ptrdiff_t num_words = 0;  // of `without`
    // What bytes the first two have, a bit for several: what one lacks, no few edits give it.
    std::uint32_t bytes_with_article = 0;
    std::uint32_t bytes_without = 0;
  };
  struct Title {
    std::vector<Name> names;
    std::string words;  // those of all names and the year
    std::optional<int> year;
  };
  static Name parse_name(std::string_view text);
  static Name name_of(const std::string& article, const std::string& rest);
  static Title parse(std::string_view title);
  // What is looked for, as far as it is not far longer than all titles.
  Title parse_wanted(std::string_view title) const;
  static std::optional<TitleMatch> match(const Title& wanted, const Title& title);
  static std::optional<FoundTitle> misspelt(const Title& wanted, const Title& title);
  std::vector<Index> nearest(const Title& wanted, std::size_t count) const;
  std::string named(const std::vector<Index>& items, std::size_t most) const;

  std::shared_ptr<const Catalog> catalog_;
  std::vector<Title> titles_;
  std::size_t longest_ = 0;  // of the titles, in bytes
  // All names, in order of with_article, then of item.
  struct NameOfItem {
    Index item;
    Index name;  // its place among those of the title
  };
  std::vector<NameOfItem> by_name_;
};

}  // namespace palate
