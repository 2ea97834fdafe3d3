#include "data/zip_archive.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "data/zip_writer.h"
#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

constexpr std::uint16_t kDescriptorFlag = 8;
constexpr std::uint16_t kShort = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint32_t kLong = std::numeric_limits<std::uint32_t>::max();

const std::string kText = [] {
  std::string text = "userId,movieId,rating\n";
  for (int row = 0; row < 500; ++row)
    text += std::to_string(row * row % 97) + "," + std::to_string(row) + ",3.5\n";
  return text;
}();

// set/ with a deflated and a stored file.
ZipFile good_zip() {
  return {
      .entries = {zip_folder("set/"), deflated("set/a.csv", kText), stored("set/b.txt", "plain")}};
}
constexpr std::size_t kDeflatedEntry = 1;
constexpr std::size_t kStoredEntry = 2;

// Opens the archive and unpacks every member.
std::vector<std::string> unpack_all(const std::string& bytes) {
  static const TemporaryFolder folder;  // to make one takes longer than to unpack
  const ZipArchive archive(folder.write("set.zip", bytes), "set.zip");
  std::vector<std::string> contents;
  for (const ZipMember& member : archive.members()) {
    std::string text;
    archive.unpack(member, [&](std::string_view piece) {
      text += piece;
      EXPECT_LE(text.size(), member.size);
    });
    contents.push_back(text);
  }
  return contents;
}

// Why an archive is refused; empty where it is not.
std::string refusal_of(const std::string& bytes) {
  try {
    unpack_all(bytes);
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data) << error.what();
    const std::string message = error.what();
    EXPECT_EQ(message.rfind("set.zip: ", 0), 0U) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
  }
}

// ---- What is taken
// -------------------------------------------------------------------------------------------------

const std::vector<std::string> kGoodContents{"", kText, "plain"};

// Has sizes and CRC behind the packed bytes alone.
void move_to_descriptor(ZipEntry& entry, bool signature, bool zip64) {
  const ZipHeader& header = entry.central;
  entry.descriptor = (signature ? "PK\7\10" : "") + little_endian(header.crc, 4) +
                     little_endian(header.packed_size, zip64 ? 8 : 4) +
                     little_endian(header.size, zip64 ? 8 : 4);
  entry.both([](ZipHeader& both) { both.flags |= kDescriptorFlag; });
  entry.local.crc = 0;
  entry.local.size = zip64 ? kLong : 0;
  entry.local.packed_size = zip64 ? kLong : 0;
  if (zip64) entry.local.extra = zip64_field({0, 0});
}

// Has sizes and place in zip64 fields.
void move_to_zip64(ZipEntry& entry) {
  entry.local.extra = zip64_field({entry.local.size, entry.local.packed_size});
  entry.central.extra = zip64_field({entry.central.size, entry.central.packed_size, 0});
  entry.both([](ZipHeader& header) { header.size = header.packed_size = kLong; });
  entry.header = kLong;
}

struct GoodCase {
  const char* name;
  std::function<void(ZipFile&)> change;
};

class GoodZip : public testing::TestWithParam<GoodCase> {};

TEST_P(GoodZip, IsUnpacked) {
  ZipFile zip = good_zip();
  GetParam().change(zip);
  EXPECT_EQ(unpack_all(zip.bytes()), kGoodContents);
}

