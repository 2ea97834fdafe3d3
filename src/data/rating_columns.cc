#include "data/rating_columns.h"

#include <algorithm>
#include <limits>
#include <span>

#include "base/fail.h"
#include "base/memory.h"
#include "data/cell_formats.h"
#include "data/column_choice.h"
#include "data/column_names.h"
#include "data/format_choice.h"
#include "data/rating_rows.h"
#include "data/table_shape.h"
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
  ColumnsReader(RatingsFile& file, RatingParts& parts, RejectsFile* rejects, Parallel& parallel)
      : file_(file), parts_(parts), rejects_(rejects), parallel_(parallel) {}

  // Three stages, of which the first and the last run beside the second: the next window is read,
  // this one's pieces are parsed, and the rows of the one before are appended.
  void read(TextWindow& window, const TextLayout& layout, const RatingPlaces& places,
            const ReadOptions& read_options, bool values_are_text,
            std::optional<std::uint64_t> file_bytes) {
    const RatingRowsOptions options{.dialect = layout.dialect,
                                    .format = file_.format,
                                    .places = places,
                                    .parts = parts_,
                                    .missing = read_options.missing,
                                    .event_weights = read_options.event_weights,
                                    .size = layout.size,
                                    .trim_ids = read_options.trim_ids,
                                    .with_lines = read_options.duplicates == Duplicates::error,
                                    .are_weights = read_options.feedback == Feedback::weights,
                                    .values_are_text = values_are_text,
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
      if (window.text().size() > kLongestRow) fail_for_length(lines_);
      window.turn();
    }
    append(before);
    if (const std::size_t count = num_rows();
        layout.size && layout.size->entries != count + num_bad_ + file_.num_missing) {
      fail(ErrorCode::bad_data, "{} says that it has {} entries and has {}", file_.name,
           layout.size->entries, count + num_bad_ + file_.num_missing);
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
      // nothing behind it will be used
      if ((!before.parsed.bad.empty() && !rejects_) || before.parsed.too_long) return;
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
        const BadRow& bad = parsed.bad.front();
        RowError error{.line = bad.line, .reason = bad.reason, .column = {}, .cell = {}};
        if (bad.column != BadRow::kWhole) {
          error.column = bad.column;
          error.cell = parsed.first_bad_cell;
        }
        fail(ErrorCode::bad_data, "{}:{}: {}", file_.name, lines_ + error.line + 1,
             in_words(error, file_.format));
      }
      if (parsed.too_long) fail_for_length(lines_ + *parsed.too_long);
      parts_.number(parsed);
      for (std::uint64_t& line : parsed.lines) line += lines_ + 1;
      piece.first_line = lines_;
      piece.first_byte = bytes_;
      note_what_stands_out(parsed);
      lines_ += parsed.num_lines;
      bytes_ += parsed.consumed;
      num_bad_ += parsed.bad.size();
      consumed += parsed.consumed;
    }
    return consumed;
  }

  void note_what_stands_out(const RatingRows& parsed) {
    file_.num_missing += parsed.num_missing;
    file_.unknown_events.add(parsed.unknown_events);
    if (parsed.first_negative && !file_.first_negative)
      file_.first_negative = {lines_ + parsed.first_negative->line + 1,
                              parsed.first_negative->cell};
  }

  [[noreturn]] void fail_for_length(std::uint64_t line) const {
    fail(ErrorCode::bad_data,
         "{}:{}: a row of more than {} bytes: not a table of ratings, or a quote that is never "
         "closed",
         file_.name, line + 1, kLongestRow);
  }

  // Sets the bad rows of the pieces aside, while their text is still there.
  void reject(Pieces& pieces) {
    for (const Piece& piece : pieces.used()) {
      rejects_->add(piece.parsed.bad,
                    {file_.name, piece.text.data(), piece.first_line, piece.first_byte});
    }
  }

  // Room for as many rows as a file of that size has when all are like the first.
  void reserve(std::uint64_t file_bytes, std::size_t consumed) {
    constexpr double kMargin = 1.05;
    const double share = static_cast<double>(file_bytes) / static_cast<double>(consumed);
    const double rows = static_cast<double>(num_rows()) * share * kMargin;
    const double most = static_cast<double>(std::numeric_limits<Index>::max());
    const std::size_t before = parts_.source().first_row;
    const auto in_file = static_cast<std::size_t>(std::min(rows, most));
    if (in_file < before) return;  // of many files: then the columns double where they are full
    parts_.reserve(before + in_file, file_.format.time.has_value());
  }

  void append(Pieces& pieces) {
    for (Piece& piece : pieces.used()) parts_.append(piece.parsed);
    pieces.count = 0;
  }

  // The rows of this file so far.
  std::size_t num_rows() const { return parts_.num_rows() - parts_.source().first_row; }

  RatingsFile& file_;
  RatingParts& parts_;
  RejectsFile* rejects_;
  Parallel& parallel_;
  std::uint64_t lines_ = 0;    // of the windows before
  std::uint64_t bytes_ = 0;    // of the windows before
  std::uint64_t num_bad_ = 0;  // of all windows so far
};

