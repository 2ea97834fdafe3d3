#include "palate/data/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/rating_parts.h"

namespace palate {
namespace {

// One form or another, and a function for each.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class Variant, class... Functions>
decltype(auto) match(const Variant& variant, Functions... functions) {
  return std::visit(Overloaded<Functions...>{std::move(functions)...}, variant);
}

std::size_t num_offsets(const TextIds& ids) {
  return match(ids.offsets, [](const auto& offsets) { return offsets.size(); });
}
std::int64_t offset(const TextIds& ids, std::size_t place) {
  return match(ids.offsets, [&](const auto& offsets) -> std::int64_t { return offsets[place]; });
}
std::string_view text(const TextIds& ids, std::size_t place) {
  const std::int64_t begin = offset(ids, place);
  const std::int64_t end = offset(ids, place + 1);
  return ids.bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

std::size_t length(const IntegerIds& ids) { return ids.size(); }
std::size_t length(const TextIds& ids) { return std::max<std::size_t>(num_offsets(ids), 1) - 1; }
std::size_t length(const CodedIds& ids) { return ids.codes.size(); }
template <class... Forms>
std::size_t length(const std::variant<Forms...>& ids) {
  return std::visit([](const auto& form) { return length(form); }, ids);
}

// A column of a batch, for messages.
struct Column {
  std::size_t batch;
  std::string_view name;

  template <class... Args>
  [[noreturn]] void fail_at(ErrorCode code, std::size_t row, fmt::format_string<Args...> format,
                            Args&&... args) const {
    fail(code, "batch {}, row {}: {}: {}", batch, row, name,
         fmt::format(format, std::forward<Args>(args)...));
  }
};

void check_offsets(const Column& column, const TextIds& ids, std::string_view of_what) {
  const auto num_bytes = static_cast<std::int64_t>(ids.bytes.size());
  std::int64_t before = 0;
  for (std::size_t place = 0; place < num_offsets(ids); ++place) {
    const std::int64_t here = offset(ids, place);
    if (here < before || here > num_bytes) {
      fail(ErrorCode::invalid_argument,
           "batch {}: {}: offset {}{} is {}, which is not between {} and {}, the number of bytes",
           column.batch, column.name, place, of_what, here, before, num_bytes);
    }
    before = here;
  }
}

void check_text(const Column& column, std::size_t row, std::string_view id) {
  if (id.empty()) column.fail_at(ErrorCode::bad_data, row, "\"\" is an empty id");
  if (!is_valid_utf8(id))
    column.fail_at(ErrorCode::bad_data, row, "{} is not valid UTF-8", excerpt(id));
}

void check_ids(const Column&, const IntegerIds&) {}

void check_ids(const Column& column, const TextIds& ids) {
  check_offsets(column, ids, "");
  for (std::size_t row = 0; row < length(ids); ++row) check_text(column, row, text(ids, row));
}

void check_ids(const Column& column, const CodedIds& ids) {
  const std::size_t size = length(ids.dictionary);
  const auto* texts = std::get_if<TextIds>(&ids.dictionary);
  if (texts) check_offsets(column, *texts, " of the dictionary");
  std::vector<bool> checked(size);
  for (std::size_t row = 0; row < ids.codes.size(); ++row) {
    const std::int32_t code = ids.codes[row];
    if (code < 0 || static_cast<std::size_t>(code) >= size) {
      column.fail_at(ErrorCode::invalid_argument, row,
                     "the dictionary of {} ids has none for the code {}", size, code);
    }
    const auto place = static_cast<std::size_t>(code);
    if (texts && !checked[place]) check_text(column, row, text(*texts, place));
    checked[place] = true;
  }
}

void check_values(const Column& column, std::span<const float> values) {
  const auto wrong =
      std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  if (wrong == values.end()) return;
  column.fail_at(ErrorCode::bad_data, static_cast<std::size_t>(wrong - values.begin()),
                 "{} is not a finite number", *wrong);
}

void require_length(std::size_t batch, std::size_t num_rows, std::size_t size,
                    std::string_view name) {
  if (size != num_rows) {
    fail(ErrorCode::invalid_argument, "batch {} has {} users and {} {}", batch, num_rows, size,
         name);
  }
}

// The index of what each code stands for, kNone until a row has it.
using IndicesOfCodes = std::vector<Index>;

IndicesOfCodes none_yet(const IdColumn& column) {
  const auto* coded = std::get_if<CodedIds>(&column);
  return IndicesOfCodes(coded ? length(coded->dictionary) : 0, IdTable::kNone);
}

Index index_of(const CodedIds& column, std::int32_t code, IndicesOfCodes& indices, PartIds& ids) {
  const auto place = static_cast<std::size_t>(code);
  Index& index = indices[place];
  if (index == IdTable::kNone) {
    index = match(
        column.dictionary, [&](const IntegerIds& all) { return ids.index_of(all[place]); },
        [&](const TextIds& all) { return ids.index_of(text(all, place)); });
  }
  return index;
}

// Adds the ids of some rows.
void append_ids(const IdColumn& column, std::size_t first, std::size_t count,
                IndicesOfCodes& indices, PartIds& ids) {
  match(
      column, [&](const IntegerIds& all) { ids.append(all.subspan(first, count)); },
      [&](const TextIds& all) {
        for (std::size_t row = first; row < first + count; ++row)
          ids.index.push_back(ids.index_of(text(all, row)));
      },
      [&](const CodedIds& all) {
        for (const std::int32_t code : all.codes.subspan(first, count))
          ids.index.push_back(index_of(all, code, indices, ids));
      });
}

}  // namespace

struct InteractionsBuilder::State {
  explicit State(const Catalog& known) : parts(known) {}

