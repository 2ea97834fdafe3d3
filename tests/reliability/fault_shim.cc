// Loaded in front of libc (LD_PRELOAD), counts the calls that touch files in one folder, logs them,
// and lets one of them fail or be the process's last. What tests/reliability/ runs the binary with:
//
//   FAULT_FOLDER   the folder: files in it, and itself
//   FAULT_LOG      where each call is logged, a line each, as in "write model.safetensors"
//   FAULT_AT       the call, from 1, that FAULT_KIND happens to
//   FAULT_KIND     an errno that it fails with, or "kill": the process ends in its place
//   FAULT_WRITES   how many bytes a write takes at most; every second one is interrupted before it
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr int kMostFiles = 1024;
std::array<std::atomic<bool>, kMostFiles> watched;  // by descriptor
std::atomic<long> calls{0};

const char* setting(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool in_folder(std::string_view path) {
  static const std::string folder = setting("FAULT_FOLDER");
  return !folder.empty() && path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_watched(int file) {
  return file >= 0 && file < kMostFiles && watched[static_cast<std::size_t>(file)];
}

void watch(int file, bool on) {
  if (file >= 0 && file < kMostFiles) watched[static_cast<std::size_t>(file)] = on;
}

std::string path_of(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path, sizeof path);
  return {path, size > 0 ? static_cast<std::size_t>(size) : 0};
}

// Counts and logs the call; true where it is to fail, with errno set.
bool fails(const char* call, const std::string& path) {
  static const int log = next<int (*)(const char*, int, ...)>("open")(
      setting("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  static const auto write_log = next<ssize_t (*)(int, const void*, std::size_t)>("write");
  static const long at = std::atol(setting("FAULT_AT"));
  static const std::string kind = setting("FAULT_KIND");
  const std::string line = std::string(call) + ' ' + path.substr(path.rfind('/') + 1) + '\n';
  if (log >= 0) write_log(log, line.data(), line.size());
  if (++calls != at) return false;
  if (kind == "kill") raise(SIGKILL);
  errno = std::atoi(kind.c_str());
  return errno != 0;
}

template <class Open>
int watched_open(const char* path, Open&& really_open) {
  if (!in_folder(path)) return really_open();
  if (fails("open", path)) return -1;
  const int file = really_open();
  watch(file, true);
  return file;
}

mode_t mode_of(int flags, std::va_list arguments) {
  return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watched_open(
      path, [&] { return next<int (*)(const char*, int, ...)>("open")(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watched_open(
      path, [&] { return next<int (*)(const char*, int, ...)>("open64")(path, flags, mode); });
}

FILE* fopen(const char* path, const char* mode) {
  if (in_folder(path) && fails("open", path)) return nullptr;
  FILE* const file = next<FILE* (*)(const char*, const char*)>("fopen")(path, mode);
  if (file != nullptr && in_folder(path)) watch(fileno(file), true);
  return file;
}

FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }

ssize_t read(int file, void* bytes, std::size_t count) {
  if (is_watched(file) && fails("read", path_of(file))) return -1;
  return next<ssize_t (*)(int, void*, std::size_t)>("read")(file, bytes, count);
}

ssize_t write(int file, const void* bytes, std::size_t count) {
  if (is_watched(file)) {
    if (fails("write", path_of(file))) return -1;
    static const std::string most = setting("FAULT_WRITES");
    static std::atomic<bool> interrupted{false};
    if (!most.empty()) {
      interrupted = !interrupted;
      if (interrupted) {
        errno = EINTR;
        return -1;
      }
      count = std::min(count, std::size_t{std::stoul(most)});
    }
  }
  return next<ssize_t (*)(int, const void*, std::size_t)>("write")(file, bytes, count);
}

int fsync(int file) {
  if (is_watched(file) && fails("fsync", path_of(file))) return -1;
  return next<int (*)(int)>("fsync")(file);
}

// As Linux does: closed, whatever it says.
int close(int file) {
  const bool failing = is_watched(file) && fails("close", path_of(file));
  const int error = errno;
  watch(file, false);
  const int result = next<int (*)(int)>("close")(file);
  if (!failing) return result;
  errno = error;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  if (in_folder(to) && fails("rename", to)) return -1;
  return next<int (*)(const char*, const char*)>("rename")(from, to);
}
}
