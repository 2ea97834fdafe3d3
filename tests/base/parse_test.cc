#include "base/parse.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <random>
#include <string>

namespace palate {
namespace {

TEST(ParseNumber, AgreesWithStrtodToTheBit) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const auto digits = random() % 10'000'000'000'000'000'000U >> (random() % 64);
    std::string text = std::to_string(digits);
    if (random() % 4 != 0) text.insert(random() % (text.size() + 1), 1, '.');
    if (random() % 2 != 0) text.insert(0, 1, '-');
    if (random() % 8 == 0) text += fmt::format("e{}", static_cast<int>(random() % 60) - 30);
    const ParsedNumber number = parse_number(text);
    ASSERT_EQ(number.error, NumberError::none) << text;
    ASSERT_EQ(number.value, std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(ParseNumber, TellsWhatIsWrong) {
  for (const char* text :
       {"", " ", ".", "-", "-.", "+1", "1,5", "1..2", "1.2.3", "abc", "1e", "0x10", "1 2", "--1"}) {
    EXPECT_EQ(parse_number(text).error, NumberError::not_a_number) << text;
  }
  for (const char* text :
       {"nan", "NaN", "inf", "-Infinity", "1e400", "-1e400", "1e5000", "-1E99999"}) {
    EXPECT_EQ(parse_number(text).error, NumberError::not_finite) << text;
  }
}

TEST(ParseNumber, ATinyNumberIsZeroOrDenormal) {
  for (const char* text : {"1e-400", "-1e-400", "1e-5000", "1E-99999"}) {
    EXPECT_EQ(parse_number(text).error, NumberError::none) << text;
    EXPECT_EQ(parse_number(text).value, 0.0) << text;
  }
  EXPECT_EQ(parse_number("5e-324").value, 5e-324);
}

// The power of ten of the first digit that is not 0, with the exponent, says what no double can.
TEST(ParseNumber, ThousandsOfDigitsSayWhatTheySayWithTheirExponent) {
  const auto zeros = [](std::size_t count) { return std::string(count, '0'); };
  EXPECT_EQ(parse_number("0." + zeros(5000) + "1e5001").value, 1);
  EXPECT_EQ(parse_number("0." + zeros(5000) + "45E+5001").value, 4.5);
  EXPECT_EQ(parse_number("1" + zeros(400) + "e-400").value, 1);
  EXPECT_EQ(parse_number("-25" + zeros(100'000) + "e-100001").value, -2.5);
  EXPECT_EQ(parse_number(zeros(5000) + "4").value, 4);
  EXPECT_EQ(parse_number("4." + zeros(5000) + "1").value, 4);
  EXPECT_EQ(parse_number("0e" + zeros(30) + "9" + zeros(30)).value, 0);
  for (const std::string& large :
       {"1" + zeros(400) + "e-4", "1" + zeros(6000) + "e-4", "-1" + zeros(6000) + "e-5000",
        "0." + zeros(6000) + "1e6400", "1e9" + zeros(30), "0.0001e9" + zeros(30),
        std::string("1e310"), std::string("0.1e310")}) {
    EXPECT_EQ(parse_number(large).error, NumberError::not_finite) << large.substr(0, 20);
  }
  for (const std::string& small :
       {"0." + zeros(400) + "1", "0." + zeros(6000) + "1", "0." + zeros(6000) + "1e4",
        "-0." + zeros(6000) + "1e5000", "1" + zeros(5000) + "e-5400", "1e-9" + zeros(30),
        std::string("1e-330"), std::string("10e-330")}) {
    EXPECT_EQ(parse_number(small).error, NumberError::none) << small.substr(0, 20);
    EXPECT_EQ(parse_number(small).value, 0) << small.substr(0, 20);
  }
}

TEST(ParseTime, TakesIntegersCutsFractionsAndKnowsDates) {
  EXPECT_EQ(parse_time("964982703"), 964982703);
  EXPECT_EQ(parse_time("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_time("881250949.9"), 881250949);
  EXPECT_EQ(parse_time("-0.5"), -1);
  EXPECT_EQ(parse_time("007"), 7);
  EXPECT_EQ(parse_time("9.78302109e8"), 978302109);
  EXPECT_EQ(parse_time(" 1997-12-04T15:55:49Z "), 881250949);
  for (const char* text :
       {"", "x", "nan", "inf", "9223372036854775808", "-1e19", "1e300", "2019-13-01"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(Utf8, IsToldFromWhatIsNot) {
  for (const char* text : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8D\xBF",
                           "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  for (const char* text : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xFFz", "\xF0\x9F\x8D"}) {
    EXPECT_FALSE(is_valid_utf8(text)) << excerpt(text);
  }
}

TEST(Utf8, OrElseLatin1) {
  EXPECT_EQ(utf8_or_latin1("caf\xE9"), "caf\xC3\xA9");
  EXPECT_EQ(utf8_or_latin1("caf\xC3\xA9"), "caf\xC3\xA9");
}

TEST(Excerpt, FitsALine) {
  EXPECT_EQ(excerpt("4,5"), "\"4,5\"");
  EXPECT_EQ(excerpt(std::string_view("a\0\n\xFF\xC3\xA9", 6)), "\"a\\x00\\x0a\\xff\xC3\xA9\"");
  const std::string cut = excerpt(std::string(1000, 'x'));
  EXPECT_LT(cut.size(), 80U);
  EXPECT_TRUE(cut.ends_with("x...\""));
}

}  // namespace
}  // namespace palate
