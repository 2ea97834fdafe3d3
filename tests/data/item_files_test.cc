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

TEST_F(ItemFiles, SpacesAroundIdsAreLeftOutWhereThatIsTold) {
  const ItemList list = read_item_list(file("3 \n 1\n"), numbered);
  EXPECT_EQ(list.unknown, 2U);
  EXPECT_EQ(list.looked_up.twins_in(numbered.items)->known, "3");
  EXPECT_EQ(read_item_list(file("3 \n 1\n"), numbered, true).items, (std::vector<Index>{0, 2}));
}

TEST_F(ItemFiles, WhatCannotBeUsedIsNamed) {
  const auto refusal = [&](const std::string& text) -> std::string {
    try {
      read_item_list(file(text), numbered);
      return "nothing";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_NE(refusal("item,value\n5,3\n2\n").find("items.csv:3: 1 columns where the header has 2"),
            std::string::npos);
  EXPECT_NE(refusal("").find("empty"), std::string::npos);
  EXPECT_THROW(read_item_list(folder.path("missing"), numbered), Error);
}

}  // namespace
}  // namespace palate
