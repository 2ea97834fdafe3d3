// Compressed tables with a bit flipped, cut short, or with something behind their end: they are
// refused, or the very same table.
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "palate/base/error.h"
#include "palate/data/read.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// 12 users and 10 items, in lines of ids and ratings from 1 to 5.
std::string ratings(int first_user, int last_user) {
  std::string text;
  for (int user = first_user; user <= last_user; ++user) {
    for (int item = 1; item <= 10; ++item) {
      if ((user + item) % 3 == 0) continue;
      text += std::to_string(user) + "," + std::to_string(item) + "," +
              std::to_string(1 + (user * item + user) % 5) + "\n";
    }
  }
  return text;
}
const std::string kFront = "user,item,rating\n" + ratings(1, 6);
const std::string kBack = ratings(7, 12);

std::string packed(const std::string& text, const char* format, const char* filter) {
  std::string bytes(100'000, '\0');
  std::size_t used = 0;
  archive* const writer = archive_write_new();
  archive_write_set_format_by_name(writer, format);
  if (filter != nullptr) archive_write_add_filter_by_name(writer, filter);
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_pathname(entry, "ratings.csv");
  archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, 0644);
  EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
  archive_write_data(writer, text.data(), text.size());
  archive_entry_free(entry);
  EXPECT_EQ(archive_write_free(writer), ARCHIVE_OK);
  bytes.resize(used);
  return bytes;
}

// What `zstd -19` writes of kFront + kBack, with its checksum; libarchive's writer leaves it out.
std::string zstd() {
  constexpr std::string_view kHex =
      "28b52ffd04684d070016d32814a027e9e62d62fff5ff6211b2c9de7bcbfdaf9e28260021002200c45ec843"
      "7b3ca4ed614df3702e5a2eeb1b97bd2e6dbaa47b29280c1000c3840062b02170480483bd9061b4b1cf46bb"
      "68b948dfb8d8ebe24cbd58179d48939b585b4db467e2dc03cfa510d264c2794c581b4d68cf8474c7f9bebb"
      "a3dd8f8336b90767ab07eb7990ee01a48bd6e4a3ed7acacee4b6653db7ec452fdfe39a7a2fcac2995c0a6d"
      "bb14522c28102f6c8b0d10183d06485d2088aa9a4c4b52fb458c39cdbbd2b3a5151c832328d3dd305abfdd"
      "7acc652d66aed89c496b128a27aba2e10faa69a86cc4bc5de33f01a60b3545";
  std::string bytes;
  for (std::size_t at = 0; at < kHex.size(); at += 2)
    bytes += static_cast<char>(std::stoi(std::string(kHex.substr(at, 2)), nullptr, 16));
  return bytes;
}

class Damage : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Parallel parallel_{1};

  // The table's digest, or nothing where the file is refused; read by its name and as standard
  // input, which have to agree.
  std::string read(const std::string& bytes) {
    const std::string path = folder_.write("ratings", bytes);
    const std::string named = read_path(path);
    const int before = ::dup(STDIN_FILENO);
    const int file = ::open(path.c_str(), O_RDONLY);
    ::dup2(file, STDIN_FILENO);
    ::close(file);
    const std::string standard_input = read_path("-");
    ::dup2(before, STDIN_FILENO);
    ::close(before);
    EXPECT_TRUE(named == standard_input || named.empty() || standard_input.empty());
    return named.empty() ? standard_input : named;
  }

  void expect_refused_or_the_same(const std::string& bytes, const std::string& what) {
    const std::string damaged = read(bytes);
    EXPECT_TRUE(damaged.empty() || damaged == expected_) << what;
  }

  const std::vector<std::pair<std::string, std::string>> one_stream_ = {
      {"gzip", packed(kFront + kBack, "raw", "gzip")},
      {"bzip2", packed(kFront + kBack, "raw", "bzip2")},
      {"xz", packed(kFront + kBack, "raw", "xz")},
      {"zstd", zstd()},
      {"zip", packed(kFront + kBack, "zip", nullptr)},
  };
  const std::vector<std::pair<std::string, std::string>> two_streams_ = {
      {"two of gzip", packed(kFront, "raw", "gzip") + packed(kBack, "raw", "gzip")},
      {"two of bzip2", packed(kFront, "raw", "bzip2") + packed(kBack, "raw", "bzip2")},
      {"two of xz", packed(kFront, "raw", "xz") + packed(kBack, "raw", "xz")},
  };
  std::string read_path(const std::string& path) {
    try {
      return digest(read_ratings(path, {.items_file = "none"}, parallel_).interactions);
    } catch (const Error&) {
      return "";
    }
  }

  const std::string expected_ = read(kFront + kBack);
};

TEST_F(Damage, WithoutDamageEveryFormIsTheSameTable) {
  ASSERT_FALSE(expected_.empty());
  for (const auto& forms : {one_stream_, two_streams_}) {
    for (const auto& [name, bytes] : forms) EXPECT_EQ(read(bytes), expected_) << name;
  }
  EXPECT_EQ(read(one_stream_.front().second + std::string(512, '\0')), expected_) << "of a tape";
}

TEST_F(Damage, AFlippedBitIsRefusedOrTheSameTable) {
  constexpr int kFlips = 500;
  Rng rng(1, 0);
  for (const auto& forms : {one_stream_, two_streams_}) {
    for (const auto& [name, bytes] : forms) {
      for (int flip = 0; flip < kFlips; ++flip) {
        const std::size_t bit = rng.below(static_cast<Index>(8 * bytes.size()));
        std::string damaged = bytes;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
        expect_refused_or_the_same(damaged, name + ", bit " + std::to_string(bit));
      }
    }
  }
}

TEST_F(Damage, WhatIsCutShortIsRefusedOrTheSameTable) {
  for (const auto& [name, bytes] : one_stream_) {
    for (std::size_t size = 0; size < bytes.size(); ++size)
      expect_refused_or_the_same(bytes.substr(0, size), name + ", " + std::to_string(size));
  }
}

TEST_F(Damage, WhatStandsBehindTheEndIsTold) {
  for (const auto& [name, bytes] : one_stream_) {
    if (name == "zip") continue;
    for (const std::string& behind : {std::string("x"), kBack, std::string(300'000, 'x')})
      EXPECT_EQ(read(bytes + behind), "") << name;
  }
  const auto message = [&](const std::string& bytes) -> std::string {
    try {
      read_ratings(folder_.write("r", bytes), {}, parallel_);
      return "";
    } catch (const Error& error) {
      return folder_.without_path(error.what());
    }
  };
  for (const auto& [name, bytes] : {one_stream_[0], one_stream_[1]}) {
    EXPECT_EQ(message(bytes + kBack), "cannot unpack r: what stands behind its byte " +
                                          std::to_string(bytes.size()) + " is not " + name);
  }
  std::string flipped = one_stream_.front().second;
  flipped[flipped.size() - 6] ^= 1;  // of the CRC-32
  EXPECT_EQ(message(flipped), "cannot unpack r: it is damaged (incorrect data check)");
}

}  // namespace
}  // namespace palate
