#include "palate/data/read.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class Read : public testing::Test {
 protected:
  RatingsTable read(std::string_view text, const ReadOptions& options = {}) {
    return read_ratings(folder_.write("ratings.csv", text), options, parallel_);
  }

  struct Failure {
    ErrorCode code{};
    std::string message;  // without the folder; "" where nothing failed
  };
  Failure failure_of_path(const std::string& path, const ReadOptions& options = {}) {
    try {
      read_ratings(path, options, parallel_);
    } catch (const Error& error) {
      return {error.code(), folder_.without_path(error.what())};
    }
    return {};
  }
  std::string error_of(std::string_view text, const ReadOptions& options = {}) {
    return failure_of_path(folder_.write("ratings.csv", text), options).message;
  }

  TemporaryFolder folder_;
  Parallel parallel_{2};
};

// The rows as "user item value time", with ids as they were written.
std::vector<std::string> rows_of(const RatingsTable& table) {
  const Interactions& all = table.interactions;
  std::vector<std::string> rows;
  for (Index r = 0; r < all.size(); ++r) {
    std::string row = all.catalog->users[all.users[r]] + ' ' + all.catalog->items[all.items[r]];
    row += ' ' + std::to_string(all.values[r]).substr(0, 3);
    if (!all.times.empty()) row += ' ' + std::to_string(all.times[r]);
    rows.push_back(row);
  }
  return rows;
}
using Rows = std::vector<std::string>;

std::vector<std::string> ids_of(const Ids& ids) {
  std::vector<std::string> all;
  for (Index i = 0; i < ids.size(); ++i) all.push_back(ids[i]);
  return all;
}

// The path of a zip of the files.
std::string packed(const std::string& path,
                   const std::vector<std::pair<std::string, std::string>>& files,
                   const char* format = "zip", const char* filter = nullptr) {
  archive* const writer = archive_write_new();
  archive_write_set_format_by_name(writer, format);
  if (filter != nullptr) archive_write_add_filter_by_name(writer, filter);
  archive_write_open_filename(writer, path.c_str());
  for (const auto& [name, text] : files) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
  }
  EXPECT_EQ(archive_write_free(writer), ARCHIVE_OK);
  return path;
}

// The path of a text, compressed.
std::string compressed(const std::string& path, const std::string& text,
                       const char* filter = "gzip") {
  return packed(path, {{"", text}}, "raw", filter);
}

// Formats

TEST_F(Read, MovieLensCsv) {
  const RatingsTable table = read(
      "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,31,4.0,-5\n");
  EXPECT_EQ(rows_of(table), (Rows{"1 31 2.5 1260759144", "1 1029 3.0 1260759179", "2 31 4.0 -5"}));
  EXPECT_TRUE(table.format.header);
  EXPECT_EQ(table.format.delimiter, ",");
  EXPECT_EQ(table.format.compression, "none");
  EXPECT_EQ(table.format.columns,
            (std::vector<std::string>{"userId", "movieId", "rating", "timestamp"}));
  EXPECT_TRUE(table.interactions.has_values);
  EXPECT_EQ(table.rows_read, 3U);
  EXPECT_EQ(table.duplicates, 0U);
}

TEST_F(Read, TellsHowMuchOfAFileItHasRead) {
  const std::string text = "1,1,5\n1,2,4\n2,1,3\n";
  std::vector<std::string> told;
  ReadOptions options;
  options.on_progress = [&](std::string_view file, std::uint64_t read,
                            std::optional<std::uint64_t> size) {
    told.push_back(folder_.without_path(std::string(file)) + ' ' + std::to_string(read) + " of " +
                   (size ? std::to_string(*size) : "?"));
  };
  read(text, options);
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.back(), "ratings.csv 18 of 18");
}

TEST_F(Read, EveryFormatOfTheSameTableIsTheSameTable) {
  const Rows expected{"1 31 2.5 1260759144", "1 1029 3.0 1260759179", "20 31 4.0 978302109"};
  const std::vector<std::pair<const char*, std::string>> dresses = {
      {"dat", "1::31::2.5::1260759144\n1::1029::3::1260759179\n20::31::4::978302109\n"},
      {"u.data", "1\t31\t2.5\t1260759144\n1\t1029\t3\t1260759179\n20\t31\t4\t978302109\n"},
      {"inter",
       "user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t31\t2.5\t1260759144."
       "0\n1\t1029\t3\t1260759179\n"
       "20\t31\t4\t9.78302109e8\n"},
      {"semicolons",
       "user;movie;stars;time\n1;31;2.5;1260759144\n1;1029;3;1260759179\n20;31;4;978302109\n"},
      {"decimal comma",
       "user;movie;stars;time\n1;31;2,5;1260759144\n1;1029;3,0;1260759179\n20;31;4;978302109\n"},
      {"decimal comma, no header",
       "1;31;2,5;1260759144\n1;1029; 3,0;1260759179\n20;31;4,0;978302109\n"},
      {"other order",
       "rating,timestamp,movieId,userId\n2.5,1260759144,31,1\n3,1260759179,1029,1\n4,978302109,31,"
       "20\n"},
      {"further columns",
       "userId,tag,movieId,rating,timestamp\n1,x,31,2.5,1260759144\n1,,1029,3,1260759179\n20,z,31,"
       "4,978302109\n"},
      {"no known names", "a,b,c,d\n1,31,2.5,1260759144\n1,1029,3,1260759179\n20,31,4,978302109\n"},
      {"quotes",
       "\"userId\",\"movieId\",\"rating\",\"timestamp\"\n\"1\",\"31\",\"2.5\",\"1260759144\"\n1,"
       "1029,3,\"1260759179\"\n20,31,4,"
       "978302109\n"},
      {"CRLF",
       "userId,movieId,rating,timestamp\r\n1,31,2.5,1260759144\r\n1,1029,3,1260759179\r\n20,31,4,"
       "978302109\r\n"},
      {"BOM",
       "\xEF\xBB\xBFuserId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3,1260759179\n20,"
       "31,4,978302109\n"},
      {"BOM and quotes",
       "\xEF\xBB\xBF\"userId\",movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3,"
       "1260759179\n20,31,4,978302109\n"},
      {"no last line end", "1,31,2.5,1260759144\n1,1029,3,1260759179\n20,31,4,978302109"},
      {"CRLF, no last line end", "1,31,2.5,1260759144\r\n1,1029,3,1260759179\r\n20,31,4,978302109"},
      {"empty lines",
       "\n1,31,2.5,1260759144\n\r\n1,1029,3,1260759179\n\n20,31,4,978302109\n\n\r\n"},
      {"ISO 8601",
       "userId,movieId,rating,date\n1,31,2.5,2009-12-14T02:52:24Z\n1,1029,3,2009-12-14 "
       "03:52:59+01:00\n20,31,4,2000-12-31 "
       "22:35:09\n"},
      {"ISO 8601, no header",
       "1,31,2.5,2009-12-14T02:52:24\n1,1029,3,2009-12-14T02:52:59\n20,31,4,2000-12-31T22:35:09\n"},
      {"spaces around numbers",
       "1,31, 2.5, 1260759144\n1,1029,3 ,1260759179\n20,31,4,978302109 \n"},
  };
  const std::string digest_of_all = digest(read(dresses.front().second).interactions);
  for (const auto& [name, text] : dresses) {
    SCOPED_TRACE(name);
    const RatingsTable table = read(text);
    EXPECT_EQ(rows_of(table), expected);
    EXPECT_EQ(digest(table.interactions), digest_of_all);
  }
}

