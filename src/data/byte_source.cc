#include "data/byte_source.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <utility>

#include "base/fail.h"
#include "base/parse.h"

namespace palate {
namespace {

class PlainFile final : public ByteSource {
 public:
  explicit PlainFile(const std::string& path)
      : PlainFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path) {}
  PlainFile(int descriptor, const std::string& path) : path_(path), descriptor_(descriptor) {
    if (descriptor_ < 0) fail(ErrorCode::io, "cannot open {}: {}", path, std::strerror(errno));
    struct stat status{};
    if (::fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
      ::close(descriptor_);
      fail(ErrorCode::io, "cannot read {}: it is a folder", path);
    }
  }
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override { ::close(descriptor_); }

  std::size_t read(std::span<char> into) override {
    std::size_t filled = front_.copy(into.data(), into.size());
    front_.erase(0, filled);
    while (filled < into.size()) {
      const ssize_t count = ::read(descriptor_, into.data() + filled, into.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(ErrorCode::io, "cannot read {}: {}", path_, std::strerror(errno));
      if (count == 0) break;
      filled += static_cast<std::size_t>(count);
      taken_ += static_cast<std::size_t>(count);
    }
    return filled;
  }

  // The bytes in front, before any is read; read() gives them all the same.
  std::string_view peek() {
    constexpr std::size_t kEnough = 6;
    std::string front(kEnough, '\0');
    front.resize(read(front));
    front_ = std::move(front);
    return front_;
  }

  std::uint64_t size() const {
    struct stat status{};
    return ::fstat(descriptor_, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
  // The same of a pipe as well, as far as it has been read.
  std::uint64_t size_so_far() const {
    const std::uint64_t whole = size();
    return whole > 0 ? whole : taken_;
  }

  // To the front again; false where that cannot be done (a pipe).
  bool rewind() { return seek(0, SEEK_SET) == 0; }
  std::int64_t seek(std::int64_t offset, int whence) {
    const std::int64_t at = ::lseek(descriptor_, offset, whence);
    if (at >= 0) front_.clear();
    return at;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_;
  std::string front_;        // peeked at, not yet read
  std::uint64_t taken_ = 0;  // bytes, so far
};

constexpr std::size_t kBlock = std::size_t{1} << 18;  // of packed bytes

// gzip (RFC 1952), member after member. libarchive checks neither CRC-32 nor length, and takes the
// file to end before a damaged member.
class Gzip final : public ByteSource {
 public:
  explicit Gzip(std::unique_ptr<PlainFile> file) : file_(std::move(file)), block_(kBlock) {
    constexpr int kGzipAlone = 16;  // neither zlib's own header nor none
    if (inflateInit2(&stream_, MAX_WBITS + kGzipAlone) != Z_OK) throw std::bad_alloc();
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { inflateEnd(&stream_); }

  std::size_t read(std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && (in_member_ || begin_member())) {
      const std::span<char> rest =
          into.subspan(filled, std::min(into.size() - filled, std::size_t{1} << 30));
      filled += unpack(rest);
    }
    return filled;
  }

 private:
  // False at the end. Zeros fill the last block of a tape.
  bool begin_member() {
    while (has_packed() && members_ > 0 && *stream_.next_in == 0) {
      ++stream_.next_in;
      --stream_.avail_in;
    }
    if (!has_packed()) return false;
    begin_ = taken_ - stream_.avail_in;
    ++members_;
    inflateReset(&stream_);
    return in_member_ = true;
  }

  // How many bytes there were of this member.
  std::size_t unpack(std::span<char> into) {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (in_member_ && stream_.avail_out > 0) {
      const bool at_end = !has_packed();
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_MEM_ERROR) throw std::bad_alloc();
      if (result == Z_STREAM_END) {
        in_member_ = false;
      } else if (result == Z_BUF_ERROR && at_end) {
        fail_to_unpack("it ends too early");
      } else if (result != Z_OK) {
        constexpr uLong kMagic = 2;
        if (members_ > 1 && stream_.total_in <= kMagic)
          fail_to_unpack(fmt::format("what stands behind its byte {} is not gzip", begin_));
        fail_to_unpack(
            fmt::format("it is damaged ({})", stream_.msg == nullptr ? "not gzip" : stream_.msg));
      }
    }
    return into.size() - stream_.avail_out;
  }

  bool has_packed() {
    if (stream_.avail_in > 0) return true;
    const std::size_t count = file_->read(block_);
    taken_ += count;
    stream_.next_in = reinterpret_cast<Bytef*>(block_.data());
    stream_.avail_in = static_cast<uInt>(count);
    return count > 0;
  }

  [[noreturn]] void fail_to_unpack(std::string_view reason) const {
    fail(ErrorCode::bad_data, "cannot unpack {}: {}", file_->path(), reason);
  }

  std::unique_ptr<PlainFile> file_;
  std::vector<char> block_;
  z_stream stream_{};
  bool in_member_ = false;
  std::uint64_t members_ = 0;  // so far, with this one
  std::uint64_t begin_ = 0;    // of this one, in the file
  std::uint64_t taken_ = 0;    // bytes of the file
};

// What libarchive unpacks: a zip, or a single stream that is compressed.
class Archive final : public ByteSource {
 public:
  explicit Archive(std::unique_ptr<PlainFile> file)
      : file_(std::move(file)), block_(kBlock), archive_(archive_read_new()) {
    if (!archive_) throw std::bad_alloc();
    archive_read_support_filter_bzip2(archive_.get());
    archive_read_support_filter_xz(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_format_zip(archive_.get());
    archive_read_support_format_raw(archive_.get());
    archive_read_support_format_empty(archive_.get());
    archive_read_set_callback_data(archive_.get(), this);
    archive_read_set_read_callback(archive_.get(), &read_block);
    if (file_->rewind()) archive_read_set_seek_callback(archive_.get(), &seek);
    if (archive_read_open1(archive_.get()) != ARCHIVE_OK) fail_with_reason();
  }

  // Goes to the next member; its name, if there is one.
  std::optional<std::string> next_member() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    at_end_ = result == ARCHIVE_EOF;
    if (at_end_) return std::nullopt;
    if (result < ARCHIVE_WARN) fail_with_reason();
    rethrow();
    // As text of the locale, which is C here, a name that is not ASCII is nothing.
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    return name == nullptr ? "" : name;
  }
  bool is_zip() const {
    return (archive_format(archive_.get()) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
  }
  // How the whole is compressed: "none", "gzip", "xz", and others.
  std::string compression() const { return archive_filter_name(archive_.get(), 0); }
  bool is_compressed_twice() const {
    constexpr int kOnce = 2;  // what unpacks it, and what reads the file
    return archive_filter_count(archive_.get()) > kOnce;
  }

  std::size_t read(std::span<char> into) override {
    std::size_t filled = 0;
    while (!at_end_ && filled < into.size()) {
      const la_ssize_t count =
          archive_read_data(archive_.get(), into.data() + filled, into.size() - filled);
      if (count == ARCHIVE_RETRY) continue;
      if (count < 0) fail_with_reason();
      if (count == 0) check_end();
      filled += static_cast<std::size_t>(count);
    }
    rethrow();
    return filled;
  }

 private:
  // libarchive takes bzip2 to end where no further stream begins, be it for damage.
  void check_end() {
    at_end_ = true;
    if (is_zip()) return;
    rethrow();
    const auto taken = static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), -1));
    if (taken < given_ || file_->read(block_) > 0) {
      fail(ErrorCode::bad_data, "cannot unpack {}: what stands behind its byte {} is not {}",
           file_->path(), taken, compression());
    }
  }
  // Throws what reading the file threw in the midst of libarchive, if anything.
  void rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  [[noreturn]] void fail_with_reason() {
    rethrow();
    if (archive_errno(archive_.get()) == ENOMEM) throw std::bad_alloc();
    const char* reason = archive_error_string(archive_.get());
    fail(ErrorCode::bad_data, "cannot unpack {}: {}", file_->path(),
         reason == nullptr ? "it is damaged" : reason);
  }

  // libarchive's way to the file's bytes. No exception may pass through it.
  static la_ssize_t read_block(archive*, void* of, const void** block) {
    auto& self = *static_cast<Archive*>(of);
    *block = self.block_.data();
    try {
      const std::size_t count = self.file_->read(self.block_);
      self.given_ += count;
      return static_cast<la_ssize_t>(count);
    } catch (...) {
      self.failure_ = std::current_exception();
      return -1;
    }
  }
  static la_int64_t seek(archive*, void* of, la_int64_t offset, int whence) {
    return static_cast<Archive*>(of)->file_->seek(offset, whence);
  }

  struct Free {
    void operator()(archive* a) const { archive_read_free(a); }
  };
  std::unique_ptr<PlainFile> file_;
  std::vector<char> block_;
  std::uint64_t given_ = 0;  // bytes of a file that is read from its front to its end
  std::exception_ptr failure_;
  std::unique_ptr<archive, Free> archive_;
  bool at_end_ = false;  // no member is left
};

// What is unpacked, up to a bound, so that small files cannot become a large table: so many times
// the bytes of the files, and a row for each hundredth of these, as a row of a few bytes takes
// several times their memory.
class BoundedSource final : public ByteSource {
 public:
  // `file` is what `source` reads.
  BoundedSource(std::unique_ptr<ByteSource> source, const PlainFile& file, Expansion& expansion)
      : source_(std::move(source)), file_(file), all_(expansion) {}
  BoundedSource(const BoundedSource&) = delete;
  BoundedSource& operator=(const BoundedSource&) = delete;
  ~BoundedSource() override { all_.packed += file_.size_so_far(); }

