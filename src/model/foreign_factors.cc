// Reads factors that another program made, their ids and titles.
#include "palate/model/import.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "data/byte_source.h"
#include "data/npy.h"
#include "data/titles.h"
#include "linalg/is_zero.h"

namespace palate {
namespace {

constexpr std::uint64_t kUnbounded = 0;  // a model's numbers do not repeat themselves

Matrix read_matrix(const std::string& path) {
  if (path.ends_with(".npz"))
    fail(ErrorCode::bad_data, "{}: it is an .npz of several arrays, where one .npy is expected",
         path);
  Expansion expansion;
  return read_npy_matrix(open_file(path, expansion));
}

// Of one side, with an entry for each row of its factors.
std::vector<float> read_biases(const std::string& path, const Matrix& factors) {
  if (path.empty()) return std::vector<float>(factors.rows());
  Expansion expansion;
  std::vector<float> biases = read_npy_list(open_file(path, expansion));
  if (biases.size() != factors.rows()) {
    fail(ErrorCode::bad_data, "{}: it has {} biases for {} rows of factors", path, biases.size(),
         factors.rows());
  }
  return biases;
}

// Whether the column is 1 in all rows that are not zero, of which there are several.
bool is_all_ones(const Matrix& factors, Index column) {
  Index ones = 0;
  for (Index r = 0; r < factors.rows(); ++r) {
    const std::span<const float> row = factors.row(r);
    if (row[column] != 1 && !is_zero(row)) return false;
    ones += row[column] == 1 ? 1 : 0;
  }
  return ones > 1;
}

Matrix without(const Matrix& factors, const std::vector<Index>& columns) {
  Matrix rest(factors.rows(), factors.cols() - static_cast<Index>(columns.size()));
  for (Index r = 0; r < factors.rows(); ++r) {
    Index at = 0;
    for (Index c = 0; c < factors.cols(); ++c) {
      if (std::ranges::find(columns, c) == columns.end()) rest.row(r)[at++] = factors.row(r)[c];
    }
  }
  return rest;
}

// Columns that are 1 for one side become biases of the other.
Index take_biases(Factors& factors) {
  std::vector<Index> taken;
  for (Index c = 0; c < factors.num_factors(); ++c) {
    const bool of_items = is_all_ones(factors.user_factors, c);
    if (!of_items && !is_all_ones(factors.item_factors, c)) continue;
    const Matrix& side = of_items ? factors.item_factors : factors.user_factors;
    std::vector<float>& biases = of_items ? factors.item_bias : factors.user_bias;
    for (Index r = 0; r < side.rows(); ++r) biases[r] += side.row(r)[c];
    taken.push_back(c);
  }
  if (taken.empty()) return 0;
  factors.user_factors = without(factors.user_factors, taken);
  factors.item_factors = without(factors.item_factors, taken);
  return static_cast<Index>(taken.size());
}

void check_columns(const Matrix& users, const std::string& users_name, const Matrix& items,
                   const std::string& items_name) {
  if (users.cols() == items.cols()) return;
  fail(ErrorCode::bad_data,
       "{} has {} rows of {} factors, and {} {} rows of {}: both need as many factors", users_name,
       users.rows(), users.cols(), items_name, items.rows(), items.cols());
}

ForeignFactors foreign(Factors factors) {
  ForeignFactors read{.factors = std::move(factors)};
  read.bias_columns = take_biases(read.factors);
  if (!read.factors.scores_are_finite())
    fail(ErrorCode::bad_data, "the factors are so large that a score is no finite number");
  return read;
}

// One id a line.
std::vector<std::string> lines_of(const OpenFile& file) {
  constexpr std::size_t kBlock = std::size_t{1} << 20;
  std::string text;
  std::size_t count = kBlock;
  while (count == kBlock) {
    const std::size_t before = text.size();
    text.resize(before + kBlock);
    count = file.bytes->read(std::span(text).subspan(before));
    text.resize(before + count);
  }
  std::vector<std::string> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

Ids row_numbers(Index count) {
  std::vector<std::int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::int64_t{0});
  return Ids::integers(numbers);
}

}  // namespace

ForeignFactors read_factors(const FactorFiles& files) {
  Factors factors;
  factors.user_factors = read_matrix(files.users);
  factors.item_factors = read_matrix(files.items);
  check_columns(factors.user_factors, files.users, factors.item_factors, files.items);
  factors.user_bias = read_biases(files.user_bias, factors.user_factors);
  factors.item_bias = read_biases(files.item_bias, factors.item_factors);
  if (!files.global_mean.empty()) {
    Expansion expansion;
    factors.global_mean =
        static_cast<float>(read_npy_number(open_file(files.global_mean, expansion)));
  }
  return foreign(std::move(factors));
}

ForeignFactors read_implicit(const std::string& path) {
  const std::vector<std::string> members = zip_members(path);
  const auto has = [&](std::string_view name) {
    return std::ranges::find(members, fmt::format("{}.npy", name)) != members.end();
  };
  const auto open = [&](std::string_view name, Expansion& expansion) {
    return open_member(path, fmt::format("{}.npy", name), expansion);
  };
  const auto matrix = [&](std::string_view name) {
    if (!has(name)) {
      fail(ErrorCode::bad_data,
           "{}: it is no .npz with user_factors and item_factors, as implicit's save() writes "
           "them{}",
           path, members.empty() ? "" : ": there is no " + std::string(name));
    }
    Expansion expansion{.most = kUnbounded};
    return read_npy_matrix(open(name, expansion));
  };
  const auto number = [&](std::string_view name) -> std::optional<float> {
    if (!has(name)) return {};
    Expansion expansion;
    return static_cast<float>(read_npy_number(open(name, expansion)));
  };
  Factors factors;
  factors.user_factors = matrix("user_factors");
  factors.item_factors = matrix("item_factors");
  check_columns(factors.user_factors, path + ":user_factors", factors.item_factors,
                path + ":item_factors");
  factors.user_bias.resize(factors.user_factors.rows());
  factors.item_bias.resize(factors.item_factors.rows());
  ForeignFactors read = foreign(std::move(factors));
  // Its other models, which have a learning rate, minimize no row.
  if (has("regularization") && !has("learning_rate")) {
    read.regularization = number("regularization");
    read.alpha = number("alpha").value_or(1);
  }
  return read;
}

Ids read_ids(const std::string& path, Index count, const std::string& what) {
  if (path.empty()) return row_numbers(count);
  Expansion expansion;
  const OpenFile file = open_file(path, expansion);
  std::vector<std::string> ids = path.ends_with(".npy") ? read_npy_texts(file) : lines_of(file);
  const bool has_heading = ids.size() == std::size_t{count} + 1 && !path.ends_with(".npy");
  if (!has_heading && ids.size() != count) {
    fail(ErrorCode::bad_data, "{}: it has {} ids for {} rows of factors of {}", path, ids.size(),
         count, what);
  }
  try {
    return Ids::from_strings(std::span(ids).subspan(has_heading ? 1 : 0));
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", path, error.what());
  }
}

ExportedFactors read_export(const std::string& folder) {
  const std::filesystem::path root(folder);
  ExportedFactors read{.catalog = std::make_shared<Catalog>(), .ratings = {}, .lists = {}};
  for (const Task task : {Task::ratings, Task::lists}) {
    const std::filesystem::path of_task = root / task_name(task);
    const auto file = [&](const char* name) { return (of_task / name).string(); };
    if (!std::filesystem::exists(file("user_factors.npy"))) continue;
    if (std::filesystem::exists(file("item_weights_indptr.npy"))) {
      fail(ErrorCode::bad_data, "{}: these scores are made of item weights, and not of factors",
           of_task.string());
    }
    (task == Task::ratings ? read.ratings : read.lists) =
        read_factors({.users = file("user_factors.npy"),
                      .items = file("item_factors.npy"),
                      .user_bias = file("user_bias.npy"),
                      .item_bias = file("item_bias.npy"),
                      .global_mean = file("global_mean.npy")});
  }
  if (!read.ratings && !read.lists) {
    fail(ErrorCode::bad_data, "{}: neither ratings nor lists have factors in this folder", folder);
  }
  const Factors& factors = (read.ratings ? read.ratings : read.lists)->factors;
  Catalog& catalog = *read.catalog;
  catalog.users = read_ids((root / "users.npy").string(), factors.num_users(), "users");
  catalog.items = read_ids((root / "items.npy").string(), factors.num_items(), "items");
  const std::string titles = (root / "item_titles.npy").string();
  if (!std::filesystem::exists(titles)) return read;
  Expansion expansion;
  catalog.item_titles = read_npy_texts(open_file(titles, expansion));
  if (catalog.item_titles.size() != catalog.items.size()) {
    fail(ErrorCode::bad_data, "{}: it has {} titles for {} items", titles,
         catalog.item_titles.size(), catalog.items.size());
  }
  return read;
}

Index read_items_file(const std::string& path, Catalog& catalog) {
  return read_titles(path, catalog).num_known;
}

}  // namespace palate
