// A zip archive from elsewhere, read so strictly that every unpacker would find the same in it.
// Layer: data.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace palate {

struct ZipMember {
  // "ml-1m/ratings.dat", of a folder with / at its end; as the archive has it: never a path to
  // write to
  std::string name;
  std::uint64_t size = 0;  // of its bytes as they are unpacked
  std::uint64_t packed_size = 0;
  std::uint32_t crc = 0;
  bool is_deflated = false;
  std::uint64_t begin = 0;  // of its packed bytes, in the archive

  bool is_folder() const { return name.ends_with('/'); }
};

// Refused as a whole, whether anybody wants the member or not: local headers that are not as the
// directory says; members that overlap; bytes that belong to none, before, between or behind them;
// a name twice, or of a file and of a folder; names that are absolute, go up, or have backslashes
// or control characters; links and devices; encryption; other disks; methods other than stored and
// deflate; zip64 that contradicts what it extends.
//
// It asks for little memory, whatever the archive claims: kMostDirectoryBytes and what its members
// make of them.
class ZipArchive {
 public:
  static constexpr std::uint64_t kMostDirectoryBytes = 1 << 20;

  // `name` is the archive's in messages. Throws Error(bad_data) with the reason, Error(io) where
  // the file cannot be read.
  ZipArchive(const std::string& path, std::string name);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  const std::vector<ZipMember>& members() const { return members_; }  // as they lie in the archive
  const ZipMember* find(std::string_view name) const;                 // nullptr: there is none

  // Hands on what a member unpacks to, piece by piece, never more than its size. Throws
  // Error(bad_data) where it is not that much or has another CRC: what was handed on is then worth
  // nothing.
  void unpack(const ZipMember& member, const std::function<void(std::string_view)>& take) const;

  class File;

 private:
  std::string name_;
  std::unique_ptr<const File> file_;
  std::vector<ZipMember> members_;
};

}  // namespace palate