  std::size_t read(std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      const std::span<char> part = into.subspan(filled, std::min(into.size() - filled, kBlock));
      const std::size_t count = source_->read(part);
      filled += count;
      check({part.data(), count});
      if (count < part.size()) break;
    }
    return filled;
  }

 private:
  void check(std::string_view unpacked) {
    constexpr std::uint64_t kFreeBytes = std::uint64_t{8} << 20;
    constexpr std::uint64_t kFreeRows = std::uint64_t{1} << 18;
    constexpr std::uint64_t kBytesOfRow = 100;
    all_.unpacked += unpacked.size();
    for (std::size_t i = 0; i < kRowEnds.size(); ++i)
      all_.row_ends[i] += static_cast<std::uint64_t>(std::ranges::count(unpacked, kRowEnds[i]));
    const std::uint64_t rows = std::ranges::max(all_.row_ends);
    const std::uint64_t packed = all_.packed + file_.size_so_far();
    const std::uint64_t most_bytes = std::max(kFreeBytes, packed * all_.most);
    const std::uint64_t most_rows = std::max(kFreeRows, packed * all_.most / kBytesOfRow);
    if (all_.unpacked <= most_bytes && rows <= most_rows) return;
    const bool is_too_large = all_.unpacked > most_bytes;
    fail(ErrorCode::bad_data,
         "{}: its {} bytes{} unpack to more than {} {}: it looks like a file that is made to fill "
         "the memory, or a table that repeats itself; `max_expansion` is {} and allows {}, and 0 "
         "sets no bound",
         file_.path(), packed, all_.packed > 0 ? ", with the files before," : "",
         is_too_large ? most_bytes : most_rows, is_too_large ? "bytes" : "rows", all_.most,
         is_too_large ? "so many times the size" : "so many rows for each 100 bytes");
  }

