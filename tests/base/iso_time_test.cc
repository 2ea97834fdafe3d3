#include "base/iso_time.h"

#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <string>

namespace palate {
namespace {

TEST(IsoTime, FormsAreUnderstood) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1970-01-01", 0},
      {"1997-12-04", 881193600},
      {"1997-12-04T15:55:49Z", 881250949},
      {"1997-12-04T15:55:49", 881250949},
      {"1997-12-04 15:55:49", 881250949},
      {"1997-12-04t15:55:49z", 881250949},
      {"1997-12-04T15:55:49.999Z", 881250949},
      {"1997-12-04T15:55:49,5", 881250949},
      {"1997-12-04T15:55Z", 881250900},
      {"1997-12-04T16:55:49+01:00", 881250949},
      {"1997-12-04T12:25:49-0330", 881250949},
      {"1997-12-04T16:55:49.123456789+01", 881250949},
      {"1997/12/04", 881193600},
      {"1997-12-04 15:55:49 UTC", 881250949},
      {"1969-12-31T23:59:59Z", -1},
      {"2000-02-29", 951782400},
      {"2016-12-31T23:59:60Z", 1483228800},
      {"0001-01-01", -62135596800},
      {"9999-12-31T23:59:59Z", 253402300799},
  };
  for (const auto& [text, seconds] : cases) EXPECT_EQ(parse_iso_time(text), seconds) << text;
}

TEST(IsoTime, OtherTextIsNoTime) {
  for (const char* const text : {"",
                                 "1997",
                                 "1997-12",
                                 "1997-13-01",
                                 "1997-00-01",
                                 "1997-12-00",
                                 "1997-12-32",
                                 "1999-02-29",
                                 "1900-02-29",
                                 "97-12-04",
                                 "1997-1-4",
                                 "1997/12-04",
                                 "12/04/1997",
                                 "1997-12-04T15:55:49 UT",
                                 "04.12.1997",
                                 "1997-12-04T",
                                 "1997-12-04T15",
                                 "1997-12-04T24:00",
                                 "1997-12-04T15:60",
                                 "1997-12-04T15:55:61",
                                 "1997-12-04T15:55:",
                                 "1997-12-04T15:55:49.",
                                 "1997-12-04T15:55:49X",
                                 "1997-12-04T15:55:49+",
                                 "1997-12-04T15:55:49+25:00",
                                 "1997-12-04T15:55:49+01:60",
                                 "1997-12-04T15:55:49Zulu",
                                 "1997-12-04x15:55:49",
                                 " 1997-12-04",
                                 "1997-12-04 ",
                                 "-1997-12-04",
                                 "yesterday"}) {
    EXPECT_EQ(parse_iso_time(text), std::nullopt) << text;
  }
}

TEST(IsoTime, IsWhatTheCLibraryWrites) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::time_t> seconds(-62135596800, 253402300799);
  for (int n = 0; n < 10'000; ++n) {
    const std::time_t time = seconds(random);
    std::tm parts{};
    ASSERT_NE(gmtime_r(&time, &parts), nullptr);
    char text[64];
    const auto with_zeros = [&](const char* format, auto... numbers) {
      return std::string(
          text, static_cast<std::size_t>(std::snprintf(text, sizeof text, format, numbers...)));
    };
    const std::string iso =
        with_zeros("%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                   parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    EXPECT_EQ(parse_iso_time(iso), time) << iso;
    EXPECT_EQ(iso_time(time), iso.ends_with("T00:00:00Z") ? iso.substr(0, 10) : iso);
  }
}

}  // namespace
}  // namespace palate
