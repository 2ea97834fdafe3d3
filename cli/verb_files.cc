#include "verb_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "options_file.h"
#include "palate/base/error.h"
#include "palate/base/writable.h"
#include "palate/data/fetch.h"
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

struct Content {
  bool is_model = false;
  bool is_page = false;
  bool is_text = false;
  bool is_numpy = false;  // what `palate import` reads
};

// Throws Error(io).
std::string first_bytes(const std::string& path) {
  constexpr std::size_t kFirst = 512;
  const auto fail = [&](const char* what) {
    throw Error(ErrorCode::io, fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
  };
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("open");
  std::string first(kFirst, '\0');
  ssize_t count = 0;
  do {
    count = ::read(file, first.data(), first.size());
  } while (count < 0 && errno == EINTR);
  const int error = errno;
  ::close(file);
  errno = error;
  if (count < 0) fail("read");
  first.resize(static_cast<std::size_t>(count));
  return first;
}

// By the first bytes of a regular file.
Content content_of(const std::string& path) {
  constexpr std::size_t kLength = 8;  // bytes before the header of a model's file
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return {};
  const std::string first = first_bytes(path);
  std::string_view text = first;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return {
      .is_model = first.size() > kLength && first[kLength] == '{' && first.find('\0') < kLength,
      .is_page = text.starts_with("<!doctype html") || text.starts_with("<!DOCTYPE html") ||
                 text.starts_with("<html"),
      .is_text = !first.empty() && first.find('\0') == first.npos && first.find('\n') != first.npos,
      .is_numpy =
          first.starts_with("\x93NUMPY") || (first.starts_with("PK") && path.ends_with(".npz"))};
}

}  // namespace

void VerbFiles::reads_model(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  std::error_code error;
  if (!fs::exists(path, error) && find_data_set(path)) {
    throw Error(
        ErrorCode::bad_model,
        fmt::format("{0} is a data set, and a model is expected: palate train {0} makes one",
                    path));
  }
  read_.push_back({flag, path, Kind::model});
}

// Says what was probably meant.
void VerbFiles::refuse_other_kinds() const {
  std::vector<Content> contents;
  for (const File& file : read_)
    contents.push_back(file.expected == Kind::any ? Content{} : content_of(file.path));
  const auto first_that = [&](Kind expected, bool Content::* is) -> const File* {
    for (std::size_t n = 0; n < read_.size(); ++n) {
      if (read_[n].expected == expected && contents[n].*is) return &read_[n];
    }
    return nullptr;
  };
  const File* const table = first_that(Kind::model, &Content::is_text);
  const File* const model = first_that(Kind::table, &Content::is_model);
  if (table != nullptr && model != nullptr) {
    throw Error(ErrorCode::bad_model,
                fmt::format("{} is a table and {} a model: the model comes first, then the table",
                            table->path, model->path));
  }
  for (std::size_t n = 0; n < read_.size(); ++n) {
    const auto& [flag, path, expected] = read_[n];
    const Content& content = contents[n];
    if (content.is_page) {
      throw Error(expected == Kind::model ? ErrorCode::bad_model : ErrorCode::bad_data,
                  fmt::format("{} is a page, which a browser shows, and {} is expected", path,
                              expected == Kind::model ? "a model" : "a table of ratings"));
    }
    if (content.is_numpy) {
      throw Error(expected == Kind::model ? ErrorCode::bad_model : ErrorCode::bad_data,
                  fmt::format("{} has arrays of NumPy's, and {} is expected: palate import makes a "
                              "model of factors",
                              path, expected == Kind::model ? "a model" : "a table of ratings"));
    }
    if (expected == Kind::model && content.is_text) {
      throw Error(
          ErrorCode::bad_model,
          fmt::format("{0} is a table, and a model is expected: palate train {0} makes one of it",
                      path));
    }
    if (expected == Kind::table && content.is_model && !any_kind_) {
      throw Error(ErrorCode::bad_data,
                  fmt::format("{0} is a model, and a table of ratings is expected: palate inspect "
                              "{0} tells what it holds",
                              path));
    }
  }
}

void VerbFiles::reads(const std::string& flag, const std::string& path) {
  if (!path.empty()) read_.push_back({flag, path});
}

void VerbFiles::reads_table(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  for (const std::string& file : files_meant({path})) read_.push_back({flag, file, Kind::table});
  reads(flag, path);  // a file of its name would hide a member of a zip
}

void VerbFiles::writes(const std::string& flag, const std::string& path) {
  written_.push_back({flag, path, Kind::any});
}

constexpr const char* kStandardError = "standard error";

void VerbFiles::refuse_overwriting() const {
  struct Known {
    std::string name;  // "--output model.safetensors"
    std::optional<Identity> identity;
    bool is_init = false;
  };
  std::vector<Known> others;  // which no file that is written may be
  for (const auto& [flag, path, _] : read_)
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
  for (const auto& [flag, path, _] : written_) {
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
  refuse_other_kinds();
  refuse_overwriting();
  for (const File& file : written_) check_writable(file.path);
}

}  // namespace palate::cli