  // Of lines, of lines of old Macs, of objects in a JSON array.
  static constexpr std::array<char, Expansion::kRowEnds> kRowEnds = {'\n', '\r', '}'};
  std::unique_ptr<ByteSource> source_;
  const PlainFile& file_;
  Expansion& all_;
};

std::unique_ptr<ByteSource> bounded(std::unique_ptr<ByteSource> source, const PlainFile& file,
                                    Expansion& expansion) {
  if (expansion.most == 0) return source;
  return std::make_unique<BoundedSource>(std::move(source), file, expansion);
}

std::vector<std::string> members_of(const std::string& zip) {
  Archive archive(std::make_unique<PlainFile>(zip));
  std::vector<std::string> members;
  while (auto member = archive.next_member()) {
    if (!member->ends_with('/')) members.push_back(*std::move(member));
  }
  return members;
}

constexpr std::string_view kZip = "PK\3\4";

bool looks_like_ratings(std::string_view member) {
  const std::string name = ascii_lower(base_name(member));
  return name == "ratings.csv" || name == "ratings.dat" || name == "u.data" ||
         name.ends_with(".inter");
}

std::string listed(const std::vector<std::string>& members) {
  constexpr std::size_t kMost = 10;
  std::string list;
  for (std::size_t i = 0; i < std::min(kMost, members.size()); ++i)
    list += (i > 0 ? ", " : "") + members[i];
  return members.size() > kMost ? list + ", ..." : list;
}

// The member that holds the ratings.
std::string choose_member(const std::string& zip) {
  const std::vector<std::string> members = members_of(zip);
  if (members.size() == 1) return members.front();
  std::vector<std::string> candidates;
  std::ranges::copy_if(members, std::back_inserter(candidates), looks_like_ratings);
  if (candidates.size() == 1) return candidates.front();
  fail(ErrorCode::bad_data,
       "{}: {} of its members look like ratings: name one as {}:MEMBER; there are {}", zip,
       candidates.empty() ? "none" : "several", zip,
       listed(candidates.empty() ? members : candidates));
}

// "ml.zip:ml/ratings.csv" -> "ml.zip" and "ml/ratings.csv".
struct ZipPath {
  std::string zip;
  std::string member;
};
std::optional<ZipPath> split_zip_path(const std::string& path) {
  const std::size_t colon = ascii_lower(path).find(".zip:");
  if (colon == std::string::npos || std::filesystem::exists(path)) return std::nullopt;
  return ZipPath{path.substr(0, colon + 4), path.substr(colon + 5)};
}

// What begins so is packed, or damaged.
bool is_packed(std::string_view front) {
  if (front.starts_with("BZh")) return front.size() > 3 && front[3] >= '1' && front[3] <= '9';
  constexpr std::string_view kXz =
      "\xFD"
      "7zXZ";
  constexpr std::string_view kZstd = "\x28\xB5\x2F\xFD";
  return front.starts_with(kXz) || front.starts_with(kZstd);
}

// One that is read from its front to its end.
OpenFile open_stream(std::unique_ptr<PlainFile> file, const std::string& path,
                     Expansion& expansion) {
  const PlainFile& packed = *file;
  const std::string name = file->path();
  const std::string_view front = file->peek();
  if (front.starts_with("\x1F\x8B"))
    return {bounded(std::make_unique<Gzip>(std::move(file)), packed, expansion), name, path,
            "gzip"};
  const bool is_zip = front.starts_with(kZip);
  if (!is_zip && !is_packed(front)) return {std::move(file), name, path, "none"};
  auto archive = std::make_unique<Archive>(std::move(file));
  auto member = archive->next_member();
  if (is_zip) {
    while (member && !looks_like_ratings(*member)) member = archive->next_member();
    if (!member) fail(ErrorCode::bad_data, "{}: no member of the zip looks like ratings", name);
    return {bounded(std::move(archive), packed, expansion), name, path, "zip member " + *member};
  }
  std::string compression = archive->compression();
  if (compression == "none") fail(ErrorCode::bad_data, "cannot unpack {}: it is damaged", name);
  if (archive->is_compressed_twice())
    fail(ErrorCode::bad_data, "{} is compressed twice: unpack it once", name);
  return {bounded(std::move(archive), packed, expansion), name, path, std::move(compression)};
}

}  // namespace

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::vector<std::string> zip_members(const std::string& path) {
  if (!PlainFile(path).peek().starts_with(kZip)) return {};
  return members_of(path);
}

