#include "palate/read.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "palate/error.h"

namespace palate {
namespace {

// A folder of its own for each test, gone afterwards.
class Read : public testing::Test {
 protected:
  Read() {
    std::string pattern = (std::filesystem::temp_directory_path() / "palate_read_XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Read() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  RatingsTable read(std::string_view text, const ReadOptions& options = {}) {
    return read_ratings(write("ratings.csv", text), options, parallel_);
  }

  // The message of the Error, with the folder left out; "" where there is none.
  std::string error_of(std::string_view text, const ReadOptions& options = {}) {
    try {
      read(text, options);
    } catch (const Error& error) {
      std::string message = error.what();
      const std::string prefix = folder_.string() + "/";
      for (std::size_t at; (at = message.find(prefix)) != std::string::npos;) message.erase(at, prefix.size());
      return message;
    }
    return "";
  }

  std::filesystem::path folder_;
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

TEST_F(Read, MovieLensCsv) {
  const RatingsTable table = read("userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n2,31,4.0,-5\n");
  EXPECT_EQ(rows_of(table), (Rows{"1 31 2.5 1260759144", "1 1029 3.0 1260759179", "2 31 4.0 -5"}));
  EXPECT_TRUE(table.format.header);
  EXPECT_EQ(table.format.delimiter, ",");
  EXPECT_EQ(table.format.compression, "none");
  EXPECT_EQ(table.format.columns, (std::vector<std::string>{"userId", "movieId", "rating", "timestamp"}));
  EXPECT_TRUE(table.interactions.has_values);
  EXPECT_EQ(table.rows_read, 3U);
  EXPECT_EQ(table.duplicates, 0U);
}

TEST_F(Read, ABadCellIsNamedByFileLineColumnTextAndReason) {
  EXPECT_EQ(error_of("userId,movieId,rating\n1,31,2.5\n1,7,\"4,5\"\n"),
            "ratings.csv:3: column 3 'rating': \"4,5\" is not a number");
}

}  // namespace
}  // namespace palate
