#include "data/column_names.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/parse.h"

namespace palate {

std::string simplified(std::string_view name) {
  std::string simple = ascii_lower(name);
  std::erase_if(simple, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); });
  return simple;
}

bool is_one_of(std::string_view column, Names names) {
  const std::string simple = simplified(column);
  return !simple.empty() && names.find(' ' + simple + ' ') != Names::npos;
}

bool is_known_name(std::string_view column) {
  return std::ranges::any_of(
      std::array{kUserNames, kItemNames, kValueNames, kCountNames, kTimeNames, kTitleNames},
      [&](Names names) { return is_one_of(column, names); });
}

namespace {

bool has_word(std::string_view column, std::initializer_list<std::string_view> words) {
  const std::string simple = simplified(column);
  return std::ranges::any_of(
      words, [&](std::string_view word) { return simple.find(word) != std::string::npos; });
}

}  // namespace

bool is_other_name(std::string_view column) {
  return is_one_of(column, kOtherNames) ||
         has_word(column, {"categor", "price", "genre", "year", "brand", "gender"});
}

bool speaks_of_ratings(std::string_view column) {
  return has_word(column, {"rating", "score", "stars"}) && !is_other_name(column);
}

}  // namespace palate
