#include "data/row_parser.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"

namespace palate {
namespace {

using Row = std::vector<std::string>;

// All rows of the text; "!" and what is wrong where that ends them.
std::vector<Row> rows_of(std::string_view text, const Dialect& dialect, bool file_ends = true) {
  std::vector<Row> rows;
  RowParser parser(text, dialect, file_ends);
  std::vector<std::string_view> cells;
  while (parser.next(cells)) rows.emplace_back(cells.begin(), cells.end());
  if (parser.error()) rows.push_back({"!" + std::string(parser.error()->reason)});
  return rows;
}

TEST(RowParser, CutsCells) {
  EXPECT_EQ(rows_of("a,,b\n,\n", {}), (std::vector<Row>{{"a", "", "b"}, {"", ""}}));
  EXPECT_EQ(rows_of("a::b:c::\n", {"::", false}), (std::vector<Row>{{"a", "b:c", ""}}));
  EXPECT_EQ(rows_of("a:::b\n", {"::", false}), (std::vector<Row>{{"a", ":b"}}));
  EXPECT_EQ(rows_of("a:", {"::", false}), (std::vector<Row>{{"a:"}}));
  EXPECT_EQ(rows_of("  a b   c \nd  e f\n", {" ", false}),
            (std::vector<Row>{{"a", "b", "c"}, {"d", "e", "f"}}));
  EXPECT_EQ(rows_of("\"a\"|b\r\n", {"|", false}), (std::vector<Row>{{"\"a\"", "b"}}));
}

TEST(RowParser, UnquotesCells) {
  EXPECT_EQ(rows_of("\"a,\"\"b\"\"\",\"\",\"\"\"\"\r\n\"c\nd\"", {}),
            (std::vector<Row>{{"a,\"b\"", "", "\""}, {"c\nd"}}));
  EXPECT_EQ(rows_of("a\"b,c\n", {}), (std::vector<Row>{{"a\"b", "c"}}))
      << "a quote within a cell is a character";
  EXPECT_EQ(rows_of("\"a\"b\n", {}), (std::vector<Row>{{"!text follows a closing quote"}}));
  EXPECT_EQ(rows_of("\"a\n", {}), (std::vector<Row>{{"!a quote is opened and never closed"}}));
  EXPECT_EQ(rows_of("\"a\"\r", {}), (std::vector<Row>{{"a"}}));
}

TEST(RowParser, CountsLines) {
  const std::string_view text = "a\n\n\"b\nc\"\r\n\r\nd\n";
  const Dialect dialect;
  RowParser parser(text, dialect, true);
  std::vector<std::string_view> cells;
  std::vector<std::uint64_t> lines;
  while (parser.next(cells)) lines.push_back(parser.line());
  EXPECT_EQ(lines, (std::vector<std::uint64_t>{0, 2, 5}));
  EXPECT_EQ(parser.lines_passed(), 6U);
  EXPECT_EQ(parser.consumed(), text.size());
}

TEST(RowParser, GoesOnBehindTheLineOfABadRow) {
  const std::string_view text = "a,\"b\n\"c\nd,e\n\n\"f\"g,h\r\ni,\"j\"\n\"k\n";
  const Dialect dialect;
  RowParser parser(text, dialect, true);
  std::vector<std::string_view> cells;
  std::vector<std::string> seen;
  for (;;) {
    if (parser.next(cells)) {
      seen.push_back(std::to_string(parser.line()) + " " + std::string(parser.row()));
    } else if (parser.error()) {
      const RowError error = *parser.error();
      parser.skip_line();
      seen.push_back(std::to_string(error.line) + " " + std::string(error.reason) + ": " +
                     std::string(parser.row()));
    } else {
      break;
    }
  }
  EXPECT_EQ(seen,
            (std::vector<std::string>{"0 text follows a closing quote: a,\"b\n",
                                      "1 text follows a closing quote: \"c\n", "2 d,e\n",
                                      "4 text follows a closing quote: \"f\"g,h\r\n", "5 i,\"j\"\n",
                                      "6 a quote is opened and never closed: \"k\n"}));
}

TEST(RowParser, ABadRowIsBadWhenItsLineIsThere) {
  const Dialect dialect;
  const std::string_view text = "a,\"b\"c,d\ne,f\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    RowParser parser(text.substr(0, cut), dialect, false);
    std::vector<std::string_view> cells;
    EXPECT_FALSE(parser.next(cells));
    EXPECT_EQ(parser.error().has_value(), cut >= 9) << cut;
    EXPECT_EQ(parser.consumed(), 0U);
  }
}

// Wherever the text is cut, the rows before the cut and those from the last whole one on are the
// rows of the whole.
TEST(RowParser, ACutLosesNothing) {
  const std::vector<std::pair<Dialect, std::string>> texts = {
      {{}, "a,b\r\n\"c,\n\"\"d\"\"\",\"e\"\r\n\r\n,\"\"\n\"f\",g"},
      {{"::", true}, "a::b\n\"c::\"::\"d\"\r\n:::x\ne::"},
      {{"|", false}, "a|\"b\n\nc|d\r\ne"},
  };
  for (const auto& [dialect, text] : texts) {
    const std::vector<Row> whole = rows_of(text, dialect);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      SCOPED_TRACE(cut);
      const std::string_view front = std::string_view(text).substr(0, cut);
      RowParser parser(front, dialect, false);
      std::vector<std::string_view> cells;
      std::vector<Row> rows;
      while (parser.next(cells)) rows.emplace_back(cells.begin(), cells.end());
      for (Row& row : rows_of(std::string_view(text).substr(parser.consumed()), dialect))
        rows.push_back(std::move(row));
      EXPECT_EQ(rows, whole);
    }
  }
}