INSTANTIATE_TEST_SUITE_P(
    ZipArchive, GoodZip,
    testing::Values(
        GoodCase{"Plain", [](ZipFile&) {}},  //
        GoodCase{"Comment", [](ZipFile& zip) { zip.comment = "made by hand"; }},
        GoodCase{"CommentOfAMember", [](ZipFile& zip) { zip.entries[1].comment = "ratings"; }},
        GoodCase{"ExtraFields",
                 [](ZipFile& zip) {
                   zip.entries[1].both(
                       [](ZipHeader& header) { header.extra = std::string("UT\1\0\3", 5); });
                 }},
        GoodCase{"NoUnixModes",
                 [](ZipFile& zip) {
                   for (ZipEntry& entry : zip.entries) entry.attributes &= 0xFFFF;
                 }},
        GoodCase{"Utf8Flag",
                 [](ZipFile& zip) {
                   zip.entries[2].both([](ZipHeader& header) { header.flags |= 1U << 11; });
                 }},
        GoodCase{"Descriptor",
                 [](ZipFile& zip) { move_to_descriptor(zip.entries[1], true, false); }},
        GoodCase{"DescriptorWithoutSignature",
                 [](ZipFile& zip) { move_to_descriptor(zip.entries[2], false, false); }},
        GoodCase{"LongDescriptor",
                 [](ZipFile& zip) { move_to_descriptor(zip.entries[1], true, true); }},
        GoodCase{"LongDescriptorWithoutSignature",
                 [](ZipFile& zip) { move_to_descriptor(zip.entries[1], false, true); }},
        GoodCase{"Zip64Sizes", [](ZipFile& zip) { move_to_zip64(zip.entries[0]); }},
        GoodCase{"Zip64End", [](ZipFile& zip) { zip.before_end = zip64_end_of(zip).bytes(); }},
        GoodCase{"Zip64EndAlone",
                 [](ZipFile& zip) {
                   zip.before_end = zip64_end_of(zip).bytes();
                   zip.members = kShort;
                   zip.directory_size = zip.directory_begin = kLong;
                 }}),
    [](const auto& test) { return test.param.name; });

TEST(ZipArchive, FindsMembersByTheirWholeName) {
  const TemporaryFolder folder;
  const ZipArchive archive(folder.write("set.zip", good_zip().bytes()), "set.zip");
  ASSERT_NE(archive.find("set/a.csv"), nullptr);
  EXPECT_EQ(archive.find("set/a.csv")->size, kText.size());
  EXPECT_LT(archive.find("set/a.csv")->packed_size, kText.size());
  for (const char* name : {"a.csv", "set/A.csv", "SET/a.csv", "set", ""})
    EXPECT_EQ(archive.find(name), nullptr) << name;
}

TEST(ZipArchive, MayBeEmpty) {
  EXPECT_EQ(unpack_all(ZipFile{}.bytes()), std::vector<std::string>{});
}

TEST(ZipArchive, UnpacksWhatIsLargerThanItsBlocks) {
  std::string large;
  for (std::uint64_t i = 0; large.size() < 3'000'000; ++i) large += std::to_string(i * 7919) + "\n";
  const ZipFile zip{.entries = {deflated("deflated", large), stored("stored", large),
                                deflated("zeros", std::string(2'000'000, '\0')),
                                deflated("nothing", ""), stored("nothing stored", "")}};
  EXPECT_EQ(unpack_all(zip.bytes()),
            (std::vector<std::string>{large, large, std::string(2'000'000, '\0'), "", ""}));
}

TEST(ZipArchive, OfNoFileIsAnErrorOfTheFile) {
  try {
    const ZipArchive archive("/nowhere/set.zip", "set.zip");
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
  }
}

// ---- What is refused
// -------------------------------------------------------------------------------------------------

TEST(ZipArchive, IsRefusedCutAnywhere) {
  const std::string whole = good_zip().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_NE(refusal_of(whole.substr(0, length)), "") << length;
  }
}

TEST(ZipArchive, IsRefusedWithAnyByteAhead) {
  const std::string whole = good_zip().bytes();
  EXPECT_NE(refusal_of("x" + whole), "");
}

// Whatever the bytes say, a member is its directory's size with its directory's CRC, or refused.
TEST(ZipArchive, UnpacksTheSameOrIsRefusedWithAnyFlippedBit) {
  const std::string whole = good_zip().bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bit : {0, 3, 7}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      if (!refusal_of(flipped).empty()) continue;
      ASSERT_EQ(unpack_all(flipped), kGoodContents) << at << " bit " << bit;
    }
  }
}

struct BadCase {
  const char* name;
  const char* reason;
  std::function<void(ZipFile&)> change;
};

