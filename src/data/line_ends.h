// Line ends for text that sets its rows apart in other ways. Layer: data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace palate {

// Puts line feeds in the place of what ends a row: carriage returns alone, as old Macs wrote them,
// and commas between the objects of a JSON array, which then stand one per line. No byte is added
// or removed, so that places stay what they are; the line of an object is its number.
class LineEnds {
 public:
  // `front`: the first bytes of the text, which say what is to be done.
  void look_at(std::string_view front);
  // For all bytes of the text, in their order.
  void mend(std::span<char> bytes);
  // A JSON array has begun and not ended.
  bool array_is_open() const { return depth_ > 0; }

 private:
  void part_objects(std::span<char> bytes);

  enum class Rows { lines, carriage_returns, objects };
  Rows rows_ = Rows::lines;
  std::uint64_t depth_ = 0;  // brackets and braces that are open
  bool in_string_ = false;
  bool escaped_ = false;  // the next character of the string
};

}  // namespace palate
