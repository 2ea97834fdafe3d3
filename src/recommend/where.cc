// A parser by recursive descent that keeps no tree: each rule of the grammar returns of which items
// it is true.
#include "palate/recommend/where.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/fold_text.h"
#include "base/parse.h"
#include "base/utf8.h"
#include "palate/base/spelling.h"
#include "palate/data/item_columns.h"

namespace palate {
namespace {

using Truth = std::vector<bool>;  // of each item

struct Token {
  enum class Kind { end, word, text, sign };
  Kind kind = Kind::end;
  std::string text;
  std::size_t place = 0;  // in bytes
};

// The tokens of an expression, one at a time.
class Tokens {
 public:
  explicit Tokens(std::string_view expression) : expression_(expression) { advance(); }

  const Token& next() const { return next_; }
  Token take() {
    Token taken = std::move(next_);
    advance();
    return taken;
  }
  bool take_if(Token::Kind kind, std::string_view text) {
    const bool is_it = next_.kind == kind && ascii_lower(next_.text) == text;
    if (is_it) advance();
    return is_it;
  }
  bool take_word(std::string_view word) { return take_if(Token::Kind::word, word); }
  bool take_sign(std::string_view sign) { return take_if(Token::Kind::sign, sign); }

  [[noreturn]] void fail_at(const Token& token, const std::string& message) const {
    Index character = 1;
    for (std::size_t at = 0; at < token.place; ++character)
      at += std::max<std::size_t>(utf8_length(expression_.substr(at)), 1);
    throw ExpressionError(fmt::format("`where`, character {}: {}", character, message),
                          token.place);
  }
  [[noreturn]] void fail_expected(std::string_view what) const {
    fail_at(next_, next_.kind == Token::Kind::end
                       ? fmt::format("{} is missing at the end", what)
                       : fmt::format("{} stands where {} is expected", excerpt(next_.text), what));
  }

 private:
  void advance() {
    constexpr std::string_view kSpaces = " \t\r\n";
    constexpr std::string_view kSigns = "()<>=!,";
    constexpr std::array<std::string_view, 5> kLongSigns{"<=", ">=", "==", "!=", "<>"};
    const std::size_t place =
        std::min(expression_.find_first_not_of(kSpaces, end_), expression_.size());
    const std::string_view rest = expression_.substr(place);
    next_ = {Token::Kind::end, "", place};
    if (rest.empty()) return;
    if (rest.front() == '\'' || rest.front() == '"') return take_quoted(rest);
    next_.kind = kSigns.find(rest.front()) != kSigns.npos ? Token::Kind::sign : Token::Kind::word;
    std::size_t length = 1;
    if (next_.kind == Token::Kind::word) {
      length = std::min(rest.find_first_of(" \t\r\n()<>=!,'\""), rest.size());
    } else if (std::ranges::find(kLongSigns, rest.substr(0, 2)) != kLongSigns.end()) {
      length = 2;
    }
    next_.text = rest.substr(0, length);
    end_ = place + length;
  }

  void take_quoted(std::string_view rest) {
    const char quote = rest.front();
    next_.kind = Token::Kind::text;
    for (std::size_t at = 1;; ++at) {
      if (at == rest.size()) fail_at(next_, "the quote does not end");
      if (rest[at] == quote) {
        if (at + 1 == rest.size() || rest[at + 1] != quote) {
          end_ = next_.place + at + 1;
          return;
        }
        ++at;
      }
      next_.text += rest[at];
    }
  }

  std::string_view expression_;
  std::size_t end_ = 0;  // of the next token
  Token next_;
};

enum class Sign { equal, unequal, less, at_most, above, at_least, one_of, has };

class Where {
 public:
  Where(const Catalog& catalog, std::string_view expression)
      : num_items_(catalog.items.size()), tokens_(expression) {
    std::vector<std::string> ids;
    for (Index item = 0; item < num_items_; ++item) ids.push_back(catalog.items[item]);
    columns_ = item_columns(catalog);
    if (!catalog.item_titles.empty()) columns_.push_back({"title", catalog.item_titles});
    columns_.push_back({"item", std::move(ids)});
  }

  Truth all() {
    Truth truth = any_of(0);
    if (tokens_.next().kind != Token::Kind::end) tokens_.fail_expected("\"and\" or \"or\"");
    return truth;
  }

 private:
  static constexpr int kDeepest = 100;  // brackets and nots within each other