// The file a.csv under another name.
BadCase named(const char* name, const char* reason, const std::string& path) {
  return {name, reason, [path](ZipFile& zip) { zip.entries[kDeflatedEntry].rename(path); }};
}
// b.txt with other Unix mode and DOS attributes.
BadCase with_attributes(const char* name, const char* reason, std::uint32_t mode,
                        std::uint32_t dos = 0) {
  return {name, reason,
          [=](ZipFile& zip) { zip.entries[kStoredEntry].attributes = mode << 16 | dos; }};
}
// a.csv with a change in both of its headers, in the local one, or in the directory.
using Change = std::function<void(ZipHeader&)>;
BadCase both(const char* name, const char* reason, const Change& change) {
  return {name, reason, [=](ZipFile& zip) { zip.entries[kDeflatedEntry].both(change); }};
}
BadCase local(const char* name, const char* reason, const Change& change) {
  return {name, reason, [=](ZipFile& zip) { change(zip.entries[kDeflatedEntry].local); }};
}
BadCase central(const char* name, const char* reason, const Change& change) {
  return {name, reason, [=](ZipFile& zip) { change(zip.entries[kDeflatedEntry].central); }};
}
// b.txt with a descriptor that was made by move_to_descriptor and then changed.
BadCase descriptor(const char* name, const std::function<void(std::string&)>& change) {
  return {name, "not followed by its CRC and sizes alone", [=](ZipFile& zip) {
            move_to_descriptor(zip.entries[kStoredEntry], true, false);
            change(zip.entries[kStoredEntry].descriptor);
          }};
}

class BadZip : public testing::TestWithParam<BadCase> {};

TEST_P(BadZip, IsRefusedWithTheReason) {
  ZipFile zip = good_zip();
  GetParam().change(zip);
  const std::string refusal = refusal_of(zip.bytes());
  EXPECT_NE(refusal.find(GetParam().reason), std::string::npos) << '"' << refusal << '"';
}

