#include "base/fold_text.h"

#include <gtest/gtest.h>

namespace palate {
namespace {

TEST(FoldText, CaseAccentsAndPunctuationGo) {
  EXPECT_EQ(fold_text("Toy Story"), "toy story");
  EXPECT_EQ(fold_text("  WALL·E!  "), "wall e");
  EXPECT_EQ(fold_text("Amélie"), "amelie");
  EXPECT_EQ(fold_text("AMÉLIE"), "amelie");
  EXPECT_EQ(fold_text("Ame\xCC\x81lie"), "amelie") << "an accent behind its letter";
  EXPECT_EQ(fold_text("Straße, Æon & Þór"), "strasse aeon and thor");
  EXPECT_EQ(fold_text("Łódź Żółć Œuvre Ĳssel"), "lodz zolc oeuvre ijssel");
  EXPECT_EQ(fold_text("M.A.S.H. – l’été"), "mash lete");
  EXPECT_EQ(fold_text("8½"), "8 1 2");
  EXPECT_EQ(fold_text("2001: A Space Odyssey"), "2001 a space odyssey");
}

TEST(FoldText, EveryLetterOfLatin1AndLatinExtendedABecomesLettersWithoutAccents) {
  for (unsigned c = 0xC0; c < 0x180; ++c) {
    const std::string utf8{static_cast<char>(0xC0 | (c >> 6)),
                           static_cast<char>(0x80 | (c & 0x3F))};
    const std::string folded = fold_text(utf8);
    const bool is_sign = c == 0xD7 || c == 0xF7;  // times and divided by
    EXPECT_EQ(folded.empty(), is_sign) << c;
    EXPECT_EQ(folded.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), std::string::npos) << c;
  }
}

TEST(FoldText, OtherScriptsStayAndBadUtf8IsLatin1) {
  EXPECT_EQ(fold_text("Солярис 千と千尋"), "Солярис 千と千尋");
  EXPECT_EQ(fold_text("\xC9t\xE9"), "ete");
  EXPECT_EQ(fold_text(" ... "), "");
}

}  // namespace
}  // namespace palate
