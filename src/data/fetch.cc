#include "palate/data/fetch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/fail.h"
#include "base/md5.h"
#include "base/parse.h"
#include "base/sha256.h"
#include "data/count_data_set.h"
#include "data/download.h"
#include "data/part_file.h"
#include "data/zip_archive.h"

namespace palate {
namespace {

namespace fs = std::filesystem;

// ---- Checking a folder, just unpacked or there before
// -------------------------------------------------------------------------------------------------

// What README.txt says: "This dataset was generated on September 26, 2018."
std::optional<std::string> release_date(const fs::path& folder) {
  constexpr std::string_view kBefore = "generated on ";
  constexpr std::size_t kLongest = 30;
  constexpr std::size_t kLongestReadme = 1 << 16;
  std::string readme(kLongestReadme, '\0');
  std::ifstream in(folder / "README.txt", std::ios::binary);
  in.read(readme.data(), static_cast<std::streamsize>(readme.size()));
  readme.resize(static_cast<std::size_t>(in.gcount()));
  const std::size_t before = readme.find(kBefore);
  if (before == std::string::npos) return std::nullopt;
  const std::string text = readme.substr(before + kBefore.size(), kLongest);
  const std::size_t length = text.find('.');
  if (length == 0 || length == std::string::npos) return std::nullopt;
  const auto in_a_date = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' ||
           c == ',';
  };
  const std::string date = text.substr(0, length);
  return std::ranges::all_of(date, in_a_date) ? std::optional(date) : std::nullopt;
}

// Calls take(bytes) for a file's blocks.
template <class Take>
void for_each_block(const fs::path& path, const Take& take) {
  std::ifstream in(path, std::ios::binary);
  for (std::array<char, 1 << 16> block; in.read(block.data(), block.size()) || in.gcount() > 0;) {
    take(std::string_view(block.data(), static_cast<std::size_t>(in.gcount())));
  }
  if (!in.eof()) fail(ErrorCode::io, "{}: cannot be read", path.string());
}

struct SizeAndDigest {
  std::uint64_t size = 0;
  std::string sha256;
};
SizeAndDigest digest_of(const fs::path& path) {
  Sha256 hash;
  std::uint64_t size = 0;
  for_each_block(path, [&](std::string_view bytes) {
    hash.update(bytes);
    size += bytes.size();
  });
  return {size, to_hex(hash.finish())};
}

std::string in_words(const DataSetCounts& counts) {
  return fmt::format("{} ratings of {} movies by {} users, and {} titles", counts.ratings,
                     counts.rated_movies, counts.users, counts.movies);
}

// The date of the release whose pinned files are in a folder, called `source` in messages; throws
// Error(bad_data), with what to do about it, where they are of none.
std::string release_of(const DataSet& set, const fs::path& folder, const std::string& source,
                       std::string_view advice) {
  for (const DataSetFile& file : set.files) {
    if (file.sha256.empty()) continue;
    const SizeAndDigest found = digest_of(folder / file.name);
    if (found.size == file.size && found.sha256 == file.sha256) continue;
    const std::optional<std::string> date = release_date(folder);
    if (date && *date != set.release) return *date;
    fail(ErrorCode::bad_data,
         "{}: {} is not the one of {}: {} bytes with SHA-256 {}, expected {} bytes with {}: {}",
         source, file.name, set.release, found.size, found.sha256, file.size, file.sha256, advice);
  }
  return set.release;
}

struct Contents {
  std::string release;
  DataSetCounts counts;
};
// The same for all that a folder holds.
Contents check(const DataSet& set, const fs::path& folder, const std::string& source,
               std::string_view advice, const FetchOptions& options) {
  std::error_code ignored;
  for (const std::string& name : {set.ratings, set.movies}) {
    if (!fs::is_regular_file(folder / name, ignored))
      fail(ErrorCode::bad_data, "{}: {} is missing: {}", source, name, advice);
  }
  const std::string release = release_of(set, folder, source, advice);
  const DataSetCounts counts = count_data_set(set, folder.string(), source, options);
  if (release == set.release && counts != set.counts) {
    fail(ErrorCode::bad_data, "{}: it has {}, but {} has {}: {}", source, in_words(counts),
         set.name, in_words(set.counts), advice);
  }
  return {release, counts};
}

FetchedSet describe(const DataSet& set, const fs::path& folder, const Contents& contents) {
  const auto& [release, counts] = contents;
  FetchedSet fetched{.folder = folder.string(),
                     .ratings = (folder / set.ratings).string(),
                     .release = release,
                     .counts = counts,
                     .notice = {}};
  if (release != set.release) {
    fetched.notice = fmt::format(
        "this is the release of {} of {}, not that of {}: its files cannot be checked, and figures "
        "will differ",
        release, set.name, set.release);
  }
  return fetched;
}

// ---- The checksum beside the archive
// -------------------------------------------------------------------------------------------------

// "MD5 (ml-25m.zip) = 6b51..." or "6b51...  ml-25m.zip": the only word of 32 hexadecimal digits, in
// lower case.
std::optional<std::string> md5_in(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  const std::string lower = ascii_lower(text);
  std::optional<std::string> found;
  for (std::size_t begin = 0; begin < lower.size();) {
    const std::size_t end = std::min(lower.find_first_of(" \t\r\n", begin), lower.size());
    const std::string word = lower.substr(begin, end - begin);
    begin = end + 1;
    if (word.size() != kDigits || word.find_first_not_of("0123456789abcdef") != word.npos) continue;
    if (found) return std::nullopt;
    found = word;
  }
  return found;
}

// What the server says that the archive's MD5 is; nothing where a stop was requested.
std::optional<std::string> published_md5(const std::string& md5_url, const FetchOptions& options) {
  constexpr std::uint64_t kLongest = 1000;
  const std::optional<std::string> text = download_text(md5_url, kLongest, options);
  if (!text) return std::nullopt;
  const std::optional<std::string> md5 = md5_in(*text);
  if (!md5) fail(ErrorCode::bad_data, "{}: it says no MD5, but {}", md5_url, excerpt(*text));
  return md5;
}

void check_md5(const fs::path& zip, const std::string& expected, const std::string& url) {
  Md5 hash;
  for_each_block(zip, [&](std::string_view bytes) { hash.update(bytes); });
  const std::string md5 = hash.finish();
  if (md5 != expected) {
    fail(ErrorCode::bad_data,
         "{}: its MD5 is {}, and {}.md5 says {}: the download is damaged or was altered", url, md5,
         url, expected);
  }
}

// ---- Writing
// -------------------------------------------------------------------------------------------------

// A new folder beside what it is for, removed with all that is in it. Only one process at a time
// may make one, which then removes those that killed ones left.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& beside) {
    std::string pattern = beside.string() + ".part-XXXXXX";
    remove_abandoned(pattern);
    if (mkdtemp(pattern.data()) == nullptr)
      fail(ErrorCode::io, "{}: cannot be written: {}", pattern, std::strerror(errno));
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  static void remove_abandoned(const fs::path& pattern) {
    const std::string like = pattern.filename().string();
    const std::string front = like.substr(0, like.find_last_not_of('X') + 1);
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(pattern.parent_path(), ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.size() == like.size() && name.starts_with(front))
        fs::remove_all(entry.path(), ignored);
    }
  }

  fs::path path_;
};

