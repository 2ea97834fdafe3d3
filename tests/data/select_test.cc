#include "palate/data/select.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class Select : public testing::Test {
 protected:
  Interactions read(std::string_view text) {
    folder_.write("movies.csv",
                  "movieId,title,genres\n10,Ten,Drama\n20,Twenty,War\n30,Thirty,Comedy\n");
    return read_ratings(folder_.write("ratings.csv", text), {}, parallel_).interactions;
  }
  std::string error_of(const Interactions& all, const Selection& selection) {
    try {
      select(all, selection);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TemporaryFolder folder_;
  Parallel parallel_{2};
};

// "user item value"
std::vector<std::string> rows_of(const Interactions& all) {
  std::vector<std::string> rows;
  for (Index r = 0; r < all.size(); ++r) {
    rows.push_back(all.catalog->users[all.users[r]] + ' ' + all.catalog->items[all.items[r]] + ' ' +
                   std::to_string(static_cast<int>(all.values[r])));
  }
  return rows;
}
using Rows = std::vector<std::string>;

TEST_F(Select, NothingAskedForIsEverything) {
  const Interactions all = read("user,item,rating\n1,10,3\n2,20,4\n");
  const Selected selected = select(all, {});
  EXPECT_EQ(rows_of(selected.interactions), rows_of(all));
  EXPECT_EQ(digest(selected.interactions), digest(all));
  EXPECT_EQ(selected.left_out, (std::vector<LeftOut>{}));
  EXPECT_EQ(selected.interactions.selection, "");
}

TEST_F(Select, TimesAreAHalfOpenRange) {
  const std::string text =
      "user,item,rating,time\n1,10,1,946684799\n1,20,2,946684800\n2,20,3,949363199\n2,30,4,"
      "949363200\n";
  const Interactions all = read(text);
  const Selection january{.since = time_from_text("2000-01-01"),
                          .until = time_from_text("2000-02-01")};
  const Selected selected = select(all, january);
  EXPECT_EQ(rows_of(selected.interactions), (Rows{"1 20 2", "2 20 3"}));
  EXPECT_EQ(selected.interactions.times, (std::vector<std::int64_t>{946684800, 949363199}));
  EXPECT_EQ(selected.interactions.num_items(), 1U);
  EXPECT_EQ(selected.interactions.catalog->item_titles, (std::vector<std::string>{"Twenty"}));
  EXPECT_EQ(selected.interactions.catalog->item_metadata.front().cells,
            (std::vector<std::string>{"War"}));
  EXPECT_EQ(selected.left_out,
            (std::vector<LeftOut>{{"before 2000-01-01", 1}, {"from 2000-02-01 on", 1}}));
  EXPECT_EQ(selected.interactions.selection, "since 2000-01-01, before 2000-02-01");
  std::string milliseconds = text;
  for (std::size_t at = 0; (at = milliseconds.find('\n', at + 1)) != std::string::npos;) {
    if (milliseconds[at - 1] != 'e') milliseconds.insert(at, "999"), at += 3;
  }
  EXPECT_EQ(rows_of(select(read(milliseconds), january).interactions), (Rows{"1 20 2", "2 20 3"}));
}

TEST_F(Select, TheExtremesOfTimeAreTimesInEveryUnit) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  Interactions all = read("user,item,rating,timestamp\n1,10,1,1\n1,20,2,2\n2,20,3,3\n");
  all.times = {kFirst, 0, kLast};
  for (const TimeUnit unit :
       {TimeUnit::seconds, TimeUnit::milliseconds, TimeUnit::microseconds, TimeUnit::nanoseconds}) {
    all.time_unit = unit;
    EXPECT_EQ(rows_of(select(all, {.since = kFirst, .until = 1}).interactions),
              (Rows{"1 10 1", "1 20 2"}));
    EXPECT_EQ(rows_of(select(all, {.since = 1}).interactions), (Rows{"2 20 3"}));
    EXPECT_EQ(error_of(all, {.until = kFirst + 1}).empty(), unit == TimeUnit::seconds);
  }
  EXPECT_EQ(time_from_text(std::to_string(kLast)), kLast);
  EXPECT_EQ(time_from_text(std::to_string(kFirst)), kFirst);
  EXPECT_EQ(select(all, {.since = 1}).interactions.time_unit, TimeUnit::nanoseconds);
}

TEST_F(Select, ATimeMayBeToldByEightDigits) {
  EXPECT_EQ(time_from_text("20000131"), time_from_text("2000-01-31"));
  EXPECT_EQ(time_from_text("20000132"), 20000132) << "no day: seconds";
  EXPECT_EQ(time_from_text("1970-08-20T11:35:31Z"), 20000131);
}

