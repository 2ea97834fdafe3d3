#include "model/check_model.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/fail.h"
#include "base/parse.h"
#include "model/safetensors.h"

namespace palate {
namespace {

void check_length(std::string_view tensor, std::size_t length, std::size_t expected,
                  std::string_view unit) {
  if (length != expected) {
    fail(ErrorCode::bad_model, "tensor \"{}\" has {} entries for {} {}", tensor, length, expected,
         unit);
  }
}

void check_finite(std::string_view tensor, std::span<const float> values) {
  const auto bad =
      std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  if (bad != values.end()) {
    fail(ErrorCode::bad_model, "tensor \"{}\": entry {} is not a finite number", tensor,
         bad - values.begin());
  }
}

void check_matrix(std::string_view tensor, const Matrix& matrix, Index rows,
                  std::string_view unit) {
  if (matrix.rows() != rows) {
    fail(ErrorCode::bad_model, "tensor \"{}\" has {} rows for {} {}", tensor, matrix.rows(), rows,
         unit);
  }
  for (Index r = 0; r < rows; ++r) {
    const auto row = matrix.row(r);
    const auto bad =
        std::ranges::find_if_not(row, [](float value) { return std::isfinite(value); });
    if (bad != row.end()) {
      fail(ErrorCode::bad_model, "tensor \"{}\": row {}, column {} is not a finite number", tensor,
           r, bad - row.begin());
    }
  }
}

// `prefix` is that of the tensors' names.
void check_factors(const Factors& factors, const std::string& prefix) {
  if (!std::isfinite(factors.global_mean))
    fail(ErrorCode::bad_model, "tensor \"{}global_mean\" is not a finite number", prefix);
  check_finite(prefix + "user_bias", factors.user_bias);
  check_finite(prefix + "item_bias", factors.item_bias);
  check_matrix(prefix + "user_factors", factors.user_factors, factors.num_users(), "users");
  check_matrix(prefix + "item_factors", factors.item_factors, factors.num_items(), "items");
  if (factors.user_factors.cols() != factors.item_factors.cols()) {
    fail(ErrorCode::bad_model,
         "tensor \"{}user_factors\" has {} columns, but \"{}item_factors\" {}", prefix,
         factors.user_factors.cols(), prefix, factors.item_factors.cols());
  }
}

void check_scores(const Factors& factors, const std::string& prefix) {
  if (!factors.scores_are_finite()) {
    fail(ErrorCode::bad_model,
         "tensors \"{0}user_factors\" and \"{0}item_factors\" or the biases are so large that a "
         "score is not a finite number",
         prefix);
  }
}

// Numbers of Adam, one for each of the model's.
void check_moment(const Factors& moment, const std::string& prefix, const Factors& factors) {
  check_factors(moment, prefix);
  check_length(prefix + "user_bias", moment.user_bias.size(), factors.num_users(), "users");
  check_length(prefix + "item_bias", moment.item_bias.size(), factors.num_items(), "items");
  if (moment.num_factors() != factors.num_factors()) {
    fail(ErrorCode::bad_model, "tensor \"{}user_factors\" has {} columns for {} factors", prefix,
         moment.num_factors(), factors.num_factors());
  }
  if (moment.global_mean != 0)
    fail(ErrorCode::bad_model, "optimizer: the mean has a moment, but is not learned");
}

void check_not_negative(const std::string& tensor, std::span<const float> values) {
  if (std::ranges::any_of(values, [](float value) { return value < 0; })) {
    fail(ErrorCode::bad_model, "tensor \"{}\" has a mean of squares below 0", tensor);
  }
}

void check_optimizer(const OptimizerState& optimizer, const Fitted& fitted,
                     const std::string& prefix) {
  if (option_text(fitted.algorithm.options, "optimizer") != "adam") {
    fail(ErrorCode::bad_model,
         "tensor \"{}optimizer.steps\" stands in a model that was not trained by adam", prefix);
  }
  constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 53;  // of which every one is a double
  if (optimizer.steps < 1 || optimizer.steps > kMostSteps) {
    fail(ErrorCode::bad_model, "tensor \"{}optimizer.steps\" is not between 1 and {}", prefix,
         kMostSteps);
  }
  const Factors& factors = fitted.scorer.factors;
  check_moment(optimizer.first_moment, prefix + "optimizer.first_moment.", factors);
  const std::string second = prefix + "optimizer.second_moment.";
  const Factors& squares = optimizer.second_moment;
  check_moment(squares, second, factors);
  check_not_negative(second + "user_bias", squares.user_bias);
  check_not_negative(second + "item_bias", squares.item_bias);
  for (Index u = 0; u < squares.num_users(); ++u)
    check_not_negative(second + "user_factors", squares.user_factors.row(u));
  for (Index i = 0; i < squares.num_items(); ++i)
    check_not_negative(second + "item_factors", squares.item_factors.row(i));
}

void check_cells(std::string_view tensor, const std::vector<std::string>& cells, Index num_items) {
  check_length(tensor, cells.size(), num_items, "items");
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!is_valid_utf8(cells[i]))
      fail(ErrorCode::bad_model, "tensor \"{}\": entry {} is not valid UTF-8", tensor, i);
  }
}