// In JSON lines nothing but what ratings come from is cut from now on.
RatingPlaces cut_ratings_alone(TextLayout& layout, const TableFormat& format) {
  std::vector<std::size_t> needed{format.user, format.item};
  if (format.value) needed.push_back(*format.value);
  if (format.time) needed.push_back(*format.time);
  if (format.event) needed.push_back(*format.event);
  const std::vector<std::size_t> at = layout.cut_alone(std::move(needed));
  RatingPlaces places;
  auto next = at.begin();
  places.width = layout.width();
  places.user = *next++;
  places.item = *next++;
  if (format.value) places.value = *next++;
  if (format.time) places.time = *next++;
  if (format.event) places.event = *next++;
  return places;
}

// A file after the first must have what the first has.
void require_same_columns(const RatingsFile& first, const RatingsFile& file) {
  const auto require = [&](bool here, bool there, std::string_view what, std::string_view option) {
    if (here == there) return;
    fail(ErrorCode::bad_data,
         "{} has {}column of {}, {} has {}: `{}` tells it, `{}=none` leaves it out", file.name,
         here ? "a " : "no ", what, first.name, there ? "one" : "none", option, option);
  };
  require(file.format.value.has_value(), first.format.value.has_value(), "ratings", "value_column");
  require(file.format.time.has_value(), first.format.time.has_value(), "times", "time_column");
}

// Whether no cell of the first rows is a number.
bool has_text_alone(const TextLayout& layout, std::optional<std::size_t> column) {
  return column && !layout.rows.empty() && std::ranges::none_of(layout.rows, [&](const Row& row) {
           return *column < row.size() && is_number(row[*column]);
         });
}

// Names of columns, which are known or another file's, and no row below them.
bool is_header_alone(const TextLayout& layout, const RatingsFile* first) {
  const bool is_header = layout.header_row && layout.rows.empty();
  if (is_header && std::ranges::any_of(layout.columns, is_known_name)) return true;
  if (!first || !first->format.header) return false;
  const std::vector<std::string>& columns = first->format.columns;
  return is_header ? layout.columns == columns
                   : layout.rows.size() == 1 && !layout.header && layout.rows.front() == columns;
}

}  // namespace

std::optional<RatingsFile> read_rating_columns(const OpenFile& file, const RatingsFile* first,
                                               bool may_be_empty, const ReadOptions& options,
                                               RejectsFile* rejects, RatingParts& parts,
                                               Parallel& parallel) {
  TextWindow window(*file.bytes, kWindowBytes, kLongestRow);
  const Sample sample = sample_of(window, file.name);
  if (may_be_empty && sample.text.find_first_not_of("\r\n") == std::string_view::npos)
    return std::nullopt;
  TextLayout layout = guess_layout(sample, options.delimiter, options.header, options.skip_lines);
  if (may_be_empty && sample.is_whole_file && is_header_alone(layout, first)) return std::nullopt;
  if (!options.user_column && !options.item_column && !options.value_column)
    refuse_other_shapes(layout, file.name);
  RatingsFile ratings{.name = file.name, .format = choose_columns(layout, options, file.name)};
  ratings.format.compression = file.compression;
  if (!layout.size) ratings.format.lines_above = layout.preamble_lines;
  const RatingPlaces places = cut_ratings_alone(layout, ratings.format);
  choose_formats(sample, layout, places, options, first ? &first->format : nullptr, ratings.format);
  if (first) require_same_columns(*first, ratings);
  if (!options.missing.empty() && !ratings.format.value) {
    fail(ErrorCode::invalid_argument,
         "{}: `missing` leaves rows out by their value, and there is no column of ratings: "
         "`value_column` tells it",
         file.name);
  }
  parts.begin_source(file.name, ratings.format.times.unit);
  ColumnsReader reader(ratings, parts, rejects, parallel);
  const bool values_are_text = has_text_alone(layout, ratings.format.value);
  layout.rows = {};
  reader.read(window, layout, places, options, values_are_text, file.size);
  if (window.array_is_open()) fail(ErrorCode::bad_data, "{}: {}", file.name, kOpenArray);
  if (parts.num_rows() == parts.source().first_row && ratings.unknown_events.total() == 0) {
    fail(ErrorCode::bad_data, "{} has {} but no ratings", file.name,
         layout.header ? "a header" : "text");
  }
  return ratings;
}

}  // namespace palate
