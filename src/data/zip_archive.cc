#include "data/zip_archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "base/assert.h"
#include "base/fail.h"
#include "base/parse.h"
#include "data/inflate.h"

namespace palate {

// The archive's bytes by their place.
class ZipArchive::File {
 public:
  File(const std::string& path, const std::string& name)
      : name_(name), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status{};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
      fail(ErrorCode::io, "cannot open {}: {}", path, std::strerror(errno));
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  std::uint64_t size() const { return size_; }

  void read(std::uint64_t at, std::span<char> into) const {
    for (std::size_t filled = 0; filled < into.size();) {
      const ssize_t count = ::pread(descriptor_, into.data() + filled, into.size() - filled,
                                    static_cast<off_t>(at + filled));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0)
        fail(ErrorCode::io, "cannot read {}: {}", name_,
             count < 0 ? std::strerror(errno) : "it became shorter");
      filled += static_cast<std::size_t>(count);
    }
  }

  std::string bytes(std::uint64_t at, std::uint64_t count) const {
    std::string bytes(static_cast<std::size_t>(count), '\0');
    read(at, bytes);
    return bytes;
  }

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail(ErrorCode::bad_data, "{}: not a zip archive to be trusted: {}", name_,
         fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  std::string name_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

namespace {

// The records of the format and the sizes of their fixed parts; APPNOTE.TXT 4.3.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint64_t kLocalHeaderSize = 30;
constexpr std::uint32_t kDescriptor = 0x08074b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint64_t kDirectoryEntrySize = 46;
constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint64_t kZip64EndSize = 56;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::uint64_t kZip64LocatorSize = 20;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint64_t kEndSize = 22;
constexpr std::uint64_t kLongestComment = 0xFFFF;

constexpr std::uint16_t kSeeZip64Short = 0xFFFF;  // in place of a number that zip64 has
constexpr std::uint32_t kSeeZip64 = 0xFFFFFFFF;
constexpr std::uint16_t kZip64Extra = 1;

constexpr std::uint16_t kEncrypted = 1U << 0 | 1U << 6 | 1U << 13;
constexpr std::uint16_t kHasDescriptor = 1U << 3;
// Flags of how hard deflate tried, of where the sizes stand, and of names in UTF-8.
constexpr std::uint16_t kKnownFlags = 1U << 1 | 1U << 2 | kHasDescriptor | 1U << 11;

constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;

// Little-endian numbers and bytes, one after another, of a record that was read whole.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  std::string_view bytes(std::size_t count) {
    PALATE_ASSERT(count <= bytes_.size());
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  void skip(std::size_t count) { bytes(count); }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::uint64_t number(std::size_t size) {
    std::uint64_t number = 0;
    const std::string_view from = bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      number |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
    return number;
  }
  std::string_view bytes_;
};

// ---- The end record, and what zip64 adds to it
// -------------------------------------------------------------------------------------------------

struct Directory {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
  std::uint64_t members = 0;
};

// Where the end record begins: it and its comment reach the end of the file.
std::uint64_t find_end_record(const ZipArchive::File& file) {
  const std::uint64_t tail_size = std::min(file.size(), kEndSize + kLongestComment);
  const std::string tail = file.bytes(file.size() - tail_size, tail_size);
  for (std::uint64_t size = kEndSize; size <= tail_size; ++size) {
    Fields record(std::string_view(tail).substr(static_cast<std::size_t>(tail_size - size)));
    if (record.u32() != kEnd) continue;
    record.skip(kEndSize - 6);
    if (record.u16() == size - kEndSize) return file.size() - size;
  }
  file.refuse("it has no end record: it is cut, or followed by something else");
}

Directory find_directory(const ZipArchive::File& file) {
  const std::uint64_t end_record = find_end_record(file);
  const std::string bytes = file.bytes(end_record, kEndSize);
  Fields fields(bytes);
  fields.skip(4);
  const std::uint16_t disk = fields.u16();
  const std::uint16_t directory_disk = fields.u16();
  const std::uint16_t members_here = fields.u16();
  const std::uint16_t members = fields.u16();
  const std::uint32_t size = fields.u32();
  const std::uint32_t begin = fields.u32();
  if (disk != 0 || directory_disk != 0 || members_here != members)
    file.refuse("it is one of several disks");

  Directory directory{.begin = begin, .size = size, .members = members};
  std::uint64_t directory_end = end_record;
  constexpr std::uint64_t kZip64Records = kZip64EndSize + kZip64LocatorSize;
  if (end_record >= kZip64Records) {
    const std::string zip64 = file.bytes(end_record - kZip64Records, kZip64Records);
    Fields locator(std::string_view(zip64).substr(kZip64EndSize));
    if (locator.u32() == kZip64Locator) {
      directory_end = end_record - kZip64Records;
      const bool same_place =
          locator.u32() == 0 && locator.u64() == directory_end && locator.u32() <= 1;
      Fields record(zip64);
      if (!same_place || record.u32() != kZip64End || record.u64() != kZip64EndSize - 12) {
        file.refuse("its zip64 end record is not before its end record");
      }
      record.skip(4);  // versions
      const bool one_disk = record.u32() == 0 && record.u32() == 0;
      const std::uint64_t members64_here = record.u64();
      directory.members = record.u64();
      directory.size = record.u64();
      directory.begin = record.u64();
      if (!one_disk || members64_here != directory.members)
        file.refuse("it is one of several disks");
      const auto agree = [](std::uint64_t number, std::uint64_t zip64_number,
                            std::uint64_t see_zip64) {
        return number == see_zip64 || number == zip64_number;
      };
      if (!agree(members, directory.members, kSeeZip64Short) ||
          !agree(size, directory.size, kSeeZip64) || !agree(begin, directory.begin, kSeeZip64)) {
        file.refuse("its zip64 end record contradicts its end record");
      }
    }
  }
  if (directory.size > ZipArchive::kMostDirectoryBytes) {
    file.refuse("its directory has {} bytes, more than {}", directory.size,
                ZipArchive::kMostDirectoryBytes);
  }
  if (directory.begin > directory_end || directory_end - directory.begin != directory.size) {
    file.refuse("its directory is not where its end record says");
  }
  return directory;
}

// ---- Extra fields
// -------------------------------------------------------------------------------------------------

// The zip64 field of an entry or a local header, if it has one.
std::optional<std::string_view> zip64_extra(const ZipArchive::File& file, std::string_view extra,
                                            const std::string& member) {
  std::optional<std::string_view> found;
  for (Fields fields(extra); fields.left() > 0;) {
    if (fields.left() < 4) file.refuse("{}: its extra field is damaged", member);
    const std::uint16_t id = fields.u16();
    const std::uint16_t size = fields.u16();
    if (size > fields.left()) file.refuse("{}: its extra field is damaged", member);
    const std::string_view data = fields.bytes(size);
    if (id != kZip64Extra) continue;
    if (found) file.refuse("{}: it has two zip64 fields", member);
    found = data;
  }
  return found;
}

// ---- The directory
// -------------------------------------------------------------------------------------------------

// A member, and what its local header must say, too.
struct Entry {
  ZipMember member;
  std::string shown;  // its name for messages
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t header = 0;  // where the local header begins
};

// What is wrong with a name; nothing where it is a plain relative one.
std::optional<std::string_view> fault_of_name(std::string_view name) {
  if (name.empty()) return "it has no name";
  if (std::ranges::any_of(name, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; })) {
    return "its name has control characters";
  }
  if (name.find('\\') != name.npos) return "its name has a backslash";
  if (name.front() == '/' || (name.size() > 1 && name[1] == ':')) return "its name is absolute";
  const std::string_view path = name.ends_with('/') ? name.substr(0, name.size() - 1) : name;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part == "..") return "its name goes up";
    if (part.empty() || part == ".") return "its name has an empty part";
    begin = end + 1;
  }
  return std::nullopt;
}