// Rows of all lengths, whole ones and odd ones, over several blocks of marks.
TEST(RowParser, CutsPlainRowsAsItCutsOne) {
  Rng rng(5);
  std::size_t num_plain = 0;
  std::size_t num_long = 0;
  for (int round = 0; round < 200; ++round) {
    const std::size_t width = 2 + rng.below(4);
    const Index longest_cell = std::vector<Index>{3, 12, 40, 300}[rng.below(4)];
    const char* const line_end = rng.below(2) == 0 ? "\n" : "\r\n";
    const bool quotes = rng.below(2) == 0;
    std::string text;
    while (text.size() < 12'000) {
      const bool is_odd = rng.below(40) == 0;
      const std::size_t cells = is_odd ? rng.below(static_cast<Index>(width) + 3) : width;
      for (std::size_t c = 0; c < cells; ++c) {
        if (c > 0) text += ',';
        const std::string cell(rng.below(longest_cell + 1), static_cast<char>('a' + c));
        text += is_odd && rng.below(3) == 0 ? "\"" + cell + "\"" : cell;
      }
      text += line_end;
    }
    const bool file_ends = rng.below(2) == 0;
    if (rng.below(2) == 0) text.resize(text.size() - rng.below(30));
    const std::string_view view(text);

    const Dialect dialect{.quotes = quotes};
    RowParser plain(view, dialect, file_ends);
    RowParser one(view, dialect, file_ends);
    std::vector<std::string_view> expected;
    bool more = true;
    while (more) {
      std::array<CutRow, 7> rows;
      std::vector<std::string_view> cells(rows.size() * width);
      const std::size_t count = plain.cut_plain_rows(cells, rows);
      for (std::size_t r = 0; r < count; ++r) {
        ASSERT_TRUE(one.next(expected));
        ASSERT_EQ(std::vector(cells.begin() + static_cast<std::ptrdiff_t>(r * width),
                              cells.begin() + static_cast<std::ptrdiff_t>((r + 1) * width)),
                  expected);
        ASSERT_EQ(rows[r].text, one.row());
        ASSERT_EQ(rows[r].line, one.line());
        num_long += rows[r].text.size() > 64;
      }
      num_plain += count;
      ASSERT_EQ(plain.consumed(), one.consumed());
      ASSERT_EQ(plain.lines_passed(), one.lines_passed());
      more = one.next(expected);
      std::vector<std::string_view> found;
      ASSERT_EQ(plain.next(found), more);
      ASSERT_EQ(found, expected);
      ASSERT_EQ(plain.error().has_value(), one.error().has_value());
      if (one.error()) {
        plain.skip_line();
        one.skip_line();
        more = true;
      }
    }
  }
  EXPECT_GT(num_plain, 20'000U);
  EXPECT_GT(num_long, 4'000U);
}

}  // namespace
}  // namespace palate
