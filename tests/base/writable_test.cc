#include "palate/base/writable.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

std::string error_of(const std::string& path) {
  try {
    check_writable(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    return error.what();
  }
  return "";
}

TEST(Writable, LeavesEverythingAsItIs) {
  const TemporaryFolder folder;
  const std::string old = folder.write("old", "contents");
  std::filesystem::create_symlink("old", folder.path("link"));
  for (const char* name : {"old", "link", "new"}) EXPECT_EQ(error_of(folder.path(name)), "");
  EXPECT_EQ(read_file(old), "contents");
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"link", "old"}));
}

TEST(Writable, SaysWhatWritingWouldSay) {
  const TemporaryFolder folder;
  folder.write("file", "");
  std::filesystem::create_symlink("a", folder.path("b"));
  std::filesystem::create_symlink("b", folder.path("a"));
  const auto error = [&](const std::string& name) {
    return folder.without_path(error_of(folder.path(name)));
  };
  EXPECT_EQ(error("no/file"), "cannot write no/file: No such file or directory");
  EXPECT_EQ(error("file/file"), "cannot write file/file: Not a directory");
  EXPECT_EQ(error("a"), "cannot write a: Too many levels of symbolic links");
  EXPECT_EQ(error("file/"), "cannot write file/: Not a directory");
  EXPECT_EQ(error_of(""), "cannot write \"\": it names no file");
  EXPECT_EQ(error_of("/dev/null"), "cannot write /dev/null: it is not a regular file");
  EXPECT_NE(error(std::string(300, 'x')).find(": File name too long"), std::string::npos);
}

}  // namespace
}  // namespace palate
