// The files that a verb reads and writes, checked before it begins.
#pragma once

#include <string>
#include <vector>

namespace palate::cli {

class VerbFiles {
 public:
  // What the user calls the file ("--items", "MODEL"), and its path. What is read may be "-" for
  // standard input, or empty: then there is none.
  void reads(const std::string& flag, const std::string& path);
  void reads_model(const std::string& flag, const std::string& path);
  // A table: a pattern stands for files, and the zip is read for its member.
  void reads_table(const std::string& flag, const std::string& path);
  // What is read as a table may be something else, too.
  void allow_any_kind() { any_kind_ = true; }
  void writes(const std::string& flag, const std::string& path);

  // Throws Error(invalid_argument) where what is written is a file that is read, or another that is
  // written, by whatever name or link. Options files are read, too, and standard output and
  // standard error are written. `--init m --output m` is meant.
  void refuse_overwriting() const;
  // The same, and throws Error(io) where a file cannot be written, Error(bad_model) where a model
  // is a table or a page, and Error(bad_data) where a table is a model or a page.
  void check() const;

 private:
  enum class Kind { any, model, table };
  struct File {
    std::string flag;
    std::string path;
    Kind expected = Kind::any;
  };
  void refuse_other_kinds() const;

  std::vector<File> read_;
  std::vector<File> written_;
  bool any_kind_ = false;
};

}  // namespace palate::cli
