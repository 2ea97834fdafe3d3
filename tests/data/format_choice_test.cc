#include "data/format_choice.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "data/cell_formats.h"
#include "data/rated_rows.h"
#include "palate/base/error.h"

#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Cells = std::vector<std::string>;
using Values = std::vector<float>;
using Times = std::vector<std::int64_t>;

class FormatChoice : public testing::Test {
 protected:
  // A table whose third column, or fourth beside ratings of 3, has these cells.
  static std::string with_values(const Cells& cells, const std::string& delimiter = ";") {
    std::string text = "user" + delimiter + "item" + delimiter + "plays\n";
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const std::string cell = delimiter == "," ? '"' + cells[row] + '"' : cells[row];
      text += "u" + delimiter + std::to_string(row) + delimiter + cell + "\n";
    }
    return text;
  }
  static std::string with_times(const Cells& cells) {
    std::string text = "user;item;rating;date\n";
    for (std::size_t row = 0; row < cells.size(); ++row)
      text += "u;" + std::to_string(row) + ";3;" + cells[row] + "\n";
    return text;
  }
  RatingsTable read(const std::string& text, const ReadOptions& options = {}) {
    return read_ratings(folder_.write("ratings.csv", text), options, parallel_);
  }
  Values values_of(const Cells& cells, const ReadOptions& options = {}) {
    return read(with_values(cells), options).interactions.values;
  }
  Interactions times_of(const Cells& cells, const ReadOptions& options = {}) {
    return read(with_times(cells), options).interactions;
  }
  std::string error_of(const std::string& text, const ReadOptions& options = {}) {
    try {
      read(text, options);
    } catch (const Error& error) {
      return folder_.without_path(error.what());
    }
    return "";
  }

  TemporaryFolder folder_;
  Parallel parallel_{2};
};

TEST_F(FormatChoice, ACellThatIsANumberInOneFormatAloneDecides) {
  const std::vector<std::pair<Cells, Values>> cases = {
      {{"4,5", "5,001", "7"}, {4.5, 5.001F, 7}},
      {{"4.5", "5.001", "7"}, {4.5, 5.001F, 7}},
      {{"0,125", "5,001"}, {0.125, 5.001F}},
      {{"0.125", "5.001", "322"}, {0.125, 5.001F, 322}},
      {{"1,234,567", "5,001", "322"}, {1234567, 5001, 322}},
      {{"1.234.567", "5.001", "322"}, {1234567, 5001, 322}},
      {{"1.234,5", "5.001", "2,5"}, {1234.5, 5001, 2.5}},
      {{"1,234.5", "5,001", "2.5"}, {1234.5, 5001, 2.5}},
      {{"-1.234,5e2", "-5.001"}, {-123450, -5001}},
      {{"12345.678", "5.001"}, {12345.678F, 5.001F}},
      {{",5", "5,001"}, {0.5, 5.001F}},
  };
  for (const auto& [cells, values] : cases) {
    const ReadOptions ratings{.feedback = Feedback::ratings};
    EXPECT_EQ(values_of(cells, ratings), values) << cells[0];
    for (const char* const delimiter : {",", "\t", "|"})
      EXPECT_EQ(read(with_values(cells, delimiter), ratings).interactions.values, values)
          << cells[0] << " between " << delimiter;
  }
}

TEST_F(FormatChoice, CountsBesideSmallerOnesWithoutASeparatorHaveThousands) {
  EXPECT_EQ(values_of({"5,001", "322", "17"}), (Values{5001, 322, 17}));
  EXPECT_EQ(values_of({"5.001", "322", "17"}), (Values{5001, 322, 17}));
  const RatingsTable table = read(with_values({"5.001", "322", "17"}));
  EXPECT_EQ(table.format.numbers, (NumberFormat{',', true, true}));
  EXPECT_EQ(number_format_name(table.format.numbers),
            "decimal commas and points between thousands");
}