TEST_F(Read, QuotedCellsMayHoldDelimitersQuotesAndLineEnds) {
  const RatingsTable table =
      read("user,item,rating\n\"Doe, Jane\",\"the \"\"best\"\"\",4\n\"two\nlines\",\"\r\n\",3\n");
  EXPECT_EQ(ids_of(table.interactions.catalog->users),
            (std::vector<std::string>{"Doe, Jane", "two\nlines"}));
  EXPECT_EQ(ids_of(table.interactions.catalog->items),
            (std::vector<std::string>{"the \"best\"", "\r\n"}));
}

TEST_F(Read, IdsComeBackAsTheyCame) {
  const std::vector<std::string> hard = {"007",
                                         "7",
                                         " 7",
                                         "7 ",
                                         "+7",
                                         "-0",
                                         "0",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9223372036854775808",
                                         "\xF0\x9F\x8D\xBF",
                                         "two words",
                                         "1e3",
                                         "1.0",
                                         "\xC3\xA9"};
  std::string text = "user,item,rating\n";
  for (const std::string& id : hard) text += id + "," + id + ",1\n";
  const RatingsTable table = read(text);
  EXPECT_EQ(ids_of(table.interactions.catalog->users), hard);
  EXPECT_EQ(ids_of(table.interactions.catalog->items), hard);
  EXPECT_FALSE(table.interactions.catalog->users.are_integers());
}

TEST_F(Read, ExtremesOfInt64AreIntegers) {
  const RatingsTable table =
      read("user,item,rating\n9223372036854775807,1,1\n-9223372036854775808,1,1\n");
  EXPECT_TRUE(table.interactions.catalog->users.are_integers());
  EXPECT_EQ(ids_of(table.interactions.catalog->users),
            (std::vector<std::string>{"9223372036854775807", "-9223372036854775808"}));
}

TEST_F(Read, WithoutAValueColumnEveryValueIsOne) {
  const RatingsTable named = read("user,item\na,x\nb,y\n");
  EXPECT_EQ(rows_of(named), (Rows{"a x 1.0", "b y 1.0"}));
  EXPECT_FALSE(named.interactions.has_values);
  const RatingsTable bare = read("1\t10\n2\t20\n");
  EXPECT_EQ(rows_of(bare), (Rows{"1 10 1.0", "2 20 1.0"}));
  const RatingsTable with_times = read("1\t10\t1260759144\n2\t20\t1260759145\n");
  EXPECT_EQ(rows_of(with_times), (Rows{"1 10 1.0 1260759144", "2 20 1.0 1260759145"}));
  EXPECT_FALSE(with_times.interactions.has_values);
}

TEST_F(Read, ColumnsAreToldByNameOrNumber) {
  const std::string text = "when,who,what,how much,how often\n5,a,x,1,2\n6,b,y,3,4\n";
  EXPECT_EQ(rows_of(read(text, {.user_column = "who",
                                .item_column = "3",
                                .value_column = "How_Often",
                                .time_column = "1"})),
            (Rows{"a x 2.0 5", "b y 4.0 6"}));
  EXPECT_EQ(rows_of(read(text, {.user_column = "what",
                                .item_column = "who",
                                .value_column = "none",
                                .time_column = "none"})),
            (Rows{"x a 1.0", "y b 1.0"}));
  EXPECT_EQ(error_of(text, {.user_column = "nobody"}),
            "ratings.csv: there is no column \"nobody\" for the user: its 5 columns are when, who, "
            "what, how much, how often");
  EXPECT_EQ(error_of(text, {.user_column = "6"}),
            "ratings.csv: there is no column \"6\" for the user: its 5 columns are when, who, "
            "what, how much, how often");
  EXPECT_EQ(error_of(text, {.user_column = "2", .item_column = "who"}),
            "ratings.csv: column 'who' cannot be the item column too");
}

TEST_F(Read, DelimiterAndHeaderAreTold) {
  EXPECT_EQ(rows_of(read("1^2^3\n", {.delimiter = "^"})), (Rows{"1 2 3.0"}));
  EXPECT_EQ(rows_of(read("1 2 3\n", {.delimiter = " "})), (Rows{"1 2 3.0"}));
  EXPECT_EQ(rows_of(read("1\t2\t3\n", {.delimiter = "tab"})), (Rows{"1 2 3.0"}));
  EXPECT_EQ(rows_of(read("7,8,9\n1,2,3\n", {.header = true})), (Rows{"1 2 3.0"}));
  EXPECT_EQ(rows_of(read("user,item\na,b\n", {.header = false})),
            (Rows{"user item 1.0", "a b 1.0"}));
  EXPECT_EQ(error_of("1,2,3\n", {.delimiter = "abc"}),
            "delimiter \"abc\" is not one or two characters");
}

TEST_F(Read, AZipIsUnpacked) {
  const std::string text = "user,item,rating\n1,2,3\n4,5,1\n";
  const Rows expected{"1 2 3.0", "4 5 1.0"};
  const std::string movies = "movieId,title,genres\n5,\"Five, or so\",Drama\n";
  const std::string zip =
      packed(folder_.path("ml.zip"),
             {{"ml/README.txt", "read me"}, {"ml/ratings.csv", text}, {"ml/movies.csv", movies}});
  for (const std::string& path : {zip, zip + ":ml/ratings.csv"}) {
    const RatingsTable table = read_ratings(path, {}, parallel_);
    EXPECT_EQ(rows_of(table), expected);
    EXPECT_EQ(table.format.compression, "zip member ml/ratings.csv");
    EXPECT_EQ(folder_.without_path(table.items_file), "ml.zip:ml/movies.csv");
    EXPECT_EQ(table.interactions.catalog->item_name(1), "Five, or so");
  }
  EXPECT_EQ(
      failure_of_path(zip + ":ml/none.csv").message,
      "ml.zip has no member ml/none.csv: there are ml/README.txt, ml/ratings.csv, ml/movies.csv");
  EXPECT_EQ(failure_of_path(zip + ":ml/README.txt").message,
            "ml.zip:ml/README.txt:1: no tab, ::, comma, semicolon or | sets columns apart in "
            "\"read me\"");
  const std::string two =
      packed(folder_.path("two.zip"), {{"a/ratings.csv", text}, {"b/ratings.csv", text}});
  EXPECT_EQ(failure_of_path(two).message,
            "two.zip: several of its members look like ratings: name one as two.zip:MEMBER; there "
            "are a/ratings.csv, b/ratings.csv");
}

constexpr const char* kFilters[] = {"gzip", "bzip2", "xz", "zstd"};

