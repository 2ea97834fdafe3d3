// Columns of text.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace palate::cli {

// A cell, and what stands in its place where the terminal is narrow.
struct Cell {
  std::string text;
  std::string brief;

  Cell(std::string both) : text(both), brief(std::move(both)) {}
  Cell(const char* both) : Cell(std::string(both)) {}
  Cell(std::string full, std::string in_brief)
      : text(std::move(full)), brief(std::move(in_brief)) {}
};

// The first column to the left, the others to the right, two spaces between them, a line under the
// header. Each cell is one visible line. On a terminal a table is no wider than that: it takes the
// steps that it was told, in their order, as many as are needed; then a last column of text is cut,
// and what is still too wide becomes several tables, one below the other, which all have the first
// column.
class TextTable {
 public:
  enum class Narrow { brief, left_out };

  explicit TextTable(const std::vector<Cell>& header) { add(header); }
  void add(const std::vector<Cell>& row);
  // The column is text, too, and stands to the left.
  void align_left(std::size_t column) { left_.push_back(column); }
  void narrow_by(std::size_t column, Narrow step) { steps_.emplace_back(column, step); }
  std::string text() const;

 private:
  // What is left of it after some steps.
  struct Shown {
    std::vector<std::size_t> columns;
    std::vector<std::vector<std::string>> rows;
  };
  bool is_left(std::size_t column) const;
  Shown after(std::size_t steps) const;
  static std::vector<Shown> parts_of(const Shown& shown, std::size_t most);
  std::string laid_out(const Shown& shown) const;

  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> left_{0};
  std::vector<std::pair<std::size_t, Narrow>> steps_;
};

}  // namespace palate::cli