OpenFile open_member(const std::string& zip, const std::string& member, Expansion& expansion) {
  auto file = std::make_unique<PlainFile>(zip);
  const PlainFile& packed = *file;
  auto archive = std::make_unique<Archive>(std::move(file));
  while (const auto name = archive->next_member()) {
    if (*name != member || !archive->is_zip()) continue;
    const std::string path = zip + ":" + member;
    return {bounded(std::move(archive), packed, expansion), one_line(path), path,
            "zip member " + one_line(member)};
  }
  fail(ErrorCode::io, "{} has no member {}: there are {}", zip, member, listed(members_of(zip)));
}

OpenFile open_file(const std::string& path, Expansion& expansion) {
  if (path == "-") {
    return open_stream(std::make_unique<PlainFile>(::dup(STDIN_FILENO), "standard input"), path,
                       expansion);
  }
  if (const auto member = split_zip_path(path))
    return open_member(member->zip, member->member, expansion);
  auto file = std::make_unique<PlainFile>(path);
  const bool is_zip = file->peek().starts_with(kZip);
  const bool can_seek = file->rewind();
  if (is_zip && can_seek) return open_member(path, choose_member(path), expansion);
  const std::uint64_t size = file->size();
  OpenFile opened = open_stream(std::move(file), path, expansion);
  if (can_seek && opened.compression == "none") opened.size = size;
  return opened;
}

std::vector<std::string> matching_files(const std::string& path) {
  if (path.find_first_of("*?[") == std::string::npos || std::filesystem::exists(path))
    return {path};
  glob_t found{};
  const int result = ::glob(path.c_str(), 0, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (result != 0 && result != GLOB_NOMATCH) fail(ErrorCode::io, "cannot look for {}", path);
  if (files.empty()) fail(ErrorCode::io, "no file matches {}", path);
  return files;
}

std::string file_holding(const std::string& path) {
  const auto member = split_zip_path(path);
  return member ? member->zip : path;
}

std::vector<std::string> files_beside(const std::string& path) {
  std::vector<std::string> beside;
  if (path == "-") return beside;
  if (const auto member = split_zip_path(path)) {
    const std::string_view name = base_name(member->member);
    const std::string folder = member->member.substr(0, member->member.size() - name.size());
    for (const std::string& other : members_of(member->zip)) {
      if (other == folder + std::string(base_name(other)))
        beside.push_back(member->zip + ":" + other);
    }
    return beside;
  }
  const std::string folder = path.substr(0, path.size() - base_name(path).size());
  // Not std::filesystem::directory_iterator, which ends the program where there is no memory for
  // it.
  struct Close {
    void operator()(DIR* list) const { ::closedir(list); }
  };
  const std::unique_ptr<DIR, Close> list(::opendir(folder.empty() ? "." : folder.c_str()));
  if (!list) return beside;  // one that may not be listed has nothing to offer
  while (const dirent* const entry = ::readdir(list.get())) {
    std::string other = folder + entry->d_name;
    struct stat status{};
    if (::stat(other.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      beside.push_back(std::move(other));
  }
  std::ranges::sort(beside);
  return beside;
}

}  // namespace palate
