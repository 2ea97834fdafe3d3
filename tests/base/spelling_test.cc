#include "palate/base/spelling.h"

#include <gtest/gtest.h>

#include <vector>

namespace palate {
namespace {

TEST(EditDistance, CountsLettersThatDiffer) {
  EXPECT_EQ(edit_distance("train", "train", 3), 0U);
  EXPECT_EQ(edit_distance("trian", "train", 3), 1U) << "neighbours exchanged";
  EXPECT_EQ(edit_distance("trai", "train", 3), 1U);
  EXPECT_EQ(edit_distance("trains", "train", 3), 1U);
  EXPECT_EQ(edit_distance("brain", "train", 3), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3U) << "more than the most";
  EXPECT_EQ(edit_distance("", "abc", 5), 3U);
}

TEST(NearestWord, IsTheOneThatWasMeant) {
  const std::vector<std::string> verbs{"train", "tune", "compare", "recommend"};
  EXPECT_EQ(nearest_word("tarin", verbs), "train");
  EXPECT_EQ(nearest_word("TRAIN", verbs), "train");
  EXPECT_EQ(nearest_word("recomend", verbs), "recommend");
  EXPECT_EQ(nearest_word("comp", verbs), "compare") << "its beginning";
  EXPECT_EQ(nearest_word("predict", verbs), std::nullopt);
  EXPECT_EQ(nearest_word("", verbs), std::nullopt);
  EXPECT_EQ(nearest_word("x", std::vector<std::string>{"y"}), std::nullopt) << "nothing in common";
}

}  // namespace
}  // namespace palate
