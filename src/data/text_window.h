// A file's text, a window at a time: memory does not grow with the file. Layer: data.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "data/byte_source.h"

namespace palate {

class TextWindow {
 public:
  TextWindow(ByteSource& source, std::size_t capacity)
      : source_(source), capacity_(capacity), buffer_(std::make_unique_for_overwrite<char[]>(capacity)) {
    refill();
    if (text().starts_with("\xEF\xBB\xBF")) begin_ += 3;  // the byte order mark of UTF-8
  }

  // What was read and not consumed yet.
  std::string_view text() const { return {buffer_.get() + begin_, end_ - begin_}; }
  bool file_ends() const { return file_ends_; }  // nothing follows text()
  void consume(std::size_t bytes) { begin_ += bytes; }

  // Reads on, as far as there is room.
  void refill() {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    const std::size_t room = capacity_ - end_;
    const std::size_t count = file_ends_ ? 0 : source_.read(std::span(buffer_.get() + end_, room));
    end_ += count;
    file_ends_ = file_ends_ || count < room;
  }

 private:
  ByteSource& source_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool file_ends_ = false;
};

}  // namespace palate
