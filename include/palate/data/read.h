// Reading tables of ratings and of items, in whatever format. Layer: data.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/data/build.h"
#include "palate/data/interactions.h"
#include "palate/data/select.h"

namespace palate {

// How many times its size a compressed file may become, unless told otherwise.
inline constexpr std::uint32_t kMaxExpansion = 100;

// What an event of this name is worth.
struct EventWeight {
  std::string event;
  float weight = 1;
  bool operator==(const EventWeight&) const = default;
};

struct ReadOptions {
  // Columns by name or by number from 1. Those that are not given are guessed. "none" stands for a
  // value or a time that is not to be read.
  std::optional<std::string> user_column;
  std::optional<std::string> item_column;
  std::optional<std::string> value_column;
  std::optional<std::string> time_column;
  // A column that says what happened, as "view" or "buy", and what each of these is worth: the
  // weight of its row. Rows of other events are left out and counted.
  std::optional<std::string> event_column;
  std::vector<EventWeight> event_weights;
  // What the values say. Where it is not told, values that are all equal and counts are weights,
  // others are ratings, and what may be either is an error, unless `if_doubtful` says what to take
  // it for: then it is a doubt. src/data/feedback.h has the rules. A table without values has
  // weights.
  std::optional<Feedback> feedback;
  std::optional<Feedback> if_doubtful;
  std::optional<std::string> delimiter;  // guessed: one of tab :: , ; and |
  std::optional<bool> header;            // guessed
  bool trim_ids = false;                 // leave out the spaces around ids
  // How numbers and times are written, guessed over a column where nothing is given. `decimal` is
  // "." or ",": the other of both may then set thousands apart. `time_format` is seconds,
  // milliseconds, microseconds, nanoseconds, iso, yyyymmdd or excel.
  std::optional<std::string> decimal;
  std::optional<std::string> time_format;
  // Lines of each file that stand above its table, header included. Guessed: titles, counts,
  // comments and "sep=;" are passed over where they cannot be rows.
  std::optional<std::uint32_t> skip_lines;
  // What becomes of repeated pairs. Unless it is told, ratings keep the last and weights are added
  // up; weights are also added up where every rating is kept.
  std::optional<Duplicates> duplicates;
  // Values that mean "not rated": rows that have one of them are left out before anything else.
  std::vector<float> missing;
  // A file for rows that cannot be used, which then do not end the reading. It is a CSV of file,
  // line (from 1), byte (from 0, of the unpacked text, where the row begins), column (from 1; empty
  // where the row as a whole is wrong), reason and text. More of them than one of the two limits
  // are an error, which comes when the file has been written.
  std::optional<std::string> rejects_file;
  std::optional<std::uint64_t> most_rejects;
  std::optional<double> most_rejects_share;  // of all rows
  // How many times the size of its files a compressed table, or its titles, may become, so that
  // small files cannot fill the memory; a hundredth of that is how many rows it may have for each
  // byte of the file. The first 8 MiB and the first 262,144 rows are free. 0 sets no bound.
  std::uint32_t max_expansion = kMaxExpansion;
  // The file of titles, or "none". Where nothing is given, a movies.csv, movies.dat, u.item or
  // *.item beside the ratings is looked for.
  std::optional<std::string> items_file;
  // It is told how many bytes of a file have been read, unpacked, and how many it has where that is
  // known; by one thread at a time.
  std::function<void(std::string_view file, std::uint64_t read, std::optional<std::uint64_t> size)>
      on_progress{};
};

// Something about the data that a person should know, and the options that answer it.
struct DataWarning {
  std::string message;
  std::string option;  // "`value_column=none`", as errors write it; may be empty
};

// How the numbers of a column are written. Spaces and apostrophes may always set thousands apart.
struct NumberFormat {
  char decimal = '.';
  bool thousands = false;  // the other of point and comma sets thousands apart: 5,001
  bool doubtful = false;   // nothing but the sizes of its numbers says that 5,001 is 5001
  bool operator==(const NumberFormat&) const = default;
};

// How the times of a column are written. ISO dates, dates as 20010131 and the days of spreadsheets
// become seconds since 1970; numbers stay, and `unit` is what they count.
enum class TimeStyle { numbers, iso_dates, yyyymmdd, excel_days };
struct TimeFormat {
  TimeStyle style = TimeStyle::numbers;
  TimeUnit unit = TimeUnit::seconds;
  bool operator==(const TimeFormat&) const = default;
};

// In words: "decimal commas", empty where numbers are plain; "milliseconds", "Excel days".
std::string_view number_format_name(const NumberFormat& format);
std::string_view time_format_name(const TimeFormat& format);

// What was guessed or told of a file.
struct TableFormat {
  // "none", "gzip", "bzip2", "xz", "zstd", or "zip member ml-latest-small/ratings.csv".
  std::string compression;
  std::string delimiter;             // "JSON lines" where each line is an object
  std::uint64_t lines_above = 0;     // that were passed over, above the table
  bool header = false;               // the columns have names
  std::vector<std::string> columns;  // their names, or "column 1", "column 2", and on
  // Positions in `columns`, from 0.
  std::size_t user = 0;
  std::size_t item = 0;
  std::optional<std::size_t> value;
  std::optional<std::size_t> time;
  std::optional<std::size_t> event;
  NumberFormat numbers;  // of the value
  TimeFormat times;
  std::vector<DataWarning> doubts;  // columns that were chosen, or not, without being sure
};

struct RatingsTable {
  Interactions interactions;
  std::string path;                           // of the files, with commas between them
  TableFormat format;                         // of the first file with ratings
  std::vector<std::string> empty_files;       // of several, those without ratings
  std::uint64_t rows_read = 0;                // data rows of the files that could be used
  std::uint64_t duplicates = 0;               // rows whose pair stood there before
  Duplicates resolved_by = Duplicates::last;  // what became of these
  std::string why_weights;  // "no ratings", in words; empty where the values are ratings
  std::map<std::string, std::uint64_t> rejects;  // rows that could not be used, by reason
  std::vector<LeftOut> left_out;  // as missing, as events without a weight, or by a selection
  std::string items_file;         // where the titles came from; empty: nowhere
  std::vector<DataWarning> items_warnings;  // why titles, or what else is known, are not all
};

// Reads delimited text (MovieLens' files, CSV, LIBMF's triplets), JSON lines, a JSON array of
// objects (in messages the line of an object is its number), or a MatrixMarket file: plain,
// compressed by gzip, bzip2, xz or zstd, or a member of a zip ("ml.zip:ml/ratings.csv"; of "ml.zip"
// alone the only member that looks like ratings). "-" is standard input. Several files are one
// table, in their order. A pattern ("part-*.csv") stands for the files that match it, in the order
// of their names.
//
// Errors:      invalid_argument  a column that is not there, or that is told twice; no column that
//                                can be the users' or the items'; values that mean "not rated", or
//                                `feedback=ratings`, without a column of values; events without
//                                weights, or beside a column of values; an event that has two
//                                weights or a negative one
//              bad_data          a file that is no table of ratings or is damaged; no ratings, in
//                                none of the files; a row that cannot be used, where no file for
//                                rejects is given; too many rejects; a repeated pair, where
//                                `duplicates` is error; a negative weight; a column named a rating
//                                whose cells are no numbers. The message names file, line, column
//                                and text. Values that may be ratings or weights.
//              io                a file cannot be opened, read or written
// Guarantees:  The result is the same for any number of threads.
RatingsTable read_ratings(const std::vector<std::string>& paths, const ReadOptions& options,
                          Parallel& parallel);
RatingsTable read_ratings(const std::string& path, const ReadOptions& options, Parallel& parallel);

// The files that such paths mean: those that a pattern stands for, and a zip in place of its
// member. "-" stays. A front end that writes asks, so as not to write onto them.
//
// Errors:  io  no file is like a pattern
std::vector<std::string> files_meant(const std::vector<std::string>& paths);
// The file that read_ratings() would take titles from, told or found; nothing where there is none.
// It fails as read_ratings() does.
std::optional<std::string> titles_file(const std::vector<std::string>& paths,
                                       const ReadOptions& options);

// Reads other files of (user, item, value) by the ids of `catalog`: test ratings or pairs to
// predict. The table's own catalog is this one and behind it, in order of first appearance, the ids
// that it lacks. What its values say is not guessed: unless `feedback` tells it, they are ratings.
// It fails as read_ratings() does.
RatingsTable read_ratings_with(const Catalog& catalog, const std::vector<std::string>& paths,
                               const ReadOptions& options, Parallel& parallel);

}  // namespace palate
