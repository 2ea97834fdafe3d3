#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/fail.h"

namespace palate {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 16;

std::string reason(int error) { return std::generic_category().message(error); }

// What `path` means once links are followed, and the permissions of the file that is there already.
struct Target {
  std::string path;
  mode_t mode = 0666;
};

Target resolve(const std::string& path) {
  if (std::filesystem::path(path).filename().empty())
    fail(ErrorCode::io, "cannot write \"{}\": it names no file", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {path};
  if (S_ISDIR(status.st_mode)) fail(ErrorCode::io, "cannot write {}: it is a folder", path);
  if (!S_ISREG(status.st_mode))
    fail(ErrorCode::io, "cannot write {}: it is not a regular file", path);  // /dev/null, say
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  return {error ? path : resolved.string(), status.st_mode & 0777};
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const Target target = resolve(path);
  target_ = target.path;
  std::filesystem::path folder = std::filesystem::path(target_).parent_path();
  if (folder.empty()) folder = ".";
  buffer_.reserve(kBufferSize);

  folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) fail_with_errno();
  static std::atomic<unsigned> counter{0};
  while (file_ < 0) {
    // A name of its own length: beside a target whose name is as long as the file system allows
    // there is still room.
    temporary_ =
        (folder / fmt::format(".palate-{}-{}.part", ::getpid(), counter.fetch_add(1))).string();
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, target.mode);
    if (file_ >= 0) break;
    const int error = errno;
    temporary_.clear();  // not ours
    if (error == EEXIST || error == EINTR) continue;
    discard();
    errno = error;
    fail_with_errno();
  }
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  if (buffer_.size() + bytes.size() > kBufferSize) {
    write_through(std::as_bytes(std::span(buffer_)));
    buffer_.clear();
  }
  if (bytes.size() >= kBufferSize) {
    write_through(bytes);
  } else {
    buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
}

void AtomicFile::commit() {
  write_through(std::as_bytes(std::span(buffer_)));
  buffer_.clear();
  while (::fsync(file_) != 0) {
    if (errno != EINTR) fail_with_errno();
  }
  const int closed = ::close(file_);
  file_ = -1;
  if (closed != 0 && errno != EINTR) fail_with_errno();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_errno();
  temporary_.clear();
  // The name is in place for every reader; now it has to survive a power failure too. EINVAL: this
  // file system has no such thing.
  if (::fsync(folder_) != 0 && errno != EINVAL) {
    fail(ErrorCode::io, "{} is written, but may not survive a power failure: {}", path_,
         reason(errno));
  }
}

void AtomicFile::write_through(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail_with_errno();
    }
    if (written == 0) {  // no progress and no reason: do not try for ever
      errno = EIO;
      fail_with_errno();
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    unhinted_ += written;
  }
#ifdef SYNC_FILE_RANGE_WRITE
  constexpr off_t kHint = off_t{4} << 20;
  if (unhinted_ < kHint) return;
  ::sync_file_range(file_, hinted_, unhinted_,
                    SYNC_FILE_RANGE_WRITE);  // a wish: whether it fails, fsync tells
  hinted_ += std::exchange(unhinted_, 0);
#endif
}

void AtomicFile::fail_with_errno() const {
  fail(ErrorCode::io, "cannot write {}: {}", path_, reason(errno));
}

void AtomicFile::discard() {
  if (file_ >= 0) ::close(file_);
  if (folder_ >= 0) ::close(folder_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  file_ = folder_ = -1;
  temporary_.clear();
}

void write_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace palate
