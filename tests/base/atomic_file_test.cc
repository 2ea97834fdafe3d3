#include "palate/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>

#include "palate/base/error.h"
#include "palate/base/unfinished_files.h"
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

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode;
}

TEST(AtomicFile, ALinkIsFollowedAndPermissionsAreKept) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  ASSERT_EQ(::symlink("a", folder.path("link").c_str()), 0);
  const mode_t before = ::umask(027);
  for (const mode_t mode : {0600U, 0640U, 0666U, 0755U}) {
    ASSERT_EQ(::chmod(folder.path("a").c_str(), mode), 0);
    write_atomically(folder.path("link"), "new");
    EXPECT_EQ(read_file(folder.path("a")), "new");
    EXPECT_TRUE(S_ISLNK(mode_of(folder.path("link"))));
    EXPECT_EQ(mode_of(folder.path("a")) & 0777U, mode);
  }
  write_atomically(folder.path("b"), "new");
  EXPECT_EQ(mode_of(folder.path("b")) & 0777U, 0640U);
  ::umask(before);
}

TEST(AtomicFile, ALinkToNothingIsFollowed) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkdir(folder.path("there").c_str(), 0755), 0);
  ASSERT_EQ(::symlink("there/second", folder.path("first").c_str()), 0);
  ASSERT_EQ(::symlink("a", folder.path("there/second").c_str()), 0);
  write_atomically(folder.path("first"), "new");
  EXPECT_EQ(read_file(folder.path("there/a")), "new");
  EXPECT_TRUE(S_ISLNK(mode_of(folder.path("first"))));
  EXPECT_TRUE(S_ISLNK(mode_of(folder.path("there/second"))));

  ASSERT_EQ(::symlink("none/a", folder.path("lost").c_str()), 0);
  EXPECT_EQ(error_of([&] { write_new_text(folder.path("lost")); }),
            "cannot write " + folder.path("lost") + ": No such file or directory");
  ASSERT_EQ(::symlink("round", folder.path("round").c_str()), 0);
  EXPECT_EQ(error_of([&] { write_new_text(folder.path("round")); }),
            "cannot write " + folder.path("round") + ": Too many levels of symbolic links");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"first", "lost", "round", "there"}));
}

TEST(AtomicFile, WhatAKilledProcessLeftIsRemovedAndWhatALivingOneWritesIsNot) {
  const TemporaryFolder folder;
  AtomicFile living(folder.path("living"));
  living.write("x");
  AtomicFile stored(folder.path("stored"));
  stored.write("y");
  stored.store();
  ASSERT_EQ(folder.names().size(), 2U);
  in_a_child([&]() -> int {
    AtomicFile killed(folder.path("a"));
    killed.write(new_text());
    ::_exit(0);
  });
  EXPECT_EQ(folder.names().size(), 3U);
  write_atomically(folder.path("a"), "new");
  EXPECT_EQ(folder.names().size(), 3U);
  living.commit();
  stored.commit();
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a", "living", "stored"}));
  EXPECT_EQ(read_file(folder.path("a")), "new");
  EXPECT_EQ(read_file(folder.path("stored")), "y");
}

TEST(AtomicFile, AProgramThatASignalEndsCanRemoveWhatIsUnfinished) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  in_a_child([&]() -> int {
    const AtomicFile gone(folder.path("gone"));
    AtomicFile done(folder.path("done"));
    done.commit();
    AtomicFile unfinished(folder.path("a"));
    unfinished.write(new_text());
    remove_unfinished_files();
    ::_exit(0);
  });
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"a", "done"}));
  EXPECT_EQ(read_file(folder.path("a")), "old");
}

TEST(AtomicFile, TheOldFileCanBeRemovedBeforeTheNewOneIsInItsPlace) {
  const TemporaryFolder folder;
  write_atomically(folder.path("a"), "old");
  AtomicFile file(folder.path("a"));
  file.write("new");
  file.store();
  EXPECT_EQ(read_file(folder.path("a")), "old");
  file.remove_old();
  file.remove_old();
  EXPECT_FALSE(std::filesystem::exists(folder.path("a")));
  file.commit();
  EXPECT_EQ(read_file(folder.path("a")), "new");
}

TEST(AtomicFile, ANameAsLongAsTheFileSystemAllowsHasRoom) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_atomically(folder.path(name), "x");
  EXPECT_EQ(read_file(folder.path(name)), "x");
}

}  // namespace
}  // namespace palate