void check_catalog(const Catalog& catalog) {
  const Index items = catalog.items.size();
  if (!catalog.item_titles.empty()) check_cells("item_titles", catalog.item_titles, items);
  if (catalog.item_metadata.size() > kMostMetadataColumns) {
    fail(ErrorCode::bad_model, "it has {} columns of item metadata, more than {}",
         catalog.item_metadata.size(), kMostMetadataColumns);
  }
  for (std::size_t c = 0; c < catalog.item_metadata.size(); ++c) {
    if (catalog.item_metadata[c].name.size() > kLongestColumnName)
      fail(ErrorCode::bad_model, "metadata \"item_metadata.{}.name\" is too long", c);
    if (!is_valid_utf8(catalog.item_metadata[c].name)) {
      fail(ErrorCode::bad_model, "metadata \"item_metadata.{}.name\" is not valid UTF-8", c);
    }
    check_cells(fmt::format("item_metadata.{}", c), catalog.item_metadata[c].cells, items);
  }
}

// The options are in their bounds, belong to the name, and speak of as many factors as there are.
void check_algorithm(const NamedAlgorithm& algorithm, const Factors& factors,
                     const std::string& prefix) {
  const std::string_view own = algorithm_name(algorithm.options);
  try {
    validate(algorithm.options);
    const AlgorithmInfo& row = info_of(algorithm.name);
    if (algorithm_name(row.defaults) != own || row.preset != algorithm.preset)
      fail(ErrorCode::bad_model, "\"{}\" is not run by {}", algorithm.name, own);
  } catch (const Error& error) {
    fail(ErrorCode::bad_model, "metadata \"{}options\": {}", prefix, error.what());
  }
  const std::string told = option_text(algorithm.options, "factors").value_or("0");
  if (fmt::format("{}", factors.num_factors()) != told) {
    fail(ErrorCode::bad_model,
         "tensor \"{0}user_factors\" has {1} columns, but metadata \"{0}options\" says {2} factors",
         prefix, factors.num_factors(), told);
  }
}

// A row for each of `count` users or items, which `unit` says, with a column for each item.
void check_sparse(std::string_view name, const SparseMatrix& matrix, Index count,
                  std::string_view unit, Index items) {
  const std::vector<std::size_t>& starts = matrix.starts;
  if (matrix.num_columns != items)
    fail(ErrorCode::bad_model, "\"{}\" has {} columns for {} items", name, matrix.num_columns,
         items);
  check_length(fmt::format("{}.indptr", name), starts.size(), std::size_t{count} + 1,
               fmt::format("{}s and the end", unit));
  check_length(fmt::format("{}.values", name), matrix.values.size(), matrix.columns.size(),
               "indices");
  if (starts.front() != 0 || starts.back() != matrix.columns.size() ||
      !std::ranges::is_sorted(starts)) {
    fail(ErrorCode::bad_model,
         "tensor \"{0}.indptr\" does not ascend from 0 to the {1} entries of \"{0}.indices\"", name,
         matrix.columns.size());
  }
  for (Index r = 0; r < matrix.rows(); ++r) {
    const SparseRow row = matrix.row(r);
    for (std::size_t t = 0; t < row.columns.size(); ++t) {
      if (row.columns[t] >= items) {
        fail(ErrorCode::bad_model, "tensor \"{}.indices\": {} {} has item {} of {}", name, unit, r,
             row.columns[t], items);
      }
      if (t > 0 && row.columns[t] <= row.columns[t - 1]) {
        fail(ErrorCode::bad_model, "tensor \"{}.indices\": the items of {} {} do not ascend", name,
             unit, r);
      }
      if (!std::isfinite(row.values[t]))
        fail(ErrorCode::bad_model, "tensor \"{}.values\": {} {} has no finite number", name, unit,
             r);
    }
  }
}

