#include "palate/evaluate/final_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/fail.h"

namespace palate {
namespace {

// The model of one trial, that tells what `result` measured.
Model model_of(const Interactions& interactions, const Part& part, Trial trial,
               const Comparison& comparison, const ModelResult& result, const Model* init,
               bool refitted) {
  Measurement measured{.values = {},
                       .test_ratings = comparison.split.tested,
                       .split = comparison.split.description,
                       .refitted = refitted,
                       .seen = result.seen};
  for (const Measured& one : result.metrics)
    measured.values.push_back({one.metric.name, one.interval.value});
  const TrainReport& report = result.trial.report;
  const std::uint64_t epochs = std::uint64_t{report.epochs_kept} +
                               (init != nullptr ? for_ratings(*init).provenance.epochs : 0);
  NamedAlgorithm algorithm = result.algorithm;
  algorithm.name = algorithm.name.substr(0, algorithm.name.find(':'));  // its options stand beside
  return Model{.catalog = part.catalog,
               .seen = std::make_shared<const SparseMatrix>(part.train.by_user()),
               .ratings = Fitted{std::move(algorithm),
                                 std::move(trial.scorer),
                                 {.measured = std::move(measured),
                                  .curve = report.curve,
                                  .epochs = static_cast<Index>(std::min<std::uint64_t>(
                                      epochs, std::numeric_limits<Index>::max())),
                                  .optimizer = std::move(trial.optimizer)}},
               .lists = {},
               .data_digest = digest(interactions),
               .data_selection = interactions.selection};
}

}  // namespace

Model measured_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, const Model* init) {
  return model_of(interactions, *comparison.part, result.trial, comparison, result, init, false);
}

Model refitted_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, Parallel& parallel, const Watch& watch,
                     const Model* init) {
  const auto as_measured = [&] { return measured_model(interactions, comparison, result, init); };
  if (comparison.part->train.size() == interactions.size()) return as_measured();  // all rows
  NamedAlgorithm algorithm = result.algorithm;
  if (option_text(algorithm.options, "epochs"))
    set_option(algorithm.options, "epochs", fmt::format("{}", result.trial.report.epochs_kept));
  const Part part = whole(interactions, parallel);
  Trial trial = run_trial(part, algorithm, {.init = init}, parallel, watch);
  if (trial.report.ending == Ending::diverged)
    fail(ErrorCode::diverged, "{} {}", algorithm.name, trial.report.advice);
  if (trial.report.ending == Ending::interrupted) return as_measured();
  return model_of(interactions, part, std::move(trial), comparison, result, init, true);
}

}  // namespace palate
