#include "base/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <functional>

#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// More than one buffer, in pieces of several sizes.
std::string new_text() {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i) + ' ';
  return text;
}

void write_new_text(const std::string& path,
                    const FileOperations& operations = FileOperations::system()) {
  const std::string text = new_text();
  AtomicFile file(path, operations);
  file.write(std::string_view(text).substr(0, 5));
  file.write(std::string_view(text).substr(5, 100'000));
  file.write(std::string_view(text).substr(100'005));
  file.commit();
}

// The system's operations, with `before(name)` called first: true fails the call with EIO.
FileOperations watched(const std::function<bool(const std::string&)>& before) {
  const FileOperations& system = FileOperations::system();
  const auto fail_with_eio = [] {
    errno = EIO;
    return -1;
  };
  FileOperations operations;
  operations.open = [=](const char* path, int flags, mode_t mode) {
    return before(flags & O_DIRECTORY ? "open folder" : "open") ? fail_with_eio()
                                                                : system.open(path, flags, mode);
  };
  operations.write = [=](int file, const void* bytes, std::size_t count) -> ssize_t {
    return before("write") ? fail_with_eio() : system.write(file, bytes, count);
  };
  operations.fsync = [=](int file) {
    struct stat status{};
    ::fstat(file, &status);
    return before(S_ISDIR(status.st_mode) ? "fsync folder" : "fsync") ? fail_with_eio()
                                                                      : system.fsync(file);
  };
  operations.close = [=](int file) {
    const bool failing = before("close");
    const int result = system.close(file);  // as Linux does: closed, whatever it says
    return failing ? fail_with_eio() : result;
  };
  operations.rename = [=](const char* from, const char* to) {
    return before("rename") ? fail_with_eio() : system.rename(from, to);
  };
  operations.unlink = [=](const char* path) {
    return before("unlink") ? fail_with_eio() : system.unlink(path);
  };
  return operations;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    return error.what();
  }
  return "";
}

// Runs `body` in a process of its own; it should end with 0.
void in_a_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(body());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(AtomicFile, WritesAndReplaces) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a");
  write_atomically(path, "old");
  EXPECT_EQ(read_file(path), "old");
  write_new_text(path);
  EXPECT_EQ(read_file(path), new_text());
  write_atomically(path, "");
  EXPECT_EQ(read_file(path), "");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, WithoutCommitNothingHappens) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  {
    AtomicFile file(folder.path("a"));
    file.write(new_text());
    EXPECT_EQ(folder.names().size(), 2U);
  }
  EXPECT_EQ(read_file(folder.path("a")), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, WritesThenSyncsThenRenamesThenSyncsTheFolder) {
  const TemporaryFolder folder;
  std::vector<std::string> calls;
  const FileOperations operations = watched([&](const std::string& call) {
    if (calls.empty() || calls.back() != call) calls.push_back(call);
    return false;
  });
  write_new_text(folder.path("a"), operations);
  const std::vector<std::string> expected{"open folder", "open",   "write",        "fsync",
                                          "close",       "rename", "fsync folder", "close"};
  EXPECT_EQ(calls, expected);
}

TEST(AtomicFile, WhicheverCallFailsTheOldFileStaysAndNothingLiesAround) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a");
  int failures = 0;
  for (int failing = 1;; ++failing) {
    SCOPED_TRACE(failing);
    write_atomically(path, "old");
    int calls = 0;
    std::string failed;
    const FileOperations operations = watched([&](const std::string& call) {
      if (++calls == failing) failed = call;
      return calls == failing;
    });
    const std::string error = error_of([&] { write_new_text(path, operations); });
    EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
    if (failed.empty()) {  // fewer calls than that
      EXPECT_EQ(error, "");
      break;
    }
    if (failed == "fsync folder") {
      EXPECT_EQ(error,
                path + " is written, but may not survive a power failure: Input/output error");
      EXPECT_EQ(read_file(path), new_text());
    } else if (failed == "close" && error.empty()) {  // the folder's, at the end
      EXPECT_EQ(read_file(path), new_text());
    } else {
      EXPECT_EQ(error, "cannot write " + path + ": Input/output error") << failed;
      EXPECT_EQ(read_file(path), "old") << failed;
      ++failures;
    }
  }
  EXPECT_GE(failures, 7);  // two opens, at least two writes, fsync, close, rename
}

TEST(AtomicFile, ShortAndInterruptedWritesAreContinued) {
  const TemporaryFolder folder;
  FileOperations operations = FileOperations::system();
  int calls = 0;
  operations.write = [&](int file, const void* bytes, std::size_t count) -> ssize_t {
    if (++calls % 2 == 0) {
      errno = EINTR;
      return -1;
    }
    return ::write(file, bytes, std::min<std::size_t>(count, static_cast<std::size_t>(calls)));
  };
  write_new_text(folder.path("a"), operations);
  EXPECT_EQ(read_file(folder.path("a")), new_text());
  EXPECT_GT(calls, 100);

  operations.write = [](int, const void*, std::size_t) -> ssize_t { return 0; };
  EXPECT_NE(error_of([&] { write_new_text(folder.path("a"), operations); }), "");
  EXPECT_EQ(read_file(folder.path("a")), new_text());
}

TEST(AtomicFile, AFullDiskIsAnErrorAndLeavesNothing) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  FileOperations operations = FileOperations::system();
  operations.write = [full](int, const void* bytes, std::size_t count) {
    return ::write(full, bytes, count);
  };
  EXPECT_EQ(error_of([&] { write_new_text(folder.path("a"), operations); }),
            "cannot write " + folder.path("a") + ": No space left on device");
  ::close(full);
  EXPECT_EQ(read_file(folder.path("a")), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, AFileThatMayNotGrowIsAnErrorAndLeavesNothing) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  in_a_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);  // else the process ends there
    const rlimit limit{70'000, 70'000};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    return error_of([&] { write_new_text(folder.path("a")); }) ==
                   "cannot write " + folder.path("a") + ": File too large"
               ? 0
               : 1;
  });
  EXPECT_EQ(read_file(folder.path("a")), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, AFolderWithoutPermissionIsAnErrorAndLeavesNothing) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  ASSERT_EQ(::chmod(folder.path("").c_str(), 0555), 0);
  in_a_child([&] {
    // root may write anywhere
    if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 2;
    return error_of([&] { write_new_text(folder.path("a")); }) ==
                   "cannot write " + folder.path("a") + ": Permission denied"
               ? 0
               : 1;
  });
  ASSERT_EQ(::chmod(folder.path("").c_str(), 0755), 0);
  EXPECT_EQ(read_file(folder.path("a")), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
}