// What is told of the seen ratings is so: how many each item has, for lists how many relevant ones,
// and between what they lie.
void check_told_of_seen(const SparseMatrix& seen, const Scorer& scorer, const std::string& prefix) {
  std::vector<Index> support(scorer.factors.num_items());
  for (std::size_t t = 0; t < seen.size(); ++t) {
    if (!scorer.weighting || scorer.weighting->is_relevant(seen.values[t]))
      ++support[seen.columns[t]];
  }
  const auto [counted, told] = std::ranges::mismatch(support, scorer.item_support);
  if (counted != support.end()) {
    fail(ErrorCode::bad_model,
         "tensor \"{}item_support\": item {} has {} ratings, but {} in \"seen.indices\"", prefix,
         counted - support.begin(), *told, *counted);
  }
  if (!scorer.range) return;
  const auto is_outside = [&](float value) {
    return value < scorer.range->low || value > scorer.range->high;
  };
  const auto outside = std::ranges::find_if(seen.values, is_outside);
  if (outside != seen.values.end()) {
    fail(ErrorCode::bad_model,
         "tensor \"seen.values\": entry {} is {}, outside of \"{}rating_range\"",
         outside - seen.values.begin(), *outside, prefix);
  }
}

bool is_short_text(std::string_view text) { return text.size() <= 1000 && is_valid_utf8(text); }

void check_measured(const Measurement& measured, const std::string& prefix) {
  for (const auto& [metric, value] : measured.values) {
    if (!is_short_text(metric) || !std::isfinite(value))
      fail(ErrorCode::bad_model, "metadata \"{}measured\" has a metric without a finite number",
           prefix);
  }
  if (measured.seen > measured.test_ratings) {
    fail(ErrorCode::bad_model,
         "metadata \"{}measured\" has {} test ratings that were seen before, of {}", prefix,
         *measured.seen, measured.test_ratings);
  }
  if (!is_short_text(measured.split)) {
    fail(ErrorCode::bad_model,
         "metadata \"{}measured\" has a split that is not UTF-8 of at most 1000 bytes", prefix);
  }
}

void check_fold_in(const FoldInMeasurement& fold_in, const Scorer& scorer,
                   const std::string& prefix) {
  if (!scorer.folds_in_approximately()) {
    fail(ErrorCode::bad_model,
         "metadata \"{0}fold_in\" stands in a model whose \"{0}row_objective\" is not approximate",
         prefix);
  }
  const auto is_mean = [](double value) { return value >= 0 && value <= 1; };
  if (fold_in.users == 0 || !is_mean(fold_in.trained) || !is_mean(fold_in.folded_in)) {
    fail(ErrorCode::bad_model, "metadata \"{}fold_in\" has no users, or a mean outside of 0 to 1",
         prefix);
  }
}

