#include "palate/data/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <set>
#include <span>

#include "base/assert.h"
#include "base/fail.h"
#include "base/sha256.h"
#include "data/download.h"
#include "data/part_file.h"

namespace palate {
namespace {

namespace fs = std::filesystem;

// A request to stop, within work that has no other way to end early: fetch() makes it its answer.
struct Stopped {};

void stop_if_requested(const FetchOptions& options) {
  if (options.stop_requested && options.stop_requested()) throw Stopped{};
}

// ---- Digests
// -------------------------------------------------------------------------------------------------

struct SizeAndDigest {
  std::uint64_t size = 0;
  std::string digest;  // in hexadecimal
};
SizeAndDigest digest_of(const fs::path& path, const EVP_MD* kind, const FetchOptions& options) {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, Free> hash(EVP_MD_CTX_new());
  if (!hash || EVP_DigestInit_ex(hash.get(), kind, nullptr) != 1)
    fail(ErrorCode::io, "OpenSSL lacks a digest here: is it set up to have no MD5?");
  SizeAndDigest found;
  std::ifstream in(path, std::ios::binary);
  for (std::array<char, 1 << 16> block; in.read(block.data(), block.size()) || in.gcount() > 0;) {
    const auto count = static_cast<std::size_t>(in.gcount());
    PALATE_ASSERT(EVP_DigestUpdate(hash.get(), block.data(), count) == 1);
    found.size += count;
    stop_if_requested(options);
  }
  if (!in.eof()) fail(ErrorCode::io, "{}: cannot be read", path.string());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  PALATE_ASSERT(EVP_DigestFinal_ex(hash.get(), digest.data(), &size) == 1);
  found.digest = to_hex(std::span(digest).first(size));
  return found;
}

// What is other about an archive than about the known one; nothing where it is that one.
std::optional<std::string> difference(const DataSet& set, const fs::path& zip,
                                      const FetchOptions& options) {
  const bool by_md5 = set.sha256.empty();
  const std::string& known = by_md5 ? set.md5 : set.sha256;
  const auto [size, digest] = digest_of(zip, by_md5 ? EVP_md5() : EVP_sha256(), options);
  if (size == set.zip_size && digest == known) return std::nullopt;
  return fmt::format("it has {} bytes with {} {}, and {} has {} with {}", size,
                     by_md5 ? "MD5" : "SHA-256", digest, set.name, set.zip_size, known);
}

bool has_pinned_files(const DataSet& set) {
  return std::ranges::any_of(set.files, [](const auto& file) { return !file.sha256.empty(); });
}

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

// The date of the release whose pinned files are in a folder, called `source` in messages; empty
// where none is pinned. Throws Error(bad_data), with what to do about it, where they are of none.
std::string release_of(const DataSet& set, const fs::path& folder, const std::string& source,
                       std::string_view advice, const FetchOptions& options) {
  for (const DataSetFile& file : set.files) {
    if (file.sha256.empty()) continue;
    const auto [size, digest] = digest_of(folder / file.name, EVP_sha256(), options);
    if (size == file.size && digest == file.sha256) continue;
    const std::optional<std::string> date = release_date(folder);
    if (date && *date != set.release) return *date;
    fail(ErrorCode::bad_data,
         "{}: {} is not the one of {}: {} bytes with SHA-256 {}, expected {} bytes with {}: {}",
         source, file.name, set.release, size, digest, file.size, file.sha256, advice);
  }
  return has_pinned_files(set) ? set.release : "";
}

void require_tables(const DataSet& set, const fs::path& folder, const std::string& source,
                    std::string_view advice) {
  std::error_code ignored;
  for (const std::string& name : {set.ratings, set.movies}) {
    if (!fs::is_regular_file(folder / name, ignored))
      fail(ErrorCode::bad_data, "{}: {} is missing: {}", source, name, advice);
  }
}

FetchedSet describe(const DataSet& set, const fs::path& folder, const std::string& release,
                    const FetchOptions& options) {
  if (!release.empty() && release != set.release) {
    options.on_notice(
        fmt::format("this is the release of {} of {}, not that of {}: its files cannot be checked, "
                    "and figures will differ",
                    release, set.name, set.release));
  }
  return {.folder = folder.string(),
          .ratings = (folder / set.ratings).string(),
          .release = release,
          .notice = {}};
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
  return fs::is_directory(folder, ignored) && !fs::is_empty(folder, ignored);
}

// Has a file, or the names in a folder, reach the disk.
void flush(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!flushed)
    fail(ErrorCode::io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
}

// The files of a zip archive, called `source` in messages, one after another.
class ZipReader {
 public:
  ZipReader(const fs::path& path, const std::string& source)
      : source_(source), zip_(archive_read_new()) {
    if (!zip_) throw std::bad_alloc();
    archive_read_support_format_zip(zip_.get());
    check(archive_read_open_filename(zip_.get(), path.c_str(), 1 << 16) == ARCHIVE_OK);
  }

