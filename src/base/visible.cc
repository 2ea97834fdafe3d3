#include "palate/base/visible.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace palate {
namespace {

// Whether a terminal does something else than to draw it.
bool steers(char32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool ends_a_line = c == 0x2028 || c == 0x2029;
  const bool turns_around = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return is_control || ends_a_line || turns_around;
}

// The text with each of its bytes that is not UTF-8, and each character that steers, as escape(it)
// says; but for `kept`.
template <class Escape>
std::string escaped(std::string_view text, std::string_view kept, const Escape& escape) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view front = text.substr(0, length == 0 ? 1 : length);
    const bool is_shown = length > 0 && (front == kept || !steers(character_of(front)));
    shown += is_shown ? std::string(front) : escape(front, length > 0);
    text.remove_prefix(front.size());
  }
  return shown;
}

std::string in_text(std::string_view character, bool is_utf8) {
  if (is_utf8 && character.size() > 1)
    return fmt::format("\\u{:04x}", std::uint32_t{character_of(character)});
  return fmt::format("\\x{:02x}", static_cast<unsigned char>(character[0]));
}

std::string in_json(std::string_view character, bool is_utf8) {
  if (!is_utf8) return "\\ufffd";
  return fmt::format("\\u{:04x}", std::uint32_t{character_of(character)});
}

}  // namespace

std::string visible(std::string_view text) { return escaped(text, "", in_text); }
std::string visible_lines(std::string_view text) { return escaped(text, "\n", in_text); }
std::string visible_json(std::string_view json) { return escaped(json, "\n", in_json); }

std::string one_line(std::string_view text) {
  return visible(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
}

}  // namespace palate
