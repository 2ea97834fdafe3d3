#include "data/count_data_set.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/column_choice.h"
#include "data/rows.h"

namespace palate {
namespace {

constexpr std::int64_t kLargestId = 10'000'000;  // MovieLens' are below 300,000

// Ids that were seen, a bit each.
class IdSet {
 public:
  // False where the cell is no id.
  bool insert(std::string_view cell) {
    const auto id = parse_canonical_integer(cell);
    if (!id || *id < 0 || *id > kLargestId) return false;
    const auto place = static_cast<std::size_t>(*id);
    if (place >= seen_.size()) seen_.resize(place + 1);
    if (!seen_[place]) ++size_;
    seen_[place] = true;
    return true;
  }
  std::uint64_t size() const { return size_; }

 private:
  std::vector<bool> seen_;
  std::uint64_t size_ = 0;
};

// A table with its layout guessed, as the readers of ratings and of titles guess it.
class Table {
 public:
  // `name`: for messages.
  Table(const std::string& path, std::string name)
      : name_(std::move(name)),
        file_(open_file(path, expansion_)),
        window_(*file_.bytes, kTableWindowBytes, kLongestRow),
        layout_(guess_layout(sample_of(window_, name_), std::nullopt, std::nullopt)) {}

  const TextLayout& layout() const { return layout_; }

  // Adds the ids in the columns, row by row, each column's to its set; returns the number of rows.
  std::uint64_t collect_ids(std::initializer_list<std::pair<std::size_t, IdSet&>> columns,
                            const FetchOptions& options) {
    constexpr std::uint64_t kStopEvery = 100'000;
    std::uint64_t rows = 0;
    bool skip = layout_.header_row;
    for_each_row(window_, layout_, name_,
                 [&](std::uint64_t line, const std::vector<std::string_view>& cells) {
                   if (std::exchange(skip, false)) return;
                   if (cells.size() != layout_.columns.size()) {
                     fail(ErrorCode::bad_data, "{}:{}: {} columns where the first row has {}",
                          name_, line + 1, cells.size(), layout_.columns.size());
                   }
                   for (const auto& [column, ids] : columns) {
                     if (!ids.insert(cells[column])) {
                       fail(ErrorCode::bad_data, "{}:{}: {} is no id of MovieLens", name_, line + 1,
                            excerpt(cells[column]));
                     }
                   }
                   if (rows++ % kStopEvery == 0) stop_if_requested(options);
                 });
    return rows;
  }

 private:
  std::string name_;
  Expansion expansion_;
  OpenFile file_;
  TextWindow window_;
  TextLayout layout_;
};

}  // namespace

DataSetCounts count_data_set(const DataSet& set, const std::string& folder,
                             const std::string& source, const FetchOptions& options) {
  const auto open = [&](const std::string& file) {
    return Table(folder + "/" + file, source + ": " + file);
  };
  IdSet users;
  IdSet rated_movies;
  IdSet movies;
  Table ratings = open(set.ratings);
  const TableFormat format = choose_columns(ratings.layout(), {}, source + ": " + set.ratings);
  const std::uint64_t num_ratings =
      ratings.collect_ids({{format.user, users}, {format.item, rated_movies}}, options);
  Table titles = open(set.movies);
  titles.collect_ids({{choose_item_columns(titles.layout()).item, movies}}, options);
  return {.ratings = num_ratings,
          .users = users.size(),
          .rated_movies = rated_movies.size(),
          .movies = movies.size()};
}

}  // namespace palate
