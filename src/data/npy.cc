#include "data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"

namespace palate {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLongestHeader = std::size_t{1} << 16;
constexpr std::uint64_t kMostColumns = 4096;
constexpr std::size_t kLongestEntry = std::size_t{1} << 32;

// What the header says.
struct Header {
  std::string dtype;  // "<f4"
  bool column_by_column = false;
  std::vector<std::uint64_t> shape;
};

// A header is a dictionary of Python:
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (943, 32), }
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  Header read() {
    expect('{');
    while (!take('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr" && !dtype_) {
        if (next() == '[')
          fail(ErrorCode::bad_data, "{}: each of its entries has several fields: save one", name_);
        dtype_ = quoted();
      } else if (key == "fortran_order" && !column_by_column_) {
        column_by_column_ = truth();
      } else if (key == "shape" && !shape_) {
        shape_ = numbers();
      } else {
        refuse();
      }
      if (!take(',') && next() != '}') refuse();
    }
    if (next() != '\0' || !dtype_ || !column_by_column_ || !shape_) refuse();
    return {std::string(*dtype_), *column_by_column_, *std::move(shape_)};
  }

 private:
  [[noreturn]] void refuse() const {
    fail(ErrorCode::bad_data, "{}: its header is none of NumPy's", name_);
  }
  // The next character that is no space; 0 at the end.
  char next() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char c) {
    if (next() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) refuse();
  }
  std::string_view quoted() {
    const char quote = next();
    if (quote != '\'' && quote != '"') refuse();
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) refuse();
    const std::string_view text = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool truth() {
    next();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    refuse();
  }
  std::vector<std::uint64_t> numbers() {
    std::vector<std::uint64_t> all;
    expect('(');
    while (!take(')')) {
      next();
      std::uint64_t number = 0;
      const char* const end = rest_.data() + rest_.size();
      const auto [behind, error] = std::from_chars(rest_.data(), end, number);
      if (error != std::errc{}) refuse();
      rest_ = {behind, end};
      all.push_back(number);
      if (!take(',') && next() != ')') refuse();
    }
    return all;
  }

  std::string_view rest_;
  const std::string& name_;
  std::optional<std::string_view> dtype_;
  std::optional<bool> column_by_column_;
  std::optional<std::vector<std::uint64_t>> shape_;
};

// "943 x 32", "one number"
std::string in_words(const std::vector<std::uint64_t>& shape) {
  return shape.empty() ? "one number" : fmt::format("{}", fmt::join(shape, " x "));
}

// An array whose header was read, and whose values come next.
class Array {
 public:
  explicit Array(const OpenFile& file) : file_(file), header_(read_header()) {
    const std::string_view type = std::string_view(header_.dtype).substr(0, 2);
    const std::string_view size = std::string_view(header_.dtype).substr(type.size());
    const auto [behind, error] = std::from_chars(size.data(), size.data() + size.size(), size_);
    if (type.size() < 2 || error != std::errc{} || behind != size.data() + size.size()) {
      fail(ErrorCode::bad_data, "{}: {} is no type of NumPy's that can be read here", name(),
           excerpt(header_.dtype));
    }
    kind_ = type[1];
    size_ = std::min(size_, kLongestEntry);
    if (kind_ == 'U') size_ *= sizeof(char32_t);
    if (kind_ == 'O') {
      fail(ErrorCode::bad_data,
           "{}: its entries are objects of Python: save them as texts or numbers", name());
    }
    if (type[0] == '>') fail(ErrorCode::bad_data, "{}: its bytes are in the other order", name());
    check_size();
  }

  const std::string& name() const { return file_.name; }
  const Header& header() const { return header_; }
  bool is_float() const { return kind_ == 'f' && (size_ == 4 || size_ == 8); }
  char kind() const { return kind_; }
  std::size_t size() const { return size_; }  // of an entry, in bytes
  std::uint64_t count() const { return count_; }

  // The next entries, as the bytes that they are.
  void read(std::span<char> into) {
    if (packed_.empty()) {
      if (file_.bytes->read(into) != into.size()) end_too_early();
      return;
    }
    std::memcpy(into.data(), packed_.data() + taken_, into.size());
    taken_ += into.size();
  }

 private:
  [[noreturn]] void end_too_early() const {
    fail(ErrorCode::bad_data, "{}: it ends too early", name());
  }

  std::string bytes(std::size_t count) {
    std::string text(count, '\0');
    if (file_.bytes->read(text) != count) end_too_early();
    taken_ += count;
    return text;
  }

