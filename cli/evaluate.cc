// palate evaluate MODEL TEST
#include <memory>

#include "comparison_text.h"
#include "flags.h"
#include "palate/json.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Evaluate {
  CommonFlags common;
  std::string model_file;
  ReadFlags read;
  bool no_clip = false;

  int run() const {
    const Model model = load_model(model_file);
    const Fitted& fitted = for_ratings(model);
    Parallel parallel(common.threads);
    const RatingsTable test =
        read_ratings_with(*model.catalog, read.paths(), read.read_options(), parallel);
    tell_reading(test, common.quiet);
    const Evaluation result = palate::evaluate(model, test.interactions, !no_clip, parallel);
    if (!common.quiet) tell_what_flatters(result.familiarity);
    if (common.json) {
      print_document(to_json(result, model_file, test.path, !no_clip && fitted.scorer.range));
    } else {
      std::vector<std::string> header{"model"};
      std::vector<std::string> row{fitted.algorithm.name};
      for (const Measured& measured : result.metrics) {
        if (!in_tables(measured.metric)) continue;
        header.push_back(metric_heading(measured));
        row.push_back(metric_text(measured));
      }
      header.emplace_back("ratings");
      row.push_back(with_commas(result.familiarity.ratings));
      TextTable table(std::move(header));
      table.add(std::move(row));
      print(table.text());
    }
    return kDone;
  }

  static void tell_what_flatters(const Familiarity& result) {
    if (result.seen > 0) {
      tell(
          "warning: {} of {} test ratings are in the model's history: it was trained on them, and "
          "the figure flatters",
          with_commas(result.seen), with_commas(result.ratings));
    }
    if (result.unknown_users > 0)
      tell("{} ratings are by users the model does not know: bias-only answers",
           with_commas(result.unknown_users));
    if (result.unknown_items > 0)
      tell("{} ratings are of items the model does not know: bias-only answers",
           with_commas(result.unknown_items));
  }
};

}  // namespace

Run add_evaluate(FlagSet& flags) {
  const auto evaluate = std::make_shared<Evaluate>();
  flags.add_required("MODEL", &evaluate->model_file, "a model's file");
  evaluate->read.add_to(flags, "TEST");
  flags.add(
      "--no-clip", &evaluate->no_clip,
      "do not clip predictions to the range of the train ratings; those of presets never are");
  evaluate->common.add_to(flags);
  evaluate->common.add_threads_to(flags);
  return [evaluate] { return evaluate->run(); };
}

}  // namespace palate::cli
