#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "data/id_table.h"
#include "palate/base/error.h"
#include "palate/data/interactions.h"

namespace palate {
namespace {

std::string error_of(auto&& make) {
  try {
    make();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Ids, OfCanonicalIntegersAreIntegers) {
  const Ids ids =
      Ids::from_strings(std::vector<std::string>{"7", "-3", "0", "9223372036854775807"});
  EXPECT_TRUE(ids.are_integers());
  EXPECT_EQ(ids, Ids::integers({7, -3, 0, std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(ids.find("-3"), 1U);
  EXPECT_EQ(ids.find("07"), std::nullopt);
  EXPECT_EQ(ids.find(""), std::nullopt);
  EXPECT_TRUE(ids.text_bytes().empty());
}

TEST(Ids, OneTextMakesAllTexts) {
  const Ids ids = Ids::from_strings(std::vector<std::string>{"7", "07", "x"});
  EXPECT_FALSE(ids.are_integers());
  EXPECT_EQ(ids, Ids::texts("707x", {0, 1, 3, 4}));
  EXPECT_EQ(ids.find("7"), 0U);
  EXPECT_EQ(ids.find("07"), 1U);
  EXPECT_EQ(ids.find("y"), std::nullopt);
  EXPECT_EQ(ids[1], "07");
  EXPECT_TRUE(ids.integer_ids().empty());
}

TEST(Ids, EachIsFoundAmongMany) {
  for (const std::string suffix : {"", "x"}) {
    std::vector<std::string> strings;
    for (int i = 0; i < 5000; ++i)
      strings.push_back(std::to_string(std::int64_t{i} << (i % 40)) + suffix);
    std::ranges::sort(strings);
    strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
    const Ids ids = Ids::from_strings(strings);
    EXPECT_EQ(ids.are_integers(), suffix.empty());
    for (Index i = 0; i < ids.size(); ++i) {
      ASSERT_EQ(ids[i], strings[i]);
      ASSERT_EQ(ids.find(strings[i]), i);
    }
  }
}

TEST(Ids, NoneAreIntegers) {
  EXPECT_EQ(Ids().size(), 0U);
  EXPECT_TRUE(Ids().are_integers());
  EXPECT_EQ(Ids().find("1"), std::nullopt);
  EXPECT_EQ(Ids(), Ids::texts("", {0}));
}

TEST(Ids, RepeatedEmptyOrBrokenIdsAreRefused) {
  EXPECT_EQ(error_of([] { Ids::integers({5, 6, 5}); }), "id \"5\" stands twice");
  EXPECT_EQ(error_of([] { Ids::texts("abab", {0, 2, 4}); }), "id \"ab\" stands twice");
  EXPECT_EQ(error_of([] { Ids::texts("a", {0, 1, 1}); }), "id 1 is empty");
  EXPECT_EQ(error_of([] { Ids::texts("a\xFF", {0, 1, 2}); }), "id 1 is not valid UTF-8: \"\\xff\"");
  EXPECT_NE(error_of([] { Ids::texts("abc", {0, 3, 2, 3}); }), "");
  EXPECT_NE(error_of([] { Ids::texts("abc", {0, 2}); }), "");
  EXPECT_NE(error_of([] { Ids::texts("abc", {1, 3}); }), "");
  EXPECT_NE(error_of([] { Ids::texts("", {}); }), "");
}

TEST(CanonicalInteger, HasOneForm) {
  for (const char* text : {"0", "7", "-3", "9223372036854775807", "-9223372036854775808",
                           "999999999999999999", "1000000000000000000"}) {
    const auto integer = canonical_integer(text);
    ASSERT_TRUE(integer) << text;
    EXPECT_EQ(std::to_string(*integer), text);
  }
  for (const char* text : {"", "-", "07", "+7", "-0", "00", " 7", "7 ", "7.0", "1e3", "0x7",
                           "9223372036854775808", "--7", "7-"}) {
    EXPECT_FALSE(canonical_integer(text)) << text;
  }
}

TEST(Digest, TellsTablesApart) {
  const auto table = [](Ids users, std::vector<Index> rows, std::vector<float> values,
                        std::vector<std::int64_t> times) {
    Interactions all;
    all.catalog = std::make_shared<Catalog>(
        Catalog{.users = std::move(users), .items = Ids::integers({1, 2})});
    all.users = rows;
    all.items = {0, 1};
    all.values = std::move(values);
    all.times = std::move(times);
    return digest(all);
  };
  const std::string base = table(Ids::integers({1, 23}), {0, 1}, {1, 2}, {});
  EXPECT_EQ(base.size(), 64U);
  EXPECT_EQ(base, table(Ids::integers({1, 23}), {0, 1}, {1, 2}, {}));
  EXPECT_NE(base, table(Ids::integers({12, 3}), {0, 1}, {1, 2}, {}));
  EXPECT_NE(base, table(Ids::integers({1, 23}), {1, 0}, {1, 2}, {}));
  EXPECT_NE(base, table(Ids::integers({1, 23}), {0, 1}, {1, 3}, {}));
  EXPECT_NE(base, table(Ids::integers({1, 23}), {0, 1}, {1, 2}, {0, 0}));
}

// Small integers have a table of their own, which grows with the ids: those from before and behind
// its end are found too.
TEST(IdTable, FindsIntegersSmallAndLargeWhateverTheOrder) {
  std::vector<std::int64_t> ids{
      0, 7, 63, 64, 1'000'000, -1, std::numeric_limits<std::int64_t>::min()};
  for (std::int64_t n = 1; n < 3000; ++n) ids.push_back(n * 997 % 30'011 + 100);
  IdTable table;
  for (std::size_t n = 0; n < ids.size(); ++n) EXPECT_EQ(table.add(ids[n]), n);
  for (std::size_t n = 0; n < ids.size(); ++n) {
    EXPECT_EQ(table.index_of(ids[n]), n);
    EXPECT_EQ(table.add(ids[n]), n);
  }
  EXPECT_EQ(table.index_of(std::int64_t{1}), IdTable::kNone);
  EXPECT_EQ(table.index_of(std::int64_t{40'000}), IdTable::kNone);
  table.add("x");  // all turn into text
  EXPECT_EQ(table.index_of(std::int64_t{64}), 3);
  table.clear();
  EXPECT_EQ(table.index_of(std::int64_t{64}), IdTable::kNone);
}

TEST(IdTable, FindsEachOfMoreThan16BitsCount) {
  constexpr std::int64_t kCount = 70'001;  // a prime
  IdTable table;
  for (std::int64_t n = 0; n < kCount; ++n)
    ASSERT_EQ(table.add(n * 7919 % kCount), static_cast<Index>(n));
  for (std::int64_t n = 0; n < kCount; ++n)
    ASSERT_EQ(table.index_of(n * 7919 % kCount), static_cast<Index>(n));
  EXPECT_EQ(table.index_of(kCount), IdTable::kNone);
}

TEST(DirectIndices, HoldEveryIndexOf24Bits) {
  constexpr Index kNone = DirectIndices::kNone;
  const std::vector<Index> some{0, 1, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFF, 0xFF0000, 0xFFFFFE};
  for (std::size_t first = 0; first < some.size(); ++first) {  // whichever comes first
    DirectIndices indices;
    for (std::size_t n = 0; n < some.size(); ++n) {
      const std::size_t place = (first + n) % some.size();
      EXPECT_EQ(indices.of(static_cast<std::int64_t>(3 * place)), kNone);
      indices.set(3 * place, some[place]);
      for (std::size_t before = 0; before <= n; ++before) {
        const std::size_t at = (first + before) % some.size();
        EXPECT_EQ(indices.of(static_cast<std::int64_t>(3 * at)), some[at]);
        EXPECT_EQ(indices.of(static_cast<std::int64_t>(3 * at + 1)), kNone);
      }
    }
    indices.set(1, 0xFFFFFF);  // too large
    EXPECT_EQ(indices.of(1), kNone);
    EXPECT_EQ(indices.of(-1), kNone);
    indices.clear();
    EXPECT_EQ(indices.of(0), kNone);
  }
}

}  // namespace
}  // namespace palate
