#include "text_table.h"

#include <algorithm>
#include <optional>
#include <span>

#include "palate/base/visible.h"
#include "terminal.h"

namespace palate::cli {
namespace {

constexpr std::size_t kBetween = 2;

// A longer cell sticks out, and the others are not filled up to it: one long id among many would
// fill the memory with spaces.
constexpr std::size_t kWidest = 200;

std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      const std::size_t own = width(row[column]);
      if (own <= kWidest) widths[column] = std::max(widths[column], own);
    }
  }
  return widths;
}

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t total = kBetween * (widths.size() - 1);
  for (const std::size_t one : widths) total += one;
  return total;
}

}  // namespace

void TextTable::add(const std::vector<Cell>& row) {
  std::vector<Cell>& shown = rows_.emplace_back();
  for (const Cell& cell : row) shown.emplace_back(visible(cell.text), visible(cell.brief));
}

bool TextTable::is_left(std::size_t column) const {
  return std::ranges::find(left_, column) != left_.end();
}

TextTable::Shown TextTable::after(std::size_t steps) const {
  const auto taken = std::span(steps_).first(steps);
  const auto has = [&](std::size_t column, Narrow step) {
    return std::ranges::find(taken, std::pair(column, step)) != taken.end();
  };
  Shown shown;
  for (std::size_t column = 0; column < rows_.front().size(); ++column) {
    if (!has(column, Narrow::left_out)) shown.columns.push_back(column);
  }
  for (const std::vector<Cell>& row : rows_) {
    std::vector<std::string>& cells = shown.rows.emplace_back();
    for (const std::size_t column : shown.columns)
      cells.push_back(has(column, Narrow::brief) ? row[column].brief : row[column].text);
  }
  return shown;
}

std::string TextTable::text() const {
  constexpr std::size_t kLeastOfLast = 8;
  const std::optional<std::size_t> most = terminal_width();
  Shown shown = after(0);
  if (!most) return laid_out(shown);
  const auto total = [&] { return total_of(widths_of(shown.rows)); };
  for (std::size_t steps = 1; total() > *most && steps <= steps_.size(); ++steps)
    shown = after(steps);
  const std::size_t too_many = total() - std::min(total(), *most);
  if (too_many > 0 && shown.columns.size() > 1 && is_left(shown.columns.back())) {
    const std::size_t own = widths_of(shown.rows).back();
    for (auto& row : shown.rows)
      row.back() = shortened(row.back(), std::max(own - std::min(too_many, own), kLeastOfLast));
  }
  std::string text;
  for (const Shown& part : parts_of(shown, *most))
    text += (text.empty() ? "" : "\n") + laid_out(part);
  return text;
}

std::vector<TextTable::Shown> TextTable::parts_of(const Shown& shown, std::size_t most) {
  const std::vector<std::size_t> widths = widths_of(shown.rows);
  std::vector<Shown> parts;
  std::size_t total = most + 1;  // of the last part
  for (std::size_t n = 1; n < widths.size(); ++n) {
    if (total + kBetween + widths[n] > most) {
      parts.push_back({{shown.columns[0]}, {}});
      for (const auto& row : shown.rows) parts.back().rows.push_back({row[0]});
      total = widths[0];
    }
    total += kBetween + widths[n];
    parts.back().columns.push_back(shown.columns[n]);
    for (std::size_t r = 0; r < shown.rows.size(); ++r)
      parts.back().rows[r].push_back(shown.rows[r][n]);
  }
  return parts.empty() ? std::vector{shown} : parts;
}

std::string TextTable::laid_out(const Shown& shown) const {
  const std::vector<std::size_t> widths = widths_of(shown.rows);
  std::string text;
  for (const auto& row : shown.rows) {
    std::string line;
    for (std::size_t n = 0; n < row.size(); ++n) {
      const std::string padding(widths[n] - std::min(width(row[n]), widths[n]), ' ');
      if (n > 0) line += std::string(kBetween, ' ');
      line += is_left(shown.columns[n]) ? row[n] + padding : padding + row[n];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
    if (&row == &shown.rows.front()) text += std::string(total_of(widths), '-') + '\n';
  }
  return text;
}

}  // namespace palate::cli