  // Goes to the next one that is a file and no folder or link.
  struct File {
    std::string name;        // "ml-1m/ratings.dat"
    std::uint64_t size = 0;  // in bytes, as the archive says
  };
  std::optional<File> next() {
    for (;;) {
      archive_entry* entry = nullptr;
      const int result = archive_read_next_header(zip_.get(), &entry);
      if (result == ARCHIVE_EOF) return std::nullopt;
      check(result >= ARCHIVE_WARN);
      const char* const name = archive_entry_pathname(entry);
      if (name != nullptr && archive_entry_filetype(entry) == AE_IFREG)
        return File{name, static_cast<std::uint64_t>(archive_entry_size(entry))};
    }
  }

  // The next bytes of the file; none at its end, which is where its CRC has been compared.
  std::string_view read() {
    const la_ssize_t count = archive_read_data(zip_.get(), block_.data(), block_.size());
    check(count >= 0);
    return {block_.data(), static_cast<std::size_t>(count)};
  }

 private:
  void check(bool is_done) const {
    if (is_done) return;
    if (archive_errno(zip_.get()) == ENOMEM) throw std::bad_alloc();
    const char* const reason = archive_error_string(zip_.get());
    fail(ErrorCode::bad_data, "{}: it cannot be unpacked: {}", source_,
         reason == nullptr ? "it is damaged" : reason);
  }

