// A file's text, a window at a time: memory does not grow with the file. Layer: data.
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/memory.h"
#include "data/byte_source.h"
#include "data/line_ends.h"

namespace palate {

inline constexpr std::string_view kOpenArray = "its JSON array does not end: it is cut off";

// Rows end with a line feed, whatever ends them in the file (line_ends.h).
//
// Two buffers in turn: while one is parsed, the next is read.
//
//   | room for the rest of the window before | `capacity` bytes of the file | kPadding |
class TextWindow {
 public:
  static constexpr std::size_t kPadding = 16;  // readable bytes behind text()

  // `longest_rest`: what may be left of a window at most when the next one is turned to.
  TextWindow(ByteSource& source, std::size_t capacity, std::size_t longest_rest)
      : source_(source), capacity_(capacity), longest_rest_(longest_rest) {
    read_ahead();
    turn();
    if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    bytes_before_ = buffers_[0].size - text_.size();
    line_ends_.look_at(text_);
    line_ends_.mend(buffers_[0].bytes(longest_rest_).subspan(bytes_before_));
  }

  // The bytes of the file before its text: those of the byte order mark, if it has one.
  std::size_t bytes_before() const { return bytes_before_; }

  // The text so far is a JSON array that has not ended.
  bool array_is_open() const { return line_ends_.array_is_open(); }

  // What was read and not consumed yet.
  std::string_view text() const { return text_; }
  bool file_ends() const { return file_ends_; }  // nothing follows text()
  void consume(std::size_t bytes) { text_.remove_prefix(bytes); }

  // Reads the next window, while text() may be read elsewhere.
  void read_ahead() {
    if (file_ends_) return;
    Buffer& next = buffers_[1];
    if (!next.memory) next.memory = uncleared<char>(longest_rest_ + capacity_ + kPadding);
    next.size = source_.read(std::span(next.memory.get() + longest_rest_, capacity_));
    line_ends_.mend(next.bytes(longest_rest_));
  }

  // Goes on to what was read ahead, behind the rest of text().
  void turn() {
    PALATE_ASSERT(text_.size() <= longest_rest_);
    std::swap(buffers_[0], buffers_[1]);
    Buffer& now = buffers_[0];
    char* const begin = now.memory.get() + longest_rest_ - text_.size();
    if (!text_.empty()) std::memcpy(begin, text_.data(), text_.size());
    text_ = {begin, text_.size() + now.size};
    std::memset(begin + text_.size(), 0, kPadding);
    file_ends_ = now.size < capacity_;
  }

 private:
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // of UTF-8

  struct Buffer {
    std::unique_ptr<char[]> memory;
    std::size_t size = 0;  // bytes of the file

    std::span<char> bytes(std::size_t begin) const { return {memory.get() + begin, size}; }
  };
  ByteSource& source_;
  std::size_t capacity_;
  std::size_t longest_rest_;
  std::array<Buffer, 2> buffers_;
  LineEnds line_ends_;
  std::string_view text_;
  std::size_t bytes_before_;
  bool file_ends_ = false;
};

}  // namespace palate