  Truth any_of(int depth) {
    Truth truth = all_of(depth);
    while (tokens_.take_word("or")) join(truth, all_of(depth), std::logical_or());
    return truth;
  }

  Truth all_of(int depth) {
    Truth truth = one(depth);
    while (tokens_.take_word("and")) join(truth, one(depth), std::logical_and());
    return truth;
  }

  static void join(Truth& truth, const Truth& other, auto operation) {
    for (std::size_t item = 0; item < truth.size(); ++item)
      truth[item] = operation(truth[item], other[item]);
  }

  Truth one(int depth) {
    if (depth == kDeepest)
      tokens_.fail_at(tokens_.next(), fmt::format("there are more than {} brackets", kDeepest));
    if (tokens_.take_word("not")) return inverse(one(depth + 1));
    if (!tokens_.take_sign("(")) return comparison();
    Truth truth = any_of(depth + 1);
    if (!tokens_.take_sign(")")) tokens_.fail_expected("\")\"");
    return truth;
  }

  static Truth inverse(Truth truth) {
    truth.flip();
    return truth;
  }

  Truth comparison() {
    const ItemColumn& column = take_column();
    const bool is_inverse = tokens_.take_word("not");
    const Token at = tokens_.next();
    const Sign sign = take_sign(is_inverse);
    const std::vector<Token> values = take_values(sign);
    const auto fits = [&](bool does, std::string_view holds, std::string_view signs) {
      if (!does)
        tokens_.fail_at(at, fmt::format("{} holds {}, which are compared by {}",
                                        excerpt(column.name), holds, signs));
    };
    Truth truth;
    if (const auto* numbers = std::get_if<ItemNumbers>(&column.cells)) {
      fits(sign != Sign::has, "numbers", "= != < <= > >= in");
      truth = compared(*numbers, sign, column.name, values);
    } else if (const auto* tags = std::get_if<ItemTags>(&column.cells)) {
      fits(sign == Sign::has || sign == Sign::one_of, "tags", "has, in");
      truth = tagged(*tags, column.name, values);
    } else {
      truth = compared(std::get<ItemTexts>(column.cells), sign, values);
    }
    return is_inverse ? inverse(std::move(truth)) : truth;
  }

  const ItemColumn& take_column() {
    if (!is_value(tokens_.next())) tokens_.fail_expected("a column");
    const Token name = tokens_.take();
    auto found = std::ranges::find(columns_, name.text, &ItemColumn::name);
    if (found == columns_.end()) {
      found = std::ranges::find(columns_, ascii_lower(name.text),
                                [](const ItemColumn& column) { return ascii_lower(column.name); });
    }
    if (found != columns_.end()) return *found;
    std::vector<std::string> names;
    for (const ItemColumn& column : columns_) names.push_back(column.name);
    tokens_.fail_at(name, fmt::format("there is no column {}{}", excerpt(name.text),
                                      hint(name.text, names, "the columns are")));
  }

  // "; did you mean genres?", or where there are few names, all of them.
  static std::string hint(std::string_view typed, std::vector<std::string> names,
                          std::string_view these_are) {
    constexpr std::size_t kMost = 20;
    if (const std::string meant = spelling_hint(typed, names); !meant.empty()) return meant;
    const bool has_more = names.size() > kMost;
    if (has_more) names.resize(kMost);
    return fmt::format("; {} {}{}", these_are, fmt::join(names, ", "), has_more ? ", ..." : "");
  }

  static bool is_value(const Token& token) {
    return token.kind == Token::Kind::word || token.kind == Token::Kind::text;
  }

  Sign take_sign(bool is_inverse) {
    if (tokens_.take_word("in")) return Sign::one_of;
    if (tokens_.take_word("has")) return Sign::has;
    if (is_inverse) tokens_.fail_expected("\"in\" or \"has\"");
    constexpr std::array<std::pair<std::string_view, Sign>, 8> kSigns{{{"=", Sign::equal},
                                                                       {"==", Sign::equal},
                                                                       {"!=", Sign::unequal},
                                                                       {"<>", Sign::unequal},
                                                                       {"<", Sign::less},
                                                                       {"<=", Sign::at_most},
                                                                       {">", Sign::above},
                                                                       {">=", Sign::at_least}}};
    for (const auto& [text, sign] : kSigns) {
      if (tokens_.take_sign(text)) return sign;
    }
    tokens_.fail_expected("one of = != < <= > >= in has");
  }

