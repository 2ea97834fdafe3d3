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

// A data set that is published as a zip archive with one folder.
struct DataSet {
  std::string name;            // "ml-10m"
  std::string url;             // of the archive
  std::string mirror{};        // a page that has the same archive; empty: none is known
  std::uint64_t zip_size = 0;  // of the archive, in bytes
  std::string sha256{};        // of the archive, in hexadecimal
  std::string md5{};           // in place of an unknown sha256: it finds accidents, not intent
  std::string folder_in_zip;   // "ml-10M100K"
  std::string release;         // its date
  std::string ratings;         // the file of ratings: "ratings.dat"
  std::string movies;          // the file of titles: "movies.dat"
  // What is unpacked: these two, which must be there, and others. All else in the archive is left
  // out. Files are pinned where the archive at `url` is replaced from time to time: a README.txt in
  // it has `release` behind "generated on ".
  std::vector<DataSetFile> files;
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
  // It is told at once what FetchedSet::notice will say.
  std::function<void(const std::string& notice)> on_notice{};
  // It is asked at least once a second while downloading, and often later. True ends the fetching.
  std::function<bool()> stop_requested{};
};

struct FetchedSet {
  std::string folder;       // FOLDER/NAME
  std::string ratings;      // FOLDER/NAME/ratings.csv, or what the set calls it
  std::string release;      // the date of the release that it is; empty: not known
  std::string notice;       // not empty: it is another release, or a certificate had expired
  bool downloaded = false;  // false: it was there
};

// Downloads the set, unless it is there, checks it and puts it in place. Gives nothing where a stop
// was requested.
//
// The archive is proved by its size and digest, wherever it comes from. Of a set with pinned files,
// another archive counts as far as these files are the pinned ones, and nothing else is taken out
// of it. But where it comes from the set's own address, over a certificate in force, all files are
// taken, and they may be another release by its README.txt, which the notice says.
//
// Only https is spoken, through redirects too, and the certificates and their host names are always
// checked. That a server's own certificate has expired is excused, with a notice, where the SHA-256
// of the archive is known and nothing else is wrong with the certificate.
//
// Errors:      invalid_argument  an address that is not https
//              io                the download fails, or the folder cannot be written; the message
//                                names the address, the reason, and where else the archive is
//              bad_data          an archive that is not the known one; a pinned file that differs,
//                                or a table that is missing, in the archive or in FOLDER/NAME
// Guarantees:  The set is there whole or not at all.
//              What a cut download has brought stays as FOLDER/NAME.zip.part. The next one goes on
//              from there where the server says that its file is the same still. A failure leaves
//              nothing else behind.
std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options = {});

}  // namespace palate