bool is_occupied(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder, ignored) && !fs::is_empty(folder, ignored);
}

// Has a file, or the names in a folder, reach the disk.
void flush(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!flushed)
    fail(ErrorCode::io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
}

// The set's files out of the archive, under their own names, in a new folder; all else is left out.
void unpack(const DataSet& set, const fs::path& zip, const std::string& source,
            const fs::path& folder, const FetchOptions& options) {
  const ZipArchive archive(zip.string(), source);
  const auto member_of = [&](const DataSetFile& file) {
    return archive.find(set.folder_in_zip + "/" + file.name);
  };
  std::uint64_t room = set.max_unpacked_size;
  for (const DataSetFile& file : set.files) {
    const ZipMember* const member = member_of(file);
    if (member == nullptr) continue;
    if (member->size > room) {
      fail(ErrorCode::bad_data,
           "{}: with {} it unpacks to more than {} bytes, the most that {} may have", source,
           file.name, set.max_unpacked_size, set.name);
    }
    room -= member->size;
  }
  const std::uint64_t total = set.max_unpacked_size - room;
  std::uint64_t unpacked = 0;
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", folder.string(), error.message());
  for (const DataSetFile& file : set.files) {
    const ZipMember* const member = member_of(file);
    if (member == nullptr) continue;
    const fs::path path = folder / file.name;
    std::ofstream out(path, std::ios::binary);
    archive.unpack(*member, [&](std::string_view bytes) {
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      unpacked += bytes.size();
      if (options.on_unpack) options.on_unpack(unpacked, total);
      stop_if_requested(options);
    });
    out.close();
    if (!out) fail(ErrorCode::io, "{}: cannot be written: is the disk full?", path.string());
    flush(path);
  }
  flush(folder);
}

std::optional<FetchedSet> fetch_or_throw_stopped(const DataSet& set, const FetchOptions& options) {
  const fs::path parent = options.folder.empty() ? data_sets_folder() : options.folder;
  const fs::path folder = parent / set.name;
  const auto there = [&] {
    return describe(set, folder,
                    check(set, folder, folder.string(),
                          "remove this folder, or choose another with `folder`", options));
  };
  if (is_occupied(folder)) return there();
  std::error_code error;
  const fs::file_status there_is = fs::symlink_status(folder, error);
  if (fs::exists(there_is) && !fs::is_directory(there_is))
    fail(ErrorCode::io, "cannot write {}: it is no folder", folder.string());
  fs::create_directories(parent, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", parent.string(), error.message());

  const std::string url = options.url.empty() ? set.url : options.url;
  PartFile zip((parent / (set.name + ".zip.part")).string(), url);
  std::optional<std::string> md5;
  if (set.has_md5) {
    md5 = published_md5(url + ".md5", options);
    if (!md5) return std::nullopt;
  }
  if (!download(url, zip, set.max_zip_size, options)) return std::nullopt;
  zip.discard();  // it is whole: used now, or of no use
  if (md5) check_md5(zip.path(), *md5, url);
  const TemporaryFolder beside(folder);
  const fs::path unpacked = beside.path() / set.name;
  FetchedSet fetched;
  try {
    unpack(set, zip.path(), url, unpacked, options);
    fetched = describe(
        set, folder, check(set, unpacked, url, "the download is damaged or was altered", options));
  } catch (const Stopped&) {
    zip.keep();  // for the next time
    throw;
  }
  fetched.downloaded = true;
  fs::rename(unpacked, folder, error);
  if (error && is_occupied(folder)) return there();  // somebody else was faster
  if (error)
    fail(ErrorCode::io, "{}: cannot be put in place: {}", folder.string(), error.message());
  flush(parent);
  return fetched;
}

}  // namespace

std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options) {
  try {
    return fetch_or_throw_stopped(set, options);
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace palate