TEST_F(Select, UsersAndItemsGoUntilNoneHasTooFew) {
  // Item 30 goes with one rating, then user c, who has one left, then item 20, then user b: a, d
  // and item 10, 40 stay.
  const Interactions all =
      read("user,item,rating\na,10,1\na,40,2\nb,10,3\nb,20,4\nc,20,5\nc,30,1\nd,10,2\nd,40,3\n");
  const Selected selected = select(all, {.min_user_ratings = 2, .min_item_ratings = 2});
  EXPECT_EQ(rows_of(selected.interactions), (Rows{"a 10 1", "a 40 2", "d 10 2", "d 40 3"}));
  EXPECT_EQ(selected.left_out, (std::vector<LeftOut>{{"of users with fewer than 2 ratings", 2},
                                                     {"of items with fewer than 2 ratings", 2}}));
  EXPECT_EQ(selected.interactions.selection,
            "users with 2 ratings or more, items with 2 ratings or more");
  EXPECT_EQ(error_of(all, {.min_user_ratings = 3}),
            "no rating is left of 8: users with 3 ratings or more");
}

// Round by round, as the definition has it.
TEST_F(Select, TheCoreIsWhatTakingOutAgainAndAgainLeaves) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    Rng rng(3, trial);
    std::string text = "user,item,rating\n";
    for (int row = 0; row < 120; ++row) {
      // Few have many ratings.
      const auto one_of = [&](Index most) { return 1 + rng.below(1 + rng.below(most)); };
      const Index user = one_of(40);
      text += fmt::format("u{},i{},{}\n", user, one_of(30), 1 + row % 5);
    }
    const Interactions all = read(text);
    const Selection least{.min_user_ratings = 1 + rng.below(4), .min_item_ratings = rng.below(5)};
    Rows left = rows_of(all);
    std::array<std::uint64_t, 2> gone{};
    const auto take_out = [&](std::size_t word, Index fewest) {
      const auto id_of = [&](const std::string& row) {
        return word == 0 ? row.substr(0, row.find(' '))
                         : row.substr(0, row.rfind(' ')).substr(row.find(' '));
      };
      std::map<std::string, Index> counts;
      for (const std::string& row : left) ++counts[id_of(row)];
      const std::size_t taken =
          std::erase_if(left, [&](const std::string& row) { return counts[id_of(row)] < fewest; });
      gone[word] += taken;
      return taken > 0;
    };
    for (bool again = true; again;) {
      again = take_out(0, least.min_user_ratings);
      again = take_out(1, least.min_item_ratings) || again;
    }
    if (left.empty()) {
      EXPECT_NE(error_of(all, least), "");
      continue;
    }
    const Selected selected = select(all, least);
    EXPECT_EQ(rows_of(selected.interactions), left);
    std::vector<std::uint64_t> told;
    for (const LeftOut& out : selected.left_out) told.push_back(out.ratings);
    std::vector<std::uint64_t> expected(gone.begin(), gone.end());
    std::erase(expected, 0U);
    EXPECT_EQ(told, expected);
  }
}

TEST_F(Select, ASampleTakesWholeUsers) {
  std::string text = "user,item,rating\n";
  for (int user = 0; user < 1000; ++user) {
    for (int item = 0; item < 1 + user % 5; ++item)
      text += std::to_string(user) + "," + std::to_string(item) + ",3\n";
  }
  const Interactions all = read(text);
  std::set<std::string> first;
  for (const std::uint64_t seed : {1U, 2U}) {
    const Interactions some = select(all, {.sample = 0.25, .seed = seed}).interactions;
    EXPECT_EQ(some.num_users(), 250U);
    std::vector<int> counts(some.num_users());
    for (const Index user : some.users) ++counts[user];
    std::set<std::string> users;
    for (Index user = 0; user < some.num_users(); ++user) {
      const std::string id = some.catalog->users[user];
      EXPECT_EQ(counts[user], 1 + std::stoi(id) % 5);
      users.insert(id);
    }
    EXPECT_NE(users, first);
    first = users;
    EXPECT_EQ(digest(some), digest(select(all, {.sample = 0.25, .seed = seed}).interactions));
  }
  EXPECT_EQ(select(all, {.sample = 1e-9}).interactions.num_users(), 1U);
}

TEST_F(Select, WhatCannotBeSelectedIsSaid) {
  const Interactions all = read("user,item,rating\n1,10,3\n");
  for (const double share : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(error_of(all, {.sample = share}).find("is not a share of the users in (0, 1]"),
              std::string::npos);
  }
  EXPECT_EQ(error_of(all, {.since = 0}), "the ratings have no times to be chosen by");
  EXPECT_THROW(time_from_text("yesterday"), Error);
}

}  // namespace
}  // namespace palate
