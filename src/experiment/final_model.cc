// From a measured comparison to the model that is kept.
#include <utility>

#include "base/fail.h"
#include "palate/data/dataset.h"
#include "palate/evaluate/experiment.h"

namespace palate {
namespace {

Model model_of(const Interactions& interactions, const Dataset& data, const Comparison& comparison,
               const ModelResult& result, Factors factors, std::optional<OptimizerState> optimizer,
               const Model* init, bool refitted) {
  const std::string& name = result.algorithm.name;
  Model model{
      .factors = std::move(factors),
      .catalog = interactions.catalog,
      .algorithm = name.substr(0, name.find(':')),  // without options of its own: "als:factors=8"
      .options = result.algorithm.options,
      .range = data.range(),
      .item_support = {},
      .history = data.by_user(),
      .data_digest = digest(interactions),
      .data_selection = interactions.selection,
      .measured = Measurement{.rmse = find_metric(result.metrics, "rmse")->interval.value,
                              .mae = find_metric(result.metrics, "mae")->interval.value,
                              .test_ratings = comparison.split.test,
                              .split = comparison.split.description,
                              .refitted = refitted},
      .curve = result.curve,
      .epochs = (init != nullptr ? init->epochs : 0) + result.epochs_kept,
      .optimizer = std::move(optimizer)};
  for (Index item = 0; item < data.num_items(); ++item)
    model.item_support.push_back(data.by_item().row(item).size());
  return model;
}

// The options with as many epochs as were kept, for the algorithms that have epochs.
AlgorithmOptions with_epochs(AlgorithmOptions options, Index epochs) {
  std::visit(
      [&](auto& chosen) {
        visit_fields(chosen, [&]<class T>(const Field& field, T& value) {
          if constexpr (std::same_as<T, Index>) {
            if (field.name == "epochs") value = epochs;
          }
        });
      },
      options);
  return options;
}

}  // namespace

Model measured_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, const CompareOptions& options, Parallel& parallel) {
  const Split outer = make_splits(interactions, options.split).front();
  const Split split =
      options.validation_share > 0
          ? with_validation(interactions, outer, options.split, options.validation_share)
          : outer;
  const Dataset data(interactions, split.train, parallel);
  return model_of(interactions, data, comparison, result, result.factors, result.optimizer,
                  options.init, false);
}

Model refitted_model(const Interactions& interactions, const Comparison& comparison,
                     const ModelResult& result, Parallel& parallel, const Watch& watch,
                     const Model* init) {
  const Dataset data(interactions, parallel);
  TrainContext context{.parallel = parallel, .stop_requested = watch.stop_requested};
  std::optional<WarmStart> start;
  if (init != nullptr) context.start = &start.emplace(warm_start(*init, *interactions.catalog));
  const std::string& name = result.algorithm.name;
  if (watch.on_start) watch.on_start(name, 0);
  if (watch.on_epoch)
    context.on_epoch = [&](const EpochRecord& record) { watch.on_epoch(name, 0, record); };
  TrainResult trained =
      train(data, with_epochs(result.algorithm.options, result.epochs_kept), context);
  if (watch.on_end) watch.on_end(name, 0);
  if (trained.report.ending == Ending::diverged)
    fail(ErrorCode::diverged, "{} {}", name, trained.report.advice);
  return model_of(interactions, data, comparison, result, std::move(trained.factors),
                  std::move(trained.optimizer), init, true);
}

}  // namespace palate
