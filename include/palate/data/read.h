// Reading tables of ratings and of items, whatever their dress. Layer: data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/data/build.h"
#include "palate/data/interactions.h"
#include "palate/data/select.h"

namespace palate {

struct ReadOptions {
  // Columns by name or by number from 1; guessed where not given. "none" for a value or a time that
  // is not to be read.
  std::optional<std::string> user_column;
  std::optional<std::string> item_column;
  std::optional<std::string> value_column;
  std::optional<std::string> time_column;
  std::optional<std::string> delimiter;  // guessed: one of tab :: , ; and |
  std::optional<bool> header;            // guessed
  Duplicates duplicates = Duplicates::last;
  // Where rows go that cannot be used, instead of ending the reading: a CSV of file, line (from 1),
  // byte (from 0, of the unpacked text, where the row begins), column (from 1; empty where the row
  // as a whole is wrong), reason and text. More of them than one of the two limits are an error,
  // when the file has been written.
  std::optional<std::string> rejects_file;
  std::optional<std::uint64_t> most_rejects;
  std::optional<double> most_rejects_share;  // of all rows
  // Titles: a file, "none", or without it a movies.csv, movies.dat, u.item or *.item beside the
  // ratings is looked for.
  std::optional<std::string> items_file;
};

// What was guessed or told of a file.
struct TableFormat {
  // "none", "gzip", "bzip2", "xz", "zstd", or "zip member ml-latest-small/ratings.csv"
  std::string compression;
  std::string delimiter;             // or "JSON lines"
  bool header = false;               // the columns have names
  std::vector<std::string> columns;  // their names; "column 1", ... without
  // Positions in `columns`, from 0.
  std::size_t user = 0;
  std::size_t item = 0;
  std::optional<std::size_t> value;
  std::optional<std::size_t> time;
};

struct RatingsTable {
  Interactions interactions;
  std::string path;                              // of the files, with commas between them
  TableFormat format;                            // of the first file
  std::uint64_t rows_read = 0;                   // data rows of the files that could be used
  std::uint64_t duplicates = 0;                  // rows whose pair stood there before
  std::map<std::string, std::uint64_t> rejects;  // rows that could not be used, by reason
  std::vector<LeftOut> left_out;                 // by a selection
  std::string items_file;                        // where the titles came from; empty: nowhere
};

// Reads delimited text (MovieLens' files, CSV, LIBMF's triplets), JSON lines or a MatrixMarket
// file: plain, compressed by gzip, bzip2, xz or zstd, or a member of a zip
// ("ml.zip:ml/ratings.csv"; without a member, the only one that looks like ratings). "-" is
// standard input. Several files are one table, in their order; a pattern ("part-*.csv") stands for
// the files that match it, in the order of their names. Throws Error(bad_data) that names file,
// line, column and text of the first row that cannot be used, and Error(io) where a file cannot be
// opened or read.
RatingsTable read_ratings(const std::vector<std::string>& paths, const ReadOptions& options,
                          Parallel& parallel);
RatingsTable read_ratings(const std::string& path, const ReadOptions& options, Parallel& parallel);

// Reads other files of (user, item, value) against the ids of `catalog`: test ratings or pairs to
// predict. An id that the catalog lacks gets the Index num_users() or num_items() and beyond, in
// order of first appearance, with the catalog extended by it.
RatingsTable read_ratings_with(const Catalog& catalog, const std::vector<std::string>& paths,
                               const ReadOptions& options, Parallel& parallel);

}  // namespace palate
