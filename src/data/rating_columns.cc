#include "data/rating_columns.h"

#include <algorithm>
#include <limits>

#include "base/fail.h"
#include "data/byte_source.h"
#include "data/rating_rows.h"
#include "data/table_format.h"
#include "data/text_window.h"

namespace palate {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{16} << 20;
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::size_t kLongestRow = std::size_t{1} << 20;

// A piece of the window, its rows, and where they go.
struct Piece {
  std::string_view text;
  bool file_ends = false;
  RatingRows rows;
  std::vector<Index> user_indices;  // of the piece's ids in the whole file
  std::vector<Index> item_indices;
  std::size_t first_row = 0;
};

class ColumnsReader {
 public:
  ColumnsReader(RatingColumns& columns, IdTable& user_ids, IdTable& item_ids, Parallel& parallel)
      : columns_(columns), user_ids_(user_ids), item_ids_(item_ids), parallel_(parallel) {}

  void read(TextWindow& window, const Dialect& dialect, bool with_lines) {
    const RatingRowsOptions options{dialect, columns_.format, with_lines};
    bool skip_first = columns_.format.header;
    for (;;) {
      cut(window, dialect);
      parallel_.for_ranges(static_cast<Index>(num_pieces_), 1, [&](IndexRange range) {
        for (const Index p : range) {
          parse_rating_rows(pieces_[p].text, pieces_[p].file_ends, skip_first && p == 0, options, pieces_[p].rows);
        }
      });
      const std::size_t consumed = number_ids();
      append();
      window.consume(consumed);
      if (window.file_ends()) return;
      if (window.text().size() > kLongestRow) {
        fail(ErrorCode::bad_data, "{}:{}: a row of more than {} bytes: not a table of ratings, or a quote that is never closed",
             columns_.name, lines_ + 1, kLongestRow);
      }
      if (consumed > 0) skip_first = false;
      window.refill();
    }
  }

 private:
  // Cuts the window at line ends, or leaves it whole when a line end may be part of a cell.
  void cut(const TextWindow& window, const Dialect& dialect) {
    std::string_view text = window.text();
    const bool in_one = dialect.quotes && text.find('"') != std::string_view::npos;
    num_pieces_ = 0;
    do {
      std::size_t size = text.size();
      if (!in_one && size > kPieceBytes) size = std::min(size, text.find('\n', kPieceBytes) + std::size_t{1});
      if (size == 0) size = text.size();  // no line end after that
      if (num_pieces_ == pieces_.size()) pieces_.emplace_back();
      Piece& piece = pieces_[num_pieces_++];
      piece.text = text.substr(0, size);
      text.remove_prefix(size);
      piece.file_ends = text.empty() && window.file_ends();
    } while (!text.empty());
  }

  // Numbers the ids of the pieces in order; the bytes of whole rows.
  std::size_t number_ids() {
    std::size_t consumed = 0;
    std::size_t first_row = columns_.users.size();
    for (std::size_t p = 0; p < num_pieces_; ++p) {
      Piece& piece = pieces_[p];
      if (piece.rows.error) {
        fail(ErrorCode::bad_data, "{}:{}: {}", columns_.name, lines_ + piece.rows.error->line + 1, piece.rows.error->message);
      }
      number(piece.rows.user_ids, user_ids_, piece.user_indices);
      number(piece.rows.item_ids, item_ids_, piece.item_indices);
      for (std::uint64_t& line : piece.rows.lines) line += lines_ + 1;
      lines_ += piece.rows.num_lines;
      consumed += piece.rows.consumed;
      piece.first_row = first_row;
      first_row += piece.rows.users.size();
    }
    if (first_row >= std::numeric_limits<Index>::max()) {
      fail(ErrorCode::bad_data, "{} has more than {} rows", columns_.name, std::numeric_limits<Index>::max() - 1);
    }
    return consumed;
  }

  static void number(const IdTable& ids, IdTable& all, std::vector<Index>& indices) {
    indices.resize(ids.size());
    for (Index i = 0; i < ids.size(); ++i) indices[i] = all.add(ids, i);
  }

  // Writes the rows of the pieces behind each other.
  void append() {
    const Piece& last = pieces_[num_pieces_ - 1];
    const std::size_t size = last.first_row + last.rows.users.size();
    columns_.users.resize(size);
    columns_.items.resize(size);
    if (columns_.format.value) columns_.values.resize(size);
    if (columns_.format.time) columns_.times.resize(size);
    if (!last.rows.lines.empty()) columns_.lines.resize(size);
    parallel_.for_ranges(static_cast<Index>(num_pieces_), 1, [&](IndexRange range) {
      for (const Index p : range) {
        const Piece& piece = pieces_[p];
        const auto at = static_cast<std::ptrdiff_t>(piece.first_row);
        std::ranges::transform(piece.rows.users, columns_.users.begin() + at, [&](Index i) { return piece.user_indices[i]; });
        std::ranges::transform(piece.rows.items, columns_.items.begin() + at, [&](Index i) { return piece.item_indices[i]; });
        std::ranges::copy(piece.rows.values, columns_.values.begin() + at);
        std::ranges::copy(piece.rows.times, columns_.times.begin() + at);
        std::ranges::copy(piece.rows.lines, columns_.lines.begin() + at);
      }
    });
  }

  RatingColumns& columns_;
  IdTable& user_ids_;
  IdTable& item_ids_;
  Parallel& parallel_;
  std::vector<Piece> pieces_;
  std::size_t num_pieces_ = 0;
  std::uint64_t lines_ = 0;  // of the windows before
};

}  // namespace

RatingColumns read_rating_columns(const std::string& path, const ReadOptions& options, IdTable& user_ids, IdTable& item_ids,
                                  Parallel& parallel) {
  RatingColumns columns;
  const OpenFile file = open_file(path);
  columns.path = file.path;
  columns.name = file.name;
  TextWindow window(*file.bytes, kWindowBytes);
  const bool sample_is_all = window.file_ends() && window.text().size() <= kLongestRow;
  const TextLayout layout =
      guess_layout({window.text().substr(0, kLongestRow), sample_is_all, file.name}, options.delimiter, options.header);
  columns.format = choose_columns(layout, options, file.name);
  columns.format.compression = file.compression;
  ColumnsReader(columns, user_ids, item_ids, parallel).read(window, layout.dialect, options.duplicates == Duplicates::error);
  if (columns.users.empty()) {
    fail(ErrorCode::bad_data, "{} has {} but no ratings", file.name, layout.header ? "a header" : "text");
  }
  return columns;
}

}  // namespace palate