void check_curve(const Curve& curve, const std::string& prefix) {
  if (!std::ranges::all_of(curve.names, is_short_text))
    fail(ErrorCode::bad_model, "metadata \"{}curve\" has a name that is not short UTF-8", prefix);
  for (std::size_t t = 0; t < curve.epochs.size(); ++t) {
    const EpochRecord& record = curve.epochs[t];
    if (t > 0 && record.epoch <= curve.epochs[t - 1].epoch)
      fail(ErrorCode::bad_model, "metadata \"{}curve\": the epochs do not ascend", prefix);
    if (record.values.size() != curve.names.size() ||
        !std::ranges::all_of(record.values, [](double value) { return std::isfinite(value); })) {
      fail(ErrorCode::bad_model,
           "metadata \"{}curve\": epoch {} does not have a finite number for each name", prefix,
           record.epoch);
    }
  }
}

void check_row_objective(const RowObjective& objective, Index num_factors,
                         const std::string& prefix) {
  const auto& [factors, exponent, bias, bias_exponent, offset] = objective.ridge;
  const auto is_penalty = [](float value) { return std::isfinite(value) && value >= 0; };
  const auto is_exponent = [](float value) { return value >= 0 && value <= 1; };
  if (num_factors > 0 && factors == 0)
    fail(ErrorCode::bad_model, "metadata \"{}row_objective\" has no penalty of factors", prefix);
  if (!is_penalty(factors) || !is_penalty(bias) || !is_exponent(exponent) ||
      !is_exponent(bias_exponent) || !is_penalty(offset) || !is_penalty(objective.unobserved)) {
    fail(ErrorCode::bad_model,
         "metadata \"{}row_objective\" has a penalty below 0 or an exponent outside of 0 to 1",
         prefix);
  }
  if (!(std::isfinite(objective.target) && objective.target > 0))
    fail(ErrorCode::bad_model, "metadata \"{}row_objective\" has no target above 0", prefix);
  if (objective.unobserved == 0 && (objective.target != 1 || objective.approximate)) {
    fail(ErrorCode::bad_model,
         "metadata \"{}row_objective\" is approximate, or has a target, without unobserved weights",
         prefix);
  }
  if (objective.unobserved > 0 && objective.bias)
    fail(ErrorCode::bad_model, "metadata \"{}row_objective\" has a bias beside unobserved weights",
         prefix);
}

void check_weighting(const Weighting& weighting, const std::string& prefix) {
  const float most = weighting.at_least ? kMostRatingExponent : 1;
  if ((weighting.at_least && !std::isfinite(*weighting.at_least)) ||
      !(weighting.exponent >= 0 && weighting.exponent <= most) ||
      !(weighting.lower >= 0 && weighting.lower <= 1)) {
    fail(ErrorCode::bad_model,
         "metadata \"{}weighting\" has no finite bound, an exponent outside of 0 to {}, or a lower "
         "weight outside of 0 to 1",
         prefix, most);
  }
  if (weighting.exponent > 0 && weighting.at_least && !(*weighting.at_least > 0))
    fail(ErrorCode::bad_model,
         "metadata \"{}weighting\" has an exponent of ratings that are not above 0", prefix);
}

// Scores of item weights have no other parts.
void check_item_weights(const Scorer& scorer, const std::string& prefix) {
  const Factors& factors = scorer.factors;
  check_sparse(prefix + "item_weights", *scorer.item_weights, factors.num_items(), "item",
               factors.num_items());
  if (!scorer.weighting) fail(ErrorCode::bad_model, "metadata \"{}weighting\" is missing", prefix);
  if (scorer.row || scorer.range) {
    fail(ErrorCode::bad_model,
         "metadata \"{}{}\" stands in a model of item weights, which has none", prefix,
         scorer.row ? "row_objective" : "rating_range");
  }
  if (factors != Factors(factors.num_users(), factors.num_items(), 0)) {
    fail(
        ErrorCode::bad_model,
        "tensors \"{0}item_weights\" stand beside a \"{0}global_mean\", biases or factors that are "
        "not zero",
        prefix);
  }
}