  struct Free {
    void operator()(archive* zip) const { archive_read_free(zip); }
  };
  std::string source_;
  std::unique_ptr<archive, Free> zip_;
  std::array<char, 1 << 16> block_{};
};

// The set's files out of the archive, or the pinned ones alone, under their own names, in a new
// folder.
void unpack(const DataSet& set, const fs::path& zip, const std::string& source, bool only_pinned,
            const fs::path& folder, const FetchOptions& options) {
  const std::string folder_in_zip = set.folder_in_zip + "/";
  std::set<std::string> wanted;
  for (const DataSetFile& file : set.files) {
    if (!only_pinned || !file.sha256.empty()) wanted.insert(folder_in_zip + file.name);
  }
  std::uint64_t total = 0;
  ZipReader sizes(zip, source);
  while (const auto file = sizes.next()) total += wanted.contains(file->name) ? file->size : 0;

  std::error_code error;
  fs::create_directory(folder, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", folder.string(), error.message());
  std::uint64_t unpacked = 0;
  ZipReader files(zip, source);
  while (const auto file = files.next()) {
    if (wanted.erase(file->name) == 0) continue;  // also the second of a name
    const std::string name = file->name.substr(folder_in_zip.size());
    const fs::path path = folder / name;
    std::ofstream out(path, std::ios::binary);
    for (std::string_view bytes = files.read(); !bytes.empty(); bytes = files.read()) {
      unpacked += bytes.size();
      if (unpacked > set.max_unpacked_size) {
        fail(ErrorCode::bad_data,
             "{}: with {} it unpacks to more than {} bytes, the most that {} may have", source,
             name, set.max_unpacked_size, set.name);
      }
      out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      if (options.on_unpack) options.on_unpack(unpacked, total);
      stop_if_requested(options);
    }
    out.close();
    if (!out) fail(ErrorCode::io, "{}: cannot be written: is the disk full?", path.string());
    flush(path);
  }
  flush(folder);
}

// Unpacks what was downloaded from `url` to a new folder, as far as it is proved or trusted to be
// of the set, and gives its release.
std::string unpack_checked(const DataSet& set, const fs::path& zip, const std::string& url,
                           const std::string& advice, bool is_trusted, const fs::path& folder,
                           const FetchOptions& options) {
  const std::optional<std::string> other = difference(set, zip, options);
  if (other && !has_pinned_files(set)) fail(ErrorCode::bad_data, "{}: {}: {}", url, *other, advice);
  // Without its README.txt, no archive is taken for another release.
  unpack(set, zip, url, other && !is_trusted, folder, options);
  require_tables(set, folder, url, advice);
  if (!other) return set.release;
  return release_of(set, folder, url,
                    is_trusted ? advice
                               : fmt::format("another release is taken from {} alone, over a "
                                             "certificate in force; {}",
                                             set.url, advice),
                    options);
}

std::optional<FetchedSet> fetch_or_throw_stopped(const DataSet& set, const FetchOptions& options,
                                                 const std::string& notice) {
  const fs::path parent = options.folder.empty() ? data_sets_folder() : options.folder;
  const fs::path folder = parent / set.name;
  const auto there = [&] {
    constexpr std::string_view kAdvice = "remove this folder, or choose another with `folder`";
    require_tables(set, folder, folder.string(), kAdvice);
    const std::string release = release_of(set, folder, folder.string(), kAdvice, options);
    return describe(set, folder, release, options);
  };
  if (is_occupied(folder)) return there();
  std::error_code error;
  const fs::file_status there_is = fs::symlink_status(folder, error);
  if (fs::exists(there_is) && !fs::is_directory(there_is))
    fail(ErrorCode::io, "cannot write {}: it is no folder", folder.string());
  fs::create_directories(parent, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", parent.string(), error.message());

  // Of a set that is replaced from time to time, an archive may have grown so much.
  constexpr std::uint64_t kMostGrowth = 4;
  const WantedFile wanted{.url = options.url.empty() ? set.url : options.url,
                          .max_size = set.zip_size * (has_pinned_files(set) ? kMostGrowth : 1),
                          .is_proved_by_sha256 = !set.sha256.empty(),
                          .advice = "give `url` the address of the same archive elsewhere" +
                                    (set.mirror.empty() ? "" : "; " + set.mirror + " has it")};
  PartFile zip((parent / (set.name + ".zip.part")).string(), wanted.url);
  const bool is_begun = zip.size() > 0;  // maybe over a certificate that had expired
  if (!download(wanted, zip, options)) return std::nullopt;
  const bool is_trusted = options.url.empty() && notice.empty() && !is_begun;
  zip.discard();  // it is whole: used now, or of no use
  const TemporaryFolder beside(folder);
  const fs::path unpacked = beside.path() / set.name;
  std::string release;
  try {
    const std::string advice =
        is_begun ? "what an earlier run had downloaded may be to blame: the next one begins anew"
                 : wanted.advice;
    release = unpack_checked(set, zip.path(), wanted.url, advice, is_trusted, unpacked, options);
  } catch (const Stopped&) {
    zip.keep();  // for the next time
    throw;
  }
  fs::rename(unpacked, folder, error);
  if (error && is_occupied(folder)) return there();  // somebody else was faster
  if (error)
    fail(ErrorCode::io, "{}: cannot be put in place: {}", folder.string(), error.message());
  flush(parent);
  FetchedSet fetched = describe(set, folder, release, options);
  fetched.downloaded = true;
  return fetched;
}

}  // namespace

std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options) {
  std::string notice;
  FetchOptions telling = options;
  telling.on_notice = [&](const std::string& text) {
    notice = text;
    if (options.on_notice) options.on_notice(text);
  };
  try {
    std::optional<FetchedSet> fetched = fetch_or_throw_stopped(set, telling, notice);
    if (fetched) fetched->notice = notice;
    return fetched;
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

}  // namespace palate
