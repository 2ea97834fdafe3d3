#include "palate/base/atomic_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "base/fail.h"
#include "palate/base/unfinished_files.h"

namespace palate {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 16;

std::string reason(int error) { return std::generic_category().message(error); }

// ---- Temporary names that a signal handler may remove

// Those of this process. A handler reads them at any moment: a name is taken out before its text
// goes. One that finds no place is left to the next run.
std::array<std::atomic<const char*>, 64> unfinished;
std::mutex unfinished_mutex;  // of all but the handler

void replace_unfinished(const char* old_name, const char* new_name) {
  const std::lock_guard lock(unfinished_mutex);
  const auto place =
      std::ranges::find(unfinished, old_name, [](const auto& p) { return p.load(); });
  if (place != unfinished.end()) place->store(new_name);
}

bool is_unfinished(std::string_view name) {
  const std::lock_guard lock(unfinished_mutex);
  return std::ranges::any_of(unfinished, [&](const std::atomic<const char*>& place) {
    return place.load() != nullptr && name == place.load();
  });
}

// ---- What killed processes left

constexpr std::string_view kPrefix = ".palate-";
constexpr std::string_view kSuffix = ".part";

// Whoever writes a temporary file holds its lock, and the kernel gives that back when the process
// ends, however it ends. Where a file system has no locks, nothing is removed.
void remove_abandoned(const std::string& folder) {
  // Not std::filesystem::directory_iterator, which ends the program where there is no memory for
  // it.
  struct Close {
    void operator()(DIR* list) const { ::closedir(list); }
  };
  const std::unique_ptr<DIR, Close> list(::opendir(folder.c_str()));
  if (!list) return;
  while (const dirent* const entry = ::readdir(list.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) continue;
    const std::string path = folder + "/" + entry->d_name;
    if (is_unfinished(path)) continue;
    // Neither a link is followed nor a pipe waited for. Some network file systems lock only what is
    // open for writing.
    constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int file = ::open(path.c_str(), O_WRONLY | kFlags);
    if (file < 0 && errno == EACCES) file = ::open(path.c_str(), O_RDONLY | kFlags);
    if (file < 0) continue;
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) ::unlink(path.c_str());
    ::close(file);
  }
}

// ---- What is written

// What `path` means once links are followed, and the permissions of the file that is there already.
struct Target {
  std::string path;
  std::optional<mode_t> mode = std::nullopt;
};

// Where a link leads to that leads to nothing.
std::string end_of_links(const std::string& path) {
  constexpr int kMost = 40;  // as Linux has it
  std::filesystem::path end = path;
  for (int links = 0; links <= kMost; ++links) {
    std::error_code is_no_link;
    const std::filesystem::path to = std::filesystem::read_symlink(end, is_no_link);
    if (is_no_link) return end.string();
    end = end.parent_path() / to;
  }
  fail(ErrorCode::io, "cannot write {}: {}", path, reason(ELOOP));
}

Target resolve(const std::string& path) {
  if (std::filesystem::path(path).filename().empty())
    fail(ErrorCode::io, "cannot write \"{}\": it names no file", path);
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {end_of_links(path)};
  if (S_ISDIR(status.st_mode)) fail(ErrorCode::io, "cannot write {}: it is a folder", path);
  if (!S_ISREG(status.st_mode))
    fail(ErrorCode::io, "cannot write {}: it is not a regular file", path);  // /dev/null, say
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::canonical(path, error);
  return {error ? path : resolved.string(), status.st_mode & 0777};
}

}  // namespace

void remove_unfinished_files() noexcept {
  for (const std::atomic<const char*>& place : unfinished) {
    const char* const name = place.load();
    if (name != nullptr) ::unlink(name);
  }
}

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const Target target = resolve(path);
  target_ = target.path;
  const std::filesystem::path parent = std::filesystem::path(target_).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  buffer_.reserve(kBufferSize);

  folder_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) fail_with_errno();
  try {
    remove_abandoned(folder);
    open_temporary(folder, target.mode.value_or(0666));
  } catch (...) {
    discard();
    throw;
  }
  // Also what the umask would take away. Where that is refused, fewer may read it.
  if (target.mode) static_cast<void>(::fchmod(file_, *target.mode));
}

void AtomicFile::open_temporary(const std::string& folder, unsigned permissions) {
  static std::atomic<unsigned> counter{0};
  for (;;) {
    // A name of its own length: beside a target whose name is as long as the file system allows
    // there is still room.
    temporary_ =
        fmt::format("{}/{}{}-{}{}", folder, kPrefix, ::getpid(), counter.fetch_add(1), kSuffix);
    replace_unfinished(nullptr, temporary_.c_str());
    file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions);
    if (file_ >= 0 && lock_temporary()) return;
    const int error = file_ >= 0 ? EEXIST : errno;
    forget_temporary();  // not ours
    if (error == EEXIST || error == EINTR) {
      close_temporary();
      continue;
    }
    errno = error;
    fail_with_errno();
  }
}

// False where another process took it for an abandoned one before it was locked.
bool AtomicFile::lock_temporary() {
  lock_ = ::fcntl(file_, F_DUPFD_CLOEXEC, 0);
  if (lock_ < 0) fail_with_errno();
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0)
    return errno != EWOULDBLOCK;  // a file system without locks: nobody else gets one
  return ::access(temporary_.c_str(), F_OK) == 0;
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

void AtomicFile::store() {
  if (file_ < 0) return;
  write_through(std::as_bytes(std::span(buffer_)));
  buffer_.clear();
  while (::fsync(file_) != 0) {
    if (errno != EINTR) fail_with_errno();
  }
  if (::close(std::exchange(file_, -1)) != 0 && errno != EINTR) fail_with_errno();
}

void AtomicFile::remove_old() {
  if (::unlink(target_.c_str()) != 0 && errno != ENOENT) fail_with_errno();
  if (::fsync(folder_) != 0 && errno != EINVAL) fail_with_errno();
}

void AtomicFile::commit() {
  store();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_errno();
  forget_temporary();
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

void AtomicFile::forget_temporary() {
  replace_unfinished(temporary_.c_str(), nullptr);
  temporary_.clear();
}

void AtomicFile::close_temporary() {
  for (int* const file : {&file_, &lock_}) {
    if (*file >= 0) ::close(std::exchange(*file, -1));
  }
}

void AtomicFile::discard() {
  close_temporary();
  if (folder_ >= 0) ::close(std::exchange(folder_, -1));
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_temporary();
}

void write_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace palate
