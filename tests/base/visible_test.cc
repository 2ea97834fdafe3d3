#include "palate/base/visible.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/parse.h"
#include "palate/base/error.h"

namespace palate {
namespace {

// Control characters of one byte and of two, a line's end of three, a mark that turns the direction
// around, and a byte that is not UTF-8.
constexpr std::string_view kSteering = "a\x1B[2Jb\x7F\n\u009B2Jc\u2028\u202Ed\u2066\x9B";

TEST(Visible, LeavesTextAsItIs) {
  for (const char* const text :
       {"", "Heat (1995)", " caf\u00E9 \U0001F3AC ", R"(C:\x1b\n)", "\u200F\u05D0\u00A0"}) {
    EXPECT_EQ(visible(text), text);
    EXPECT_EQ(visible_lines(text), text);
    EXPECT_EQ(visible_json(text), text);
  }
}

TEST(Visible, ShowsWhatSteersATerminal) {
  EXPECT_EQ(visible(kSteering), R"(a\x1b[2Jb\x7f\x0a\u009b2Jc\u2028\u202ed\u2066\x9b)");
  EXPECT_EQ(visible(std::string_view("\0\t\r", 3)), R"(\x00\x09\x0d)");
}

TEST(Visible, IsTheSameTwice) { EXPECT_EQ(visible(visible(kSteering)), visible(kSteering)); }

TEST(VisibleLines, KeepsLineEndsAlone) {
  EXPECT_EQ(visible_lines("a\tb\r\nc\x1B\n"), "a\\x09b\\x0d\nc\\x1b\n");
}

TEST(VisibleJson, SaysTheSame) {
  const std::string text(kSteering.substr(0, kSteering.size() - 1));
  const std::string document = nlohmann::json{{"title", text}}.dump(2);
  EXPECT_NE(visible_json(document), document);
  EXPECT_EQ(visible_json(document), visible_lines(visible_json(document)));
  EXPECT_EQ(nlohmann::json::parse(visible_json(document)).at("title"), text);
  EXPECT_EQ(visible_json("\"\x9B\""), "\"\\ufffd\"");
}

TEST(OneLine, KeepsTextAndDropsTheLineEnd) {
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line(" \r\n"), "");
  EXPECT_EQ(one_line("caf\u00E9 \U0001F3AC: bad CRC \n"), "caf\u00E9 \U0001F3AC: bad CRC");
  EXPECT_EQ(one_line("a\nb\n"), "a\\x0ab");
}

TEST(Excerpt, IsVisible) { EXPECT_EQ(excerpt(kSteering), "\"" + visible(kSteering) + "\""); }

TEST(Error, SaysItsMessageOnOneVisibleLine) {
  EXPECT_STREQ(Error(ErrorCode::io, "a\nb\u009B.csv: bad CRC\n").what(),
               "a\\x0ab\\u009b.csv: bad CRC");
}

}  // namespace
}  // namespace palate
