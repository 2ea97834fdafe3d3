// Data sets that Palate knows by name: where they are looked for, and how one is downloaded.
// Layer: data.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace palate {

// A file of a data set. One with a digest is pinned: it must be this very one.
struct DataSetFile {
  std::string name;        // "ratings.csv"; in the archive it is "ml-latest-small/ratings.csv"
  std::uint64_t size = 0;  // in bytes, of the pinned release
  std::string sha256{};    // in hexadecimal, of the pinned release; empty: not pinned
  bool operator==(const DataSetFile&) const = default;
};

// What a data set holds.
struct DataSetCounts {
  std::uint64_t ratings = 0;
  std::uint64_t users = 0;         // with ratings
  std::uint64_t rated_movies = 0;  // movies with ratings
  std::uint64_t movies = 0;        // movies with titles
  bool operator==(const DataSetCounts&) const = default;
};

// A data set that is published as a zip archive with one folder.
struct DataSet {
  std::string name;           // "ml-10m"
  std::string url;            // of the archive
  bool has_md5 = false;       // the server has its MD5, at URL.md5
  std::string folder_in_zip;  // "ml-10M100K"
  std::string release;        // its date
  std::string ratings;        // the file of ratings: "ratings.dat"
  std::string movies;         // the file of titles: "movies.dat"
  // What is unpacked: these two, which must be there, and others. All else in the archive is left
  // out. Where a file is pinned, its README.txt has `release` behind "generated on ".
  std::vector<DataSetFile> files;
  DataSetCounts counts;                 // of this release
  std::uint64_t max_zip_size = 0;       // bytes that the archive may have
  std::uint64_t max_unpacked_size = 0;  // bytes that the files may have, all together
  std::string licence;
  std::string citation;
};

// All that are known, from the smallest.
const std::vector<DataSet>& known_data_sets();

// The set of that name.
//
// Errors:  invalid_argument  a name that is not known; the message lists those that are
const DataSet& known_data_set(std::string_view name);

// The folder where fetched sets are kept: $XDG_CACHE_HOME/palate, else ~/.cache/palate.
//
// Errors:  io  there is no home
std::string data_sets_folder();

// The ratings of the set called `name`, looked for in $PALATE_DATA, then in data_sets_folder():
// FOLDER/NAME/ratings.csv, u.data, NAME.inter or ratings.dat, the first that is there.
std::optional<std::string> find_data_set(std::string_view name);

// -------------------------------------------------------------------------------------------------

struct FetchOptions {
  std::string folder{};  // the set will be FOLDER/NAME; empty: data_sets_folder()
  std::string url{};     // in place of the set's own
  // A PEM file of certificates that are trusted beside the system's; empty: $SSL_CERT_FILE, where
  // that is set.
  std::string ca_file{};
  unsigned connect_timeout = 20;  // seconds until the server must have answered
  unsigned stall_timeout = 30;    // seconds below 100 bytes a second until the transfer is given up
  // Both are told in bytes.
  std::function<void(std::uint64_t received, std::optional<std::uint64_t> total)> on_progress{};
  std::function<void(std::uint64_t unpacked, std::uint64_t total)> on_unpack{};
  // It is asked at least once a second while downloading, and often later. True ends the fetching.
  std::function<bool()> stop_requested{};
};

struct FetchedSet {
  std::string folder;       // FOLDER/NAME
  std::string ratings;      // FOLDER/NAME/ratings.csv, or what the set calls it
  std::string release;      // the date of the release that it is
  DataSetCounts counts;     // what it holds
  std::string notice;       // not empty: it is not the pinned release, and what that means
  bool downloaded = false;  // false: it was there
};

// Downloads the set, unless it is there, checks it and puts it in place. Gives nothing where a stop
// was requested.
//
// Only https is spoken, through redirects too, and the certificate and its host name are always
// checked. The archive's MD5 is compared where the server has it. What the files hold is counted.
// A release that README.txt says to be another than the pinned one is taken, with a notice.
//
// Errors:      invalid_argument  an address that is not https
//              io                the download fails, or the folder cannot be written; the message
//                                names the address and the reason
//              bad_data          an archive that is too large, damaged, or contradicts itself;
//                                files with other counts than the set's, or a pinned one that
//                                differs, just unpacked or in FOLDER/NAME already
// Guarantees:  The set is there whole or not at all.
//              What a cut download has brought stays as FOLDER/NAME.zip.part. The next one goes on
//              from there where the server says that its file is the same still. A failure leaves
//              nothing else behind.
std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options = {});

}  // namespace palate
