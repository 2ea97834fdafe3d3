// Makes a model of others' factors.
#include "palate/model/import.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "base/fail.h"
#include "linalg/is_zero.h"
#include "linalg/top_list.h"
#include "model/approximate_row.h"
#include "model/fold_in_items.h"
#include "model/row_solver.h"
#include "palate/model/query.h"

namespace palate {
namespace {

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

}  // namespace

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