TEST_F(FormatChoice, PointsAreDecimalWhereNothingIsAboveARatingOrSomethingHasNone) {
  EXPECT_EQ(values_of({"3.333", "4", "3.667"}), (Values{3.333F, 4, 3.667F}));
  EXPECT_EQ(values_of({"3.125", "4.500"}), (Values{3.125, 4.5}));
  EXPECT_EQ(values_of({"5.001", "1500"}), (Values{5.001F, 1500}));
}

TEST_F(FormatChoice, WhatDoesNotTellIsAskedFor) {
  for (const Cells& cells : {Cells{"5,001", "3,250"}, Cells{"5,001", "4"}, Cells{"5,001", "1500"},
                             Cells{"5.001", "5,001", "322"}, Cells{"5,001", "50"}}) {
    const std::string said = error_of(with_values(cells));
    EXPECT_EQ(
        said,
        "ratings.csv: column 3 'plays': \"5,001\" may be 5001 or 5.001, and the other numbers "
        "do not tell: `decimal=.` or `decimal=,` names the decimal separator");
  }
  EXPECT_EQ(values_of({"5,001", "3,250"}, {.decimal = ","}), (Values{5.001F, 3.25}));
  EXPECT_EQ(values_of({"5,001", "3,250"}, {.decimal = "."}), (Values{5001, 3250}));
  EXPECT_EQ(values_of({"5.001", "3.250"}, {.decimal = ","}), (Values{5001, 3250}));
  EXPECT_EQ(values_of({"5.001", "322"}, {.decimal = "."}), (Values{5.001F, 322}));
  EXPECT_EQ(error_of(with_values({"5"}), {.decimal = "point"}),
            "decimal \"point\" is neither a point nor a comma");
}

TEST_F(FormatChoice, SpacesAndApostrophesSetThousandsApartInThreesAlone) {
  for (const std::string mark : {" ", "\u00A0", "\u202F", "\xA0", "'"}) {
    EXPECT_EQ(values_of({"1" + mark + "234", "12" + mark + "345" + mark + "678",
                         "1" + mark + "234,5", "7"}),
              (Values{1234, 12345678, 1234.5, 7}))
        << mark;
    EXPECT_NE(error_of(with_values({"1" + mark + "23", "2"})), "") << mark;
    EXPECT_NE(error_of(with_values({"1234" + mark + "567", "2"})), "") << mark;
  }
}

