#include "verb_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "options_file.h"
#include "palate/base/error.h"
#include "palate/base/writable.h"
#include "palate/data/read.h"
#include "terminal.h"

namespace palate::cli {
namespace {

namespace fs = std::filesystem;

// Two paths mean the same file where these are equal.
struct Identity {
  dev_t device;
  ino_t inode;
  std::string name;  // of what is not there yet, in the folder that the numbers are of
  bool operator==(const Identity&) const = default;
};

// Nothing where not even the folder is there.
std::optional<Identity> identity(const std::string& path) {
  struct stat status{};
  if (path == "-" ? ::fstat(STDIN_FILENO, &status) == 0 : ::stat(path.c_str(), &status) == 0)
    return Identity{status.st_dev, status.st_ino, ""};
  fs::path file = path;
  std::error_code error;
  constexpr int kMostLinks = 40;  // as the kernel has it
  for (int links = 0; links < kMostLinks && fs::is_symlink(file, error); ++links)
    file = file.parent_path() / fs::read_symlink(file, error);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (::stat(folder.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino, file.filename().string()};
}

// Of an open descriptor, where it is a regular file.
std::optional<Identity> identity(int descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return Identity{status.st_dev, status.st_ino, ""};
}

}  // namespace

void VerbFiles::reads(const std::string& flag, const std::string& path) {
  if (!path.empty()) read_.push_back({flag, path});
}

void VerbFiles::reads_table(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  for (const std::string& file : files_meant({path})) reads(flag, file);
  reads(flag, path);  // a file of its name would hide a member of a zip
}

void VerbFiles::writes(const std::string& flag, const std::string& path) {
  written_.push_back({flag, path});
}

constexpr const char* kStandardError = "standard error";

void VerbFiles::refuse_overwriting() const {
  struct Known {
    std::string name;  // "--output model.safetensors"
    std::optional<Identity> identity;
    bool is_init = false;
  };
  std::vector<Known> others;  // which no file that is written may be
  for (const auto& [flag, path] : read_)
    others.push_back({flag + " " + path, identity(path), flag == "--init"});
  for (const std::string& path : options_files_read())
    others.push_back({std::string(kOptionsFileFlag) + " " + path, identity(path)});
  const auto check_one = [&](const std::string& name, const std::optional<Identity>& written,
                             bool continues_init) {
    if (!written) return;
    const auto same = std::ranges::find_if(others, [&](const Known& other) {
      return other.identity == written && !(continues_init && other.is_init);
    });
    if (same == others.end()) return;
    if (name == kStandardError) close_standard_error();  // lest the refusal goes into the file
    throw Error(ErrorCode::invalid_argument,
                fmt::format("{} and {} are the same file: what is written needs a file of its own",
                            name, same->name));
  };
  for (const auto& [flag, path] : written_) {
    const std::string name = flag + " " + path;
    const auto written = identity(path);
    check_one(name, written, flag == "--output");
    others.push_back({name, written});
  }
  // The two may be one file.
  check_one("standard output", identity(STDOUT_FILENO), false);
  check_one(kStandardError, identity(STDERR_FILENO), false);
}

void VerbFiles::check() const {
  refuse_overwriting();
  for (const File& file : written_) check_writable(file.path);
}

}  // namespace palate::cli