  Header read_header() {
    std::string front(kMagic.size(), '\0');
    front.resize(file_.bytes->read(front));
    if (front != kMagic)
      fail(ErrorCode::bad_data, "{}: it is no .npy file, as numpy.save writes them", name());
    taken_ = front.size();
    const std::string version = bytes(2);
    if (version[0] < 1 || version[0] > 3)
      fail(ErrorCode::bad_data, "{}: its version of the format is none of 1, 2 and 3", name());
    const std::string length = bytes(version[0] == 1 ? 2 : 4);
    std::uint32_t size = 0;
    std::memcpy(&size, length.data(), length.size());
    if (size > kLongestHeader)
      fail(ErrorCode::bad_data, "{}: its header of {} bytes is too long", name(), size);
    const std::string text = bytes(size);
    return HeaderReader(text, name()).read();
  }

  // Of a packed file it is known at its end alone how long it is: it is unpacked first.
  void check_size() {
    count_ = 1;
    std::uint64_t total = size_;
    for (const std::uint64_t length : header_.shape) {
      constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
      if (length > 0 && std::max(total, count_) > kMost / length)
        fail(ErrorCode::bad_data, "{}: its header says {}", name(), in_words(header_.shape));
      total *= length;
      count_ *= length;
    }
    std::uint64_t there = 0;
    if (file_.size) {
      there = *file_.size - std::min<std::uint64_t>(taken_, *file_.size);
    } else {
      constexpr std::size_t kBlock = std::size_t{1} << 20;
      std::size_t count = kBlock;
      while (count == kBlock) {
        packed_.resize(there + kBlock);
        count = file_.bytes->read(std::span(packed_).subspan(there));
        there += count;
      }
      packed_.resize(there);
      taken_ = 0;
    }
    if (there != total) {
      fail(ErrorCode::bad_data, "{}: its header says {} of {} bytes, and {} bytes follow", name(),
           in_words(header_.shape), size_, there);
    }
  }

  const OpenFile& file_;
  std::uint64_t taken_ = 0;  // bytes, of the file or of `packed_`
  Header header_;
  char kind_ = '\0';
  std::size_t size_ = 0;
  std::uint64_t count_ = 0;
  std::vector<char> packed_;
};

void require_floats(const Array& array) {
  if (array.is_float()) return;
  fail(ErrorCode::bad_data,
       "{}: its numbers are {}, and not floats of 32 or 64 bits: numpy.save what .astype(\"<f4\") "
       "makes of it",
       array.name(), excerpt(array.header().dtype));
}

// The next values; bad(n) says where the nth of them stands.
void read_floats(Array& array, std::vector<char>& buffer, std::span<float> into, auto&& bad) {
  buffer.resize(into.size() * array.size());
  array.read(buffer);
  for (std::size_t n = 0; n < into.size(); ++n) {
    double value = 0;
    if (array.size() == sizeof(float)) {
      std::memcpy(&into[n], buffer.data() + n * sizeof(float), sizeof(float));
      value = double{into[n]};
    } else {
      std::memcpy(&value, buffer.data() + n * sizeof(double), sizeof(double));
      into[n] = static_cast<float>(value);
    }
    if (!std::isfinite(into[n])) {
      fail(ErrorCode::bad_data, "{}: {} is {:g}, which is no finite 32-bit number", array.name(),
           bad(n), value);
    }
  }
}

// The length of what has one dimension.
std::uint64_t length_of(const Array& array) {
  const auto& shape = array.header().shape;
  if (std::ranges::count_if(shape, [](std::uint64_t length) { return length != 1; }) > 1) {
    fail(ErrorCode::bad_data, "{}: it has {} entries where one list is expected", array.name(),
         in_words(shape));
  }
  if (array.count() > std::numeric_limits<Index>::max() - 1)
    fail(ErrorCode::bad_data, "{}: its {} entries are too many", array.name(), array.count());
  return array.count();
}

std::string utf8_of(std::span<const char> utf32, const std::string& name) {
  std::string text;
  for (std::size_t at = 0; at < utf32.size(); at += sizeof(char32_t)) {
    char32_t point = 0;
    std::memcpy(&point, utf32.data() + at, sizeof point);
    const auto add = [&](char32_t front, int more) {
      text += static_cast<char>(front | (point >> (6 * more)));
      while (more-- > 0) text += static_cast<char>(0x80 | ((point >> (6 * more)) & 0x3F));
    };
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
      fail(ErrorCode::bad_data, "{}: a character of its texts is none", name);
    point < 0x80      ? add(0, 0)
    : point < 0x800   ? add(0xC0, 1)
    : point < 0x10000 ? add(0xE0, 2)
                      : add(0xF0, 3);
  }
  return text;
}

