// Model files on disk.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/fail.h"
#include "base/sha256.h"
#include "model/model_codec.h"
#include "palate/base/atomic_file.h"

namespace palate {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

// A regular file that is open for reading.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat status{};
    if (file_ < 0 || ::fstat(file_, &status) != 0)
      fail(ErrorCode::io, "cannot read {}: {}", path, reason(errno));
    const bool regular = S_ISREG(status.st_mode);
    if (regular) {
      size_ = static_cast<std::size_t>(status.st_size);
      return;
    }
    ::close(file_);
    fail(ErrorCode::io, "cannot read {}: it is {}", path,
         S_ISDIR(status.st_mode) ? "a folder" : "not a regular file");
  }
  ~InputFile() { ::close(file_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::size_t size() const { return size_; }

  // Fills `bytes` with what stands at `position`.
  void read(std::span<std::byte> bytes, std::size_t position) const {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(ErrorCode::io, "cannot read {}: {}", path_, reason(errno));
      if (count == 0) fail(ErrorCode::io, "cannot read {}: it became shorter meanwhile", path_);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      position += static_cast<std::size_t>(count);
    }
  }

 private:
  std::string path_;
  int file_;
  std::size_t size_ = 0;
};

}  // namespace

void save_model(const Model& model, const std::string& path) {
  AtomicFile file(path);
  encode_model(model, [&](std::span<const std::byte> bytes) { file.write(bytes); });
  file.commit();
}

Model load_model(const std::string& path) {
  const InputFile file(path);
  // Eight bytes at a time: aligned as decode_model asks, and not zeroed first.
  const auto words =
      std::make_unique_for_overwrite<std::uint64_t[]>(file.size() / sizeof(std::uint64_t) + 1);
  const std::span<std::byte> bytes(reinterpret_cast<std::byte*>(words.get()), file.size());
  file.read(bytes, 0);
  try {
    return decode_model(bytes);
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path, error.what());
  }
}

bool is_model_file(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const InputFile file(path);
  std::array<std::byte, 9> front{};  // the length of the header, and its first character
  if (file.size() < front.size()) return false;
  file.read(front, 0);
  std::uint64_t header;
  std::memcpy(&header, front.data(), sizeof header);
  return header <= file.size() - sizeof header && front.back() == std::byte{'{'};
}

std::string model_version(const std::string& path) {
  const InputFile file(path);
  Sha256Digest digest{};
  if (file.size() < digest.size())
    fail(ErrorCode::bad_model, "{}: {} bytes are too few for a model file", path, file.size());
  file.read(std::as_writable_bytes(std::span(digest)), file.size() - digest.size());
  return to_hex(digest);
}

}  // namespace palate
