// Others' factors as a model: palate/model/import.h.
#include "palate/model/import.h"

#include <algorithm>
#include <cmath>
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
#include "linalg/top_list.h"
#include "model/approximate_row.h"
#include "model/fold_in_items.h"
#include "model/row_solver.h"
#include "palate/model/query.h"

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

bool is_zero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return value == 0; });
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

// -------------------------------------------------------------------------------------------------
// Who chose or rated what, by the ids of the factors.

Interactions with_ids_of(const Catalog& catalog, const Interactions& rows, Imported& imported) {
  const auto numbers_of = [](const Ids& ids, const Ids& known) {
    std::vector<std::optional<Index>> numbers(ids.size());
    for (Index i = 0; i < ids.size(); ++i) numbers[i] = known.find(ids[i]);
    return numbers;
  };
  const auto users = numbers_of(rows.catalog->users, catalog.users);
  const auto items = numbers_of(rows.catalog->items, catalog.items);
  Interactions known{.has_values = rows.has_values,
                     .feedback = rows.feedback,
                     .relevant = rows.relevant,
                     .selection = rows.selection};
  for (Index r = 0; r < rows.size(); ++r) {
    const std::optional<Index> user = users[rows.users[r]];
    const std::optional<Index> item = items[rows.items[r]];
    if (!user) {
      ++imported.rows_of_unknown_users;
    } else if (!item) {
      ++imported.rows_of_unknown_items;
    } else {
      known.users.push_back(*user);
      known.items.push_back(*item);
      known.values.push_back(rows.values[r]);
    }
  }
  if (known.users.empty()) {
    fail(ErrorCode::bad_data,
         "no row of what was seen has a user and an item with factors: are the ids those of the "
         "table, and in the order of the factors' rows?");
  }
  return known;
}

Scorer scorer_without_seen(Factors factors, const std::optional<Weighting>& weighting) {
  Scorer scorer{.factors = std::move(factors),
                .row = {},
                .range = {},
                .item_support = {},
                .weighting = weighting};
  for (Index item = 0; item < scorer.factors.num_items(); ++item) {
    const bool is_known =
        scorer.factors.item_bias[item] != 0 || !is_zero(scorer.factors.item_factors.row(item));
    scorer.item_support.push_back(is_known ? 1 : 0);
  }
  return scorer;
}

// -------------------------------------------------------------------------------------------------
// How somebody new is folded in.

// The row of implicit least squares. What was seen weighs alpha v_t in all, 1 of which is what all
// items weigh:
//
//   sum_t (alpha v_t - 1) (x . y_t)^2 - 2 alpha v_t x . y_t + sum_i (x . y_i)^2 + lambda |x|^2
//
// Palate's weights are in proportion to v_t. They are k v_t here, with k such that they are right
// for the mean value v, k v = alpha v - 1, and a target such that the second term is right for all.
// Everything divided by k is the row objective.
RowObjective implicit_row(double regularization, double alpha, double mean_value) {
  constexpr double kLeast = 1.0 / 1024;  // alpha v = 1 is the limit k -> 0
  const double k = std::max(alpha - 1 / mean_value, kLeast * alpha);
  return {.ridge = {.factors = positive_lambda(regularization / k)},
          .bias = false,
          .unobserved = positive_lambda(1 / k),
          .target = positive_lambda(alpha / k)};
}

