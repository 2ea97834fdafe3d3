#include "data/rating_columns.h"

#include <algorithm>
#include <limits>

#include "base/fail.h"
#include "base/memory.h"
#include "data/rating_rows.h"
#include "data/table_format.h"
#include "data/text_window.h"

namespace palate {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{4} << 20;
constexpr std::size_t kPieceBytes = std::size_t{1} << 18;
constexpr std::size_t kLongestRow = std::size_t{1} << 20;

// A piece of the window and its rows.
struct Piece {
  std::string_view text;
  bool file_ends = false;
  RatingRows parsed;
  std::vector<Index> user_indices;  // of the piece's fresh ids in the whole file
  std::vector<Index> item_indices;
};

// The pieces of one window; those behind `count` are kept for later windows.
struct Pieces {
  std::vector<Piece> all;
  std::size_t count = 0;
  std::span<Piece> used() { return {all.data(), count}; }
};

class ColumnsReader {
 public:
  ColumnsReader(RatingColumns& columns, IdTable& user_ids, IdTable& item_ids, Parallel& parallel)
      : columns_(columns), user_ids_(user_ids), item_ids_(item_ids), parallel_(parallel) {}

  // Three stages, of which the first and the last run beside the second: the next window is read, this one's pieces are
  // parsed, and the rows of the one before are appended.
  void read(TextWindow& window, const Dialect& dialect, bool with_lines, std::optional<std::uint64_t> file_bytes) {
    const RatingRowsOptions options{dialect, columns_.format, user_ids_, item_ids_, with_lines};
    Pieces pieces;
    Pieces before;
    for (bool first = true;; first = false) {
      cut(window, dialect, pieces);
      parallel_.for_ranges(static_cast<Index>(pieces.count + 1), 1, [&](IndexRange range) {
        if (range.first == 0) {
          window.read_ahead();
          append(before);
          return;
        }
        Piece& piece = pieces.all[range.first - 1];
        const bool skip_first = columns_.format.header && first && range.first == 1;
        parse_rating_rows(piece.text, piece.file_ends, skip_first, options, piece.parsed);
      });
      const std::size_t consumed = number_ids(pieces);
      window.consume(consumed);
      if (first && file_bytes && consumed > 0) reserve(*file_bytes, consumed);
      std::swap(pieces, before);
      if (window.file_ends()) break;
      if (window.text().size() > kLongestRow) {
        fail(ErrorCode::bad_data, "{}:{}: a row of more than {} bytes: not a table of ratings, or a quote that is never closed",
             columns_.name, lines_ + 1, kLongestRow);
      }
      window.turn();
    }
    append(before);
  }

 private:
  // Cuts the window at line ends, or leaves it whole when a line end may be part of a cell.
  static void cut(const TextWindow& window, const Dialect& dialect, Pieces& pieces) {
    std::string_view text = window.text();
    const bool in_one = dialect.quotes && text.find('"') != std::string_view::npos;
    pieces.count = 0;
    do {
      std::size_t size = text.size();
      if (!in_one && size > kPieceBytes) size = std::min(size, text.find('\n', kPieceBytes) + std::size_t{1});
      if (size == 0) size = text.size();  // no line end after that
      if (pieces.count == pieces.all.size()) pieces.all.emplace_back();
      Piece& piece = pieces.all[pieces.count++];
      piece.text = text.substr(0, size);
      text.remove_prefix(size);
      piece.file_ends = text.empty() && window.file_ends();
    } while (!text.empty());
  }

  // Numbers the fresh ids of the pieces in order; returns the bytes of whole rows.
  std::size_t number_ids(Pieces& pieces) {
    std::size_t consumed = 0;
    for (Piece& piece : pieces.used()) {
      RatingRows& parsed = piece.parsed;
      if (parsed.error)
        fail(ErrorCode::bad_data, "{}:{}: {}", columns_.name, lines_ + parsed.error->line + 1, parsed.error->message);
      number(parsed.users.fresh, user_ids_, piece.user_indices);
      number(parsed.items.fresh, item_ids_, piece.item_indices);
      for (std::uint64_t& line : parsed.lines) line += lines_ + 1;
      lines_ += parsed.num_lines;
      num_rows_ += parsed.size();
      consumed += parsed.consumed;
    }
    if (num_rows_ >= std::numeric_limits<Index>::max()) {
      fail(ErrorCode::bad_data, "{} has more than {} rows", columns_.name, std::numeric_limits<Index>::max() - 1);
    }
    return consumed;
  }

  static void number(const IdTable& fresh, IdTable& ids, std::vector<Index>& indices) {
    indices.resize(fresh.size());
    for (Index f = 0; f < fresh.size(); ++f) indices[f] = ids.add(fresh, f);
  }

  // Room for as many rows as a file of that size has when all are like the first.
  void reserve(std::uint64_t file_bytes, std::size_t consumed) {
    constexpr double kMargin = 1.05;
    const double rows =
        static_cast<double>(num_rows_) * static_cast<double>(file_bytes) / static_cast<double>(consumed) * kMargin;
    const auto size = static_cast<std::size_t>(std::min(rows, static_cast<double>(std::numeric_limits<Index>::max())));
    reserve_large(columns_.users, size);
    reserve_large(columns_.items, size);
    reserve_large(columns_.values, size);
    if (columns_.format.time) reserve_large(columns_.times, size);
  }

  void append(Pieces& pieces) {
    for (Piece& piece : pieces.used()) {
      append(columns_.users, indices_in_file(piece.parsed.users, piece.user_indices));
      append(columns_.items, indices_in_file(piece.parsed.items, piece.item_indices));
      append(columns_.values, piece.parsed.values);
      append(columns_.times, piece.parsed.times);
      append(columns_.lines, piece.parsed.lines);
    }
    pieces.count = 0;
  }

  template <class T>
  static void append(std::vector<T>& column, const std::vector<T>& cells) {
    const std::size_t size = column.size() + cells.size();
    if (size > column.capacity()) reserve_large(column, std::max(size, 2 * column.size()));
    column.insert(column.end(), cells.begin(), cells.end());
  }

  static const std::vector<Index>& indices_in_file(PieceIds& ids, const std::vector<Index>& of_fresh) {
    if (!of_fresh.empty()) {
      for (Index& index : ids.index) {
        if (index >= ids.num_known) index = of_fresh[index - ids.num_known];
      }
    }
    return ids.index;
  }

  RatingColumns& columns_;
  IdTable& user_ids_;
  IdTable& item_ids_;
  Parallel& parallel_;
  std::uint64_t lines_ = 0;   // of the windows before
  std::size_t num_rows_ = 0;  // of all windows so far
};

}  // namespace

RatingColumns read_rating_columns(const OpenFile& file, const ReadOptions& options, IdTable& user_ids, IdTable& item_ids,
                                  Parallel& parallel) {
  TextWindow window(*file.bytes, kWindowBytes, kLongestRow);
  const bool sample_is_all = window.file_ends() && window.text().size() <= kLongestRow;
  const TextLayout layout =
      guess_layout({window.text().substr(0, kLongestRow), sample_is_all, file.name}, options.delimiter, options.header);
  RatingColumns columns;
  columns.name = file.name;
  columns.format = choose_columns(layout, options, file.name);
  columns.format.compression = file.compression;
  ColumnsReader(columns, user_ids, item_ids, parallel)
      .read(window, layout.dialect, options.duplicates == Duplicates::error, file.size);
  if (columns.users.empty()) {
    fail(ErrorCode::bad_data, "{} has {} but no ratings", file.name, layout.header ? "a header" : "text");
  }
  return columns;
}

}  // namespace palate
