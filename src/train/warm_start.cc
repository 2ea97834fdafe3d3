#include "train/warm_start.h"

#include <algorithm>

#include "base/fail.h"

namespace palate {
namespace {

std::vector<std::optional<Index>> numbers_of(const Ids& ids, const Ids& known) {
  std::vector<std::optional<Index>> numbers(ids.size());
  for (Index i = 0; i < ids.size(); ++i) numbers[i] = known.find(ids[i]);
  return numbers;
}

// Copies the rows of one side that the model has.
void copy_rows(const std::vector<std::optional<Index>>& numbers, const Matrix& from,
               std::span<const float> bias_from, Matrix& factors, std::span<float> bias) {
  for (Index r = 0; r < numbers.size(); ++r) {
    if (!numbers[r]) continue;
    std::ranges::copy(from.row(*numbers[r]), factors.row(r).begin());
    bias[r] = bias_from[*numbers[r]];
  }
}

void copy_known(const WarmStart& start, const Factors& from, Factors& to) {
  to.global_mean = from.global_mean;
  copy_rows(start.users, from.user_factors, from.user_bias, to.user_factors, to.user_bias);
  copy_rows(start.items, from.item_factors, from.item_bias, to.item_factors, to.item_bias);
}

Index factors_of(const AlsOptions& options) { return options.factors; }
Index factors_of(const GradientOptions& options) { return options.factors; }
Index factors_of(const BiasOptions&) { return 0; }

}  // namespace

WarmStart warm_start(const Model& model, const Catalog& catalog) {
  return {model, numbers_of(catalog.users, model.catalog->users),
          numbers_of(catalog.items, model.catalog->items)};
}

void check_warm_start(const Model& model, const AlgorithmOptions& options) {
  const std::string_view algorithm = algorithm_name(options);
  if (std::holds_alternative<SgdOptions>(options) || std::holds_alternative<MeanOptions>(options)) {
    fail(ErrorCode::invalid_argument, "{} cannot start from a model: als, gradient and bias can",
         algorithm);
  }
  if (algorithm_name(model.options) != algorithm) {
    fail(ErrorCode::invalid_argument,
         "the model to start from is of {0}, not of {1}: use --algorithm {0}",
         algorithm_name(model.options), algorithm);
  }
  std::visit(
      [&]<class Options>(const Options& chosen) {
        if constexpr (requires { factors_of(chosen); }) {
          if (model.factors.num_factors() == factors_of(chosen)) return;
          fail(ErrorCode::invalid_argument,
               "the model to start from has {0} factors, not {1}: use --factors {0}",
               model.factors.num_factors(), factors_of(chosen));
        }
      },
      options);
  if (const auto* const gradient = std::get_if<GradientOptions>(&options)) {
    const bool biases = std::get<GradientOptions>(model.options).biases;
    if (gradient->biases != biases) {
      fail(ErrorCode::invalid_argument, "the model to start from has {} biases: use --biases {}",
           biases ? "learned" : "no", biases);
    }
  }
}

void take_over(const WarmStart& start, Factors& fresh) {
  copy_known(start, start.model.factors, fresh);
}

std::optional<OptimizerState> optimizer_of(const WarmStart& start) {
  const std::optional<OptimizerState>& before = start.model.optimizer;
  if (!before) return {};
  const Factors zero(static_cast<Index>(start.users.size()), static_cast<Index>(start.items.size()),
                     start.model.factors.num_factors());
  OptimizerState state{before->steps, zero, zero};
  copy_known(start, before->first_moment, state.first_moment);
  copy_known(start, before->second_moment, state.second_moment);
  return state;
}

}  // namespace palate