  void require_whole() const;
  // Throws where the batch is wrong; returns the number of its rows.
  std::size_t check(const RatingBatch& batch) const;
  void require_same_columns(bool has_values, bool has_times) const;
  void append(const RatingBatch& batch, std::size_t num_rows);

  RatingParts parts;
  RatingPart part;
  std::size_t num_batches = 0;
  bool whole = true;  // false while rows are added, and when that came to no end
  // What the first batch with rows has.
  struct Columns {
    std::size_t batch;
    bool values;
    bool times;
  };
  std::optional<Columns> columns;
};

void InteractionsBuilder::State::require_whole() const {
  if (!whole) {
    fail(ErrorCode::invalid_argument,
         "rows of batch {} are missing, for which there was not enough memory", num_batches);
  }
}

std::size_t InteractionsBuilder::State::check(const RatingBatch& batch) const {
  const std::size_t num_rows = length(batch.users);
  require_length(num_batches, num_rows, length(batch.items), "items");
  if (!batch.values.empty()) require_length(num_batches, num_rows, batch.values.size(), "values");
  if (!batch.times.empty()) require_length(num_batches, num_rows, batch.times.size(), "times");
  constexpr std::size_t kMost = std::numeric_limits<Index>::max() - 1;
  if (num_rows > kMost - parts.num_rows()) {
    fail(ErrorCode::invalid_argument, "batch {}: its {} rows and {} before are more than {}",
         num_batches, num_rows, parts.num_rows(), kMost);
  }
  if (columns && num_rows > 0) require_same_columns(!batch.values.empty(), !batch.times.empty());
  std::visit([&](const auto& ids) { check_ids({num_batches, "users"}, ids); }, batch.users);
  std::visit([&](const auto& ids) { check_ids({num_batches, "items"}, ids); }, batch.items);
  check_values({num_batches, "values"}, batch.values);
  return num_rows;
}

void InteractionsBuilder::State::require_same_columns(bool has_values, bool has_times) const {
  const auto require = [&](bool here, bool there, std::string_view name) {
    if (here == there) return;
    fail(ErrorCode::invalid_argument, "batch {} has {}{}, batch {} has {}", num_batches,
         here ? "" : "no ", name, columns->batch, there ? "them" : "none");
  };
  require(has_values, columns->values, "values");
  require(has_times, columns->times, "times");
}

// In parts, so that most ids are known when they are looked up, and memory for a part is enough.
// No other part is filled meanwhile: what is new in this one has its number in the whole table.
void InteractionsBuilder::State::append(const RatingBatch& batch, std::size_t num_rows) {
  constexpr std::size_t kPartRows = std::size_t{1} << 16;
  // More than the columns would grow by themselves: a table is often a single batch.
  if (num_rows > parts.num_rows()) parts.reserve(parts.num_rows() + num_rows, !batch.times.empty());
  IndicesOfCodes users = none_yet(batch.users);
  IndicesOfCodes items = none_yet(batch.items);
  for (std::size_t first = 0; first < num_rows; first += kPartRows) {
    const std::size_t count = std::min(kPartRows, num_rows - first);
    parts.begin(part);
    append_ids(batch.users, first, count, users, part.users);
    append_ids(batch.items, first, count, items, part.items);
    if (batch.values.empty()) {
      part.values.resize(count, 1);
    } else {
      const auto values = batch.values.subspan(first, count);
      part.values.assign(values.begin(), values.end());
    }
    if (!batch.times.empty()) {
      const auto times = batch.times.subspan(first, count);
      part.times.assign(times.begin(), times.end());
    }
    parts.number(part);
    parts.append(part);
  }
}

InteractionsBuilder::InteractionsBuilder() : InteractionsBuilder(Catalog()) {}
InteractionsBuilder::InteractionsBuilder(const Catalog& known)
    : state_(std::make_unique<State>(known)) {}
InteractionsBuilder::InteractionsBuilder(InteractionsBuilder&&) noexcept = default;
InteractionsBuilder& InteractionsBuilder::operator=(InteractionsBuilder&&) noexcept = default;
InteractionsBuilder::~InteractionsBuilder() = default;

void InteractionsBuilder::add(const RatingBatch& batch) {
  State& state = *state_;
  state.require_whole();
  const std::size_t num_rows = state.check(batch);
  if (num_rows > 0) {
    state.whole = false;
    if (!state.columns)
      state.columns = {state.num_batches, !batch.values.empty(), !batch.times.empty()};
    state.parts.begin_source(fmt::format("batch {}", state.num_batches));
    state.append(batch, num_rows);
    state.whole = true;
  }
  ++state.num_batches;
}

Built InteractionsBuilder::finish(Duplicates duplicates, Parallel& parallel, Feedback feedback) {
  State state = std::exchange(*state_, State(Catalog()));
  state.require_whole();
  const bool has_values = !state.columns || state.columns->values;
  Built built = state.parts.finish(duplicates, has_values ? feedback : Feedback::weights, parallel);
  built.interactions.has_values = has_values;
  return built;
}

}  // namespace palate