TEST_F(FormatChoice, ALaterCellThatContradictsIsABadRow) {
  Cells points(200, "4.5");
  points.push_back("4,5");
  EXPECT_EQ(error_of(with_values(points)),
            "ratings.csv:202: column 3 'plays': \"4,5\" is not a number where others have decimal "
            "points (`decimal=,` reads commas)");
  Cells commas(200, "4,5");
  commas.push_back("4.5");
  EXPECT_EQ(error_of(with_values(commas)),
            "ratings.csv:202: column 3 'plays': \"4.5\" is not a number where others have decimal "
            "commas (`decimal=.` reads points)");
  EXPECT_EQ(read(with_values({"4.5", "2.5", "4,5", "5,001", "5.001"}),
                 {.rejects_file = folder_.path("rejects.csv")})
                .interactions.values,
            (Values{4.5, 2.5, 5.001F}))
      << "where some contradict, 5,001 is not 5001 either";
  Cells plain(120'000, "322");  // more than what the format is chosen by
  plain.push_back("5,001");
  EXPECT_EQ(error_of(with_values(plain)),
            "ratings.csv:120002: column 3 'plays': \"5,001\" is not a number before it is told "
            "whether it has thousands (`decimal=.` or `decimal=,` names the decimal separator)");
}

TEST_F(FormatChoice, ManyRowsBehindTheFirstAreLookedAt) {
  Cells cells(5000, "322");
  cells.push_back("5.001");
  EXPECT_EQ(values_of(cells).back(), 5001);
}

TEST_F(FormatChoice, AUsersOwnRatingsAreReadAlike) {
  const auto values = [&](const std::string& text) {
    Values all;
    for (const RatedRow& row : read_rated_rows(folder_.write("mine.csv", text), {}, {}, false).rows)
      all.push_back(row.value.value());
    return all;
  };
  EXPECT_EQ(values("item;rating\n1;4,5\n2;3\n"), (Values{4.5, 3}));
  EXPECT_EQ(values("item\trating\n1\t4,5\n2\t3\n"), (Values{4.5, 3}));
  EXPECT_EQ(values("item;rating\n1;5.001\n2;322\n"), (Values{5001, 322}));
  EXPECT_THROW(values("item;rating\n1;5,001\n2;3\n"), Error);
}

TEST_F(FormatChoice, TimesBecomeSecondsOrKeepTheirUnit) {
  struct Case {
    Cells cells;
    Times times;
    TimeUnit unit;
    const char* name;
  };
  const std::vector<Case> cases = {
      {{"1263171600", "1263175200"}, {1263171600, 1263175200}, TimeUnit::seconds, "seconds"},
      {{"1263171600000", "5"}, {1263171600000, 5}, TimeUnit::milliseconds, "milliseconds"},
      {{"1263171600000000"}, {1263171600000000}, TimeUnit::microseconds, "microseconds"},
      {{"1263171600000000000", "9223372036854775807", "0"},
       {1263171600000000000, 9223372036854775807, 0},
       TimeUnit::nanoseconds,
       "nanoseconds"},
      {{"20100111", "20100228", "99991231"},
       {1263168000, 1267315200, 253402214400},
       TimeUnit::seconds,
       "dates as YYYYMMDD"},
      {{"20100111.0", "20100228"},
       {1263168000, 1267315200},
       TimeUnit::seconds,
       "dates as YYYYMMDD"},
      {{"20100111010000", "20100228235959"},
       {1263171600, 1267401599},
       TimeUnit::seconds,
       "dates as YYYYMMDD"},
      {{"201001110100"}, {1263171600}, TimeUnit::seconds, "dates as YYYYMMDD"},
      {{"40189.04167", "40190"}, {1263171600, 1263254400}, TimeUnit::seconds, "Excel days"},
      {{"40189,04167", "2958465"}, {1263171600, 253402214400}, TimeUnit::seconds, "Excel days"},
      {{"2010-01-11 01:00:00", "9999-12-31"},
       {1263171600, 253402214400},
       TimeUnit::seconds,
       "ISO dates"},
      {{"1", "2", "25600"}, {1, 2, 25600}, TimeUnit::seconds, "seconds"},
      {{"20100111", "20100199", "20100150"},
       {20100111, 20100199, 20100150},
       TimeUnit::seconds,
       "seconds"},
  };
  for (const Case& one : cases) {
    const RatingsTable table = read(with_times(one.cells));
    EXPECT_EQ(table.interactions.times, one.times) << one.cells[0];
    EXPECT_EQ(table.interactions.time_unit, one.unit) << one.cells[0];
    EXPECT_EQ(time_format_name(table.format.times), one.name) << one.cells[0];
  }
  // Dates are decoded many rows at a time, too.
  const Times many = times_of(Cells(300, "20100111")).times;
  EXPECT_EQ(many, Times(300, 1263168000));
}

TEST_F(FormatChoice, DatesInDigitsAreTimesWithoutANameAndNoRatings) {
  const RatingsTable table = read("1;2;20100111\n1;3;20100228\n");
  EXPECT_FALSE(table.format.value);
  EXPECT_EQ(table.interactions.times, (Times{1263168000, 1267315200}));
}

TEST_F(FormatChoice, AnIsoDateAmongNumbersIsInTheirUnit) {
  EXPECT_EQ(times_of({"1263171600000", "2010-01-11", "1263171600001"}).times,
            (Times{1263171600000, 1263168000000, 1263171600001}));
  EXPECT_EQ(times_of({"40189", "2010-01-12", "40191"}).times,
            (Times{1263168000, 1263254400, 1263340800}));
  EXPECT_NE(error_of(with_times({"1263171600000000000", "9999-12-31", "1263171600000000001"})), "")
      << "more nanoseconds than 64 bits hold";
}

TEST_F(FormatChoice, ATimeOfAnotherKindThanItsColumnIsABadRow) {
  const std::vector<std::pair<Cells, std::string>> cases = {
      {{"2010-01-11", "2010-01-12", "1263171600"},
       "\"1263171600\" is a number where others are dates (`time_format=seconds` reads it)"},
      {{"01/11/2010"},
       "\"01/11/2010\" is not a time: day and month are not told apart, write it as 2026-11-24 "
       "(`time_column=none` leaves times out)"},
      {Cells{"20100111", "20100112", "20100113", "20100114", "20100115", "20100116", "20100117",
             "20100118", "20100119", "20100140"},
       "\"20100140\" is not a date as others of its column are, 20261124 (`time_column=none` "
       "leaves "
       "times out)"},
      {Cells{"40189", "40190", "40191", "40192", "40193", "40194", "40195", "40196", "40197", "-1"},
       "\"-1\" is not a day as others of its column are, 40189.5 (`time_column=none` leaves times "
       "out)"}};
  for (const auto& [cells, said] : cases) {
    EXPECT_EQ(error_of(with_times(cells)),
              "ratings.csv:" + std::to_string(cells.size() + 1) + ": column 4 'date': " + said);
  }
}

TEST_F(FormatChoice, TheFormatOfTimesCanBeTold) {
  EXPECT_EQ(times_of({"40189", "40190"}, {.time_format = "seconds"}).times, (Times{40189, 40190}));
  EXPECT_EQ(times_of({"60001"}, {.time_format = "excel"}).times, (Times{2974924800}));
  EXPECT_EQ(times_of({"20100111"}, {.time_format = "milliseconds"}).time_unit,
            TimeUnit::milliseconds);
  EXPECT_EQ(error_of(with_times({"1"}), {.time_format = "weeks"}),
            "time format \"weeks\" is none of seconds, milliseconds, microseconds, nanoseconds, "
            "iso, yyyymmdd and excel");
}

TEST_F(FormatChoice, FilesOfOneTableInDifferentUnitsAreInSeconds) {
  const auto file = [&](const std::string& name, const std::string& row) {
    return folder_.write(name, "user,item,rating,timestamp\n" + row + "\n");
  };
  const std::string seconds = file("a.csv", "1,1,3,1263171600");
  const std::string milliseconds = file("b.csv", "1,2,3,1263171600999\n1,3,3,-1");
  const std::string dates = file("c.csv", "1,4,3,20100111");
  const std::string nothing = file("d.csv", "1,5,3,0");
  const Interactions all =
      read_ratings({seconds, milliseconds, dates, nothing}, {}, parallel_).interactions;
  EXPECT_EQ(all.times, (Times{1263171600, 1263171600, -1, 1263168000, 0}));
  EXPECT_EQ(all.time_unit, TimeUnit::seconds);
  const Interactions same = read_ratings({milliseconds, nothing}, {}, parallel_).interactions;
  EXPECT_EQ(same.times, (Times{1263171600999, -1, 0})) << "0 is of any unit";
  EXPECT_EQ(same.time_unit, TimeUnit::milliseconds);
}

TEST_F(FormatChoice, AFileThatDoesNotTellIsLikeTheFirstOfItsTable) {
  const std::string first = folder_.write("a.csv", with_values({"5,001", "322"}));
  const std::string second = folder_.write("b.csv", "user;item;plays\nv;1;1,250\n");
  EXPECT_EQ(read_ratings({first, second}, {}, parallel_).interactions.values,
            (Values{5001, 322, 1250}));
}

TEST(SecondsOf, AreRoundedDownInEveryUnit) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(seconds_of(-1, TimeUnit::milliseconds), -1);
  EXPECT_EQ(seconds_of(-1000, TimeUnit::milliseconds), -1);
  EXPECT_EQ(seconds_of(1999, TimeUnit::milliseconds), 1);
  EXPECT_EQ(seconds_of(kFirst, TimeUnit::seconds), kFirst);
  EXPECT_EQ(seconds_of(kFirst, TimeUnit::nanoseconds), -9223372037);
  EXPECT_EQ(seconds_of(std::numeric_limits<std::int64_t>::max(), TimeUnit::microseconds),
            9223372036854);
}

}  // namespace
}  // namespace palate
