#include "palate/data/build.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Integers = std::vector<std::int64_t>;
using Codes = std::vector<std::int32_t>;
using Values = std::vector<float>;
using Strings = std::vector<std::string>;

// The memory that TextIds refer to.
template <class Offset>
struct Texts {
  explicit Texts(const Strings& texts) {
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<Offset>(bytes.size()));
    }
  }
  TextIds ids() const { return {std::span(offsets), bytes}; }

  std::string bytes;
  std::vector<Offset> offsets{0};
};

// The rows as "user item value time", with ids as they were written.
Strings rows_of(const Interactions& all) {
  Strings rows;
  for (Index r = 0; r < all.size(); ++r) {
    std::string row = all.catalog->users[all.users[r]] + ' ' + all.catalog->items[all.items[r]];
    row += ' ' + std::to_string(all.values[r]).substr(0, 3);
    if (!all.times.empty()) row += ' ' + std::to_string(all.times[r]);
    rows.push_back(row);
  }
  return rows;
}

class Build : public testing::Test {
 protected:
  Interactions finish(InteractionsBuilder& builder) {
    return builder.finish(Duplicates::last, parallel_).interactions;
  }

  struct Failure {
    ErrorCode code{};
    std::string message;  // "" where nothing failed
  };
  static Failure failure_of(auto&& work) {
    try {
      work();
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    return {};
  }
  // Of a batch that is added behind one with values and without times. It must leave no trace.
  Failure failure_of_batch(const RatingBatch& batch) {
    InteractionsBuilder builder;
    builder.add({.users = one_, .items = one_, .values = value_, .times = {}});
    const Failure failure = failure_of([&] { builder.add(batch); });
    const Interactions all = finish(builder);
    EXPECT_EQ(rows_of(all), Strings{"1 1 3.0"});
    EXPECT_EQ(all.num_users(), 1U);
    EXPECT_EQ(all.num_items(), 1U);
    return failure;
  }
  void expect_bad_data(const RatingBatch& batch, const std::string& message) {
    const Failure failure = failure_of_batch(batch);
    EXPECT_EQ(failure.code, ErrorCode::bad_data);
    EXPECT_EQ(failure.message, message);
  }
  void expect_invalid(const RatingBatch& batch, const std::string& message) {
    const Failure failure = failure_of_batch(batch);
    EXPECT_EQ(failure.code, ErrorCode::invalid_argument);
    EXPECT_EQ(failure.message, message);
  }

  const Integers one_{1};
  const Values value_{3};
  const Integers two_{8, 9};
  const Values two_values_{1, 2};
  Parallel parallel_{3};
};

TEST_F(Build, AnIdIsTheSameInEveryForm) {
  const Integers integers{7, -3, 7};
  const Texts<std::int32_t> small({"-3", "7", "9"});
  const Texts<std::int64_t> large({"9", "11", "-3"});
  const Codes codes{2, 1, 2};
  const IdColumn forms[] = {integers, small.ids(), large.ids(), CodedIds{codes, integers},
                            CodedIds{codes, small.ids()}};
  const Strings expected[] = {
      {"7", "-3", "7"}, {"-3", "7", "9"}, {"9", "11", "-3"}, {"7", "-3", "7"}, {"9", "7", "9"}};
  InteractionsBuilder all;
  std::int64_t item = 100;
  Strings rows;
  for (std::size_t form = 0; form < std::size(forms); ++form) {
    const Integers others{item, item + 1, item + 2};
    all.add({.users = forms[form], .items = others, .values = {}, .times = {}});
    for (const std::string& user : expected[form])
      rows.push_back(user + ' ' + std::to_string(item++) + " 1.0");
  }
  const Interactions built = finish(all);
  EXPECT_EQ(rows_of(built), rows);
  EXPECT_EQ(built.catalog->users, Ids::integers({7, -3, 9, 11}));
}

TEST_F(Build, OneTextTurnsTheIdsOfAllBatchesIntoText) {
  const Texts<std::int32_t> texts({"x", "07", "8"});
  const Integers items{1, 2, 3};
  InteractionsBuilder builder;
  builder.add({.users = two_, .items = two_, .values = {}, .times = {}});
  builder.add({.users = texts.ids(), .items = items, .values = {}, .times = {}});
  const Interactions all = finish(builder);
  EXPECT_EQ(all.catalog->users, Ids::from_strings(Strings{"8", "9", "x", "07"}));
  EXPECT_TRUE(all.catalog->items.are_integers());
}

// The reader's result for the same rows, whatever the forms and however the rows are cut.
TEST_F(Build, TheResultIsThatOfTheSameRowsInAFile) {
  constexpr std::size_t kRows = 150'000;  // more than are taken at a time
  Rng rng(5);
  Strings user_names;
  Strings item_names;
  Integers users;
  Integers items;
  Codes item_codes;
  Values values;
  Integers times;
  std::string csv = "user,item,rating,timestamp\n";
  Integers dictionary;  // each id twice, and some that no row has
  for (std::int64_t code = 0; code < 40'000; ++code) dictionary.push_back(code % 20'000 * 7 - 500);
  for (std::size_t row = 0; row < kRows; ++row) {
    // ids that come late, too
    users.push_back(
        rng.below(static_cast<std::uint32_t>(200 + row / 50)) * std::int64_t{900'000'001} - 1);
    item_codes.push_back(static_cast<std::int32_t>(rng.below(30'000)));
    items.push_back(dictionary[static_cast<std::size_t>(item_codes.back())]);
    values.push_back(static_cast<float>(rng.below(10)) / 2);
    times.push_back(static_cast<std::int64_t>(row) * 3);
    user_names.push_back(std::to_string(users.back()));
    item_names.push_back(std::to_string(items.back()));
    csv += user_names.back() + ',' + item_names.back() + ',' + std::to_string(values.back()) + ',' +
           std::to_string(times.back()) + '\n';
  }
  const TemporaryFolder folder;
  const RatingsTable read = read_ratings(folder.write("ratings.csv", csv), {}, parallel_);
  ASSERT_GT(read.duplicates, 0U);
  const Texts<std::int32_t> user_texts(user_names);
  const Texts<std::int64_t> item_texts(item_names);
  const auto expect_same = [&](InteractionsBuilder& builder) {
    const Built built = builder.finish(Duplicates::last, parallel_);
    EXPECT_EQ(built.duplicates, read.duplicates);
    EXPECT_EQ(digest(built.interactions), digest(read.interactions));
  };
  InteractionsBuilder whole;
  whole.add({.users = user_texts.ids(),
             .items = CodedIds{item_codes, dictionary},
             .values = values,
             .times = times});
  expect_same(whole);
  InteractionsBuilder in_batches;
  for (std::size_t first = 0, size = 1; first < kRows; first += size, size = size * 3 + 1) {
    size = std::min(size, kRows - first);
    const auto offsets = std::span(item_texts.offsets).subspan(first, size + 1);
    in_batches.add({.users = std::span(users).subspan(first, size),
                    .items = TextIds{offsets, item_texts.bytes},
                    .values = std::span(values).subspan(first, size),
                    .times = std::span(times).subspan(first, size)});
  }
  expect_same(in_batches);
}

TEST_F(Build, KnownIdsKeepTheirNumbersTitlesAndMetadata) {
  const Catalog known{.users = Ids::integers({5, 6}),
                      .items = Ids::from_strings(Strings{"a", "b"}),
                      .item_titles = {"A", "B"},
                      .item_metadata = {{"genres", {"Drama", "War"}}}};
  const Integers users{9, 6, 8};
  const Texts<std::int32_t> items({"c", "b", "d"});
  InteractionsBuilder builder(known);
  builder.add({.users = users, .items = items.ids(), .values = {}, .times = {}});
  const Interactions all = finish(builder);
  EXPECT_EQ(all.catalog->users, Ids::integers({5, 6, 9, 8}));
  EXPECT_EQ(all.catalog->items, Ids::from_strings(Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(all.users, (std::vector<Index>{2, 1, 3}));
  EXPECT_EQ(all.items, (std::vector<Index>{2, 1, 3}));
  EXPECT_EQ(all.catalog->item_titles, (Strings{"A", "B", "", ""}));
  EXPECT_EQ(all.catalog->item_metadata.front().cells, (Strings{"Drama", "War", "", ""}));
  // what is known was not touched
  EXPECT_EQ(known.users, Ids::integers({5, 6}));
}

TEST_F(Build, OfNothingThereIsNothing) {
  InteractionsBuilder none;
  EXPECT_EQ(finish(none).size(), 0U);
  InteractionsBuilder known(Catalog{.users = Ids::integers({5, 6}), .items = Ids::integers({1})});
  known.add({});
  known.add({.users = TextIds{std::span<const std::int32_t>(), ""},
             .items = CodedIds{{}, IntegerIds()},
             .values = {},
             .times = {}});
  const Interactions all = finish(known);
  EXPECT_EQ(all.size(), 0U);
  EXPECT_EQ(all.num_users(), 2U);
  EXPECT_EQ(all.num_items(), 1U);
}

TEST_F(Build, FinishingLeavesANewBuilder) {
  InteractionsBuilder builder(Catalog{.users = Ids::integers({5}), .items = Ids::integers({5})});
  builder.add({.users = two_, .items = two_, .values = two_values_, .times = two_});
  EXPECT_EQ(finish(builder).num_users(), 3U);
  builder.add({.users = one_, .items = one_, .values = {}, .times = {}});
  const Interactions all = finish(builder);
  EXPECT_EQ(rows_of(all), Strings{"1 1 1.0"});
  EXPECT_FALSE(all.has_values);
}

TEST_F(Build, RepeatedPairsFollowThePolicy) {
  const Integers users{1, 1, 2};
  const Integers items{1, 2, 1};
  const Integers users_again{1, 2, 1};
  const Integers items_again{1, 1, 1};
  const auto built = [&](Duplicates policy) {
    InteractionsBuilder builder;
    builder.add({.users = users, .items = items, .values = Values{1, 2, 3}, .times = users});
    builder.add({});
    builder.add({.users = users_again,
                 .items = items_again,
                 .values = Values{4, 5, 5},
                 .times = Integers{7, 8, 9}});
    return builder.finish(policy, parallel_);
  };
  const auto rows = [&](Duplicates policy) { return rows_of(built(policy).interactions); };
  EXPECT_EQ(built(Duplicates::last).duplicates, 3U);
  EXPECT_EQ(rows(Duplicates::last), (Strings{"1 2 2.0 1", "2 1 5.0 8", "1 1 5.0 9"}));
  EXPECT_EQ(rows(Duplicates::first), (Strings{"1 1 1.0 1", "1 2 2.0 1", "2 1 3.0 2"}));
  EXPECT_EQ(rows(Duplicates::mean), (Strings{"1 2 2.0 1", "2 1 4.0 8", "1 1 3.3 9"}));
  EXPECT_EQ(rows(Duplicates::sum), (Strings{"1 2 2.0 1", "2 1 8.0 8", "1 1 10. 9"}));
  const Failure failure = failure_of([&] { built(Duplicates::error); });
  EXPECT_EQ(failure.code, ErrorCode::bad_data);
  EXPECT_EQ(failure.message,
            "batch 2, row 0: user \"1\" and item \"1\" stand in row 0 of batch 0 already: "
            "`duplicates=last|first|mean|sum` keeps one");
  InteractionsBuilder same;
  same.add({.users = Integers{4, 4},
            .items = Integers{4, 4},
            .values = Values{3e38F, 3e38F},
            .times = {}});
  EXPECT_EQ(failure_of([&] { same.finish(Duplicates::sum, parallel_); }).message,
            "batch 0: a sum of repeated ratings is infinite");
}

TEST_F(Build, WithoutValuesEachIsOne) {
  InteractionsBuilder builder;
  builder.add({.users = two_, .items = two_, .values = {}, .times = two_});
  const Interactions all = finish(builder);
  EXPECT_FALSE(all.has_values);
  EXPECT_EQ(rows_of(all), (Strings{"8 8 1.0 8", "9 9 1.0 9"}));
}

TEST_F(Build, ColumnsOfDifferentLengthsAreRefused) {
  expect_invalid({.users = two_, .items = one_, .values = two_values_, .times = {}},
                 "batch 1 has 2 users and 1 items");
  expect_invalid({.users = two_, .items = two_, .values = value_, .times = {}},
                 "batch 1 has 2 users and 1 values");
  expect_invalid({.users = two_, .items = two_, .values = two_values_, .times = one_},
                 "batch 1 has 2 users and 1 times");
  expect_invalid({.users = {}, .items = {}, .values = value_, .times = {}},
                 "batch 1 has 0 users and 1 values");
}

TEST_F(Build, ValuesAndTimesAreInAllBatchesOrInNone) {
  expect_invalid({.users = two_, .items = two_, .values = {}, .times = {}},
                 "batch 1 has no values, batch 0 has them");
  expect_invalid({.users = two_, .items = two_, .values = two_values_, .times = two_},
                 "batch 1 has times, batch 0 has none");
  EXPECT_EQ(failure_of_batch({}).message, "");  // no rows, no columns
}

TEST_F(Build, OffsetsThatDescendOrLeaveTheBytesAreRefused) {
  const auto expect = [&](const Codes& offsets, const std::string& message) {
    const TextIds ids{std::span<const std::int32_t>(offsets), "abc"};
    expect_invalid({.users = ids, .items = two_, .values = two_values_, .times = {}}, message);
  };
  expect({0, 2, 1},
         "batch 1: users: offset 2 is 1, which is not between 2 and 3, the number of bytes");
  expect({-1, 2, 3},
         "batch 1: users: offset 0 is -1, which is not between 0 and 3, the number of bytes");
  expect({0, 2, 4},
         "batch 1: users: offset 2 is 4, which is not between 2 and 3, the number of bytes");
  const Integers offsets{0, std::int64_t{1} << 40};
  const TextIds dictionary{std::span<const std::int64_t>(offsets), "abc"};
  expect_invalid({.users = two_,
                  .items = CodedIds{Codes{0, 0}, dictionary},
                  .values = two_values_,
                  .times = {}},
                 "batch 1: items: offset 1 of the dictionary is 1099511627776, which is not "
                 "between 0 and 3, the number of bytes");
}

TEST_F(Build, CodesThatTheDictionaryLacksAreRefused) {
  expect_invalid(
      {.users = CodedIds{Codes{1, 2}, two_}, .items = two_, .values = two_values_, .times = {}},
      "batch 1, row 1: users: the dictionary of 2 ids has none for the code 2");
  expect_invalid(
      {.users = two_, .items = CodedIds{Codes{-1, 0}, two_}, .values = two_values_, .times = {}},
      "batch 1, row 0: items: the dictionary of 2 ids has none for the code -1");
}

TEST_F(Build, EmptyIdsAndThoseThatAreNotUtf8AreRefused) {
  const Texts<std::int32_t> empty({"a", ""});
  const Texts<std::int64_t> broken({"a\xFF", "b"});
  expect_bad_data({.users = empty.ids(), .items = two_, .values = two_values_, .times = {}},
                  "batch 1, row 1: users: \"\" is an empty id");
  expect_bad_data({.users = two_, .items = broken.ids(), .values = two_values_, .times = {}},
                  "batch 1, row 0: items: \"a\\xff\" is not valid UTF-8");
  // what no row has is not looked at
  InteractionsBuilder builder;
  builder.add(
      {.users = CodedIds{Codes{0, 0}, empty.ids()}, .items = two_, .values = {}, .times = {}});
  EXPECT_EQ(finish(builder).catalog->users, Ids::from_strings(Strings{"a"}));
  expect_bad_data({.users = CodedIds{Codes{1, 0}, broken.ids()},
                   .items = two_,
                   .values = two_values_,
                   .times = {}},
                  "batch 1, row 1: users: \"a\\xff\" is not valid UTF-8");
}

TEST_F(Build, ValuesThatAreNotFiniteAreRefused) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    expect_bad_data({.users = two_, .items = two_, .values = Values{1, value}, .times = {}},
                    std::string("batch 1, row 1: values: ") + (std::isnan(value) ? "nan" : "inf") +
                        " is not a finite number");
  }
}

TEST_F(Build, TheCallerSaysWhatTheValuesAre) {
  const auto feedback = [&](const Values& values, Feedback told) {
    InteractionsBuilder builder;
    builder.add({.users = two_, .items = two_, .values = values, .times = {}});
    return builder.finish(Duplicates::sum, parallel_, told).interactions.feedback;
  };
  EXPECT_EQ(feedback({1, 1}, Feedback::ratings), Feedback::ratings);
  EXPECT_EQ(feedback({1, 700}, Feedback::weights), Feedback::weights);
  EXPECT_EQ(feedback({}, Feedback::ratings), Feedback::weights);
}

TEST_F(Build, NegativeWeightsAreRefused) {
  const auto finish_as = [&](Feedback told) {
    InteractionsBuilder builder;
    builder.add({.users = one_, .items = one_, .values = Values{3}, .times = {}});
    builder.add({.users = two_, .items = two_, .values = Values{0, -2.5F}, .times = {}});
    builder.finish(Duplicates::last, parallel_, told);
  };
  EXPECT_EQ(failure_of([&] { finish_as(Feedback::ratings); }).message, "");
  const Failure failure = failure_of([&] { finish_as(Feedback::weights); });
  EXPECT_EQ(failure.code, ErrorCode::bad_data);
  EXPECT_EQ(failure.message, "batch 1, row 1: values: -2.5 is negative, and a weight is not");
}

// Before any of them is read: the columns are address space alone.
TEST_F(Build, MoreThan32BitsOfRowsAreRefused) {
  constexpr std::size_t kRows = (std::size_t{1} << 32) - 2;
  constexpr std::size_t kBytes = kRows * sizeof(std::int64_t);
  void* nowhere =
      mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(nowhere, MAP_FAILED);
  const IntegerIds ids(static_cast<const std::int64_t*>(nowhere), kRows);
  expect_invalid({.users = ids, .items = ids, .values = {}, .times = {}},
                 "batch 1: its 4294967294 rows and 1 before are more than 4294967294");
  munmap(nowhere, kBytes);
}

}  // namespace
}  // namespace palate