template <class T>
std::string integer_text(std::span<const char> bytes) {
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return fmt::format("{}", value);
}

// Of an integer of this kind and size; null: there is none such.
std::string (*integer_reader(char kind, std::size_t size))(std::span<const char>) {
  if (kind == 'i' && size == 4) return integer_text<std::int32_t>;
  if (kind == 'i' && size == 8) return integer_text<std::int64_t>;
  if (kind == 'u' && size == 4) return integer_text<std::uint32_t>;
  if (kind == 'u' && size == 8) return integer_text<std::uint64_t>;
  return nullptr;
}

}  // namespace

Matrix read_npy_matrix(const OpenFile& file) {
  Array array(file);
  require_floats(array);
  const auto& shape = array.header().shape;
  if (shape.size() != 2) {
    fail(ErrorCode::bad_data,
         "{}: it is {}, where a row for each and a column for each factor "
         "are expected",
         array.name(), in_words(shape));
  }
  if (shape[1] > kMostColumns) {
    fail(ErrorCode::bad_data, "{}: it has {} columns, more than the {} factors that there may be{}",
         array.name(), shape[1], kMostColumns,
         shape[0] <= kMostColumns ? ": is it to be transposed?" : "");
  }
  if (shape[0] > std::numeric_limits<Index>::max() - 1 || shape[0] == 0 || shape[1] == 0) {
    fail(ErrorCode::bad_data, "{}: it is {}, of which no model can be made", array.name(),
         in_words(shape));
  }
  const auto rows = static_cast<Index>(shape[0]);
  const auto columns = static_cast<Index>(shape[1]);
  Matrix matrix(rows, columns);
  std::vector<char> buffer;
  if (!array.header().column_by_column) {
    for (Index r = 0; r < rows; ++r)
      read_floats(array, buffer, matrix.row(r),
                  [&](std::size_t c) { return fmt::format("row {}, column {}", r, c); });
    return matrix;
  }
  std::vector<float> column(rows);
  for (Index c = 0; c < columns; ++c) {
    read_floats(array, buffer, column,
                [&](std::size_t r) { return fmt::format("row {}, column {}", r, c); });
    for (Index r = 0; r < rows; ++r) matrix.row(r)[c] = column[r];
  }
  return matrix;
}

std::vector<float> read_npy_list(const OpenFile& file) {
  Array array(file);
  require_floats(array);
  std::vector<float> values(length_of(array));
  std::vector<char> buffer;
  read_floats(array, buffer, values, [](std::size_t n) { return fmt::format("entry {}", n); });
  return values;
}

double read_npy_number(const OpenFile& file) {
  Array array(file);
  if (array.count() != 1) {
    fail(ErrorCode::bad_data, "{}: it is {}, where one number is expected", array.name(),
         in_words(array.header().shape));
  }
  if (const auto integer = integer_reader(array.kind(), array.size())) {
    std::vector<char> entry(array.size());
    array.read(entry);
    return std::stod(integer(entry));
  }
  require_floats(array);
  float value = 0;
  std::vector<char> buffer;
  read_floats(array, buffer, {&value, 1}, [](std::size_t) { return "the number"; });
  return double{value};
}

std::vector<std::string> read_npy_texts(const OpenFile& file) {
  Array array(file);
  const auto integer = integer_reader(array.kind(), array.size());
  if (array.kind() != 'U' && array.kind() != 'S' && integer == nullptr) {
    fail(ErrorCode::bad_data, "{}: ids are texts or integers, and not {}", array.name(),
         excerpt(array.header().dtype));
  }
  const std::uint64_t count = length_of(array);
  std::vector<std::string> texts;
  if (count == 0) return texts;
  if (array.size() == 0) fail(ErrorCode::bad_data, "{}: its ids are empty", array.name());
  std::vector<char> entry(array.size());
  for (std::uint64_t n = 0; n < count; ++n) {
    array.read(entry);
    std::string text = integer != nullptr    ? integer(entry)
                       : array.kind() == 'U' ? utf8_of(entry, array.name())
                                             : std::string(entry.begin(), entry.end());
    text.resize(text.find_last_not_of('\0') + 1);  // what fills shorter ones up
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace palate
