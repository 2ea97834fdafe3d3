#include "data/rating_columns.h"

#include <algorithm>
#include <limits>
#include <span>

#include "base/fail.h"
#include "base/memory.h"
#include "data/rating_rows.h"
#include "data/table_format.h"
#include "data/text_window.h"

namespace palate {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{4} << 20;
constexpr std::size_t kPieceBytes = std::size_t{1} << 18;

// A piece of the window and its rows.
struct Piece {
  std::string_view text;
  bool file_ends = false;
  RatingRows parsed;
  std::vector<Index> user_indices;  // of the piece's fresh ids in the whole file
  std::vector<Index> item_indices;
  std::uint64_t first_line = 0;  // in the file
  std::uint64_t first_byte = 0;
};

// The pieces of one window; those behind `count` are kept for later windows.
struct Pieces {
  std::vector<Piece> all;
  std::size_t count = 0;
  std::span<Piece> used() { return {all.data(), count}; }
};

class ColumnsReader {
 public:
  ColumnsReader(RatingColumns& columns, IdTable& user_ids, IdTable& item_ids, RejectsFile* rejects,
                Parallel& parallel)
      : columns_(columns),
        file_(columns.files.back()),
        user_ids_(user_ids),
        item_ids_(item_ids),
        rejects_(rejects),
        parallel_(parallel),
        num_rows_(columns.users.size()) {}

  // Three stages, of which the first and the last run beside the second: the next window is read,
  // this one's pieces are parsed, and the rows of the one before are appended.
  void read(TextWindow& window, const TextLayout& layout, const ReadOptions& read_options,
            std::optional<std::uint64_t> file_bytes) {
    const RatingRowsOptions options{.dialect = layout.dialect,
                                    .format = file_.format,
                                    .known_users = user_ids_,
                                    .known_items = item_ids_,
                                    .with_lines = read_options.duplicates == Duplicates::error,
                                    .keep_bad_rows = rejects_ != nullptr};
    bytes_ = window.bytes_before();
    pass_preamble(window, layout);
    Pieces pieces;
    Pieces before;
    for (bool first = true;; first = false) {
      cut(window, pieces);
      const auto parse = [&](Piece& piece) {
        const bool skip_first =
            layout.header_row && first && piece.text.data() == window.text().data();
        parse_rating_rows(piece.text, piece.file_ends, skip_first, options, piece.parsed);
      };
      parallel_.for_ranges(static_cast<Index>(pieces.count + 1), 1, [&](IndexRange range) {
        if (range.first == 0) {
          window.read_ahead();
          append(before);
          return;
        }
        parse(pieces.all[range.first - 1]);
      });
      mend_torn_rows(pieces, parse);
      const std::size_t consumed = number_ids(pieces);
      if (rejects_) reject(pieces);
      window.consume(consumed);
      if (first && file_bytes && consumed > 0) reserve(*file_bytes, consumed);
      std::swap(pieces, before);
      if (window.file_ends()) break;
      if (window.text().size() > kLongestRow) {
        fail(ErrorCode::bad_data,
             "{}:{}: a row of more than {} bytes: not a table of ratings, or a quote that is never "
             "closed",
             file_.name, lines_ + 1, kLongestRow);
      }
      window.turn();
    }
    append(before);
    if (const std::size_t count = num_rows_ - file_.first_row;
        layout.num_rows && *layout.num_rows != count + num_bad_) {
      fail(ErrorCode::bad_data, "{} says that it has {} entries and has {}", file_.name,
           *layout.num_rows, count + num_bad_);
    }
  }

 private:
  // Lines above the first row.
  void pass_preamble(TextWindow& window, const TextLayout& layout) {
    window.consume(layout.preamble_bytes);
    lines_ = layout.preamble_lines;
    bytes_ += layout.preamble_bytes;
  }

  // Cuts the window at line ends.
  static void cut(const TextWindow& window, Pieces& pieces) {
    std::string_view text = window.text();
    pieces.count = 0;
    do {
      std::size_t size = text.size();
      if (size > kPieceBytes) size = std::min(size, text.find('\n', kPieceBytes) + std::size_t{1});
      if (size == 0) size = text.size();  // no line end after that
      if (pieces.count == pieces.all.size()) pieces.all.emplace_back();
      Piece& piece = pieces.all[pieces.count++];
      piece.text = text.substr(0, size);
      text.remove_prefix(size);
      piece.file_ends = text.empty() && window.file_ends();
    } while (!text.empty());
  }

  // A cut within quotes tears a row: then the piece before did not come to its end, and what is
  // left of it goes to the next one. So every piece begins where a row does: the first one does,
  // and each before came to its end.
  template <class Parse>
  void mend_torn_rows(Pieces& pieces, Parse&& parse) {
    for (std::size_t p = 1; p < pieces.count; ++p) {
      Piece& before = pieces.all[p - 1];
      if (!before.parsed.bad.empty() && !rejects_) return;  // nothing behind it will be used
      const std::string_view rest = before.text.substr(before.parsed.consumed);
      if (rest.empty()) continue;
      Piece& piece = pieces.all[p];
      piece.text = {rest.data(), rest.size() + piece.text.size()};
      parse(piece);
    }
  }

