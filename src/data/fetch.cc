#include "palate/fetch.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>

#include "base/fail.h"
#include "base/one_line.h"
#include "base/sha256.h"
#include "data/download.h"

namespace palate {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;  // the contents by name

// ---- Reading: an archive, or a folder that is there ------------------------------------------------------------------------

struct CloseArchive {
  void operator()(archive* file) const { archive_read_free(file); }
};

std::string reason(archive* file) {
  const char* text = archive_error_string(file);
  return text != nullptr ? one_line(text) : "it cannot be read";
}

// The file of the set that a path in the archive stands for. The path itself is never used for anything else.
const DataSetFile* file_of(const DataSet& set, const char* path_in_archive) {
  if (path_in_archive == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(set.files, [&](const DataSetFile& file) { return set.name + "/" + file.name == path_in_archive; });
  return found == set.files.end() ? nullptr : &*found;
}

std::string read_entry(archive* from, const DataSet& set, const std::string& name, const std::string& source) {
  std::string contents;
  std::vector<char> block(1 << 16);
  for (;;) {
    const la_ssize_t count = archive_read_data(from, block.data(), block.size());
    if (count == 0) return contents;
    if (count < 0) fail(ErrorCode::bad_data, "{}: {} is damaged: {}", source, name, reason(from));
    contents.append(block.data(), static_cast<std::size_t>(count));
    if (contents.size() > set.max_size) {
      fail(ErrorCode::bad_data, "{}: {} unpacks to more than {} bytes, the most that it may have", source, name, set.max_size);
    }
  }
}

Files read_archive(const DataSet& set, const fs::path& path, const std::string& source) {
  const std::unique_ptr<archive, CloseArchive> in(archive_read_new());
  archive_read_support_format_zip_seekable(in.get());
  Files files;
  constexpr std::size_t kBlock = 1 << 16;
  int status = archive_read_open_filename(in.get(), path.c_str(), kBlock);
  archive_entry* entry = nullptr;
  if (status == ARCHIVE_OK) status = archive_read_next_header(in.get(), &entry);
  for (; status == ARCHIVE_OK || status == ARCHIVE_WARN; status = archive_read_next_header(in.get(), &entry)) {
    const DataSetFile* file = file_of(set, archive_entry_pathname(entry));
    if (file == nullptr) continue;
    if (archive_entry_filetype(entry) != AE_IFREG) {
      fail(ErrorCode::bad_data, "{}: {} is not a regular file", source, file->name);
    }
    const auto [place, is_new] = files.try_emplace(file->name);
    if (!is_new) fail(ErrorCode::bad_data, "{}: {} is in the archive twice", source, file->name);
    place->second = read_entry(in.get(), set, file->name, source);
  }
  if (status != ARCHIVE_EOF) {
    fail(ErrorCode::bad_data, "{}: not a whole zip archive: {}", source, reason(in.get()));
  }
  return files;
}

Files read_folder(const DataSet& set, const fs::path& folder) {
  Files files;
  for (const DataSetFile& file : set.files) {
    const fs::path path = folder / file.name;
    std::error_code error;
    if (!fs::exists(path, error)) continue;
    const std::uintmax_t size = fs::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    if (error || !in) fail(ErrorCode::io, "{}: cannot be read", path.string());
    // A longer file than it may be is cut here, and its digest will tell.
    std::string contents(std::min<std::uintmax_t>(size, set.max_size), '\0');
    in.read(contents.data(), static_cast<std::streamsize>(contents.size()));
    contents.resize(static_cast<std::size_t>(in.gcount()));
    files.emplace(file.name, std::move(contents));
  }
  return files;
}

// ---- Checking --------------------------------------------------------------------------------------------------------------

// What README.txt says: "This dataset was generated on September 26, 2018."
std::optional<std::string> release_date(const Files& files) {
  constexpr std::string_view kBefore = "generated on ";
  constexpr std::size_t kLongest = 30;
  const auto readme = files.find("README.txt");
  if (readme == files.end()) return std::nullopt;
  const std::size_t before = readme->second.find(kBefore);
  if (before == std::string::npos) return std::nullopt;
  const std::string text = readme->second.substr(before + kBefore.size(), kLongest);
  const std::size_t length = text.find('.');
  if (length == 0 || length == std::string::npos) return std::nullopt;
  const auto in_a_date = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' || c == ',';
  };
  const std::string date = text.substr(0, length);
  return std::ranges::all_of(date, in_a_date) ? std::optional(date) : std::nullopt;
}

std::string sha256_of(const std::string& contents) {
  Sha256 hash;
  hash.update(contents);
  return to_hex(hash.finish());
}

// The date of the release that the files are; throws Error(bad_data), with what to do about it, where they are none.
std::string release_of(const DataSet& set, const Files& files, const std::string& source, std::string_view advice) {
  const std::optional<std::string> date = release_date(files);
  bool as_pinned = true;
  for (const DataSetFile& file : set.files) {
    if (file.sha256.empty()) continue;
    const auto found = files.find(file.name);
    if (found == files.end()) fail(ErrorCode::bad_data, "{}: {} is missing: {}", source, file.name, advice);
    const std::string sha256 = sha256_of(found->second);
    if (found->second.size() == file.size && sha256 == file.sha256) continue;
    if (!date || *date == set.release) {
      fail(ErrorCode::bad_data, "{}: {} is not the one of {}: {} bytes with SHA-256 {}, expected {} bytes with {}: {}", source,
           file.name, set.release, found->second.size(), sha256, file.size, file.sha256, advice);
    }
    as_pinned = false;
  }
  return as_pinned ? set.release : *date;
}

FetchedSet describe(const DataSet& set, const fs::path& folder, const std::string& release) {
  FetchedSet fetched{.folder = folder.string(), .ratings = (folder / "ratings.csv").string(), .release = release, .notice = {}};
  if (release != set.release) {
    fetched.notice =
        fmt::format("this is the release of {} of {}, not that of {}: its files cannot be checked, and figures will differ",
                    release, set.name, set.release);
  }
  return fetched;
}

// ---- Writing ---------------------------------------------------------------------------------------------------------------

// A new folder beside what it is for, removed with all that is in it.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& beside) {
    std::string pattern = beside.string() + ".part-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) fail(ErrorCode::io, "{}: cannot be written: {}", pattern, std::strerror(errno));
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
  if (!flushed) fail(ErrorCode::io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
}

void write_folder(const fs::path& folder, const Files& files) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", folder.string(), error.message());
  for (const auto& [name, contents] : files) {
    const fs::path path = folder / name;
    std::ofstream out(path, std::ios::binary);
    out << contents;
    out.close();
    if (!out) fail(ErrorCode::io, "{}: cannot be written: is the disk full?", path.string());
    flush(path);
  }
  flush(folder);
}

}  // namespace

