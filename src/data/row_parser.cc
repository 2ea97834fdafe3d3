#include "data/row_parser.h"

#include <algorithm>

#include "kernels/kernels.h"

namespace palate {

bool Marks::mark_block() {
  if (unmarked_.empty()) return false;
  const std::string_view block = unmarked_.substr(0, 64 * words_.size());
  unmarked_.remove_prefix(block.size());
  if (unmarked_.empty()) words_.fill(0);
  kernels().mark_bytes(block, byte_, '\n', words_.data());
  block_ = block.data();
  return true;
}

void Marks::begin_again(const char* at) {
  if (block_ == nullptr || at < block_) {  // no longer there
    unmarked_ = {at, static_cast<std::size_t>(end_ - at)};
    place_ = {0, words_.size() - 1, nullptr};
    return;
  }
  place_.word = std::min(static_cast<std::size_t>(at - block_) / 64, words_.size() - 1);
  place_.begin = block_ + 64 * place_.word;
  const auto passed = static_cast<std::size_t>(at - place_.begin);
  place_.left = passed < 64 ? words_[place_.word] & (~std::uint64_t{0} << passed) : 0;
}

std::size_t RowParser::cut_plain_rows(std::span<std::string_view> cells, std::span<CutRow> rows) {
  if (delimiter_size_ > 1 || runs_) return 0;
  const std::size_t width = cells.size() / rows.size();
  const char odd = quotes_ ? '"' : '\0';  // no cell begins with it
  const char* const end = end_;
  Marks::Place place = marks_.place();
  std::string_view* cell = cells.data();
  const char* row = at_;
  std::size_t count = 0;
  for (; count < rows.size() && row != end && *row != '\n' && *row != '\r'; ++count) {
    const std::string_view* const end_of_row = cell + width;
    const char* at = row;
    bool is_plain = true;
    for (bool line_ends = false; is_plain && !line_ends;) {
      const char* const stop = marks_.next(at, place);
      is_plain = stop != end && *at != odd && cell != end_of_row;
      if (!is_plain) break;
      line_ends = *stop == '\n';
      *cell++ = {at, stop};
      at = stop + 1;
    }
    if (!is_plain || cell != end_of_row) break;
    if (cell[-1].ends_with('\r')) cell[-1].remove_suffix(1);
    rows[count] = {{row, at}, next_line_ + count};
    row = at;
  }
  next_line_ += count;
  at_ = row;
  marks_.begin_again(row);
  return count;
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
  if (!file_ends_ && std::find(at_, end_, '\n') == end_) return {at_, at_, at_, CellEnd::unfinished};  // nowhere to go on yet
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
  marks_.begin_again(at_);
}

}  // namespace palate