// What is wrong with the kind of file that the attributes make of a member.
std::optional<std::string_view> fault_of_kind(std::uint32_t attributes, bool is_folder) {
  constexpr std::uint32_t kDosFolder = 0x10;
  const std::uint32_t kind = (attributes >> 16) & S_IFMT;
  if (kind == S_IFLNK) return "it is a symbolic link";
  if (kind != 0 && kind != S_IFREG && kind != S_IFDIR) return "it is neither a file nor a folder";
  const bool says_folder = kind == S_IFDIR || (kind == 0 && (attributes & kDosFolder) != 0);
  const bool says_file = kind == S_IFREG;
  if (is_folder ? says_file : says_folder)
    return "it is a file by its name or its mode, a folder by the other";
  return std::nullopt;
}

// The next entry of a directory that is read whole.
Entry next_entry(const ZipArchive::File& file, Fields& fields) {
  if (fields.left() < kDirectoryEntrySize || fields.u32() != kDirectoryEntry)
    file.refuse("its directory is damaged");
  Entry entry;
  ZipMember& member = entry.member;
  fields.skip(4);  // versions
  entry.flags = fields.u16();
  entry.method = fields.u16();
  fields.skip(4);  // when it was changed
  member.crc = fields.u32();
  const std::uint32_t packed_size = fields.u32();
  const std::uint32_t size = fields.u32();
  const std::uint16_t name_size = fields.u16();
  const std::uint16_t extra_size = fields.u16();
  const std::uint16_t comment_size = fields.u16();
  const std::uint16_t disk = fields.u16();
  fields.skip(2);  // whether it is text
  const std::uint32_t attributes = fields.u32();
  const std::uint32_t header = fields.u32();
  if (fields.left() < std::size_t{name_size} + extra_size + comment_size)
    file.refuse("its directory is damaged");
  member.name = fields.bytes(name_size);
  entry.shown = excerpt(member.name);
  const std::optional<std::string_view> zip64 =
      zip64_extra(file, fields.bytes(extra_size), entry.shown);
  fields.skip(comment_size);

  // It has what does not fit into the entry, in this order, and nothing else.
  Fields large(zip64.value_or(std::string_view()));
  const auto widened = [&](std::uint32_t number) {
    if (number != kSeeZip64) return std::uint64_t{number};
    if (large.left() < 8) file.refuse("{}: its zip64 field is missing or too short", entry.shown);
    return large.u64();
  };
  member.size = widened(size);
  member.packed_size = widened(packed_size);
  entry.header = widened(header);
  if (large.left() > 0)
    file.refuse("{}: its zip64 field has numbers that nothing asks for", entry.shown);
  if (disk != 0) file.refuse("{}: it is on another disk", entry.shown);

  if (const auto fault = fault_of_name(member.name)) file.refuse("{}: {}", entry.shown, *fault);
  if (const auto fault = fault_of_kind(attributes, member.is_folder()))
    file.refuse("{}: {}", entry.shown, *fault);
  if ((entry.flags & kEncrypted) != 0) file.refuse("{}: it is encrypted", entry.shown);
  if ((entry.flags & ~kKnownFlags) != 0)
    file.refuse("{}: it has unknown flags {:#x}", entry.shown, entry.flags);
  if (entry.method != kStored && entry.method != kDeflated) {
    file.refuse("{}: it is packed by method {}, neither stored nor deflated", entry.shown,
                entry.method);
  }
  member.is_deflated = entry.method == kDeflated;
  if (!member.is_deflated && member.size != member.packed_size) {
    file.refuse("{}: it is stored, as {} bytes for {}", entry.shown, member.packed_size,
                member.size);
  }
  if (member.is_folder() && member.size != 0)
    file.refuse("{}: a folder with {} bytes", entry.shown, member.size);
  return entry;
}

