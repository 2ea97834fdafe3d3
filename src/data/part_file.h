// What there is of a download, for another run to go on with. Layer: data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace palate {

// The bytes are in PATH; beside them PATH.origin says of what they are the beginning: the address,
// and below it the server's own mark of the file's version, its ETag or date. One process at a time
// has them.
class PartFile {
 public:
  // Makes the file, or takes over what is there of the same address; the beginning of anything else
  // is dropped. All throw Error(io) where the file cannot be written, and here where another
  // process has it.
  PartFile(const std::string& path, const std::string& url);
  // The files stay where another run can go on with them, else they are removed.
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  // The server's mark of the file's version; empty where it makes none.
  const std::string& version() const { return version_; }
  bool can_go_on() const { return size_ > 0 && !version_.empty() && !discarded_; }

  void restart(const std::string& version);  // with no bytes
  void append(std::string_view bytes);
  void discard() { discarded_ = true; }  // the files will not stay
  void keep() { discarded_ = false; }

 private:
  void open_alone();
  [[noreturn]] void fail_to_write() const;
  std::string origin_path() const { return path_ + ".origin"; }

  std::string path_;
  std::string url_;
  std::string version_;
  int file_ = -1;
  std::uint64_t size_ = 0;
  bool discarded_ = false;
};

}  // namespace palate
