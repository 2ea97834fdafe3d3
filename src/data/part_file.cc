#include "data/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/fail.h"
#include "palate/base/atomic_file.h"

namespace palate {

PartFile::PartFile(const std::string& path, const std::string& url) : path_(path), url_(url) {
  open_alone();
  std::ifstream origin(origin_path());
  std::string origin_url;
  if (std::getline(origin, origin_url) && origin_url == url_) std::getline(origin, version_);
  if (can_go_on()) return;
  restart("");
}

PartFile::~PartFile() {
  if (!can_go_on()) {
    ::unlink(path_.c_str());
    ::unlink(origin_path().c_str());
  }
  ::close(file_);
}

// Another process may have removed what this one opened and waited for: then there is a new file to
// be opened.
void PartFile::open_alone() {
  for (;;) {
    file_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (file_ < 0) fail_to_write();
    struct stat status{};
    const bool locked = ::flock(file_, LOCK_EX | LOCK_NB) == 0 && ::fstat(file_, &status) == 0;
    if (locked && S_ISREG(status.st_mode) && status.st_nlink > 0) {
      size_ = static_cast<std::uint64_t>(status.st_size);
      ::lseek(file_, 0, SEEK_END);
      return;
    }
    const bool busy = !locked && errno == EWOULDBLOCK;
    ::close(file_);
    if (busy) fail(ErrorCode::io, "{}: another process is downloading it", path_);
    if (!locked || !S_ISREG(status.st_mode))
      fail(ErrorCode::io, "{}: not a file that can be written", path_);
  }
}

void PartFile::restart(const std::string& version) {
  ::unlink(origin_path().c_str());
  version_.clear();
  if (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) != 0) fail_to_write();
  size_ = 0;
  if (version.empty()) return;
  write_atomically(origin_path(), url_ + "\n" + version + "\n");
  version_ = version;
}

void PartFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      discard();  // a full disk is not kept full
      fail_to_write();
    }
    size_ += static_cast<std::uint64_t>(count);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void PartFile::fail_to_write() const {
  fail(ErrorCode::io, "{}: cannot be written: {}", path_, std::strerror(errno));
}

}  // namespace palate
