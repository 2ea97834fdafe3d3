#include "data/rejects.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/csv_cell.h"
#include "base/fail.h"
#include "data/text_sample.h"

namespace palate {

// A reason's text stands at one place or a few: no need to look at it.
RejectedRows::Reason& RejectedRows::reason_of(std::string_view text) {
  const auto known = std::ranges::find(reasons, text.data(),
                                       [](const Reason& reason) { return reason.text.data(); });
  return known != reasons.end() ? *known : reasons.emplace_back(text, csv_cell(text));
}

void RejectedRows::set(std::span<const BadRow> rows, const PieceOrigin& origin) {
  csv.clear();
  reasons.clear();
  const auto append_number = [&](std::uint64_t number) {
    const fmt::format_int digits(number);
    csv.append(digits.data(), digits.size());
  };
  const std::string file = csv_cell(origin.file);
  for (const auto& [error, text] : rows) {
    csv += file;
    csv += ',';
    append_number(origin.line + error.line + 1);
    csv += ',';
    append_number(origin.byte + static_cast<std::uint64_t>(text.data() - origin.begin));
    csv += ',';
    if (error.column) append_number(*error.column + 1);
    csv += ',';
    Reason& reason = reason_of(error.reason);
    ++reason.count;
    csv += reason.cell;
    csv += ',';
    append_csv_cell(csv, without_line_end(text));
    csv += '\n';
  }
}

RejectsFile::RejectsFile(const std::string& path, std::optional<std::uint64_t> most,
                         std::optional<double> most_share)
    : path_(path),
      file_(path),
      most_(most.value_or(std::numeric_limits<std::uint64_t>::max())),
      most_share_(most_share.value_or(1)) {
  file_.write("file,line,byte,column,reason,text\n");
}

void RejectsFile::add(const RejectedRows& rows) {
  file_.write(rows.csv);
  for (const RejectedRows::Reason& reason : rows.reasons) {
    reasons_[std::string(reason.text)] += reason.count;
    size_ += reason.count;
  }
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
