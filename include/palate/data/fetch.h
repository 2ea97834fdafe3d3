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
  // its date; of a set with pinned files as its README.txt says it, behind "generated on "
  std::string release;
  std::string ratings;  // the file of ratings: "ratings.dat"
  std::string movies;   // the file of titles: "movies.dat"
  // these two, which must be there, and others; all else in the archive is left out
  std::vector<DataSetFile> files;
  DataSetCounts counts;                 // of this release
  std::uint64_t max_zip_size = 0;       // bytes that the archive may have
  std::uint64_t max_unpacked_size = 0;  // bytes that the files may have, all together
  std::string licence;
  std::string citation;
};

// All that are known, from the smallest.
const std::vector<DataSet>& known_data_sets();

// Throws Error(invalid_argument) that lists the known names for any other.
const DataSet& known_data_set(std::string_view name);

// The folder where fetched sets are kept: $XDG_CACHE_HOME/palate, else ~/.cache/palate. Throws
// Error(io) where there is no home.
std::string data_sets_folder();

// The ratings of the set called `name`, looked for in $PALATE_DATA, then in data_sets_folder():
// FOLDER/NAME/ratings.csv, u.data, NAME.inter or ratings.dat, the first that is there.
std::optional<std::string> find_data_set(std::string_view name);

// -------------------------------------------------------------------------------------------------

struct FetchOptions {
  std::string folder{};  // the set will be FOLDER/NAME; empty: data_sets_folder()
  std::string url{};     // in place of the set's own
  // certificates to trust beside the system's, PEM; empty: $SSL_CERT_FILE, where that is set
  std::string ca_file{};
  unsigned connect_timeout = 20;  // seconds until the server must have answered
  // seconds at less than 100 bytes a second after which the transfer is given up
  unsigned stall_timeout = 30;
  // bytes
  std::function<void(std::uint64_t received, std::optional<std::uint64_t> total)> on_progress{};
  // bytes
  std::function<void(std::uint64_t unpacked, std::uint64_t total)> on_unpack{};
  // asked at least once a second while downloading, and often later; true ends it
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

// Downloads the set, unless it is there, checks it and puts it in place, whole or not at all.
// Nothing where a stop was requested. What there is of a download that was cut stays as
// FOLDER/NAME.zip.part, and the next one goes on from there where the server says that its file is
// the same still; nothing else is left behind by a failure.
//
// Only https is spoken, through redirects too, and the certificate and its host name are always
// checked. The archive's MD5 is compared where the server has it. The files are counted: other
// counts than the set's are an error, and so is a pinned file that differs, unless README.txt says
// that this is another release than the pinned one: then it is taken, with a notice.
//
// Throws Error(invalid_argument) for an address that is not https, Error(io) that names address and
// reason where the download fails or the folder cannot be written, and Error(bad_data) where the
// archive is too large, is damaged or contradicts itself, or is not the set, or where what is in
// FOLDER/NAME already is not the set.
std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options = {});

}  // namespace palate