void refuse_repeats(const ZipArchive::File& file, const std::vector<Entry>& entries) {
  std::vector<std::string_view> names;  // folders without their slash
  for (const Entry& entry : entries) {
    const std::string_view name = entry.member.name;
    names.push_back(entry.member.is_folder() ? name.substr(0, name.size() - 1) : name);
  }
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) file.refuse("{}: it is there twice", excerpt(*twice));

  for (const Entry& entry : entries) {
    if (entry.member.is_folder()) continue;
    const std::string within = entry.member.name + "/";
    const auto first = std::ranges::lower_bound(names, within);
    if (first != names.end() && first->starts_with(within)) {
      file.refuse("{}: it is a file, and the folder of {}", entry.shown, excerpt(*first));
    }
  }
}

std::vector<Entry> read_directory(const ZipArchive::File& file, const Directory& directory) {
  const std::string bytes = file.bytes(directory.begin, directory.size);
  std::vector<Entry> entries;
  for (Fields fields(bytes); fields.left() > 0;) entries.push_back(next_entry(file, fields));
  if (entries.size() != directory.members) {
    file.refuse("its directory has {} members, its end record says {}", entries.size(),
                directory.members);
  }
  refuse_repeats(file, entries);
  return entries;
}

// ---- The members behind the directory
// -------------------------------------------------------------------------------------------------

