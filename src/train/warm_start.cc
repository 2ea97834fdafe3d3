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

}  // namespace

WarmStart warm_start(const Fitted& from, const Catalog& known, const Catalog& catalog) {
  return {from, numbers_of(catalog.users, known.users), numbers_of(catalog.items, known.items)};
}

void check_start(const AlgorithmOptions& before, const AlgorithmOptions& options) {
  const AlgorithmTraits& about = traits_of(options);
  if (!about.can_continue) {
    std::vector<std::string_view> others;
    for (const AlgorithmInfo& row : algorithms()) {
      if (row.about.can_continue && row.about.task == about.task && !row.preset)
        others.push_back(row.about.name);
    }
    fail(ErrorCode::invalid_argument, "{} cannot start from a model: {} can", about.name,
         fmt::join(others, ", "));
  }
  if (!traits_of(before).is_trained)
    fail(ErrorCode::invalid_argument,
         "the model to start from has {}: training cannot go on from them",
         traits_of(before).summary);
  if (algorithm_name(before) != about.name) {
    const std::string advice = traits_of(before).can_continue
                                   ? fmt::format(": use `algorithm={}`", algorithm_name(before))
                                   : "";
    fail(ErrorCode::invalid_argument, "the model to start from is of {}, not of {}{}",
         algorithm_name(before), about.name, advice);
  }
  visit_all_fields(options, [&](const Field& field, const auto&) {
    const std::string its = option_text(before, field.name).value();
    const std::string own = option_text(options, field.name).value();
    if (!field.is_shape || its == own) return;
    fail(ErrorCode::invalid_argument, "the model to start from has {0} {1}, not {2}: use `{0}={1}`",
         field.name, its, own);
  });
}

Factors started(const TrainContext& context, Factors fresh) {
  if (context.start) copy_known(*context.start, context.start->from.scorer.factors, fresh);
  return fresh;
}

std::optional<OptimizerState> started_optimizer(const TrainContext& context) {
  if (!context.start || !context.start->from.provenance.optimizer) return {};
  const WarmStart& start = *context.start;
  const OptimizerState& before = *start.from.provenance.optimizer;
  const Factors zero(static_cast<Index>(start.users.size()), static_cast<Index>(start.items.size()),
                     before.first_moment.num_factors());
  OptimizerState state{before.steps, zero, zero};
  copy_known(start, before.first_moment, state.first_moment);
  copy_known(start, before.second_moment, state.second_moment);
  return state;
}

}  // namespace palate
