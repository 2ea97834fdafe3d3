#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

void write_new_text(const std::string& path) {
  const std::string text = new_text();
  AtomicFile file(path);
  file.write(std::string_view(text).substr(0, 5));
  file.write(std::string_view(text).substr(5, 100'000));
  file.write(std::string_view(text).substr(100'005));
  file.commit();
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

}  // namespace
}  // namespace palate
