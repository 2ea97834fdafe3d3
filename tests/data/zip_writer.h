// Zip archives written field by field, so that a test can have each of them lie.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace palate {

// What a member's local header and its entry in the directory both say.
struct ZipHeader {
  std::string name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed_size = 0;
  std::uint32_t size = 0;
  std::string extra{};
};

struct ZipEntry {
  ZipHeader local;
  ZipHeader central;
  std::string packed;
  std::uint32_t attributes = 0100644U << 16;  // a Unix mode above, DOS attributes below
  std::uint16_t disk = 0;
  // where the directory says that the local header is; not given: where it is
  std::optional<std::uint32_t> header{};
  std::string comment{};
  std::string before{};      // bytes in front of the local header
  std::string descriptor{};  // bytes behind the packed ones

  // Changes both headers.
  template <class Change>
  ZipEntry& both(const Change& change) {
    change(local);
    change(central);
    return *this;
  }
  ZipEntry& rename(const std::string& name) {
    return both([&](ZipHeader& each) { each.name = name; });
  }
};

ZipEntry stored(const std::string& name, const std::string& contents);
ZipEntry deflated(const std::string& name, const std::string& contents);
ZipEntry zip_folder(const std::string& name);

// An archive. What is not given is as it should be.
struct ZipFile {
  std::vector<ZipEntry> entries;
  std::string before_directory{};
  std::string before_end{};
  std::uint16_t disk = 0;
  std::uint16_t directory_disk = 0;
  std::optional<std::uint16_t> members_here{};
  std::optional<std::uint16_t> members{};
  std::optional<std::uint32_t> directory_size{};
  std::optional<std::uint32_t> directory_begin{};
  std::string comment{};
  std::string after{};

  std::string bytes() const;
  std::uint32_t directory_offset() const;
  std::string directory() const;
};

// A number's bytes, the lowest first.
std::string little_endian(std::uint64_t number, int size);

// The extra field of zip64 with these numbers.
std::string zip64_field(const std::vector<std::uint64_t>& numbers);

// The zip64 end record and its locator, for ZipFile::before_end.
struct Zip64End {
  std::uint64_t members = 0;
  std::uint64_t directory_size = 0;
  std::uint64_t directory_begin = 0;
  std::uint32_t disk = 0;
  std::optional<std::uint64_t> record{};  // where the locator says it is
  std::string bytes() const;
};
Zip64End zip64_end_of(const ZipFile& zip);

}  // namespace palate
