// palate evaluate MODEL TEST
#include <memory>

#include "comparison_text.h"
#include "flags.h"
#include "palate/json.h"
#include "terminal.h"
#include "twins.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Evaluate {
  CommonFlags common;
  std::string model_file;
  ReadFlags read;
  bool no_clip = false;

  int run() const {
    VerbFiles used = read.verb_files("TEST", true);
    used.reads("MODEL", model_file);
    used.check();
    const Model model = load_model(model_file);
    const Fitted& fitted = for_ratings(model);
    Parallel parallel(common.threads);
    const ReadOptions options = read.test_options();
    const RatingsTable test = read_ratings_with(*model.catalog, read.paths(), options, parallel);
    tell_reading(test, common.quiet);
    require_ratings(test);
    tell_twins(test, *model.catalog, common.quiet);
    const Evaluation result = palate::evaluate(model, test.interactions, !no_clip, parallel);
    if (!common.quiet) tell_what_it_measures(result);
    if (common.json) {
      print_document(to_json(result, model_file, test.path, !no_clip && fitted.scorer.range));
    } else {
      const bool flatters = result.familiarity.seen > 0U;
      std::vector<std::string> header{"model"};
      std::vector<std::string> row{fitted.algorithm.name};
      for (const Measured& measured : result.metrics) {
        if (!in_tables(measured.metric)) continue;
        header.push_back(metric_heading(measured));
        row.push_back(metric_text(measured) + (flatters ? fmt::format(" {}", kFlatters) : ""));
      }
      header.emplace_back("ratings");
      row.push_back(with_commas(result.familiarity.ratings));
      TextTable table(std::move(header));
      table.add(std::move(row));
      print(table.text());
      if (flatters) {
        print("{} the model was trained on {} of the {} ratings: the figure flatters\n", kFlatters,
              with_commas(*result.familiarity.seen), with_commas(result.familiarity.ratings));
      }
    }
    return kDone;
  }

  static void tell_what_it_measures(const Evaluation& result) {
    const Familiarity& familiarity = result.familiarity;
    if (familiarity.unknown_users > 0)
      tell("{} ratings are by users the model does not know: bias-only answers",
           with_commas(familiarity.unknown_users));
    if (familiarity.unknown_items > 0)
      tell("{} ratings are of items the model does not know: bias-only answers",
           with_commas(familiarity.unknown_items));
    for (const std::string& warning : warnings_of(result)) tell(warning);
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