// What some users seem to have chosen, where nothing tells: the items of their highest scores.
SparseMatrix best_of_some(const Factors& factors) {
  constexpr Index kUsers = 100;
  constexpr Index kItems = 10;
  const Index step = std::max<Index>(1, factors.num_users() / kUsers);
  SparseMatrix best{.num_columns = factors.num_items()};
  for (Index user = 0; user < factors.num_users(); ++user) {
    if (user % step == 0 && !is_zero(factors.user_factors.row(user))) {
      TopList list(kItems);
      const std::span<const float> x = factors.user_factors.row(user);
      for (Index item = 0; item < factors.num_items(); ++item) {
        const std::span<const float> y = factors.item_factors.row(item);
        list.add(
            {item, std::inner_product(x.begin(), x.end(), y.begin(), factors.item_bias[item]), 0});
      }
      for (const Scored& one : list.take()) best.columns.push_back(one.index);
    }
    std::sort(best.columns.begin() + static_cast<std::ptrdiff_t>(best.starts.back()),
              best.columns.end());
    best.starts.push_back(best.columns.size());
  }
  best.values.assign(best.columns.size(), 1);
  return best;
}

// The target by which the products of known users with what they have chosen have the same sum when
// they are folded in as they have by the factors: biases of items then weigh as much in both.
void fit_target(const SparseMatrix& chosen, Scorer& scorer) {
  constexpr Index kUsers = 2000;
  const Index step = std::max<Index>(1, chosen.rows() / kUsers);
  scorer.row->target = 1;
  const FoldInItems items(scorer);
  const FoldIn fold_in_one(scorer);
  double known = 0;
  double folded_in = 0;
  const auto product = [&](std::span<const float> x, Index item) {
    const std::span<const float> y = items.side().factors.row(item);
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  for (Index user = 0; user < chosen.rows(); user += step) {
    const SparseRow row = chosen.row(user);
    const Query query = fold_in_one(
        {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
    if (query.vector.empty()) continue;
    const RatedItems weights = weighted(row, *scorer.weighting);
    for (Index t = 0; t < weights.row().size(); ++t) {
      const auto weight = double{weights.values[t]};
      known += weight * product(scorer.factors.user_factors.row(user), weights.items[t]);
      folded_in += weight * product(query.vector, weights.items[t]);
    }
  }
  if (known > 0 && folded_in > 0) scorer.row->target = positive_lambda(known / folded_in);
}

double mean_square(std::span<const float> values) {
  const double sum = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Somebody new is expected to be like known users, whose factors and biases are as wide as these:
// the penalty is the mean squared error of a rating divided by their mean square.
RowObjective ratings_row(const Factors& factors, double squared_error) {
  double squares = 0;
  Index users = 0;
  for (Index user = 0; user < factors.num_users(); ++user) {
    const std::span<const float> x = factors.user_factors.row(user);
    squares += mean_square(x);
    users += is_zero(x) ? 0 : 1;
  }
  const double width = mean_square(factors.user_bias);
  RowObjective row{.bias = width > 0};
  row.ridge.factors = positive_lambda(squares > 0 ? squared_error * users / squares : 1);
  if (row.bias) row.ridge.bias = positive_lambda(squared_error / width);
  return row;
}

double mean_squared_error(const Scorer& scorer, const Dataset& seen) {
  const std::vector<float> predicted = predict_pairs(scorer, seen.users(), seen.items());
  double sum = 0;
  for (std::size_t t = 0; t < predicted.size(); ++t) {
    const double error = double{predicted[t]} - double{seen.values()[t]};
    sum += error * error;
  }
  return sum / static_cast<double>(predicted.size());
}

void check_options(const ImportOptions& options) {
  const auto check = [](std::string_view name, std::optional<float> value) {
    if (value && !(std::isfinite(*value) && *value > 0))
      fail(ErrorCode::invalid_argument, "{} {:g} is not above 0", name, *value);
  };
  check("regularization", options.regularization);
  check("alpha", options.alpha);
  if (options.alpha && options.task == Task::ratings) {
    fail(ErrorCode::invalid_argument, "alpha is what choices weigh: factors of ratings have none");
  }
}

Scorer ratings_scorer(Factors factors, const Dataset* seen,
                      const std::optional<float>& regularization) {
  Scorer scorer = seen ? scorer_of(*seen, std::move(factors))
                       : scorer_without_seen(std::move(factors), std::nullopt);
  if (regularization) {
    scorer.row = RowObjective{.ridge = {.factors = *regularization, .bias = *regularization},
                              .bias = !is_zero(scorer.factors.user_bias)};
  } else {
    scorer.row = ratings_row(scorer.factors, seen ? mean_squared_error(scorer, *seen) : 1);
  }
  return scorer;
}

Scorer lists_scorer(Factors factors, const Dataset* seen, std::optional<float> regularization,
                    std::optional<float> alpha) {
  const bool has_factors = factors.num_factors() > 0;
  const bool is_least_squares = has_factors && (regularization || alpha);
  Weighting weighting;
  if (seen) weighting.at_least = seen->relevant();
  if (is_least_squares && !weighting.at_least) weighting.exponent = 1;
  Scorer scorer = seen ? scorer_of(*seen, std::move(factors), weighting)
                       : scorer_without_seen(std::move(factors), weighting);
  SparseMatrix weights = seen ? weighted(*seen, weighting).by_user : SparseMatrix{};
  if (is_least_squares) {
    const double sum = std::accumulate(weights.values.begin(), weights.values.end(), 0.0);
    const double mean = sum > 0 ? sum / static_cast<double>(weights.size()) : 1;
    constexpr float kOfImplicit = 0.01F;  // the regularization unless told otherwise, and alpha
    scorer.row =
        implicit_row(double{regularization.value_or(kOfImplicit)}, double{alpha.value_or(1)}, mean);
    return scorer;
  }
  if (!has_factors) return scorer;
  const SparseMatrix chosen = seen ? seen->by_user() : best_of_some(scorer.factors);
  if (!seen) weights = chosen;
  if (weights.size() == 0) return scorer;  // nobody has chosen anything
  const auto known = std::ranges::count_if(scorer.item_support, [](Index n) { return n > 0; });
  set_approximate_row(weights, static_cast<Index>(known), scorer);
  try {
    fit_target(chosen, scorer);
  } catch (const Error& error) {  // somebody has no finite vector
    if (error.code() != ErrorCode::bad_data) throw;
  }
  return scorer;
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

Imported import_model(ForeignFactors read, std::shared_ptr<const Catalog> catalog,
                      const Interactions* seen, const ImportOptions& options, Parallel& parallel) {
  check_options(options);
  if (read.factors.num_users() != catalog->users.size() ||
      read.factors.num_items() != catalog->items.size()) {
    fail(ErrorCode::bad_data, "there are {} users and {} items, and factors of {} and {}",
         catalog->users.size(), catalog->items.size(), read.factors.num_users(),
         read.factors.num_items());
  }
  Imported imported;
  Model& model = imported.model;
  model.catalog = std::move(catalog);
  std::optional<Dataset> data;
  if (seen != nullptr) {
    if (options.task == Task::ratings && seen->feedback != Feedback::ratings) {
      fail(ErrorCode::invalid_argument,
           "what was seen has weights and no ratings, which factors of ratings need");
    }
    Interactions known = with_ids_of(*model.catalog, *seen, imported);
    known.catalog = model.catalog;
    data.emplace(std::move(known), parallel);
    model.seen = std::make_shared<const SparseMatrix>(data->by_user());
    model.data_digest = digest(*seen);
    model.data_selection = seen->selection;
  }
  const Dataset* const known = data ? &*data : nullptr;
  Fitted fitted{
      .algorithm = algorithm_of_others(read.factors.num_factors()), .scorer = {}, .provenance = {}};
  if (options.task == Task::ratings) {
    fitted.scorer = ratings_scorer(std::move(read.factors), known, options.regularization);
    model.ratings = std::move(fitted);
  } else {
    fitted.scorer =
        lists_scorer(std::move(read.factors), known,
                     options.regularization ? options.regularization : read.regularization,
                     options.alpha ? options.alpha : read.alpha);
    model.lists = std::move(fitted);
  }
  return imported;
}

}  // namespace palate
