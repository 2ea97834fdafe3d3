// What the tests of fetch() share: a tiny data set, its archive, a folder to fetch to and a server
// that is trusted.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "data/tls_server.h"
#include "palate/base/error.h"
#include "palate/data/fetch.h"

namespace palate {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

// Whether all the parts stand in the text.
inline testing::AssertionResult contains(const std::string& text, const Strings& parts) {
  for (const std::string& part : parts) {
    if (text.find(part) == text.npos)
      return testing::AssertionFailure() << '"' << part << "\" is not in \"" << text << '"';
  }
  return testing::AssertionSuccess();
}

inline constexpr char kRatings[] =
    "userId,movieId,rating,timestamp\n1,10,4.5,978300760\n2,10,3.0,978300761\n";
inline constexpr char kMovies[] = "movieId,title,genres\n10,Heat (1995),Crime\n";
inline constexpr char kReadme[] =
    "Summary\n=======\nThis dataset was generated on May 4, 2020. Enjoy.\n";

inline std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return to_hex(hash.finish());
}

struct Member {
  std::string path;
  std::string contents;
  bool link = false;  // a symbolic link to `contents`
};
using Members = std::vector<Member>;

inline const Members kGood{{"tiny/", ""},
                           {"tiny/ratings.csv", kRatings},
                           {"tiny/movies.csv", kMovies},
                           {"tiny/README.txt", kReadme}};

// kGood with `contents` for `path`.
inline Members good_but(const std::string& path, const std::string& contents) {
  Members members = kGood;
  for (Member& member : members) {
    if (member.path == path) member.contents = contents;
  }
  return members;
}

inline std::string zip_of(const Members& members) {
  std::size_t room = 10'000;
  for (const Member& member : members) room += 1'000 + 2 * member.contents.size();
  std::string zip(room, '\0');
  archive* const writer = archive_write_new();
  archive_entry* const entry = archive_entry_new();
  archive_write_set_format_zip(writer);
  EXPECT_EQ(archive_write_open_memory(writer, zip.data(), zip.size(), &room), ARCHIVE_OK);
  for (const Member& member : members) {
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, member.path.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, member.link                  ? AE_IFLNK
                                      : member.path.ends_with('/') ? AE_IFDIR
                                                                   : AE_IFREG);
    if (member.link)
      archive_entry_set_symlink(entry, member.contents.c_str());
    else
      archive_entry_set_size(entry, static_cast<la_int64_t>(member.contents.size()));
    EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK) << member.path;
    if (!member.link) archive_write_data(writer, member.contents.data(), member.contents.size());
  }
  EXPECT_EQ(archive_write_close(writer), ARCHIVE_OK);
  archive_entry_free(entry);
  archive_write_free(writer);
  zip.resize(room);
  return zip;
}

// A set called `tiny`, which is this archive.
inline DataSet tiny(const std::string& zip = zip_of(kGood)) {
  return {.name = "tiny",
          .url = "https://127.0.0.1:1/tiny.zip",
          .mirror = "https://mirror.example.org/tiny",
          .zip_size = zip.size(),
          .sha256 = sha256_of(zip),
          .folder_in_zip = "tiny",
          .release = "May 4, 2020",
          .ratings = "ratings.csv",
          .movies = "movies.csv",
          .files = {{"ratings.csv"}, {"movies.csv"}, {"tags.csv"}, {"README.txt"}},
          .max_unpacked_size = 100'000,
          .licence = "none",
          .citation = "none"};
}

// The same, where the archive is replaced from time to time: its two tables are pinned.
inline DataSet replaced() {
  DataSet set = tiny();
  set.files[0] = {"ratings.csv", sizeof(kRatings) - 1, sha256_of(kRatings)};
  set.files[1] = {"movies.csv", sizeof(kMovies) - 1, sha256_of(kMovies)};
  return set;
}

inline std::string contents_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

// Everything below a folder, by relative path.
inline Strings listing(const fs::path& folder) {
  Strings paths;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    paths.push_back(entry.path().lexically_relative(folder).string());
  }
  std::ranges::sort(paths);
  return paths;
}

// An environment variable that has its former value again after the test; nullptr: not set.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~ScopedVariable() { set(before_ ? before_->c_str() : nullptr); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void set(const char* value) { value != nullptr ? setenv(name_, value, 1) : unsetenv(name_); }
  const char* name_;
  std::optional<std::string> before_;
};

class Fetch : public testing::Test {
 protected:
  Fetch() {
    std::string pattern = (fs::temp_directory_path() / "palate-fetch-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directory(to());
  }
  ~Fetch() override { fs::remove_all(folder_); }

  fs::path to() const { return folder_ / "to"; }

  // Options that trust the server.
  FetchOptions options_for(const TlsServer& server, const std::string& path) const {
    const fs::path ca_file = folder_ / "ca.pem";
    std::ofstream(ca_file) << server.certificate();
    return {.folder = to().string(), .url = server.url(path), .ca_file = ca_file.string()};
  }

  // Fetches `answer`, given at /tiny.zip by a server that is trusted.
  std::optional<FetchedSet> fetch_answer(const std::string& answer,
                                         const DataSet& set = tiny()) const {
    const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", answer}});
    return fetch(set, options_for(server, "/tiny.zip"));
  }
  std::optional<FetchedSet> fetch_zip(const Members& members, const DataSet& set = tiny()) const {
    return fetch_answer(http_ok(zip_of(members)), set);
  }

  // That `fetching` fails so, in one line, and leaves nothing behind.
  void expect_failure(ErrorCode code, const Strings& message,
                      const std::function<void()>& fetching) const {
    try {
      fetching();
      ADD_FAILURE() << "did not fail";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_TRUE(contains(error.what(), message));
      EXPECT_FALSE(contains(error.what(), {"\n"}));
    }
    EXPECT_EQ(listing(to()), Strings{});
  }

  ScopedVariable no_proxy_{"no_proxy", "*"};
  ScopedVariable no_certificates_{"SSL_CERT_FILE", nullptr};
  fs::path folder_;
};

}  // namespace palate
