#include "palate/base/writable.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/fail.h"
#include "palate/base/atomic_file.h"

namespace palate {
namespace {

// Why a new file may not take the place of the one at `path`, in a folder that takes new files; 0
// where nothing is known against it.
int why_not_replaced(const std::string& path, const struct stat& file) {
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::canonical(path, error).parent_path();  // of what a link means
  struct stat around{};
  const uid_t self = ::geteuid();
  if (!error && ::stat(folder.c_str(), &around) == 0 && (around.st_mode & S_ISVTX) != 0 &&
      self != 0 && self != file.st_uid && self != around.st_uid)
    return EPERM;  // somebody else's file in /tmp
#ifdef STATX_ATTR_MOUNT_ROOT
  struct statx more{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &more) != 0) return 0;
  if ((more.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0) return EPERM;
  if ((more.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return EBUSY;  // as containers have them
#endif
  return 0;
}

}  // namespace

void check_writable(const std::string& path) {
  struct stat status{};
  const bool is_there = ::stat(path.c_str(), &status) == 0;
  int error = is_there || errno == ENOENT ? 0 : errno;  // too long a name, say
  if (error == 0) {
    const AtomicFile temporary(path);
    if (is_there) error = why_not_replaced(path, status);
  }
  if (error != 0) fail(ErrorCode::io, "cannot write {}: {}", path, std::strerror(error));
}

}  // namespace palate
