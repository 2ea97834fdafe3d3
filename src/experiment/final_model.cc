#include "palate/evaluate/final_model.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/fail.h"
#include "experiment/fold_in_row.h"

namespace palate {
namespace {

const Model* init_of(const Model* init, Task task) {
  const bool has_task =
      init != nullptr && (task == Task::ratings ? init->ratings : init->lists).has_value();
  return has_task ? init : nullptr;
}

// What the trial made, and tells of what `chosen` measured.
Fitted fitted_of(Trial trial, const Chosen& chosen, const Model* init, bool refitted) {
  const auto& [comparison, result] = chosen;
  Measurement measured{.values = {},
                       .test_ratings = comparison.split.tested,
                       .split = comparison.split.description,
                       .refitted = refitted,
                       .seen = result.seen};
  for (const Measured& one : result.metrics)
    measured.values.push_back({one.metric.name, one.interval.value});
  const TrainReport& report = result.trial.report;
  std::uint64_t epochs = report.epochs_kept;
  if (init != nullptr) {
    epochs += (comparison.task == Task::ratings ? init->ratings : init->lists)->provenance.epochs;
  }
  NamedAlgorithm algorithm = result.algorithm;
  algorithm.name = algorithm.name.substr(0, algorithm.name.find(':'));  // its options stand beside
  return {std::move(algorithm),
          std::move(trial.scorer),
          {.measured = std::move(measured),
           .curve = report.curve,
           .epochs = static_cast<Index>(
               std::min<std::uint64_t>(epochs, std::numeric_limits<Index>::max())),
           .optimizer = std::move(trial.optimizer),
           .fold_in = result.trial.fold_in_measured()}};
}

// A model of the part that answers no task yet.
Model model_of(const Interactions& interactions, const Part& part) {
  return Model{.catalog = part.catalog,
               .seen = std::make_shared<const SparseMatrix>(part.train.by_user()),
               .ratings = {},
               .lists = {},
               .data_digest = digest(interactions),
               .data_selection = interactions.selection};
}

void add(Model& model, Task task, Fitted fitted) {
  (task == Task::ratings ? model.ratings : model.lists) = std::move(fitted);
}

}  // namespace

Model measured_model(const Interactions& interactions, const std::vector<Chosen>& chosen,
                     const Model* init) {
  Model model = model_of(interactions, *chosen.front().comparison.part);
  for (const Chosen& one : chosen) {
    const Task task = one.comparison.task;
    add(model, task, fitted_of(one.result.trial, one, init_of(init, task), false));
  }
  return model;
}

Model refitted_model(const Interactions& interactions, const std::vector<Chosen>& chosen,
                     Parallel& parallel, const Watch& watch, const Model* init) {
  const auto as_measured = [&] { return measured_model(interactions, chosen, init); };
  if (chosen.front().comparison.part->train.size() == interactions.size())
    return as_measured();  // all rows
  const Comparison* const of_lists = [&]() -> const Comparison* {
    const auto found = std::ranges::find(chosen, Task::lists,
                                         [](const Chosen& one) { return one.comparison.task; });
    return found == chosen.end() ? nullptr : &found->comparison;
  }();
  const Part part =
      whole(interactions, of_lists != nullptr ? of_lists->relevant : std::nullopt, parallel);
  Model model = model_of(interactions, part);
  for (const Chosen& one : chosen) {
    const Task task = one.comparison.task;
    NamedAlgorithm algorithm = one.result.algorithm;
    if (option_text(algorithm.options, "epochs")) {
      set_option(algorithm.options, "epochs",
                 fmt::format("{}", one.result.trial.report.epochs_kept));
    }
    const Model* const start = init_of(init, task);
    Trial trial = run_trial(part, algorithm, {.init = start}, parallel, watch);
    if (trial.report.ending == Ending::diverged)
      fail(ErrorCode::diverged, "{} {}", algorithm.name, trial.report.advice);
    if (trial.report.ending == Ending::interrupted) return as_measured();
    if (const auto& choice = one.result.trial.fold_in)
      trial.scorer.row = multiplied(*trial.scorer.row, *choice);
    add(model, task, fitted_of(std::move(trial), one, start, true));
  }
  return model;
}

}  // namespace palate
