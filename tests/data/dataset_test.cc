#include "palate/data/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/random.h"

namespace palate {
namespace {

// `size` ratings of different pairs of `num_users` users and `num_items` items, in no order.
Interactions some_interactions(Index num_users, Index num_items, Index size) {
  std::vector<Index> cells(std::size_t{num_users} * num_items);
  std::iota(cells.begin(), cells.end(), Index{0});
  Rng rng(5);
  rng.shuffle(cells);
  const auto numbered = [](Index count) {
    std::vector<std::string> ids;
    for (Index i = 0; i < count; ++i) ids.push_back(std::to_string(i));
    return Ids::from_strings(ids);
  };
  Catalog catalog;
  catalog.users = numbered(num_users);
  catalog.items = numbered(num_items);
  Interactions interactions;
  interactions.catalog = std::make_shared<const Catalog>(std::move(catalog));
  for (Index row = 0; row < size; ++row) {
    interactions.users.push_back(cells[row] / num_items);
    interactions.items.push_back(cells[row] % num_items);
    interactions.values.push_back(static_cast<float>(rng.uniform() * 10 - 3));
  }
  return interactions;
}

// Every second row, from the last to the first.
std::vector<Index> some_rows(Index size) {
  std::vector<Index> rows;
  for (Index row = size; row >= 2; row -= 2) rows.push_back(row - 1);
  return rows;
}

// Whether these are the entries of a full table, row by row, in which `none` stands where there is
// no rating.
bool holds(const SparseMatrix& matrix, const std::vector<float>& table, float none) {
  const auto wanted = table.size() - static_cast<std::size_t>(std::ranges::count(table, none));
  if (matrix.size() != wanted || std::size_t{matrix.rows()} * matrix.num_columns != table.size())
    return false;
  bool same = true;
  for (Index r = 0; r < matrix.rows(); ++r) {
    const SparseRow row = matrix.row(r);
    for (Index t = 0; t < row.size(); ++t) {
      same &= t == 0 || row.columns[t - 1] < row.columns[t];
      same &= table[std::size_t{r} * matrix.num_columns + row.columns[t]] == row.values[t];
    }
  }
  return same;
}

struct Shape {
  Index users, items, size;
};
constexpr Shape kShapes[] = {
    {0, 0, 0},     {1, 1, 1},           {1, 50, 50},          {50, 1, 50},         {7, 9, 0},
    {40, 30, 500}, {700, 400, 150'000}, {70'000, 3, 140'000}, {3, 70'000, 140'000}};

TEST(Dataset, HasTheRowsAsAListByUserAndByItem) {
  constexpr float kNone = 1000;  // of the full table, where there is no rating
  Parallel parallel(2);
  for (const auto& [users, items, size] : kShapes) {
    const Interactions interactions = some_interactions(users, items, size);
    for (const bool sorted : {false, true}) {
      SCOPED_TRACE(testing::Message() << users << " x " << items << ", " << size
                                      << (sorted ? ", sorted by user" : ""));
      std::vector<Index> rows = some_rows(size);
      if (sorted)
        std::ranges::stable_sort(rows, {}, [&](Index row) { return interactions.users[row]; });
      const Dataset data(interactions, rows, parallel);
      ASSERT_EQ(data.size(), rows.size());
      EXPECT_EQ(data.num_users(), users);
      EXPECT_EQ(data.num_items(), items);
      EXPECT_EQ(data.by_user().num_columns, items);
      EXPECT_EQ(data.by_item().num_columns, users);
      std::vector<Index> users_of_rows;
      std::vector<Index> items_of_rows;
      std::vector<float> values_of_rows;
      std::vector<float> by_user(std::size_t{users} * items, kNone);
      std::vector<float> by_item(std::size_t{users} * items, kNone);
      for (const Index row : rows) {
        const Index user = interactions.users[row];
        const Index item = interactions.items[row];
        const float value = interactions.values[row];
        users_of_rows.push_back(user);
        items_of_rows.push_back(item);
        values_of_rows.push_back(value);
        by_user[std::size_t{user} * items + item] = value;
        by_item[std::size_t{item} * users + user] = value;
      }
      EXPECT_TRUE(std::ranges::equal(data.users(), users_of_rows));
      EXPECT_TRUE(std::ranges::equal(data.items(), items_of_rows));
      EXPECT_TRUE(std::ranges::equal(data.values(), values_of_rows));
      EXPECT_TRUE(holds(data.by_user(), by_user, kNone));
      EXPECT_TRUE(holds(data.by_item(), by_item, kNone));
    }
  }
}

TEST(Dataset, KnowsMeanAndRangeOfItsOwnRows) {
  Parallel parallel(2);
  Interactions interactions = some_interactions(3, 2, 6);
  interactions.values = {100, 2, 100, 3, 100, 4.5F};
  const Dataset data(interactions, std::vector<Index>{5, 1, 3}, parallel);
  EXPECT_DOUBLE_EQ(data.mean(), 9.5 / 3);
  EXPECT_EQ(data.range(), (RatingRange{2, 4.5F}));
  const Dataset empty(interactions, {}, parallel);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.range(), RatingRange{});
}

TEST(Dataset, OfAllRowsEqualsThatOfAListOfThem) {
  const Interactions interactions = some_interactions(70, 40, 1500);
  std::vector<Index> rows(interactions.size());
  std::iota(rows.begin(), rows.end(), Index{0});
  Parallel parallel(2);
  const Dataset listed(interactions, rows, parallel);
  const Dataset all(interactions, parallel);
  EXPECT_TRUE(std::ranges::equal(all.users(), listed.users()));
  EXPECT_TRUE(std::ranges::equal(all.items(), listed.items()));
  EXPECT_TRUE(std::ranges::equal(all.values(), listed.values()));
  EXPECT_EQ(all.by_user(), listed.by_user());
  EXPECT_EQ(all.by_item(), listed.by_item());
  EXPECT_EQ(all.mean(), listed.mean());
  EXPECT_EQ(all.range(), listed.range());
}

TEST(Dataset, IsTheSameForAnyNumberOfThreads) {
  const Interactions interactions = some_interactions(700, 400, 150'000);
  std::vector<Index> rows(interactions.size());
  std::iota(rows.begin(), rows.end(), Index{0});
  Parallel one(1);
  const Dataset expected(interactions, rows, one);
  for (const unsigned threads : {2U, 3U, 8U}) {
    Parallel parallel(threads);
    const Dataset data(interactions, rows, parallel);
    EXPECT_EQ(data.by_user(), expected.by_user());
    EXPECT_EQ(data.by_item(), expected.by_item());
    EXPECT_TRUE(std::ranges::equal(data.values(), expected.values()));
    EXPECT_EQ(data.mean(), expected.mean());
  }
}

}  // namespace
}  // namespace palate
