// palate evaluate MODEL TEST
#include <memory>
#include <nlohmann/json.hpp>

#include "comparison_text.h"
#include "flags.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

nlohmann::ordered_json as_json(const std::vector<Measured>& metrics) {
  nlohmann::ordered_json json;
  for (const auto& [metric, interval, draws] : metrics) {
    json[metric.name] = {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
  }
  return json;
}

struct Evaluate {
  CommonFlags common;
  std::string model_file;
  ReadFlags read;
  bool no_clip = false;

  int run() const {
    const Model model = load_model(model_file);
    Parallel parallel(common.threads);
    const RatingsTable test =
        read_ratings_with(*model.catalog, read.paths(), read.read_options(), parallel);
    tell_unused_rows(test, common.quiet);
    const Evaluation result = palate::evaluate(model, test.interactions, !no_clip, parallel);
    if (!common.quiet) tell_what_flatters(result);
    if (common.json) {
      const nlohmann::ordered_json json{{"model", model_file},
                                        {"test", test.path},
                                        {"ratings", result.ratings},
                                        {"unknown_users", result.unknown_users},
                                        {"unknown_items", result.unknown_items},
                                        {"seen", result.seen},
                                        {"clipped", !no_clip && !is_preset(model.algorithm)},
                                        {"metrics", as_json(result.metrics)}};
      print_json(json);
    } else {
      std::vector<std::string> header{"model"};
      std::vector<std::string> row{model.algorithm};
      for (const Measured& measured : result.metrics) {
        if (!in_tables(measured.metric)) continue;
        header.push_back(metric_heading(measured));
        row.push_back(metric_text(measured));
      }
      header.emplace_back("ratings");
      row.push_back(with_commas(result.ratings));
      TextTable table(std::move(header));
      table.add(std::move(row));
      print(table.text());
    }
    return kDone;
  }

  static void tell_what_flatters(const Evaluation& result) {
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