// What is behind the packed bytes of a member whose sizes were not known when its header was
// written; with zip64, they have eight bytes. It may have a signature.
bool is_descriptor(std::string_view bytes, const ZipMember& member, bool zip64) {
  const std::size_t plain_size = zip64 ? 20 : 12;
  Fields fields(bytes);
  if (bytes.size() == plain_size + 4 && fields.u32() != kDescriptor) return false;
  if (fields.left() != plain_size || fields.u32() != member.crc) return false;
  const std::uint64_t packed_size = zip64 ? fields.u64() : fields.u32();
  const std::uint64_t size = zip64 ? fields.u64() : fields.u32();
  return packed_size == member.packed_size && size == member.size;
}

// Finds the packed bytes of a member, which has the bytes up to `end`.
void match_local_header(const ZipArchive::File& file, Entry& entry, std::uint64_t end) {
  ZipMember& member = entry.member;
  if (end - entry.header < kLocalHeaderSize)
    file.refuse("{}: it overlaps what follows", entry.shown);
  const std::string bytes = file.bytes(entry.header, kLocalHeaderSize);
  Fields fields(bytes);
  if (fields.u32() != kLocalHeader)
    file.refuse("{}: its header is not where the directory says", entry.shown);
  fields.skip(2);  // version
  const std::uint16_t flags = fields.u16();
  const std::uint16_t method = fields.u16();
  fields.skip(4);  // when it was changed
  const std::uint32_t crc = fields.u32();
  const std::uint32_t packed_size = fields.u32();
  const std::uint32_t size = fields.u32();
  const std::uint16_t name_size = fields.u16();
  const std::uint16_t extra_size = fields.u16();
  const std::uint64_t after_header = entry.header + kLocalHeaderSize;
  if (end - after_header < std::uint64_t{name_size} + extra_size)
    file.refuse("{}: it overlaps what follows", entry.shown);
  const std::string name = file.bytes(after_header, name_size);
  const std::string extra = file.bytes(after_header + name_size, extra_size);
  if (name != member.name) file.refuse("{}: its header calls it {}", entry.shown, excerpt(name));
  if (flags != entry.flags || method != entry.method)
    file.refuse("{}: its header says other flags or method", entry.shown);

  const std::optional<std::string_view> zip64 = zip64_extra(file, extra, entry.shown);
  if (zip64 && zip64->size() < 16) file.refuse("{}: its zip64 field is too short", entry.shown);
  Fields large(zip64.value_or(std::string_view()));
  const std::uint64_t large_size = zip64 ? large.u64() : kSeeZip64;
  const std::uint64_t large_packed_size = zip64 ? large.u64() : kSeeZip64;
  const bool has_descriptor = (flags & kHasDescriptor) != 0;
  const auto agrees = [&](std::uint64_t number, std::uint64_t expected) {
    return number == expected || (has_descriptor && number == 0);
  };
  if (!agrees(crc, member.crc) || !agrees(size == kSeeZip64 ? large_size : size, member.size) ||
      !agrees(packed_size == kSeeZip64 ? large_packed_size : packed_size, member.packed_size)) {
    file.refuse("{}: its header says another CRC or size than the directory", entry.shown);
  }

  member.begin = after_header + name_size + extra_size;
  if (end - member.begin < member.packed_size)
    file.refuse("{}: it overlaps what follows", entry.shown);
  const std::uint64_t behind = end - member.begin - member.packed_size;
  constexpr std::uint64_t kLongestDescriptor = 24;
  if (!has_descriptor && behind > 0)
    file.refuse("{}: it is followed by {} bytes that belong to nothing", entry.shown, behind);
  if (has_descriptor &&
      (behind > kLongestDescriptor ||
       !is_descriptor(file.bytes(end - behind, behind), member, zip64.has_value()))) {
    file.refuse("{}: it is not followed by its CRC and sizes alone", entry.shown);
  }
}

