#include "data/row_parser.h"

#include <algorithm>
#include <bit>

#include "kernels/kernels.h"

namespace palate {

void Marks::mark_block(const char* begin) {
  const std::string_view block(begin, std::min(kBlock, static_cast<std::size_t>(end_ - begin)));
  for (Bits* const bits : {&delimiters_, &line_feeds_}) {
    bits->fill(0);
    kernels().mark_bytes(block, bits == &line_feeds_ ? '\n' : delimiter_, bits->data());
  }
  block_ = begin;
  last_ = begin + block.size() == end_ ? end_ : begin + (kBlock - 64);
}

std::size_t RowParser::cut_plain_rows(std::span<std::string_view> cells, std::span<CutRow> rows) {
  const std::size_t width = cells.size() / rows.size();
  if (delimiter_size_ > 1 || runs_ || width == 1) return 0;
  const char odd = quotes_ ? '"' : '\0';  // no cell begins with it
  const char* row = at_;
  std::size_t count = 0;
  for (; count < rows.size(); ++count) {
    std::string_view* const first = cells.data() + count * width;
    const auto [delimiters, line_feeds, size] = marks_.from(row);
    const char* line_end;
    if (line_feeds != 0) {
      line_end = row + std::countr_zero(line_feeds);
      const std::string_view* const last = first + width - 1;
      std::string_view* cell = first;
      const char* at = row;
      // those before the line feed
      std::uint64_t left = delimiters & (line_feeds - 1) & ~line_feeds;
      for (; left != 0 && cell != last && *at != odd; left &= left - 1) {
        const char* const stop = row + std::countr_zero(left);
        *cell++ = {at, stop};
        at = stop + 1;
      }
      if (left != 0 || cell != last || *at == odd) break;
      *cell = {at, line_end - (line_end[-1] == '\r')};
    } else {
      line_end = cut_long_row(row, odd, {first, width});
      if (line_end == nullptr) break;
    }
    rows[count] = {{row, line_end + 1}, next_line_ + count};
    row = line_end + 1;
  }
  next_line_ += count;
  at_ = row;
  return count;
}

// The same for a row that ends behind what is known at once. Returns where it ends, none where it
// is not plain.
const char* RowParser::cut_long_row(const char* row, char odd, std::span<std::string_view> cells) {
  const char* at = row;
  const char* known = row;
  Marks::Window window = marks_.from(row);
  std::uint64_t left = window.delimiters | window.line_feeds;
  for (std::string_view& cell : cells) {
    for (; left == 0; left = window.delimiters | window.line_feeds) {
      if (end_ - known <= window.size) return nullptr;
      known += window.size;
      window = marks_.from(known);
    }
    const char* const stop = known + std::countr_zero(left);
    const bool is_last = &cell == &cells.back();
    if (*at == odd || (*stop == '\n') != is_last) return nullptr;
    cell = {at, stop - (is_last && stop[-1] == '\r')};
    at = stop + 1;
    left &= left - 1;
  }
  return at - 1;
}

void RowParser::pass_over_empty_lines() {
  for (;;) {
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    if (rest.starts_with('\n') || (rest == "\r" && file_ends_)) {
      at_ += 1;
    } else if (rest.starts_with("\r\n")) {
      at_ += 2;
    } else {
      return;
    }
    ++next_line_;
  }
}

RowParser::Cell RowParser::quoted_cell(const char* at) {
  const char* const begin = at + 1;
  const char* stop = begin;
  bool escapes = false;
  for (;;) {
    stop = std::find(stop, end_, '"');
    if (stop == end_) {
      if (file_ends_) return wrong_cell("a quote is opened and never closed");
      if (static_cast<std::size_t>(end_ - at) > kLongestRow)
        return wrong_cell("a quote is opened and not closed in a megabyte");
      return {at, end_, end_, CellEnd::unfinished};
    }
    if (stop + 1 == end_ || stop[1] != '"') break;
    escapes = true;
    stop += 2;
  }
  Cell cell{begin, stop, end_, CellEnd::line};
  inner_lines_ += static_cast<std::uint64_t>(std::count(begin, stop, '\n'));
  if (escapes) {
    std::string& text = unescaped_.emplace_back();
    for (const char* c = begin; c != stop; c += *c == '"' ? 2 : 1) text += *c;
    const std::size_t size = text.size();
    text += "0123456789abcdef";  // bytes that may be read behind the cell
    cell.begin = text.data();
    cell.end = text.data() + size;
  }
  const std::string_view rest(stop + 1, static_cast<std::size_t>(end_ - stop - 1));
  if (rest.starts_with(dialect_.delimiter)) {
    cell.next = stop + 1 + delimiter_size_;
    cell.kind = CellEnd::delimiter;
    return cell;
  }
  for (const std::string_view line_end : {"\n", "\r\n"}) {
    if (!rest.starts_with(line_end)) continue;
    cell.next = stop + 1 + line_end.size();
    return cell;
  }
  if (rest.empty() || rest == "\r" || (!file_ends_ && dialect_.delimiter.starts_with(rest))) {
    if (!file_ends_) cell.kind = CellEnd::unfinished;
    return cell;
  }
  return wrong_cell("text follows a closing quote");
}

RowParser::Cell RowParser::wrong_cell(std::string_view reason) {
  // nowhere to go on yet
  if (!file_ends_ && std::find(at_, end_, '\n') == end_)
    return {at_, at_, at_, CellEnd::unfinished};
  error_ = RowError{line_, reason, {}, {}};
  return {at_, at_, at_, CellEnd::wrong};
}

void RowParser::skip_line() {
  const char* const line_end = std::find(at_, end_, '\n');
  const char* const next = line_end == end_ ? end_ : line_end + 1;
  row_ = {at_, static_cast<std::size_t>(next - at_)};
  at_ = next;
  ++next_line_;
  error_.reset();
}

}  // namespace palate
