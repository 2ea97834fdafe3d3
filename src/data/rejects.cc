#include "data/rejects.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/csv_cell.h"
#include "base/fail.h"
#include "data/text_sample.h"

namespace palate {
namespace {

// A reason and how many rows of a piece have it.
struct Reason {
  std::string_view text;
  std::string cell;  // of the CSV
  std::uint64_t count = 0;
};

}  // namespace

RejectsFile::RejectsFile(const std::string& path, std::optional<std::uint64_t> most,
                         std::optional<double> most_share)
    : path_(path),
      file_(path),
      most_(most.value_or(std::numeric_limits<std::uint64_t>::max())),
      most_share_(most_share.value_or(1)) {
  file_.write("file,line,byte,column,reason,text\n");
}

void RejectsFile::add(std::span<const BadRow> rows, const PieceOrigin& origin) {
  constexpr std::size_t kWrittenAtOnce = std::size_t{1} << 16;
  std::string csv;
  const auto append_number = [&](std::uint64_t number) {
    const fmt::format_int digits(number);
    csv.append(digits.data(), digits.size());
  };
  std::vector<Reason> reasons;  // a text may be there more than once
  // A reason's text stands at one place or a few: no need to look at it.
  const auto reason_of = [&](std::string_view text) -> Reason& {
    const auto known = std::ranges::find(reasons, text.data(),
                                         [](const Reason& reason) { return reason.text.data(); });
    return known != reasons.end() ? *known : reasons.emplace_back(text, csv_cell(text));
  };
  const std::string file = csv_cell(origin.file);
  for (const BadRow& row : rows) {
    csv += file;
    csv += ',';
    append_number(origin.line + row.line + 1);
    csv += ',';
    append_number(origin.byte + static_cast<std::uint64_t>(row.text.data() - origin.begin));
    csv += ',';
    if (row.column != BadRow::kWhole) append_number(std::uint64_t{row.column} + 1);
    csv += ',';
    Reason& reason = reason_of(row.reason);
    ++reason.count;
    csv += reason.cell;
    csv += ',';
    append_csv_cell(csv, without_line_end(row.text));
    csv += '\n';
    if (csv.size() < kWrittenAtOnce) continue;
    file_.write(csv);
    csv.clear();
  }
  file_.write(csv);
  for (const Reason& reason : reasons) reasons_[std::string(reason.text)] += reason.count;
  size_ += rows.size();
  if (size_ <= most_) return;
  fail(ErrorCode::bad_data, "more than {} bad rows: the first {} are in {}", most_, size_, path_);
}

void RejectsFile::check_share(std::uint64_t good_rows) const {
  const std::uint64_t all_rows = size_ + good_rows;
  if (static_cast<double>(size_) <= most_share_ * static_cast<double>(all_rows)) return;
  fail(ErrorCode::bad_data, "{} bad rows of {} are more than {:g} %: they are in {}", size_,
       all_rows, 100 * most_share_, path_);
}

}  // namespace palate
