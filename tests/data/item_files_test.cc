#include "palate/data/item_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "palate/base/error.h"
#include "small_data.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class ItemFiles : public testing::Test {
 protected:
  ItemFiles() {
    numbered.items = numbered_ids(9);
    const std::vector<std::string> names{"heat", "alien, the", "up"};
    named.items = Ids::from_strings(names);
  }
  std::string file(const std::string& text) {
    const std::string path = folder.path("items.csv");
    std::ofstream(path) << text;
    return path;
  }
  TemporaryFolder folder;
  Catalog numbered;  // items 1 .. 9
  Catalog named;
};

TEST_F(ItemFiles, AListHasOneIdALineOrAColumnOfThem) {
  for (const char* const text : {"3\n1\n7\n3\n", "3\r\n1\r\n7", "item\n3\n1\n7\n",
                                 "title,movieId\nA,3\nB,1\nC,7\n", "3,A\n1,B\n7,C\n"}) {
    EXPECT_EQ(read_item_list(file(text), numbered).items, (std::vector<Index>{0, 2, 6})) << text;
  }
  EXPECT_EQ(read_item_list(file("up\nheat\n"), named).items, (std::vector<Index>{0, 2}));
  EXPECT_EQ(read_item_list(file("item,note\n\"alien, the\",x\n"), named).items,
            (std::vector<Index>{1}));
}

TEST_F(ItemFiles, UnknownIdsAreCounted) {
  const ItemList list = read_item_list(file("3\n77\n88\n"), numbered);
  EXPECT_EQ(list.items, (std::vector<Index>{2}));
  EXPECT_EQ(list.unknown, 2U);
}

TEST_F(ItemFiles, RatingsStandInOrderAndTheLastOfAnItemCounts) {
  const RatedItems rated = read_rated_items(file("item,value\n5,3\n2,4.5\n5,1\n77,5\n"), numbered);
  EXPECT_EQ(rated.items, (std::vector<Index>{1, 4}));
  EXPECT_EQ(rated.values, (std::vector<float>{4.5F, 1}));
  EXPECT_EQ(rated.unknown, 1U);
  EXPECT_EQ(rated.row().size(), 2U);
  EXPECT_EQ(read_rated_items(file("item;value\n5;2,5\n"), numbered).values,
            (std::vector<float>{2.5F}));
}

TEST_F(ItemFiles, WhatCannotBeUsedIsNamed) {
  const auto refusal = [&](const std::string& text, bool ratings) -> std::string {
    try {
      ratings ? static_cast<void>(read_rated_items(file(text), numbered))
              : static_cast<void>(read_item_list(file(text), numbered));
      return "nothing";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_NE(
      refusal("item,value\n5,3\n2\n", true).find("items.csv:3: 1 columns where the header has 2"),
      std::string::npos);
  EXPECT_NE(refusal("item,value\n5,inf\n", true).find("items.csv:2: column 2: \"inf\""),
            std::string::npos);
  EXPECT_NE(refusal("", false).find("empty"), std::string::npos);
  EXPECT_THROW(read_item_list(folder.path("missing"), numbered), Error);
}

}  // namespace
}  // namespace palate
