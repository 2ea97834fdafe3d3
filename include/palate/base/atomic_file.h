// A file that is written whole or not at all. Layer: base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace palate {

// Collects bytes in a temporary file beside `path`; commit() puts it in the place of `path`: write,
// fsync, close, rename, fsync of the folder. Whoever opens `path`, at any moment and after any
// crash, finds the old file or the new one. Where something fails, or commit() is not reached, the
// old file stays and the temporary one is removed. A process that is killed on the way leaves it
// behind (`.palate-PID-N.part`), and the next AtomicFile of the same folder removes it. A link is
// followed, one that leads to nothing too, and an existing file's permissions are kept. One thread
// at a time.
class AtomicFile {
 public:
  // All throw Error(io) that names `path` and the reason.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  // All is on the disk, under the temporary name: commit() has only to rename it. Of several files
  // that belong together, each is stored before the first is committed.
  void store();
  // Removes the old file, so that there is none until commit().
  void remove_old();
  void commit();

 private:
  void open_temporary(const std::string& folder, unsigned permissions);
  bool lock_temporary();
  void write_through(std::span<const std::byte> bytes);
  [[noreturn]] void fail_with_errno() const;
  void forget_temporary();
  void close_temporary();
  void discard();

  std::string path_;
  std::string target_;     // path_, or what it links to
  std::string temporary_;  // empty when there is none
  int file_ = -1;
  int folder_ = -1;
  // The temporary file's lock, which says that a living process writes it, until it is renamed.
  int lock_ = -1;
  std::string buffer_;  // not yet written
  // Bytes that the kernel was asked to begin to store, so that fsync has less to wait for, and
  // those written since.
  std::int64_t hinted_ = 0;
  std::int64_t unhinted_ = 0;
};

// The whole text, or the old file.
void write_atomically(const std::string& path, std::string_view text);

}  // namespace palate
