#include "data/zip_writer.h"

#include <zlib.h>

#include <stdexcept>

namespace palate {
namespace {

std::uint32_t crc_of(const std::string& bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string deflate_bytes(const std::string& bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  std::string input = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

ZipEntry entry_of(const std::string& name, std::uint16_t method, const std::string& contents,
                  std::string packed) {
  const ZipHeader header{.name = name,
                         .method = method,
                         .crc = crc_of(contents),
                         .packed_size = static_cast<std::uint32_t>(packed.size()),
                         .size = static_cast<std::uint32_t>(contents.size())};
  return {.local = header, .central = header, .packed = std::move(packed)};
}

std::string common_fields(const ZipHeader& header) {
  return little_endian(header.flags, 2) + little_endian(header.method, 2) +
         little_endian(0x5a215a21, 4) + little_endian(header.crc, 4) +
         little_endian(header.packed_size, 4) + little_endian(header.size, 4) +
         little_endian(header.name.size(), 2) + little_endian(header.extra.size(), 2);
}

std::string local_bytes(const ZipEntry& entry) {
  return "PK\3\4" + little_endian(20, 2) + common_fields(entry.local) + entry.local.name +
         entry.local.extra + entry.packed + entry.descriptor;
}

}  // namespace

std::string little_endian(std::uint64_t number, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  return bytes;
}

ZipEntry stored(const std::string& name, const std::string& contents) {
  return entry_of(name, 0, contents, contents);
}
ZipEntry deflated(const std::string& name, const std::string& contents) {
  return entry_of(name, 8, contents, deflate_bytes(contents));
}
ZipEntry zip_folder(const std::string& name) {
  ZipEntry entry = stored(name, "");
  entry.attributes = 040755U << 16 | 0x10;
  return entry;
}

std::uint32_t ZipFile::directory_offset() const {
  std::size_t size = before_directory.size();
  for (const ZipEntry& entry : entries) size += entry.before.size() + local_bytes(entry).size();
  return static_cast<std::uint32_t>(size);
}

std::string ZipFile::directory() const {
  std::string bytes;
  std::size_t at = 0;
  for (const ZipEntry& entry : entries) {
    at += entry.before.size();
    bytes += "PK\1\2" + little_endian(3 << 8 | 20, 2) + little_endian(20, 2) +
             common_fields(entry.central) + little_endian(entry.comment.size(), 2) +
             little_endian(entry.disk, 2) + little_endian(0, 2) +
             little_endian(entry.attributes, 4) +
             little_endian(entry.header.value_or(static_cast<std::uint32_t>(at)), 4) +
             entry.central.name + entry.central.extra + entry.comment;
    at += local_bytes(entry).size();
  }
  return bytes;
}

std::string ZipFile::bytes() const {
  std::string bytes;
  for (const ZipEntry& entry : entries) bytes += entry.before + local_bytes(entry);
  const std::string listed = directory();
  const auto count = static_cast<std::uint16_t>(entries.size());
  return bytes + before_directory + listed + before_end + "PK\5\6" + little_endian(disk, 2) +
         little_endian(directory_disk, 2) +
         little_endian(members_here.value_or(members.value_or(count)), 2) +
         little_endian(members.value_or(count), 2) +
         little_endian(directory_size.value_or(static_cast<std::uint32_t>(listed.size())), 4) +
         little_endian(directory_begin.value_or(directory_offset()), 4) +
         little_endian(comment.size(), 2) + comment + after;
}

std::string zip64_field(const std::vector<std::uint64_t>& numbers) {
  std::string field = little_endian(1, 2) + little_endian(8 * numbers.size(), 2);
  for (const std::uint64_t number : numbers) field += little_endian(number, 8);
  return field;
}

std::string Zip64End::bytes() const {
  return "PK\6\6" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) +
         little_endian(disk, 4) + little_endian(disk, 4) + little_endian(members, 8) +
         little_endian(members, 8) + little_endian(directory_size, 8) +
         little_endian(directory_begin, 8) + "PK\6\7" + little_endian(0, 4) +
         little_endian(record.value_or(directory_begin + directory_size), 8) + little_endian(1, 4);
}

Zip64End zip64_end_of(const ZipFile& zip) {
  return {.members = zip.entries.size(),
          .directory_size = zip.directory().size(),
          .directory_begin = zip.directory_offset()};
}

}  // namespace palate