// What a small file becomes is bounded while it is unpacked, on the way of each packer.
TEST_F(Read, ACompressedFileThatBecomesAHundredTimesItsSizeIsRefused) {
  std::string text = "user,item,rating\n";
  const std::string row = "1,2,3" + std::string(95, ' ') + "\n";
  for (int i = 0; i < 100'000; ++i) text += row;
  const auto refused = [&](const std::string& path) {
    const Failure failure = failure_of_path(path);
    EXPECT_EQ(failure.code, ErrorCode::bad_data);
    for (const char* const part : {" bytes unpack to ", "made to fill the memory", "max_expansion"})
      EXPECT_NE(failure.message.find(part), std::string::npos) << failure.message;
    EXPECT_EQ(read_ratings(path, {.max_expansion = 0}, parallel_).rows_read, 100'000U);
    EXPECT_EQ(read_ratings(path, {.max_expansion = 100'000}, parallel_).rows_read, 100'000U);
  };
  for (const char* const filter : kFilters)
    refused(compressed(folder_.path("r.csv"), text, filter));
  refused(packed(folder_.path("r.zip"), {{"ml/ratings.csv", text}}));
}

TEST_F(Read, ACompressedFileOfManyShortRowsIsRefused) {
  std::string text;
  for (int i = 0; i < 600'000; ++i) text += "1,2\n";
  const std::string path = compressed(folder_.path("r.csv.gz"), text);
  const std::string message = failure_of_path(path).message;
  EXPECT_NE(message.find("more than 262144 rows: "), std::string::npos) << message;
  EXPECT_EQ(read_ratings(path, {.max_expansion = 0}, parallel_).rows_read, 600'000U);
  EXPECT_EQ(read_ratings(compressed(path, text.substr(0, 1'000'000)), {}, parallel_).rows_read,
            250'000U)
      << "so many rows are free";
}

TEST_F(Read, CompressedFilesAreBoundedTogether) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "1,2\n";
  const std::string first = compressed(folder_.path("1.csv.gz"), text);
  const std::string second = compressed(folder_.path("2.csv.gz"), text);
  EXPECT_EQ(read_ratings(first, {}, parallel_).rows_read, 200'000U);
  EXPECT_THROW(read_ratings(std::vector{first, second}, {}, parallel_), Error);
  EXPECT_EQ(read_ratings(std::vector{first, second}, {.max_expansion = 0}, parallel_).rows_read,
            400'000U);
}

TEST_F(Read, WhatIsCompressedTwiceIsRefused) {
  const std::string once = compressed(folder_.path("r.csv.xz"), "user,item\n1,2\n", "xz");
  const std::string path = compressed(folder_.path("r.csv.xz.zst"), read_file(once), "zstd");
  EXPECT_EQ(failure_of_path(path).message, "r.csv.xz.zst is compressed twice: unpack it once");
}

// Wide tables

TEST_F(Read, OfAWideTableTheColumnsThatAreNamedOrToldAreRead) {
  std::string header = "user,item,rating";
  std::string row = "7,8,4.5";
  for (int c = 4; c <= 20'000; ++c) {
    header += ",c" + std::to_string(c);
    row += ',' + std::to_string(c % 10);
  }
  std::string text = header + "\n";
  for (int r = 0; r < 3; ++r) text += row + "\n";
  const auto last = Duplicates::last;
  EXPECT_EQ(rows_of(read(text, {.duplicates = last})), (Rows{"7 8 4.5"}));
  EXPECT_EQ(rows_of(read(text, {.value_column = "c19999", .duplicates = last})), (Rows{"7 8 9.0"}));
  EXPECT_EQ(
      rows_of(read(row + "\n", {.user_column = "2", .item_column = "1", .value_column = "3"})),
      (Rows{"8 7 4.5"}));
  EXPECT_EQ(error_of(text + "1,2\n"), "ratings.csv:5: 2 columns where the header has 20000");
}

TEST_F(Read, OfObjectsWithManyNamesThoseThatCountAreRead) {
  const auto object = [](int first, const char* front) {
    std::string text = front;
    for (int k = first; k < first + 20'000; ++k) text += ",\"k" + std::to_string(k) + "\":1";
    return text + "}\n";
  };
  const std::string text = object(0, R"({"user":7,"item":8,"rating":4.5)") +
                           object(10'000, R"({"rating":3,"item":"9","user":7)") +
                           R"({"user":1,"item":2,"rating":"x"})";
  EXPECT_EQ(error_of(text), "ratings.csv:3: column 3 'rating': \"x\" is not a number");
  EXPECT_EQ(rows_of(read(text.substr(0, text.rfind('{')))), (Rows{"7 8 4.5", "7 9 3.0"}));
  EXPECT_EQ(
      rows_of(read(object(0, R"({"user":7,"item":8,"rating":4.5)"), {.value_column = "k19999"})),
      (Rows{"7 8 1.0"}));
}

TEST_F(Read, EveryCompressionIsTheSameTable) {
  std::string text = "user,item,rating,note\n";
  const std::string note(200, 'x');  // soon more than a window
  for (int row = 0; row < 25'000; ++row)
    text += std::to_string(row / 7) + "," + std::to_string(row % 501) + ",3.5," + note + "\n";
  const std::string expected = digest(read(text).interactions);
  for (const char* const filter : kFilters) {
    const RatingsTable table =
        read_ratings(compressed(folder_.path("ratings"), text, filter), {}, parallel_);
    EXPECT_EQ(digest(table.interactions), expected) << filter;
    EXPECT_EQ(table.format.compression, filter);
  }
}

TEST_F(Read, ATruncatedCompressedFileIsRefused) {
  std::string text = "user,item,rating\n";
  for (int row = 0; row < 50'000; ++row) text += std::to_string(row * 7919 % 50'021) + ",1,2\n";
  for (const char* const filter : kFilters) {
    SCOPED_TRACE(filter);
    const std::string path = compressed(folder_.path("ratings"), text, filter);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_EQ(failure_of_path(path).code, ErrorCode::bad_data);
    EXPECT_TRUE(failure_of_path(path).message.starts_with("cannot unpack ratings: "))
        << failure_of_path(path).message;
  }
}

TEST_F(Read, ADamagedZipIsRefusedInOneLine) {
  const std::string path =
      packed(folder_.path("ml.zip"), {{"ml/ratings.csv", "user,item,rating\n1,2,3\n4,5,1\n"}});
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(70);  // within the member
  file.put('~');
  file.close();
  EXPECT_EQ(failure_of_path(path).code, ErrorCode::bad_data);
  EXPECT_TRUE(failure_of_path(path).message.starts_with("cannot unpack ml.zip: "))
      << failure_of_path(path).message;
  EXPECT_EQ(failure_of_path(path).message.find('\n'), std::string::npos);
}

TEST_F(Read, AMemberMayHaveAnyName) {
  const std::string path = packed(folder_.path("ml.zip"), {{"donn\u00E9es", "x"}, {"\u65E5", "x"}});
  EXPECT_TRUE(failure_of_path(path).message.ends_with("there are donn\u00E9es, \u65E5"));
  const std::string named = packed(folder_.path("named.zip"),
                                   {{"\u65E5.csv", "user,item,rating\n1,2,3\n"}, {"b.csv", "x"}});
  EXPECT_EQ(rows_of(read_ratings(named + ":\u65E5.csv", {}, parallel_)), Rows{"1 2 3.0"});
}

TEST_F(Read, AMembersNameIsNoMoreThanOneLineInAMessage) {
  const std::string path = packed(folder_.path("ml.zip"), {{"a\n\x1B[2J", "x"}, {"b", "x"}});
  EXPECT_EQ(failure_of_path(path).message,
            "ml.zip: none of its members look like ratings: name one as ml.zip:MEMBER; there are "
            R"(a\x0a\x1b[2J, b)");
}

// Rows that cannot be used

TEST_F(Read, ABadRowIsNamedByFileLineColumnTextAndReason) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1,7,\"4,5\",9\n",
       "column 3 'rating': \"4,5\" is not a number where others have decimal points (`decimal=,` "
       "reads commas)"},
      {"1,7,,9\n", "column 3 'rating': \"\" is not a number"},
      {"1,7,four,9\n", "column 3 'rating': \"four\" is not a number"},
      {"1,7,4x,9\n", "column 3 'rating': \"4x\" is not a number"},
      {"1,7,.,9\n", "column 3 'rating': \".\" is not a number"},
      {"1,7,nan,9\n", "column 3 'rating': \"nan\" is not a finite 32-bit number"},
      {"1,7,-inf,9\n", "column 3 'rating': \"-inf\" is not a finite 32-bit number"},
      {"1,7,1e39,9\n", "column 3 'rating': \"1e39\" is not a finite 32-bit number"},
      {"1,7,1e999,9\n", "column 3 'rating': \"1e999\" is not a finite 32-bit number"},
      {",7,4,9\n", "column 1 'userId': \"\" is an empty id"},
      {"1,\"\",4,9\n", "column 2 'movieId': \"\" is an empty id"},
      {"1,\xFF\xC3\x28,4,9\n", "column 2 'movieId': \"\\xff\\xc3(\" is not valid UTF-8"},
      {"1,7,4,yesterday\n",
       "column 4 'timestamp': \"yesterday\" is not a time, in seconds or as in "
       "2026-11-24T16:30:00Z (`time_column=none` leaves times out)"},
      {"1,7,4,\n",
       "column 4 'timestamp': \"\" is not a time, in seconds or as in 2026-11-24T16:30:00Z "
       "(`time_column=none` leaves times out)"},
      {"1,7,4,1e300\n",
       "column 4 'timestamp': \"1e300\" is not a time, in seconds or as in 2026-11-24T16:30:00Z "
       "(`time_column=none` leaves times out)"},
      {"1,7,4\n", "3 columns where the header has 4"},
      {"1\n", "1 column where the header has 4"},
      {"1,7,4,9,9\n", "5 columns where the header has 4"},
      {"1,7,\"4\"5,9\n", "text follows a closing quote"},
      {"1,7,\"4,9\n", "a quote is opened and never closed"},
  };
  for (const auto& [row, reason] : cases) {
    SCOPED_TRACE(row);
    EXPECT_EQ(error_of("userId,movieId,rating,timestamp\n1,31,2.5,8\n\n" + row),
              "ratings.csv:4: " + reason);
  }
  EXPECT_EQ(error_of("1;31;2,5\n1;7;1.234.5\n"),
            "ratings.csv:2: column 3: \"1.234.5\" is not a number");
  EXPECT_EQ(error_of("1,31,2.5\n1,7,x\n"), "ratings.csv:2: column 3: \"x\" is not a number");
  EXPECT_EQ(error_of("1,31,2.5\n1,7\n"), "ratings.csv:2: 2 columns where the first row has 3");
}

TEST_F(Read, LinesAreCountedWithinQuotesAndAfterCrlf) {
  EXPECT_EQ(error_of("user,item,rating\r\n\"a\r\nb\",1,2\r\n1,2,x\r\n"),
            "ratings.csv:4: column 3 'rating': \"x\" is not a number");
}

// Makes a table of several windows and pieces out of few rows.
const std::string kLongNote(120, '.');

TEST_F(Read, TheFirstOfManyBadRowsInALargeFileIsNamed) {
  std::string text = "user,item,rating,note\n";
  for (int row = 2; row <= 100'000; ++row)
    text += std::to_string(row) + (row % 80'000 == 0 ? ",2,bad," : ",7,3.5,") + kLongNote + "\n";
  text += "1,2\n";
  EXPECT_EQ(error_of(text), "ratings.csv:80000: column 3 'rating': \"bad\" is not a number");
}

TEST_F(Read, WhatIsNoTableIsRefusedInOneLine) {
  const auto expect = [&](const std::string& path, ErrorCode code, const std::string& message) {
    const Failure failure = failure_of_path(path);
    EXPECT_EQ(failure.message, message);
    EXPECT_EQ(failure.code, code) << message;
  };
  expect(folder_.write("a.csv", ""), ErrorCode::bad_data, "a.csv is empty");
  expect(folder_.write("a.csv", "\xEF\xBB\xBF"), ErrorCode::bad_data, "a.csv is empty");
  expect(folder_.write("a.csv", "\n\n"), ErrorCode::bad_data, "a.csv is empty");
  expect(folder_.write("a.csv", "userId,movieId,rating\n"), ErrorCode::bad_data,
         "a.csv has a header but no ratings");
  expect(folder_.write("a.csv", "userId,movieId,rating"), ErrorCode::bad_data,
         "a.csv has a header but no ratings");
  expect(folder_.write("a.bin", std::string("\x7F"
                                            "ELF\0\0\n1,2",
                                            10)),
         ErrorCode::bad_data, "a.bin is a binary file, not a table of text");
  expect(folder_.write("a.csv", std::string("\xFF\xFE"
                                            "1\0,\0",
                                            6)),
         ErrorCode::bad_data, "a.csv is UTF-16 text: save it as UTF-8");
  expect(folder_.path("none.csv"), ErrorCode::io,
         "cannot open none.csv: No such file or directory");
  folder_.write("folder/x", "");
  expect(folder_.path("folder"), ErrorCode::io, "cannot read folder: it is a folder");
}

// Feeds a named pipe with `front` and then a gigabyte of `filler` for as long as somebody reads;
// the bytes that were taken.
class Feeder {
 public:
  Feeder(const std::string& path, std::string front, char filler)
      : thread_([this, path, front = std::move(front), filler] { feed(path, front, filler); }) {}
  std::size_t taken() {
    thread_.join();
    return taken_;
  }

 private:
  void feed(const std::string& path, const std::string& front, char filler) {
    sigset_t broken_pipe;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    const int pipe = open(path.c_str(), O_WRONLY);
    std::string block = front;
    block.resize(1 << 16, filler);
    for (ssize_t count = 0; taken_ < std::size_t{1} << 30;
         taken_ += static_cast<std::size_t>(count)) {
      count = write(pipe, block.data(), block.size());
      if (count < 0) break;
      block.assign(block.size(), filler);
    }
    close(pipe);
  }

  std::size_t taken_ = 0;
  std::thread thread_;
};

// The window of the reader has four megabytes: a long row may lie in the midst of one.
TEST_F(Read, ARowBeyondAMegabyteIsRefusedWhereverItLies) {
  const std::string long_row = "7," + std::string(1 << 20, '7') + ",3\n";
  std::string rows;
  while (rows.size() < std::size_t{3} << 20) rows += "4,5,1\n";
  const auto num_rows = static_cast<std::size_t>(std::ranges::count(rows, '\n'));
  for (const std::size_t before : {std::size_t{1}, num_rows / 2, num_rows}) {
    const std::string text =
        "user,item,rating\n" + rows.substr(0, 6 * before) + long_row + rows.substr(6 * before);
    const Failure failure = failure_of_path(folder_.write("ratings.csv", text));
    EXPECT_EQ(failure.code, ErrorCode::bad_data);
    const std::string place = ":" + std::to_string(before + 2);
    EXPECT_NE(failure.message.find(place + ": a row of more than 1048576 bytes"), std::string::npos)
        << failure.message;
  }
}

TEST_F(Read, ALineWithoutEndIsRefusedBeforeItFillsTheMemory) {
  const std::string too_long =
      ":3: a row of more than 1048576 bytes: not a table of ratings, or a quote that is never "
      "closed";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"user,item,rating\n1,2,3\n4,5,", too_long},
      {"user,item,rating\n1,2,3\n4,5,\"", too_long},
      {"", ":1: no line end in the first 1048576 bytes: not a table of text"},
  };
  for (const auto& [front, message] : cases) {
    SCOPED_TRACE(front);
    const std::string pipe = folder_.path("pipe");
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    Feeder feeder(pipe, front, '1');
    EXPECT_EQ(failure_of_path(pipe).message, "pipe" + message);
    EXPECT_LT(feeder.taken(), std::size_t{40} << 20);
    std::filesystem::remove(pipe);
  }
}

// Standard input is a file for as long as it lives.
class StandardInput {
 public:
  explicit StandardInput(const std::string& path) : before_(dup(STDIN_FILENO)) {
    const int file = open(path.c_str(), O_RDONLY);
    dup2(file, STDIN_FILENO);
    close(file);
  }
  ~StandardInput() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

TEST_F(Read, StandardInputIsPlainCompressedOrZip) {
  const std::string text = "user,item,rating\n1,2,3\n";
  const std::vector<std::pair<std::string, std::string>> inputs = {
      {folder_.write("r.csv", text), "none"},
      {compressed(folder_.path("r.csv.gz"), text), "gzip"},
      {compressed(folder_.path("r.csv.zst"), text, "zstd"), "zstd"},
      {packed(folder_.path("r.zip"), {{"x.txt", "x"}, {"ml/ratings.csv", text}}),
       "zip member ml/ratings.csv"},
  };
  for (const auto& [path, compression] : inputs) {
    const StandardInput input(path);
    const RatingsTable table = read_ratings("-", {}, parallel_);
    EXPECT_EQ(rows_of(table), (Rows{"1 2 3.0"}));
    EXPECT_EQ(table.format.compression, compression);
  }
  const StandardInput bad(folder_.write("bad.csv", text + "1,2,x\n"));
  EXPECT_EQ(failure_of_path("-").message,
            "standard input:3: column 3 'rating': \"x\" is not a number");
  const StandardInput empty(folder_.write("empty.csv", ""));
  EXPECT_EQ(failure_of_path("-").message, "standard input is empty");
  std::string alike;
  for (int row = 0; row < 100'000; ++row) alike += "1,2,3" + std::string(95, ' ') + "\n";
  const StandardInput grows(compressed(folder_.path("r.csv.gz"), alike));
  EXPECT_NE(failure_of_path("-").message.find("standard input: its "), std::string::npos);
}

// Repeated pairs

TEST_F(Read, RepeatedPairsFollowThePolicy) {
  const std::string text =
      "user,item,rating,timestamp\n1,1,1,10\n1,2,2,11\n2,1,3,12\n1,1,4,13\n2,1,5,14\n1,1,5,15\n";
  const auto rows = [&](Duplicates policy) { return rows_of(read(text, {.duplicates = policy})); };
  EXPECT_EQ(rows(Duplicates::last), (Rows{"1 2 2.0 11", "2 1 5.0 14", "1 1 5.0 15"}));
  EXPECT_EQ(rows(Duplicates::first), (Rows{"1 1 1.0 10", "1 2 2.0 11", "2 1 3.0 12"}));
  EXPECT_EQ(rows(Duplicates::mean), (Rows{"1 2 2.0 11", "2 1 4.0 14", "1 1 3.3 15"}));
  EXPECT_EQ(rows(Duplicates::sum), (Rows{"1 2 2.0 11", "2 1 8.0 14", "1 1 10. 15"}));
  EXPECT_EQ(read(text).duplicates, 3U);
  EXPECT_EQ(read(text).rows_read, 6U);
  EXPECT_EQ(error_of(text, {.duplicates = Duplicates::error}),
            "ratings.csv:5: user \"1\" and item \"1\" stand in line 2 already: "
            "`duplicates=last|first|mean|sum` keeps one");
  EXPECT_EQ(error_of("1,1,3e38\n1,1,3e38\n", {.duplicates = Duplicates::sum}),
            "ratings.csv: a sum of repeated ratings is infinite");
}

// Several files

TEST_F(Read, SeveralFilesAreOneTable) {
  const std::string a = folder_.write("part-1.csv", "user,item,rating\n1,10,3\n2,20,4\n");
  const std::string b = folder_.write("part-2.csv", "rating;item;user\n2,5;10;2\n1;30;new\n");
  folder_.write("other.csv", "x");
  const Rows expected{"1 10 3.0", "2 20 4.0", "2 10 2.5", "new 30 1.0"};
  const RatingsTable told = read_ratings(std::vector{a, b}, {}, parallel_);
  EXPECT_EQ(rows_of(told), expected);
  EXPECT_EQ(told.path, a + ", " + b);
  EXPECT_EQ(told.rows_read, 4U);
  EXPECT_EQ(rows_of(read_ratings(folder_.path("part-*.csv"), {}, parallel_)), expected);
  EXPECT_EQ(rows_of(read_ratings(folder_.path("part-[12].csv"), {}, parallel_)), expected);
  EXPECT_EQ(failure_of_path(folder_.path("none-*.csv")).code, ErrorCode::io);
  EXPECT_EQ(failure_of_path(folder_.path("none-*.csv")).message, "no file matches none-*.csv");
  folder_.write("part-3.csv", "user,item,rating\n2,10,5\n1,10,x\n");
  EXPECT_EQ(failure_of_path(folder_.path("part-*.csv")).message,
            "part-3.csv:3: column 3 'rating': \"x\" is not a number");
  folder_.write("part-3.csv", "user,item,rating\n1,30,2\n2,10,5\n");
  EXPECT_EQ(read_ratings(folder_.path("part-*.csv"), {}, parallel_).duplicates, 1U);
  EXPECT_EQ(failure_of_path(folder_.path("part-*.csv"), {.duplicates = Duplicates::error}).message,
            "part-3.csv:3: user \"2\" and item \"10\" stand in line 2 of part-2.csv already: "
            "`duplicates=last|first|mean|sum` keeps one");
  folder_.write("part-3.csv", "user,item\n1,30\n");
  EXPECT_EQ(failure_of_path(folder_.path("part-*.csv")).message,
            "part-3.csv has no column of ratings, part-1.csv has one: `value_column` tells it, "
            "`value_column=none` leaves it out");
  folder_.write("part-3.csv", "user,item,rating,time\n1,30,2,100\n");
  EXPECT_EQ(failure_of_path(folder_.path("part-*.csv")).message,
            "part-3.csv has a column of times, part-1.csv has none: `time_column` tells it, "
            "`time_column=none` leaves it out");
  EXPECT_EQ(
      rows_of(read_ratings(folder_.path("part-*.csv"), {.time_column = "none"}, parallel_)).size(),
      5U);
}

// JSON lines, MatrixMarket, LIBMF

TEST_F(Read, JsonLinesHaveColumnsByKey) {
  const RatingsTable table = read(
      "{\"user_id\": 1, \"item_id\": \"a\\u00e9\\n\", \"rating\": 4.50, \"timestamp\": 881250949, "
      "\"tags\": [\"x\", "
      "{\"user_id\": 9}]}\n\n"
      "{\"rating\":3,\"item_id\":7,\"user_id\":18446744073709551615,\"timestamp\":\"1997-12-04T15:"
      "55:49Z\",\"more\":{"
      "\"rating\":1}}\r\n"
      "{\"item_id\": \"b\", \"timestamp\": 5, \"verified\": true, \"user_id\": \"u\", \"rating\": "
      "1e0}");
  EXPECT_EQ(rows_of(table), (Rows{"1 a\xC3\xA9\n 4.5 881250949",
                                  "18446744073709551615 7 3.0 881250949", "u b 1.0 5"}));
  EXPECT_EQ(table.format.delimiter, "JSON lines");
  EXPECT_EQ(table.format.columns,
            (std::vector<std::string>{"user_id", "item_id", "rating", "timestamp"}));
  const std::string line = "{\"who\": \"u\", \"what\": \"i\", \"plays\": 3}\n";
  EXPECT_EQ(rows_of(read(line, {.user_column = "what", .item_column = "who"})), (Rows{"i u 3.0"}));
  EXPECT_EQ(error_of(line + "[1, 2]\n"), "ratings.csv:2: not a JSON object");
  EXPECT_EQ(error_of(line + line + "{\"who\": \"u\"\n"), "ratings.csv:3: not a JSON object");
  EXPECT_EQ(error_of(line + "{\"who\": \"u\", \"what\": \"i\", \"plays\": 3, \"plays\": 4}\n"),
            "ratings.csv:2: it has a name twice");
  EXPECT_EQ(error_of(line + "{\"who\": \"u\", \"what\": \"i\", \"plays\": \"x\"}\n"),
            "ratings.csv:2: column 3 'plays': \"x\" is not a number");
  EXPECT_EQ(error_of(line + "{\"who\": \"u\", \"plays\": 1}\n"),
            "ratings.csv:2: column 2 'what': \"\" is an empty id");
  EXPECT_EQ(error_of("{\"user\": 1, \"item\": 2, \"rating\": 4.5}\n{\"user\": 1, \"item\": 3}\n"),
            "ratings.csv:2: column 3 'rating': \"\" is not a number");
}

// A batch of such values is decoded in its own way, unless another one is among them.
TEST_F(Read, ValuesInTenthsAreRightAloneAndAmongOthers) {
  std::string text = "user,item,rating\n";
  std::vector<float> expected;
  for (int n = 0; n < 100; ++n) {
    text += "1," + std::to_string(n) + "," + std::to_string(n / 10) + "." + std::to_string(n % 10) +
            "\n";
    expected.push_back(static_cast<float>(n / 10.0));
  }
  EXPECT_EQ(read(text).interactions.values, expected);
  for (const auto& [other, value] : std::map<std::string, float>{
           {"4", 4}, {"4.25", 4.25}, {"1e1", 10}, {"-.5", -0.5}, {".25", 0.25}}) {
    std::vector<float> all = expected;
    all.push_back(value);
    EXPECT_EQ(read(text + "2,1," + other + "\n").interactions.values, all) << other;
  }
  for (const std::string wrong : {"4,5", "4:5", "x.5", "4.x", "4/5", "4.:", "4.5x", "4 5"}) {
    const std::string cell = wrong == "4,5" ? "\"4,5\"" : wrong;
    const std::string reason = wrong == "4,5" ? " is not a number where others have decimal points "
                                                "(`decimal=,` reads commas)"
                                              : " is not a number";
    EXPECT_EQ(error_of(text + "2,1," + cell + "\n"),
              "ratings.csv:102: column 3 'rating': \"" + wrong + '"' + reason);
  }
}

TEST_F(Read, ManyJsonLinesAreThePlainTable) {
  std::string plain = "user,item,rating,timestamp\n";
  std::string lines;
  for (int row = 0; row < 30'000; ++row) {  // over 4 MiB: windows
    const std::string user = std::to_string(row / 50);
    const std::string item = std::to_string(row % 1009 * 17 % 1009);
    const std::string time = std::to_string(881250949 + row);
    plain += user + "," + item + ",3.5," + time + "\n";
    lines += "{\"user\":" + user + ",\"note\":\"" + kLongNote + "\",\"item\":" + item +
             ",\"rating\":3.5,\"timestamp\":" + time + "}\n";
  }
  EXPECT_EQ(digest(read(lines).interactions), digest(read(plain).interactions));
}

TEST_F(Read, MatrixMarketAndLibmfTripletsAreRead) {
  const Rows expected{"1 3 4.5", "2 1 3.0"};
  EXPECT_EQ(rows_of(read("%%MatrixMarket matrix coordinate real general\n% made by hand\n%\n2 3 "
                         "2\n1 3 4.5\n2 1 3\n")),
            expected);
  EXPECT_EQ(rows_of(read("%%MatrixMarket matrix coordinate real general\r\n 2  3  2\r\n  1   3  "
                         "4.50e+00\r\n  2   1  3\r\n")),
            expected);
  EXPECT_EQ(rows_of(read("%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 3\n2 1\n")),
            (Rows{"1 3 1.0", "2 1 1.0"}));
  EXPECT_EQ(rows_of(read("1 3 4.5\n2 1 3\n")), expected);
  EXPECT_EQ(error_of("%%MatrixMarket matrix coordinate real general\n2 3 3\n1 3 4.5\n2 1 3\n"),
            "ratings.csv says that it has 3 entries and has 2");
  EXPECT_EQ(error_of("%%MatrixMarket matrix coordinate real general\n2 3 2\n1 3 4.5\n2 1 x\n"),
            "ratings.csv:4: column 3: \"x\" is not a number");
  EXPECT_EQ(error_of("%%MatrixMarket matrix array real general\n2 3\n1\n"),
            "ratings.csv:1: \"%%matrixmarket matrix array real general\" is not a general "
            "coordinate matrix of real, integer "
            "or pattern "
            "entries");
  EXPECT_EQ(error_of("%%MatrixMarket matrix coordinate real general\n% only\n"),
            "ratings.csv:3: \"\" is not the number of rows, columns and entries");
  for (const char* banner :
       {"%%MatrixMarket matrix coordinate real symmetric", "%%MatrixMarket matrix coordinate real",
        "%%MatrixMarket matrix coordinate real generalized", "%%MatrixMarket",
        "%%MatrixMarket matrix coordinate complex general", "%MatrixMarket",
        "%% MatrixMarket matrix coordinate real symmetric",
        " %%matrixmarket MATRIX coordinate real symmetric",
        "%%MatrixMarket vector coordinate real general"}) {
    const std::string message = error_of(std::string(banner) + "\n2 3 1\n1 3 4.5\n");
    EXPECT_NE(message.find("is not a general coordinate matrix"), std::string::npos) << message;
  }
}

TEST_F(Read, MatrixMarketsBannerMayHaveOtherLetters) {
  EXPECT_EQ(rows_of(read("%%matrixmarket MATRIX Coordinate REAL General\n2 3 1\n1 3 4.5\n")),
            (Rows{"1 3 4.5"}));
}

TEST_F(Read, MatrixMarketsIdsLieWithinTheDeclaredSize) {
  const auto error = [&](const std::string& row) {
    return error_of("%%MatrixMarket matrix coordinate real general\n2 3 2\n1 3 4.5\n" + row + "\n");
  };
  const std::string beyond = " is beyond the size that the file declares";
  EXPECT_EQ(error("3 3 1"), "ratings.csv:4: column 1: \"3\"" + beyond);
  EXPECT_EQ(error("2 4 1"), "ratings.csv:4: column 2: \"4\"" + beyond);
  EXPECT_EQ(error("0 1 1"), "ratings.csv:4: column 1: \"0\"" + beyond);
  EXPECT_EQ(error("1 -1 1"), "ratings.csv:4: column 2: \"-1\"" + beyond);
  EXPECT_EQ(error("1 one 1"), "ratings.csv:4: column 2: \"one\"" + beyond);
  // Enough rows to be decoded side by side, and one of them is beyond.
  std::string rows;
  for (int item = 1; item <= 50; ++item) rows += "1 " + std::to_string(item) + " 1\n";
  EXPECT_EQ(error_of("%%MatrixMarket matrix coordinate integer general\n1 49 50\n" + rows),
            "ratings.csv:52: column 2: \"50\"" + beyond);
}

// Rejects

class Rejects : public Read {
 protected:
  std::string rejects_path() { return folder_.path("rejects.csv"); }
  std::string rejected() { return folder_.without_path(folder_.text_of("rejects.csv")); }
};

TEST_F(Rejects, EveryBadRowIsSetAside) {
  const std::string text =
      "userId,movieId,rating,timestamp\n1,31,2.5,8\n1,7,\"4,5\",9\r\n\n1,7,nan,9\n,7,4,9\nghost,"
      "\xFF,4,9\n1,7,4,yesterday\n1,"
      "7\n"
      "1,7,\"4\"5,9\n2,\"\"\"x\"\"\",1,3\n\"open,1,1,1\n3,8,5,9\n";
  const RatingsTable table = read(text, {.rejects_file = rejects_path()});
  EXPECT_EQ(rows_of(table), (Rows{"1 31 2.5 8", "2 \"x\" 1.0 3", "3 8 5.0 9"}));
  EXPECT_EQ(ids_of(table.interactions.catalog->users), (std::vector<std::string>{"1", "2", "3"}))
      << "no ghost";
  EXPECT_EQ(rejected(),
            "file,line,byte,column,reason,text\n"
            "ratings.csv,3,43,3,\"is not a number where others have decimal points (`decimal=,` "
            "reads commas)\",\"1,7,\"\"4,5\"\",9\"\n"
            "ratings.csv,5,57,3,is not a finite 32-bit number,\"1,7,nan,9\"\n"
            "ratings.csv,6,67,1,is an empty id,\",7,4,9\"\n"
            "ratings.csv,7,74,2,is not valid UTF-8,\"ghost,\xFF,4,9\"\n"
            "ratings.csv,8,86,4,\"is not a time, in seconds or as in 2026-11-24T16:30:00Z "
            "(`time_column=none` leaves times out)\",\"1,7,4,yesterday\"\n"
            "ratings.csv,9,102,,2 columns where the header has 4,\"1,7\"\n"
            "ratings.csv,10,106,,text follows a closing quote,\"1,7,\"\"4\"\"5,9\"\n"
            "ratings.csv,12,131,,a quote is opened and never closed,\"\"\"open,1,1,1\"\n");
  const std::map<std::string, std::uint64_t> reasons = table.rejects;
  EXPECT_EQ(reasons.size(), 8U);
  EXPECT_EQ(reasons.at("is not a finite 32-bit number"), 1U);
}

// Long files are parsed in pieces, cut at line ends: also at those within quotes.
TEST_F(Rejects, RowsLongerThanAPieceAndQuotedLineEndsEverywhere) {
  std::string text = "user,item,rating,note\n";
  std::string rejects = "file,line,byte,column,reason,text\n";
  Rows rows;
  std::size_t line = 2;
  for (int row = 0; row < 3000; ++row) {
    const std::string user = std::to_string(row);
    std::string note;
    for (int l = 0; l < (row % 500 == 3 ? 30'000 : row * 7919 % 400); ++l)
      note += l % 3 == 0 ? "9,9,9,\n" : "\"\"so\"\",\n";
    const bool is_bad = row % 50 == 7;
    const std::string cells = user + ",i," + (is_bad ? "x" : "2") + ",\"" + note + "\"";
    if (is_bad) {
      std::string in_quotes;
      for (const char c : cells) in_quotes += c == '"' ? "\"\"" : std::string(1, c);
      rejects += "ratings.csv," + std::to_string(line) + "," + std::to_string(text.size()) +
                 ",3,is not a number,\"" + in_quotes + "\"\n";
    } else {
      rows.push_back(user + " i 2.0");
    }
    text += cells + "\n";
    line += static_cast<std::size_t>(std::ranges::count(note, '\n')) + 1;
  }
  EXPECT_EQ(rows_of(read(text, {.rejects_file = rejects_path()})), rows);
  EXPECT_TRUE(rejected() == rejects);
}

TEST_F(Rejects, MoreThanTheLimitEndTheReadingAndAreSaid) {
  const std::string text = "user,item,rating\n1,1,1\n2,2,x\n3,3,y\n4,4,4\n";
  EXPECT_EQ(error_of(text, {.rejects_file = rejects_path(), .most_rejects = 1}),
            "more than 1 bad rows: the first 2 are in rejects.csv");
  EXPECT_EQ(std::ranges::count(rejected(), '\n'), 3);
  EXPECT_EQ(error_of(text, {.rejects_file = rejects_path(), .most_rejects_share = 0.25}),
            "2 bad rows of 4 are more than 25 %: they are in rejects.csv");
  EXPECT_EQ(
      error_of(text,
               {.rejects_file = rejects_path(), .most_rejects = 2, .most_rejects_share = 0.5}),
      "");
  EXPECT_EQ(error_of("user,item,rating\n1,1,x\n", {.rejects_file = rejects_path()}),
            "ratings.csv has a header but no ratings");
  EXPECT_EQ(std::ranges::count(rejected(), '\n'), 2);
}

TEST_F(Rejects, SomeFilesAndNoneBad) {
  const std::string a = folder_.write("a.csv", "user,item,rating\n1,1,1\n");
  const std::string b = folder_.write("b,c.csv", "user,item,rating\n1,2,x\n1,3,3\n");
  const RatingsTable table =
      read_ratings(std::vector{a, b, a}, {.rejects_file = rejects_path()}, parallel_);
  EXPECT_EQ(rejected(),
            "file,line,byte,column,reason,text\n\"b,c.csv\",2,17,3,is not a number,\"1,2,x\"\n");
  read_ratings(a, {.rejects_file = rejects_path()}, parallel_);
  EXPECT_EQ(rejected(), "file,line,byte,column,reason,text\n");
}

// Against a plain reference: rows cut and numbered one by one.

struct Reference {
  std::vector<std::string> users, items;
  std::vector<Index> user_of_row, item_of_row;
};
Index number(std::vector<std::string>& ids, std::map<std::string, Index>& indices,
             const std::string& id) {
  const auto [entry, is_new] = indices.try_emplace(id, static_cast<Index>(ids.size()));
  if (is_new) ids.push_back(id);
  return entry->second;
}

TEST_F(Read, PiecesPutTogetherAreTheSerialTable) {
  // Over 8 MiB, so that windows and pieces meet within rows; texts turn up among integers halfway.
  std::map<std::string, Index> user_indices, item_indices;
  std::mt19937 random(1);
  std::string text = "user,item,rating,timestamp,note\n";
  Reference expected;
  const int rows = 80'000;
  for (int row = 0; row < rows; ++row) {
    const std::string user =
        std::to_string(random() % 300) + (row > rows / 2 && random() % 1000 == 0 ? "x" : "");
    const std::string item = std::to_string(random() % 200);
    text += user + "," + item + ",1.5,100000000" + std::to_string(row % 10) + "," + kLongNote +
            (row % 3 == 0 ? "\r\n" : "\n");
    expected.user_of_row.push_back(number(expected.users, user_indices, user));
    expected.item_of_row.push_back(number(expected.items, item_indices, item));
  }
  ASSERT_GT(text.size(), std::size_t{8} << 20);
  const std::string path = folder_.write("ratings.csv", text);
  ReadOptions options;
  options.duplicates = Duplicates::first;
  for (const unsigned threads : {1U, 3U}) {
    Parallel parallel(threads);
    const RatingsTable table = read_ratings(path, options, parallel);
    EXPECT_EQ(ids_of(table.interactions.catalog->users), expected.users);
    EXPECT_EQ(ids_of(table.interactions.catalog->items), expected.items);
    EXPECT_EQ(table.rows_read, static_cast<std::uint64_t>(rows));
    // The first row of each pair, in order.
    std::vector<bool> seen(expected.users.size() * expected.items.size());
    Index at = 0;
    for (int row = 0; row < rows; ++row) {
      const Index user = expected.user_of_row[static_cast<std::size_t>(row)];
      const Index item = expected.item_of_row[static_cast<std::size_t>(row)];
      if (seen[user * expected.items.size() + item]) continue;
      seen[user * expected.items.size() + item] = true;
      ASSERT_LT(at, table.interactions.size());
      ASSERT_EQ(table.interactions.users[at], user);
      ASSERT_EQ(table.interactions.items[at], item);
      ASSERT_EQ(table.interactions.times[at], 1000000000 + row % 10);
      ++at;
    }
    EXPECT_EQ(at, table.interactions.size());
  }
}

TEST_F(Read, AQuotedTableIsThePlainTable) {
  std::string plain = "user,item,rating,note\n";
  std::string quoted = plain;
  for (int row = 0; row < 80'000; ++row) {
    const std::string user = std::to_string(row / 100);
    const std::string item = std::to_string(row % 10007 * 7919 % 10007);
    plain += user + "," + item + ",3.5," + kLongNote + "\n";
    quoted += "\"" + user + "\",\"" + item + "\",3.5,\"" + kLongNote + "\"\r\n";
  }
  EXPECT_EQ(digest(read(quoted).interactions), digest(read(plain).interactions));
}

// Rows are decoded some hundreds at a time, cells of the usual form on a way of their own.

TEST_F(Read, AnUnusualCellChangesNothingAroundIt) {
  const auto table = [](int unusual, const std::string& cells) {
    std::string text = "user,item,rating,timestamp\n";
    for (int row = 0; row < 1000; ++row) {
      text += row == unusual
                  ? cells + "\n"
                  : std::to_string(row % 37) + "," + std::to_string(row / 37) + ",3.5,881250949\n";
    }
    return text;
  };
  const std::string plain = digest(read(table(-1, "")).interactions);
  for (const int row : {0, 1, 255, 256, 257, 600, 999}) {
    const std::string ids = std::to_string(row % 37) + "," + std::to_string(row / 37);
    for (const std::string cells :
         {",3.50,881250949", ", 3.5 ,881250949", ",35e-1,881250949", ",3.5,881250949.0"}) {
      EXPECT_EQ(digest(read(table(row, ids + cells)).interactions), plain)
          << cells << " in row " << row;
    }
    EXPECT_EQ(
        error_of(table(row, ids + ",good,881250949")),
        "ratings.csv:" + std::to_string(row + 2) + ": column 3 'rating': \"good\" is not a number");
  }
}

TEST_F(Read, TheFirstBadRowIsNamedThoughALaterOneIsWorse) {
  EXPECT_EQ(error_of("user,item,rating\n1,1,3\n1,2,x\n,3,4\n1,4\n"),
            "ratings.csv:3: column 3 'rating': \"x\" is not a number");
  EXPECT_EQ(error_of("user,item,rating\n1,1,3\n1,2\n,3,4\n"),
            "ratings.csv:3: 2 columns where the header has 3");
}

// Against a catalog

TEST_F(Read, ATestFileIsReadAgainstTheIdsOfACatalog) {
  folder_.write("movies.csv", "movieId,title,genres\n10,Ten,Drama\n");
  const RatingsTable train = read("user,item,rating\n1,10,3\n2,20,4\n");
  const std::string path =
      folder_.write("test.csv", "user,item,rating\n2,10,1\nnew,10,5\n1,30,2\n");
  const RatingsTable test = read_ratings_with(*train.interactions.catalog, {path}, {}, parallel_);
  EXPECT_EQ(test.interactions.users, (std::vector<Index>{1, 2, 0}));
  EXPECT_EQ(test.interactions.items, (std::vector<Index>{0, 0, 2}));
  EXPECT_EQ(ids_of(test.interactions.catalog->users), (std::vector<std::string>{"1", "2", "new"}));
  EXPECT_EQ(ids_of(test.interactions.catalog->items), (std::vector<std::string>{"10", "20", "30"}));
  EXPECT_EQ(test.interactions.catalog->item_titles, (std::vector<std::string>{"Ten", "", ""}));
  EXPECT_EQ(test.interactions.catalog->item_metadata.front().cells,
            (std::vector<std::string>{"Drama", "", ""}));
}

TEST_F(Read, RepeatsStayWhereAllAreToBeMeasured) {
  const RatingsTable train = read("user,item,rating\n1,10,3\n");
  const RatingsTable test =
      read_ratings_with(*train.interactions.catalog,
                        {folder_.write("test.csv", "user,item,rating\n1,10,3\n1,10,5\n")},
                        {.duplicates = Duplicates::keep}, parallel_);
  EXPECT_EQ(rows_of(test), (Rows{"1 10 3.0", "1 10 5.0"}));
  EXPECT_EQ(test.duplicates, 1U);
}

TEST_F(Read, AFileOfPairsHasNoValues) {
  const RatingsTable train = read("user,item,rating\n1,10,3\n");
  const RatingsTable pairs = read_ratings_with(
      *train.interactions.catalog, {folder_.write("pairs.csv", "1,10\n")}, {}, parallel_);
  EXPECT_EQ(rows_of(pairs), (Rows{"1 10 1.0"}));
  EXPECT_FALSE(pairs.interactions.has_values);
}

}  // namespace
}  // namespace palate