// The members lie one behind the other, from the first byte to the directory.
void match_local_headers(const ZipArchive::File& file, std::vector<Entry>& entries,
                         const Directory& directory) {
  std::ranges::sort(entries, {}, &Entry::header);
  const std::uint64_t first = entries.empty() ? directory.begin : entries.front().header;
  if (first != 0)
    file.refuse("it begins with {} bytes that belong to nothing", std::min(first, directory.begin));
  if (!entries.empty() && entries.back().header >= directory.begin) {
    file.refuse("{}: it is said to lie behind the members", entries.back().shown);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::uint64_t end = i + 1 < entries.size() ? entries[i + 1].header : directory.begin;
    match_local_header(file, entries[i], end);
  }
}

// ---- Unpacking
// -------------------------------------------------------------------------------------------------

constexpr std::size_t kBlock = std::size_t{1} << 16;

// The packed bytes of a member, a block at a time.
class PackedBytes {
 public:
  PackedBytes(const ZipArchive::File& file, const ZipMember& member)
      : file_(file), at_(member.begin), left_(member.packed_size), block_(kBlock, '\0') {}

  // Empty at the end.
  std::span<char> next() {
    const std::span<char> bytes(
        block_.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left_, block_.size())));
    file_.read(at_, bytes);
    at_ += bytes.size();
    left_ -= bytes.size();
    return bytes;
  }

 private:
  const ZipArchive::File& file_;
  std::uint64_t at_;
  std::uint64_t left_;
  std::string block_;
};

}  // namespace

ZipArchive::ZipArchive(const std::string& path, std::string name)
    : name_(std::move(name)), file_(std::make_unique<const File>(path, name_)) {
  const Directory directory = find_directory(*file_);
  std::vector<Entry> entries = read_directory(*file_, directory);
  match_local_headers(*file_, entries, directory);
  for (Entry& entry : entries) members_.push_back(std::move(entry.member));
}

ZipArchive::~ZipArchive() = default;

const ZipMember* ZipArchive::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &ZipMember::name);
  return found == members_.end() ? nullptr : &*found;
}

void ZipArchive::unpack(const ZipMember& member,
                        const std::function<void(std::string_view)>& take) const {
  const auto refuse = [&](std::string_view reason) {
    fail(ErrorCode::bad_data, "{}: {} is damaged: {}", name_, excerpt(member.name), reason);
  };
  std::uint64_t unpacked = 0;
  uLong crc = crc32(0, nullptr, 0);
  const auto take_checked = [&](std::string_view bytes) {
    if (bytes.size() > member.size - unpacked)
      refuse(fmt::format("it unpacks to more than the {} bytes it claims", member.size));
    unpacked += bytes.size();
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    take(bytes);
  };
  PackedBytes packed(*file_, member);
  if (member.is_deflated) {
    if (const auto fault = inflate([&] { return packed.next(); }, take_checked)) refuse(*fault);
  } else {
    for (auto bytes = packed.next(); !bytes.empty(); bytes = packed.next())
      take_checked({bytes.data(), bytes.size()});
  }
  if (unpacked != member.size)
    refuse(fmt::format("it unpacks to {} bytes, and claims {}", unpacked, member.size));
  if (crc != member.crc) refuse("its CRC is another");
}

}  // namespace palate