std::optional<FetchedSet> fetch(const DataSet& set, const FetchOptions& options) {
  const fs::path parent = options.folder.empty() ? data_sets_folder() : options.folder;
  const fs::path folder = parent / set.name;
  const auto there = [&] {
    const Files files = read_folder(set, folder);
    return describe(set, folder, release_of(set, files, folder.string(), "remove this folder, or choose another with --to"));
  };
  if (is_occupied(folder)) return there();
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) fail(ErrorCode::io, "{}: cannot be made: {}", parent.string(), error.message());

  const TemporaryFolder part(folder);
  const std::string url = options.url.empty() ? set.url : options.url;
  const fs::path zip = part.path() / (set.name + ".zip");
  if (!download(url, zip.string(), set.max_size, options)) return std::nullopt;
  const Files files = read_archive(set, zip, url);
  FetchedSet fetched = describe(set, folder, release_of(set, files, url, "the download is damaged or was altered"));
  fetched.downloaded = true;
  write_folder(part.path() / set.name, files);
  fs::rename(part.path() / set.name, folder, error);
  if (error && is_occupied(folder)) return there();  // somebody else was faster
  if (error) fail(ErrorCode::io, "{}: cannot be put in place: {}", folder.string(), error.message());
  flush(parent);
  return fetched;
}

}  // namespace palate
