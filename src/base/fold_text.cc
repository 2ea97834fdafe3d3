#include "base/fold_text.h"

#include <algorithm>
#include <array>

#include "base/parse.h"
#include "base/utf8.h"

namespace palate {
namespace {

// What the characters from this one to the next entry's become.
struct Fold {
  char32_t first;
  std::string_view letters;
};

constexpr std::string_view kAsItIs = "\x01";
constexpr Fold kFolds[] = {
    {0x0, " "},       {'&', " and "},    {'\'', ""},       {'(', " "},     {'.', ""},
    {'/', " "},       {'0', kAsItIs},    {':', " "},       {'A', kAsItIs}, {'[', " "},
    {'`', ""},        {'a', kAsItIs},    {'{', " "},       {0xB4, ""},     {0xB5, " "},
    {0xBD, " 1 2 "},  {0xBE, " "},       {0xC0, "a"},      {0xC6, "ae"},   {0xC7, "c"},
    {0xC8, "e"},      {0xCC, "i"},       {0xD0, "d"},      {0xD1, "n"},    {0xD2, "o"},
    {0xD7, " "},      {0xD8, "o"},       {0xD9, "u"},      {0xDD, "y"},    {0xDE, "th"},
    {0xDF, "ss"},     {0xE0, "a"},       {0xE6, "ae"},     {0xE7, "c"},    {0xE8, "e"},
    {0xEC, "i"},      {0xF0, "d"},       {0xF1, "n"},      {0xF2, "o"},    {0xF7, " "},
    {0xF8, "o"},      {0xF9, "u"},       {0xFD, "y"},      {0xFE, "th"},   {0xFF, "y"},
    {0x100, "a"},     {0x106, "c"},      {0x10E, "d"},     {0x112, "e"},   {0x11C, "g"},
    {0x124, "h"},     {0x128, "i"},      {0x132, "ij"},    {0x134, "j"},   {0x136, "k"},
    {0x139, "l"},     {0x143, "n"},      {0x14C, "o"},     {0x152, "oe"},  {0x154, "r"},
    {0x15A, "s"},     {0x162, "t"},      {0x168, "u"},     {0x174, "w"},   {0x176, "y"},
    {0x179, "z"},     {0x17F, "s"},      {0x180, kAsItIs}, {0x300, ""},  // accents
    {0x370, kAsItIs}, {0x2000, " "},                                     // dashes, quotation marks
    {0x2018, ""},  // single ones are apostrophes
    {0x201A, " "},    {0x2070, kAsItIs},
};

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string fold_text(std::string_view text) {
  const std::string utf8 = utf8_or_latin1(text);
  std::string words;
  for (std::string_view rest = utf8; !rest.empty();) {
    const std::string_view character = rest.substr(0, utf8_length(rest));
    rest.remove_prefix(character.size());
    const Fold& fold =
        *(std::ranges::upper_bound(kFolds, character_of(character), {}, &Fold::first) - 1);
    for (const char c : fold.letters == kAsItIs ? character : fold.letters) {
      if (c != ' ' || (!words.empty() && words.back() != ' ')) words += ascii_lower(c);
    }
  }
  if (words.ends_with(' ')) words.pop_back();
  return words;
}

}  // namespace palate