TEST(AtomicFile, OnlyARegularFileIsReplaced) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkdir(folder.path("b").c_str(), 0755), 0);
  EXPECT_EQ(error_of([&] { write_new_text(folder.path("b")); }),
            "cannot write " + folder.path("b") + ": it is a folder");
  EXPECT_NE(error_of([&] { write_new_text(folder.path("b/")); }), "");
  EXPECT_NE(error_of([] { write_new_text(""); }), "");
  EXPECT_EQ(error_of([] { write_new_text("/dev/null"); }),
            "cannot write /dev/null: it is not a regular file");
  EXPECT_EQ(error_of([&] { write_new_text(folder.path("none/a")); }),
            "cannot write " + folder.path("none/a") + ": No such file or directory");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"b"});
}

TEST(AtomicFile, ALinkIsFollowedAndPermissionsAreNotWidened) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  ASSERT_EQ(::chmod(folder.path("a").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("a", folder.path("link").c_str()), 0);
  write_atomically(folder.path("link"), "new");
  EXPECT_EQ(read_file(folder.path("a")), "new");
  struct stat status{};
  ASSERT_EQ(::lstat(folder.path("link").c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  ASSERT_EQ(::stat(folder.path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST(AtomicFile, ANameAsLongAsTheFileSystemAllowsHasRoom) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_atomically(folder.path(name), "x");
  EXPECT_EQ(read_file(folder.path(name)), "x");
}

TEST(AtomicFile, AProcessKilledAtAnyCallLeavesTheOldOrTheNewFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a");
  bool killed = true;
  int news = 0;
  for (int last = 1; killed; ++last) {
    write_atomically(path, "old");
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int calls = 0;
      const FileOperations operations = watched([&](const std::string&) {
        if (++calls == last) ::raise(SIGKILL);
        return false;
      });
      write_new_text(path, operations);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    killed = WIFSIGNALED(status);
    const std::string text = read_file(path);
    EXPECT_TRUE(text == "old" || text == new_text()) << "killed at call " << last;
    news += text == new_text();
  }
  EXPECT_GE(news, 2);  // before the folder's fsync, and without being killed
}

}  // namespace
}  // namespace palate
