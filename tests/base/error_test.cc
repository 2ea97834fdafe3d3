#include "palate/base/error.h"

#include <gtest/gtest.h>

namespace palate {
namespace {

TEST(OneLine, KeepsTextAndDropsTheLineEnd) {
  EXPECT_EQ(one_line(""), "");
  EXPECT_EQ(one_line(" \r\n"), "");
  EXPECT_EQ(one_line("caf\u00E9 \U0001F3AC: bad CRC \n"), "caf\u00E9 \U0001F3AC: bad CRC");
}

TEST(OneLine, HasNoControlCharacter) { EXPECT_EQ(one_line("a\nb\x1B[2Jc\x7F."), "a?b?[2Jc?."); }

TEST(Error, SaysItsMessageOnOneLine) {
  EXPECT_STREQ(Error(ErrorCode::io, "a\nb.csv: bad CRC\n").what(), "a?b.csv: bad CRC");
}

}  // namespace
}  // namespace palate
