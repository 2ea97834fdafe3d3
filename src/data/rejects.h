// Bad rows, set aside in a file. Layer: data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "data/rating_rows.h"
#include "palate/base/atomic_file.h"

namespace palate {

// Where a piece of text lies in its file.
struct PieceOrigin {
  std::string_view file;
  const char* begin = nullptr;  // of the piece
  std::uint64_t line = 0;       // from 0
  std::uint64_t byte = 0;       // from 0, of the text as it is unpacked
};

// The CSV with a header: file, line (from 1), byte (from 0, where the row begins), column (from 1;
// empty where the row as a whole is wrong), reason, text. It is there when commit() has returned.
class RejectsFile {
 public:
  RejectsFile(const std::string& path, std::optional<std::uint64_t> most,
              std::optional<double> most_share);

  // Of a piece. Throws Error(bad_data) when there are more than the limit.
  void add(std::span<const BadRow> rows, const PieceOrigin& origin);
  // Throws Error(bad_data) when the bad rows are more than the limit's share of all.
  void check_share(std::uint64_t good_rows) const;
  void commit() { file_.commit(); }
  const std::map<std::string, std::uint64_t>& reasons() const { return reasons_; }

 private:
  std::string path_;
  AtomicFile file_;
  std::uint64_t most_;
  double most_share_;
  std::uint64_t size_ = 0;
  std::map<std::string, std::uint64_t> reasons_;
};

}  // namespace palate