  // Numbers the fresh ids of the pieces in order; returns the bytes of whole rows.
  std::size_t number_ids(Pieces& pieces) {
    std::size_t consumed = 0;
    for (Piece& piece : pieces.used()) {
      RatingRows& parsed = piece.parsed;
      if (!parsed.bad.empty() && !rejects_) {
        const RowError& error = parsed.bad.front().error;
        fail(ErrorCode::bad_data, "{}:{}: {}", file_.name, lines_ + error.line + 1,
             in_words(error, file_.format));
      }
      number(parsed.users.fresh, user_ids_, piece.user_indices);
      number(parsed.items.fresh, item_ids_, piece.item_indices);
      for (std::uint64_t& line : parsed.lines) line += lines_ + 1;
      piece.first_line = lines_;
      piece.first_byte = bytes_;
      lines_ += parsed.num_lines;
      bytes_ += parsed.consumed;
      num_rows_ += parsed.size();
      num_bad_ += parsed.bad.size();
      consumed += parsed.consumed;
    }
    if (num_rows_ >= std::numeric_limits<Index>::max()) {
      fail(ErrorCode::bad_data, "{} has more than {} rows", file_.name,
           std::numeric_limits<Index>::max() - 1);
    }
    return consumed;
  }

  // Sets the bad rows of the pieces aside, while their text is still there.
  void reject(Pieces& pieces) {
    rejected_.resize(std::max(rejected_.size(), pieces.count));
    parallel_.for_ranges(static_cast<Index>(pieces.count), 1, [&](IndexRange range) {
      const Piece& piece = pieces.all[range.first];
      rejected_[range.first].set(
          piece.parsed.bad, {file_.name, piece.text.data(), piece.first_line, piece.first_byte});
    });
  }

  static void number(const IdTable& fresh, IdTable& ids, std::vector<Index>& indices) {
    indices.resize(fresh.size());
    for (Index f = 0; f < fresh.size(); ++f) indices[f] = ids.add(fresh, f);
  }

  // Room for as many rows as a file of that size has when all are like the first.
  void reserve(std::uint64_t file_bytes, std::size_t consumed) {
    constexpr double kMargin = 1.05;
    const double share = static_cast<double>(file_bytes) / static_cast<double>(consumed);
    const double rows = static_cast<double>(num_rows_ - file_.first_row) * share * kMargin;
    const double most = static_cast<double>(std::numeric_limits<Index>::max());
    const std::size_t size = file_.first_row + static_cast<std::size_t>(std::min(rows, most));
    reserve_large(columns_.users, size);
    reserve_large(columns_.items, size);
    reserve_large(columns_.values, size);
    if (file_.format.time) reserve_large(columns_.times, size);
  }

  void append(Pieces& pieces) {
    for (std::size_t p = 0; rejects_ && p < pieces.count; ++p) rejects_->add(rejected_[p]);
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

  static const std::vector<Index>& indices_in_file(PieceIds& ids,
                                                   const std::vector<Index>& of_fresh) {
    if (!of_fresh.empty()) {
      for (Index& index : ids.index) {
        if (index >= ids.num_known) index = of_fresh[index - ids.num_known];
      }
    }
    return ids.index;
  }

  RatingColumns& columns_;
  const RatingColumns::File& file_;
  IdTable& user_ids_;
  IdTable& item_ids_;
  RejectsFile* rejects_;
  Parallel& parallel_;
  std::vector<RejectedRows> rejected_;  // of each piece, until they are in the file
  std::uint64_t lines_ = 0;             // of the windows before
  std::uint64_t bytes_ = 0;             // of the windows before
  std::size_t num_rows_;                // of all windows and files so far
  std::uint64_t num_bad_ = 0;           // of all windows so far
};

// A file after the first must have what the first has.
void require_same_columns(const RatingColumns::File& first, const RatingColumns::File& file) {
  const auto require = [&](bool here, bool there, std::string_view what, std::string_view option) {
    if (here == there) return;
    fail(ErrorCode::bad_data,
         "{} has {}column of {}, {} has {}: `{}` tells it, `{}=none` leaves it out", file.name,
         here ? "a " : "no ", what, first.name, there ? "one" : "none", option, option);
  };
  require(file.format.value.has_value(), first.format.value.has_value(), "ratings", "value_column");
  require(file.format.time.has_value(), first.format.time.has_value(), "times", "time_column");
}

}  // namespace

const std::string& RatingColumns::file_of(std::size_t row) const {
  const auto behind = std::ranges::upper_bound(files, row, {}, &File::first_row);
  return std::prev(behind)->name;
}

void read_rating_columns(const OpenFile& file, const ReadOptions& options, IdTable& user_ids,
                         IdTable& item_ids, RejectsFile* rejects, RatingColumns& columns,
                         Parallel& parallel) {
  TextWindow window(*file.bytes, kWindowBytes, kLongestRow);
  const bool sample_is_all = window.file_ends() && window.text().size() <= kLongestRow;
  const TextLayout layout =
      guess_layout({window.text().substr(0, kLongestRow), sample_is_all, file.name},
                   options.delimiter, options.header);
  const std::size_t first_row = columns.users.size();
  columns.files.push_back({file.name, choose_columns(layout, options, file.name), first_row});
  columns.files.back().format.compression = file.compression;
  require_same_columns(columns.files.front(), columns.files.back());
  ColumnsReader(columns, user_ids, item_ids, rejects, parallel)
      .read(window, layout, options, file.size);
  if (columns.users.size() == first_row) {
    fail(ErrorCode::bad_data, "{} has {} but no ratings", file.name,
         layout.header ? "a header" : "text");
  }
}

}  // namespace palate