void check_scorer(const Scorer& scorer, const std::string& prefix) {
  check_factors(scorer.factors, prefix);
  check_scores(scorer.factors, prefix);
  if (scorer.row) check_row_objective(*scorer.row, scorer.factors.num_factors(), prefix);
  if (scorer.range) {
    const auto& [low, high] = *scorer.range;
    if (!std::isfinite(low) || !std::isfinite(high) || low > high) {
      fail(ErrorCode::bad_model, "metadata \"{}rating_range\" is not two finite numbers in order",
           prefix);
    }
  }
  if (scorer.weighting) check_weighting(*scorer.weighting, prefix);
  const bool has_weights = scorer.row && scorer.row->unobserved > 0;
  if (has_weights && !scorer.weighting)
    fail(ErrorCode::bad_model, "metadata \"{}weighting\" is missing", prefix);
  check_length(prefix + "item_support", scorer.item_support.size(), scorer.factors.num_items(),
               "items");
  if (scorer.item_weights) check_item_weights(scorer, prefix);
}

// An algorithm makes item weights if it has an option for how many there are.
void check_neighbours(const Fitted& fitted, const std::string& prefix) {
  const std::optional<std::string> most = option_text(fitted.algorithm.options, "neighbours");
  const std::optional<SparseMatrix>& weights = fitted.scorer.item_weights;
  if (most.has_value() != weights.has_value()) {
    fail(ErrorCode::bad_model, "tensor \"{}item_weights.indptr\" {} a model of {}", prefix,
         most ? "is missing in" : "stands in", fitted.algorithm.name);
  }
  if (!weights) return;
  std::vector<Index> neighbours(weights->num_columns);
  for (const Index item : weights->columns) ++neighbours[item];
  const auto item = std::ranges::max_element(neighbours);
  const unsigned long number = std::stoul(*most);  // 0: all
  if (item != neighbours.end() && number > 0 && *item > number) {
    fail(ErrorCode::bad_model,
         "tensor \"{0}item_weights.indices\": item {1} has {2} neighbours, but metadata "
         "\"{0}options\" says {3}",
         prefix, item - neighbours.begin(), *item, *most);
  }
}

void check_fitted(const Fitted& fitted, const Model& model, const std::string& prefix) {
  const Factors& factors = fitted.scorer.factors;
  check_scorer(fitted.scorer, prefix);
  check_algorithm(fitted.algorithm, factors, prefix);
  check_neighbours(fitted, prefix);
  if (fitted.algorithm.preset && fitted.scorer.range) {
    fail(ErrorCode::bad_model,
         "metadata \"{}rating_range\" stands in a preset's model, which is not "
         "clipped",
         prefix);
  }
  check_length("user_ids", model.catalog->users.size(), factors.num_users(), "users");
  check_length("item_ids", model.catalog->items.size(), factors.num_items(), "items");
  if (fitted.provenance.measured) check_measured(*fitted.provenance.measured, prefix);
  if (fitted.provenance.fold_in) check_fold_in(*fitted.provenance.fold_in, fitted.scorer, prefix);
  check_curve(fitted.provenance.curve, prefix);
  if (fitted.provenance.optimizer) check_optimizer(*fitted.provenance.optimizer, fitted, prefix);
  if (model.seen) check_told_of_seen(*model.seen, fitted.scorer, prefix);
}

void check_digest(std::string_view digest) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!digest.empty() && (digest.size() != 64 || !std::ranges::all_of(digest, is_digit))) {
    fail(ErrorCode::bad_model, "metadata \"data_digest\" is not 64 hexadecimal digits");
  }
}

}  // namespace

void check_model(const Model& model) {
  const Catalog& catalog = *model.catalog;
  check_catalog(catalog);
  if (model.seen)
    check_sparse("seen", *model.seen, catalog.users.size(), "user", catalog.items.size());
  if (model.ratings && model.ratings->scorer.weighting)
    fail(ErrorCode::bad_model, "metadata \"ratings.weighting\" stands in a model of ratings");
  if (model.ratings) check_fitted(*model.ratings, model, "ratings.");
  if (model.lists) check_fitted(*model.lists, model, "lists.");
  if (!model.ratings && !model.lists) fail(ErrorCode::bad_model, "it answers no task");
  check_digest(model.data_digest);
  if (!is_valid_utf8(model.data_selection))
    fail(ErrorCode::bad_model, "metadata \"data_selection\" is not valid UTF-8");
}

}  // namespace palate
