// Items chosen by what is known of them. Layer: recommend.
//
// An expression compares columns with values:
//
//   year >= 1990 and genres has Comedy and not genres has (Horror, War)
//   title has "star wars" or studio in ('A24', 'Studio Ghibli')
//
//   expression  := all ("or" all)*
//   all         := one ("and" one)*
//   one         := "not" one | "(" expression ")" | comparison
//   comparison  := column ("=" | "!=" | "<" | "<=" | ">" | ">=") value
//                | column ["not"] ("in" | "has") (value | "(" value ("," value)* ")")
//
// Columns are those of item_columns(), `title` and `item`, the id, and are found in any case, too.
// A name or a value stands in quotes where it has a space or one of ( ) , < > = ! in it, or is one
// of the words above; a quote within is doubled. == is =, and <> is !=.
//
//   numbers     are compared by = != < <= > >= and `in`
//   tags        `has` and `in`: the item has one of these tags
//   text        = != and `in` compare all of it, `has` looks for a part, < <= > >= go by its bytes
//
// Text and tags are found by their exact spelling, and where no item has it by their words,
// whatever the case, the accents and the punctuation. An item of which the column knows nothing is
// in no comparison, so that `not` has it.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "palate/base/error.h"
#include "palate/data/interactions.h"

namespace palate {

// What is wrong with an expression, and the byte of it where that stands, which may be its end.
class ExpressionError : public Error {
 public:
  ExpressionError(std::string_view message, std::size_t place)
      : Error(ErrorCode::invalid_argument, message), place_(place) {}
  std::size_t place() const { return place_; }

 private:
  std::size_t place_;
};

// The items of which the expression is true, ascending.
//
// Errors:  ExpressionError  what is no expression; a column or a tag that there is not; a value or
//                           a comparison that does not fit the column
std::vector<Index> items_where(const Catalog& catalog, std::string_view expression);

}  // namespace palate
