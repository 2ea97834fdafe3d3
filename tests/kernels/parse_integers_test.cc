#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/parse.h"
#include "kernels/kernels.h"

namespace palate {
namespace {

// Some cells of a text, sixteen bytes behind each of which can be read.
class Cells {
 public:
  explicit Cells(const std::vector<std::string>& cells) {
    for (const std::string& cell : cells) text_ += cell + ",";
    text_ += "0123456789abcdef";
    std::size_t at = 0;
    for (const std::string& cell : cells) {
      views_.emplace_back(text_.data() + at, cell.size());
      at += cell.size() + 1;
    }
  }
  const std::vector<std::string_view>& views() const { return views_; }

 private:
  std::string text_;
  std::vector<std::string_view> views_;
};

std::string random_digits(std::mt19937& random, std::size_t size) {
  std::string digits;
  for (std::size_t i = 0; i < size; ++i) digits += static_cast<char>('0' + random() % 10);
  if (digits[0] == '0' && size > 1) digits[0] = '7';
  return digits;
}

TEST(ParseIntegers, AgreesWithTheParserOfOneForAnyNumberOfCells) {
  std::mt19937 random(1);
  for (const Kernels* const kernels : all_kernels()) {
    SCOPED_TRACE(kernels->target);
    for (const std::size_t most_digits : {std::size_t{1}, std::size_t{8}, std::size_t{16}}) {
      for (std::size_t count = 0; count < 140; ++count) {
        for (const std::size_t stride : {std::size_t{1}, std::size_t{3}}) {
          std::vector<std::string> texts;
          for (std::size_t i = 0; i < count * stride; ++i)
            texts.push_back(random_digits(random, 1 + random() % most_digits));
          const Cells cells(texts);
          std::vector<std::int64_t> numbers(count, -1);
          ASSERT_TRUE(kernels->parse_integers(cells.views().data(), stride, count, numbers.data()));
          for (std::size_t i = 0; i < count; ++i)
            ASSERT_EQ(numbers[i], std::stoll(texts[i * stride]));
        }
      }
    }
  }
}

TEST(ParseIntegers, RefusesWhatIsNoCanonicalIntegerWhereverItStands) {
  std::mt19937 random(2);
  std::vector<std::string> odd = {
      "", "-1", "+1", "01", "00", "1.5", "1e5", " 1", "1 ", "12345678901234567", "1234567x"};
  // in front, within and at the end, of short and of long ones
  for (int byte = 1; byte < 256; ++byte) {
    if (byte >= '0' && byte <= '9') continue;
    const auto c = static_cast<char>(byte);
    for (const char* const digits : {"1", "12345678", "123456789", "1234567890123456"}) {
      for (std::string text = digits;
           const std::size_t at : {std::size_t{0}, text.size() / 2, text.size() - 1}) {
        text = digits;
        text[at] = c;
        odd.push_back(text);
      }
    }
  }
  for (const Kernels* const kernels : all_kernels()) {
    SCOPED_TRACE(kernels->target);
    for (const std::string& text : odd) {
      std::int64_t number = 0;
      ASSERT_FALSE(parse_plain_integer(Cells({text}).views()[0], number));
      std::vector<std::string> texts(70, "123");
      texts[random() % texts.size()] = text;
      std::vector<std::int64_t> numbers(texts.size());
      EXPECT_FALSE(
          kernels->parse_integers(Cells(texts).views().data(), 1, texts.size(), numbers.data()))
          << text;
    }
  }
}

}  // namespace
}  // namespace palate