  std::vector<Token> take_values(Sign sign) {
    std::vector<Token> values;
    const bool may_be_several = sign == Sign::one_of || sign == Sign::has;
    const bool has_brackets = may_be_several && tokens_.take_sign("(");
    do {
      if (!is_value(tokens_.next())) tokens_.fail_expected("a value");
      values.push_back(tokens_.take());
    } while (has_brackets && tokens_.take_sign(","));
    if (has_brackets && !tokens_.take_sign(")")) tokens_.fail_expected("\",\" or \")\"");
    return values;
  }

  // Whether the comparison of a with a value holds, or with any of them.
  template <class Value>
  static bool holds(const Value& a, Sign sign, const std::vector<Value>& values) {
    const Value& b = values.front();
    switch (sign) {
      case Sign::equal:
        return a == b;
      case Sign::unequal:
        return a != b;
      case Sign::less:
        return a < b;
      case Sign::at_most:
        return a <= b;
      case Sign::above:
        return a > b;
      case Sign::at_least:
        return a >= b;
      default:
        return std::ranges::find(values, a) != values.end();
    }
  }

  Truth compared(const ItemNumbers& numbers, Sign sign, const std::string& name,
                 const std::vector<Token>& values) const {
    std::vector<double> wanted;
    for (const Token& value : values) {
      const ParsedNumber number = parse_number(value.text);
      if (number.error != NumberError::none) {
        tokens_.fail_at(value, fmt::format("{} holds numbers, and {} is none", excerpt(name),
                                           excerpt(value.text)));
      }
      wanted.push_back(number.value);
    }
    Truth truth(num_items_);
    for (Index item = 0; item < num_items_; ++item)
      truth[item] = !std::isnan(numbers[item]) && holds(numbers[item], sign, wanted);
    return truth;
  }

  Truth tagged(const ItemTags& tags, const std::string& name,
               const std::vector<Token>& values) const {
    Truth is_wanted(tags.names.size());
    for (const Token& value : values) {
      const Truth meant = matches(tags.names, value.text, false);
      if (std::ranges::find(meant, true) == meant.end()) {
        tokens_.fail_at(
            value, fmt::format("no item has the tag {} in {}{}", excerpt(value.text), excerpt(name),
                               hint(value.text, tags.names, "tags are")));
      }
      join(is_wanted, meant, std::logical_or());
    }
    Truth truth(num_items_);
    for (Index item = 0; item < num_items_; ++item) {
      truth[item] =
          std::ranges::any_of(tags.of(item), [&](Index tag) { return bool{is_wanted[tag]}; });
    }
    return truth;
  }

  Truth compared(const ItemTexts& texts, Sign sign, const std::vector<Token>& values) const {
    Truth truth(num_items_);
    if (sign == Sign::equal || sign == Sign::unequal || sign == Sign::one_of || sign == Sign::has) {
      for (const Token& value : values)
        join(truth, matches(texts, value.text, sign == Sign::has), std::logical_or());
      if (sign == Sign::unequal) truth.flip();
    } else {
      for (Index item = 0; item < num_items_; ++item)
        truth[item] = holds(texts[item], sign, {values.front().text});
    }
    for (Index item = 0; item < num_items_; ++item)
      truth[item] = truth[item] && !texts[item].empty();
    return truth;
  }

  // Which of the texts are the wanted one, or have it: spelled so, and where none is, in words.
  static Truth matches(const std::vector<std::string>& texts, const std::string& wanted,
                       bool has_it) {
    const auto match = [&](auto&& form) {
      Truth truth(texts.size());
      const std::string& looked_for = form(wanted);
      if (looked_for.empty()) return truth;
      for (std::size_t n = 0; n < texts.size(); ++n) {
        const std::string& text = form(texts[n]);
        truth[n] = has_it ? text.find(looked_for) != text.npos : text == looked_for;
      }
      return truth;
    };
    Truth truth = match(std::identity());
    if (std::ranges::find(truth, true) == truth.end()) truth = match(fold_text);
    return truth;
  }

  Index num_items_;
  Tokens tokens_;
  std::vector<ItemColumn> columns_;
};

}  // namespace

std::vector<Index> items_where(const Catalog& catalog, std::string_view expression) {
  const Truth truth = Where(catalog, expression).all();
  std::vector<Index> items;
  for (Index item = 0; item < truth.size(); ++item) {
    if (truth[item]) items.push_back(item);
  }
  return items;
}

}  // namespace palate