std::string name_of_case(const testing::TestParamInfo<BadCase>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(
    Names, BadZip,
    testing::Values(
        named("Absolute", "is absolute", "/etc/passwd"),
        named("AbsoluteInTheSet", "is absolute", "/set/a.csv"),
        named("OnADrive", "is absolute", "C:/set/a.csv"),
        named("RelativeOnADrive", "is absolute", "C:a.csv"), named("Up", "goes up", "../a.csv"),
        named("UpWithin", "goes up", "set/../../a.csv"), named("UpAtTheEnd", "goes up", "set/.."),
        named("NothingButUp", "goes up", ".."), named("Here", "empty part", "./a.csv"),
        named("HereWithin", "empty part", "set/./a.csv"),
        named("TwoSlashes", "empty part", "set//a.csv"),
        named("Backslash", "backslash", "set\\a.csv"),
        named("UpByBackslash", "backslash", "..\\a.csv"),
        named("LineFeed", "control characters", "set/a\n.csv"),
        named("Escape", "control characters", "set/\x1B[2Ja.csv"),
        named("Nul", "control characters", std::string("set/a.csv\0.txt", 14)),
        named("Nothing", "no name", ""), named("Twice", "it is there twice", "set/b.txt"),
        named("TwiceAFolder", "it is there twice", "set"),
        named("BelowAFile", "the folder of", "set/b.txt/a.csv")),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Kinds, BadZip,
    testing::Values(with_attributes("SymbolicLink", "a symbolic link", 0120777),
                    with_attributes("CharacterDevice", "neither a file nor a folder", 0020666),
                    with_attributes("BlockDevice", "neither a file nor a folder", 0060660),
                    with_attributes("Fifo", "neither a file nor a folder", 0010644),
                    with_attributes("Socket", "neither a file nor a folder", 0140755),
                    with_attributes("FolderByMode", "a folder by the other", 0040755),
                    with_attributes("FolderByDos", "a folder by the other", 0, 0x10),
                    BadCase{"FileByMode", "a folder by the other",
                            [](ZipFile& zip) { zip.entries[0].attributes = 0100644U << 16; }},
                    BadCase{"FolderWithBytes", "a folder with 5 bytes",
                            [](ZipFile& zip) {
                              zip.entries[kStoredEntry].rename("set/b/");
                              zip.entries[kStoredEntry].attributes = 0040755U << 16;
                            }}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Packing, BadZip,
    testing::Values(
        both("Encrypted", "it is encrypted", [](ZipHeader& header) { header.flags |= 1; }),
        both("StronglyEncrypted", "it is encrypted",
             [](ZipHeader& header) { header.flags |= 1U << 6; }),
        both("MaskedHeader", "it is encrypted",
             [](ZipHeader& header) { header.flags |= 1U << 13; }),
        both("Patched", "unknown flags", [](ZipHeader& header) { header.flags |= 1U << 5; }),
        both("Aes", "method 99", [](ZipHeader& header) { header.method = 99; }),
        both("Implode", "method 6", [](ZipHeader& header) { header.method = 6; }),
        both("Deflate64", "method 9", [](ZipHeader& header) { header.method = 9; }),
        both("Bzip2", "method 12", [](ZipHeader& header) { header.method = 12; }),
        both("Zstd", "method 93", [](ZipHeader& header) { header.method = 93; })),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Lies, BadZip,
    testing::Values(
        local("OtherName", "its header calls it \"set/c.csv\"",
              [](ZipHeader& header) { header.name = "set/c.csv"; }),
        local("OtherFlags", "other flags or method",
              [](ZipHeader& header) { header.flags |= 1U << 11; }),
        local("OtherMethod", "other flags or method", [](ZipHeader& header) { header.method = 0; }),
        local("OtherCrc", "another CRC or size", [](ZipHeader& header) { ++header.crc; }),
        local("OtherSize", "another CRC or size", [](ZipHeader& header) { ++header.size; }),
        local("OtherPackedSize", "another CRC or size",
              [](ZipHeader& header) { --header.packed_size; }),
        local("NoSize", "another CRC or size", [](ZipHeader& header) { header.size = 0; }),
        both("TooSmall", "unpacks to more than the", [](ZipHeader& header) { header.size /= 2; }),
        both("Bomb", "unpacks to more than the 1 bytes",
             [](ZipHeader& header) { header.size = 1; }),
        both("TooLarge", "and claims", [](ZipHeader& header) { ++header.size; }),
        both("FarTooLarge", "and claims", [](ZipHeader& header) { header.size = 0xFFFFFFFE; }),
        both("WrongCrc", "its CRC is another", [](ZipHeader& header) { header.crc ^= 1; }),
        BadCase{"StoredTooSmall", "it is stored, as 5 bytes for 4",
                [](ZipFile& zip) {
                  zip.entries[kStoredEntry].both([](ZipHeader& header) { header.size = 4; });
                }},
        BadCase{"StoredTooLarge", "it is stored, as 5 bytes for 4000000000",
                [](ZipFile& zip) {
                  zip.entries[kStoredEntry].both(
                      [](ZipHeader& header) { header.size = 4'000'000'000; });
                }},
        BadCase{"PackedBytesMissing", "it ends too early",
                [](ZipFile& zip) {
                  ZipEntry& entry = zip.entries[kDeflatedEntry];
                  entry.packed.resize(entry.packed.size() / 2);
                  entry.both([&](ZipHeader& header) {
                    header.packed_size = static_cast<std::uint32_t>(entry.packed.size());
                  });
                }},
        BadCase{"PackedBytesLeft", "goes on behind its end",
                [](ZipFile& zip) {
                  ZipEntry& entry = zip.entries[kDeflatedEntry];
                  entry.packed += "more";
                  entry.both([&](ZipHeader& header) {
                    header.packed_size = static_cast<std::uint32_t>(entry.packed.size());
                  });
                }},
        BadCase{"NotDeflated", "not what deflate writes",
                [](ZipFile& zip) {
                  zip.entries[kDeflatedEntry].packed.assign(
                      zip.entries[kDeflatedEntry].packed.size(), '\xFF');
                }},
        BadCase{"ZerosWithoutEnd", "unpacks to more than the 1000 bytes",
                [](ZipFile& zip) {
                  zip.entries[kDeflatedEntry] =
                      deflated("set/a.csv", std::string(50'000'000, '\0'));
                  zip.entries[kDeflatedEntry].both([](ZipHeader& header) { header.size = 1000; });
                }},
        descriptor("NoDescriptor", [](std::string& bytes) { bytes.clear(); }),
        descriptor("DescriptorWithOtherCrc",
                   [](std::string& bytes) { bytes[4] = static_cast<char>(bytes[4] ^ 1); }),
        descriptor("DescriptorWithOtherPackedSize", [](std::string& bytes) { ++bytes[8]; }),
        descriptor("DescriptorWithOtherSize", [](std::string& bytes) { ++bytes[12]; }),
        descriptor("DescriptorWithOtherSignature", [](std::string& bytes) { ++bytes[0]; }),
        descriptor("LongerDescriptor", [](std::string& bytes) { bytes += "1234"; }),
        descriptor("MuchMoreThanADescriptor",
                   [](std::string& bytes) { bytes += std::string(100'000, 'x'); })),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Places, BadZip,
    testing::Values(BadCase{"BytesAhead", "begins with 4 bytes",
                            [](ZipFile& zip) { zip.entries[0].before = "MZ\x90?"; }},
                    BadCase{"BytesBetween", "followed by 3 bytes",
                            [](ZipFile& zip) { zip.entries[1].before = "gap"; }},
                    BadCase{"BytesBeforeTheDirectory", "followed by 3 bytes",
                            [](ZipFile& zip) { zip.before_directory = "gap"; }},
                    BadCase{"BytesBeforeTheEnd", "not where its end record says",
                            [](ZipFile& zip) { zip.before_end = "gap"; }},
                    BadCase{"BytesBehind", "followed by something else",
                            [](ZipFile& zip) { zip.after = "gap"; }},
                    BadCase{"OneMemberForTwo", "overlaps",
                            [](ZipFile& zip) { zip.entries[kStoredEntry].header = 34; }},
                    BadCase{"MemberWithinAMember", "overlaps",
                            [](ZipFile& zip) {
                              // The stored b.txt has the whole of c.txt, header and all, in its
                              // bytes: what was unpacked twice in bombs.
                              const std::string inner =
                                  ZipFile{.entries = {stored("set/c.txt", "again")}}.bytes();
                              zip.entries = {stored("set/b.txt", inner.substr(0, 44)),
                                             stored("set/c.txt", "again")};
                              zip.entries[1].header = 39;
                            }},
                    BadCase{
                        "HeaderBehindTheMembers", "behind the members",
                        [](ZipFile& zip) { zip.entries[1].header = zip.directory_offset() + 1; }},
                    BadCase{"HeaderBehindTheFile", "behind the members",
                            [](ZipFile& zip) { zip.entries[1].header = 0x7FFFFFFF; }},
                    BadCase{"HeaderElsewhere", "its header is not where the directory says",
                            [](ZipFile& zip) {
                              zip.entries[1].before = "gap";
                              zip.entries[1].header = 34;
                            }}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Directories, BadZip,
    testing::Values(
        BadCase{"OneOfSeveralDisks", "several disks", [](ZipFile& zip) { zip.disk = 1; }},
        BadCase{"DirectoryOnAnotherDisk", "several disks",
                [](ZipFile& zip) { zip.directory_disk = 1; }},
        BadCase{"FewerMembersHere", "several disks", [](ZipFile& zip) { zip.members_here = 2; }},
        BadCase{"MemberOnAnotherDisk", "on another disk",
                [](ZipFile& zip) { zip.entries[1].disk = 1; }},
        BadCase{"FewerMembersSaid", "its end record says 2", [](ZipFile& zip) { zip.members = 2; }},
        BadCase{"MoreMembersSaid", "its end record says 4", [](ZipFile& zip) { zip.members = 4; }},
        BadCase{"NoMembersSaid", "its end record says 0", [](ZipFile& zip) { zip.members = 0; }},
        BadCase{"SmallerDirectory", "not where its end record says",
                [](ZipFile& zip) { zip.directory_size = 46; }},
        BadCase{"LargerDirectory", "not where its end record says",
                [](ZipFile& zip) { zip.directory_size = 1000; }},
        BadCase{"HugeDirectory", "more than 1048576",
                [](ZipFile& zip) { zip.directory_size = 0x7FFFFFFF; }},
        BadCase{"TooManyComments", "more than 1048576",
                [](ZipFile& zip) {
                  for (int i = 0; i < 20; ++i) {
                    zip.entries.push_back(stored("set/" + std::to_string(i), ""));
                    zip.entries.back().comment.assign(60'000, 'x');
                  }
                }},
        BadCase{"DirectoryElsewhere", "not where its end record says",
                [](ZipFile& zip) { zip.directory_begin = 0; }},
        BadCase{"DirectoryBehindTheEnd", "not where its end record says",
                [](ZipFile& zip) { zip.directory_begin = 0xFFFFFFF0; }},
        BadCase{"LongCommentSaid", "no end record", [](ZipFile& zip) { zip.after = "PK\5\6"; }},
        BadCase{"DirectoryOfSomethingElse", "its directory is damaged",
                [](ZipFile& zip) {
                  zip.directory_begin = zip.directory_offset() - 5;
                  zip.directory_size = static_cast<std::uint32_t>(zip.directory().size() + 5);
                }},
        central("ExtraCut", "extra field is damaged",
                [](ZipHeader& header) { header.extra = std::string("UT\x09\0\1", 5); }),
        central("ExtraTooShort", "extra field is damaged",
                [](ZipHeader& header) { header.extra = "UT"; }),
        local("LocalExtraCut", "extra field is damaged",
              [](ZipHeader& header) { header.extra = std::string("UT\x09\0\1", 5); })),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Zip64, BadZip,
    testing::Values(central("FieldMissing", "zip64 field is missing",
                            [](ZipHeader& header) { header.size = kLong; }),
                    central("FieldShort", "zip64 field is missing or too short",
                            [](ZipHeader& header) {
                              header.size = header.packed_size = kLong;
                              header.extra = zip64_field({1});
                            }),
                    central("FieldUnasked", "numbers that nothing asks for",
                            [](ZipHeader& header) { header.extra = zip64_field({1}); }),
                    central("FieldTwice", "two zip64 fields",
                            [](ZipHeader& header) {
                              header.extra = zip64_field({1}) + zip64_field({2});
                            }),
                    both("HugeSizes", "overlaps what follows",
                         [](ZipHeader& header) {
                           header.size = header.packed_size = kLong;
                           header.extra = zip64_field({~std::uint64_t{0}, ~std::uint64_t{0}});
                         }),
                    local("LocalFieldShort", "zip64 field is too short",
                          [](ZipHeader& header) { header.extra = zip64_field({1}); }),
                    local("LocalFieldOtherSize", "another CRC or size",
                          [](ZipHeader& header) {
                            header.extra = zip64_field({header.size + 1, header.packed_size});
                            header.size = header.packed_size = kLong;
                          }),
                    BadCase{"LocatorElsewhere", "is not before its end record",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              end.record = 0;
                              zip.before_end = end.bytes();
                            }},
                    BadCase{"LocatorWithoutRecord", "is not before its end record",
                            [](ZipFile& zip) {
                              zip.before_end = zip64_end_of(zip).bytes();
                              zip.before_end[0] = 'X';
                            }},
                    BadCase{"EndOfOtherMembers", "contradicts its end record",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              ++end.members;
                              zip.before_end = end.bytes();
                            }},
                    BadCase{"EndOfManyMembers", "its end record says",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              end.members = ~std::uint64_t{0};
                              zip.before_end = end.bytes();
                              zip.members = kShort;
                            }},
                    BadCase{"EndOfOtherDirectory", "contradicts its end record",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              end.record = end.directory_begin + end.directory_size;
                              --end.directory_size;
                              zip.before_end = end.bytes();
                            }},
                    BadCase{"EndOfHugeDirectory", "more than 1048576",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              end.record = end.directory_begin + end.directory_size;
                              end.directory_size = ~std::uint64_t{0};
                              zip.before_end = end.bytes();
                              zip.directory_size = kLong;
                            }},
                    BadCase{"EndOnAnotherDisk", "several disks",
                            [](ZipFile& zip) {
                              Zip64End end = zip64_end_of(zip);
                              end.disk = 1;
                              zip.before_end = end.bytes();
                            }}),
    name_of_case);

}  // namespace
}  // namespace palate
