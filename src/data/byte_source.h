// The bytes of a file, whatever it is packed in. Layer: data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/read.h"

namespace palate {

// What the compressed files of one table become together, and how many times their size that may
// be: ReadOptions::max_expansion.
struct Expansion {
  static constexpr std::size_t kRowEnds = 3;  // characters that may end a row

  std::uint64_t most = kMaxExpansion;  // 0: without bound
  std::uint64_t packed = 0;            // bytes of the files before
  std::uint64_t unpacked = 0;
  std::array<std::uint64_t, kRowEnds> row_ends{};
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `into` from the front; returns how many bytes there were, fewer than asked only at the
  // end. Throws Error(io), or Error(bad_data) for a damaged archive.
  virtual std::size_t read(std::span<char> into) = 0;
};

struct OpenFile {
  std::unique_ptr<ByteSource> bytes;
  // As messages call it: "ratings.csv", "standard input", "ml.zip:ml/ratings.csv".
  std::string name;
  // With the member that was chosen: "ml.zip:ml/ratings.csv".
  std::string path;
  // "none", "gzip", "bzip2", "xz", "zstd", "zip member ml/ratings.csv"
  std::string compression;
  std::optional<std::uint64_t> size = std::nullopt;  // in bytes, of a plain file
};

// Opens a file, plain or compressed, a member of a zip ("ml.zip:ml/ratings.csv"; of "ml.zip" alone
// the only member that looks like ratings), or standard input ("-"). Throws Error(io) for what is
// not there, is a folder or cannot be read. What is compressed is bounded while it is read: more of
// it is Error(bad_data). `expansion` has to outlive the file.
OpenFile open_file(const std::string& path, Expansion& expansion);

// The members of a zip, by their names; none of another file. Throws Error(io), or Error(bad_data)
// for a damaged one.
std::vector<std::string> zip_members(const std::string& path);

// One of them, as open_file() opens it.
OpenFile open_member(const std::string& zip, const std::string& member, Expansion& expansion);

// The files that a pattern stands for ("part-*.csv"), in the order of their names; the path itself
// where it is none, or where there is a file of that name. Throws Error(io) where nothing matches.
std::vector<std::string> matching_files(const std::string& path);

// The file on the disk that open_file would open: of a member, its zip. "-" stays.
std::string file_holding(const std::string& path);

// The files of the same folder, or members of the same zip and folder, as paths for open_file.
// Empty for standard input.
std::vector<std::string> files_beside(const std::string& path);

// The part of a path or member behind the last slash.
std::string_view base_name(std::string_view path);

}  // namespace palate
