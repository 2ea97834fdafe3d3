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
    fail(ErrorCode::bad_model, "tensor \"global_mean\" is not a finite number");
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

void check_optimizer(const OptimizerState& optimizer, const Model& model) {
  const auto* const gradient = std::get_if<GradientOptions>(&model.options);
  if (gradient == nullptr || gradient->optimizer != Optimizer::adam) {
    fail(ErrorCode::bad_model,
         "tensor \"optimizer.steps\" stands in a model that was not trained by adam");
  }
  constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 53;  // of which every one is a double
  if (optimizer.steps < 1 || optimizer.steps > kMostSteps) {
    fail(ErrorCode::bad_model, "tensor \"optimizer.steps\" is not between 1 and {}", kMostSteps);
  }
  check_moment(optimizer.first_moment, "optimizer.first_moment.", model.factors);
  const std::string second = "optimizer.second_moment.";
  const Factors& squares = optimizer.second_moment;
  check_moment(squares, second, model.factors);
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

void check_catalog(const Catalog& catalog, const Factors& factors) {
  check_length("user_ids", catalog.users.size(), factors.num_users(), "users");
  check_length("item_ids", catalog.items.size(), factors.num_items(), "items");
  if (!catalog.item_titles.empty())
    check_cells("item_titles", catalog.item_titles, factors.num_items());
  for (std::size_t c = 0; c < catalog.item_metadata.size(); ++c) {
    if (!is_valid_utf8(catalog.item_metadata[c].name)) {
      fail(ErrorCode::bad_model, "metadata \"item_metadata.{}.name\" is not valid UTF-8", c);
    }
    check_cells(fmt::format("item_metadata.{}", c), catalog.item_metadata[c].cells,
                factors.num_items());
  }
}

// The options are in their bounds, belong to the name, and speak of as many factors as there are.
void check_options(const Model& model) {
  try {
    validate(model.options);
    if (algorithm_name(algorithm_named(model.algorithm).options) != algorithm_name(model.options)) {
      fail(ErrorCode::bad_model, "\"{}\" is not run by {}", model.algorithm,
           algorithm_name(model.options));
    }
  } catch (const Error& error) {
    fail(ErrorCode::bad_model, "metadata \"options\": {}", error.what());
  }
  Index factors = 0;
  std::visit(
      [&](const auto& options) {
        visit_fields(options, [&]<class T>(const Field& field, const T& value) {
          if constexpr (std::same_as<T, Index>) {
            if (field.name == "factors") factors = value;
          }
        });
      },
      model.options);
  if (model.factors.num_factors() != factors) {
    fail(ErrorCode::bad_model,
         "tensor \"user_factors\" has {} columns, but metadata \"options\" says {} factors",
         model.factors.num_factors(), factors);
  }
}

void check_history(const SparseMatrix& history, const Factors& factors, const RatingRange& range,
                   std::span<const std::uint32_t> item_support) {
  const std::vector<std::size_t>& starts = history.starts;
  check_length("history.indptr", starts.size(), std::size_t{factors.num_users()} + 1,
               "users and the end");
  check_length("history.values", history.values.size(), history.columns.size(), "indices");
  if (starts.front() != 0 || starts.back() != history.columns.size() ||
      !std::ranges::is_sorted(starts)) {
    fail(
        ErrorCode::bad_model,
        "tensor \"history.indptr\" does not ascend from 0 to the {} entries of \"history.indices\"",
        history.columns.size());
  }
  std::vector<std::uint32_t> support(factors.num_items());
  for (Index user = 0; user < history.rows(); ++user) {
    const SparseRow row = history.row(user);
    for (std::size_t t = 0; t < row.columns.size(); ++t) {
      if (row.columns[t] >= factors.num_items()) {
        fail(ErrorCode::bad_model, "tensor \"history.indices\": user {} has item {} of {}", user,
             row.columns[t], factors.num_items());
      }
      if (t > 0 && row.columns[t] <= row.columns[t - 1]) {
        fail(ErrorCode::bad_model, "tensor \"history.indices\": the items of user {} do not ascend",
             user);
      }
      if (!(row.values[t] >= range.low && row.values[t] <= range.high)) {  // NaN is not
        fail(ErrorCode::bad_model,
             "tensor \"history.values\": user {} has {}, outside of the rating range", user,
             row.values[t]);
      }
      ++support[row.columns[t]];
    }
  }
  const auto [counted, told] = std::ranges::mismatch(support, item_support);
  if (counted != support.end()) {
    fail(ErrorCode::bad_model,
         "tensor \"item_support\": item {} has {} ratings, but {} in the history",
         counted - support.begin(), *told, *counted);
  }
}

void check_measured(const Measurement& measured) {
  const auto is_error = [](double value) { return std::isfinite(value) && value >= 0; };
  if (!is_error(measured.rmse) || !is_error(measured.mae)) {
    fail(ErrorCode::bad_model,
         "metadata \"measured\" has an error that is not a finite number of at least 0");
  }
  if (measured.split.size() > 1000 || !is_valid_utf8(measured.split)) {
    fail(ErrorCode::bad_model,
         "metadata \"measured\" has a split that is not UTF-8 of at most 1000 bytes");
  }
}

void check_curve(std::span<const EpochRecord> curve) {
  const auto is_loss = [](double value) { return std::isfinite(value) && value >= 0; };
  for (std::size_t t = 0; t < curve.size(); ++t) {
    const EpochRecord& record = curve[t];
    if (t > 0 && record.epoch <= curve[t - 1].epoch)
      fail(ErrorCode::bad_model, "metadata \"curve\": the epochs do not ascend");
    if (!is_loss(record.train_loss) || !is_loss(record.validation_loss.value_or(0)) ||
        !is_loss(record.test_loss.value_or(0))) {
      fail(ErrorCode::bad_model,
           "metadata \"curve\": epoch {} has a loss that is not a finite number of at least 0",
           record.epoch);
    }
  }
}

void check_digest(std::string_view digest) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!digest.empty() && (digest.size() != 64 || !std::ranges::all_of(digest, is_digit))) {
    fail(ErrorCode::bad_model, "metadata \"data_digest\" is not 64 hexadecimal digits");
  }
}

}  // namespace

void check_model(const Model& model) {
  check_factors(model.factors, "");
  check_catalog(*model.catalog, model.factors);
  check_options(model);
  if (!std::isfinite(model.range.low) || !std::isfinite(model.range.high) ||
      model.range.low > model.range.high) {
    fail(ErrorCode::bad_model, "metadata \"rating_range\" is not two finite numbers in order");
  }
  check_length("item_support", model.item_support.size(), model.factors.num_items(), "items");
  if (model.has_history())
    check_history(model.history, model.factors, model.range, model.item_support);
  check_digest(model.data_digest);
  if (model.measured) check_measured(*model.measured);
  check_curve(model.curve);
  if (model.optimizer) check_optimizer(*model.optimizer, model);
}

}  // namespace palate
