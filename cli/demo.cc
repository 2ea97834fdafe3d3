// palate demo: the whole tour.
#include <memory>
#include <nlohmann/json.hpp>

#include "comparison_text.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/final_model.h"
#include "palate/evaluate/report.h"
#include "palate/evaluate/taste.h"
#include "palate/recommend/recommend.h"
#include "recommendation_table.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Demo {
  CommonFlags common;
  ReadFlags read;
  std::string folder = ".";

  std::string path_of(const std::string& name) const {
    return folder == "." ? name : folder + "/" + name;
  }

  // Says what the next step does and the command that does it.
  void step(const std::string& what, const std::vector<std::string>& command) const {
    if (!common.json) print("\n── {}\n   $ palate {}\n\n", what, quoted_for_shell(command));
  }

  int run() const {
    const std::string algorithms = preset_algorithms() + "," + default_algorithms();
    const std::string model_file = path_of("model.safetensors");
    const std::string report_file = path_of("report.html");
    VerbFiles used = read.verb_files("FILE", true);
    used.writes("--to", report_file);
    used.writes("--to", model_file);
    used.check();
    Parallel parallel(common.threads);

    step("The data: who rated what", {"inspect", read.file()});
    const RatingsTable table = read.read(parallel);
    tell_reading(table, common.quiet);
    require_ratings(table);

    step("The notebook's split, its two methods, fast SGD, ALS and two baselines, on the same rows",
         {"compare", read.file(), "--split", "notebook", "--algorithms", algorithms});
    ExperimentFlags experiment;
    experiment.split = "notebook";
    const CompareOptions options =
        experiment.compare_options(experiment.algorithms(comma_separated(algorithms)));
    TrainingProgress progress(common.quiet, 1);
    const Watch watch = progress.watch();
    const Comparison comparison = compare(table.interactions, options, parallel, watch);
    if (!common.json) print("\n" + comparison_table(comparison));

    step("The loss curves and sample predictions, as a page",
         {"report", read.file(), "--split", "notebook", "--algorithms", algorithms, "-o",
          report_file});
    const ModelResult& first =
        *std::ranges::find(comparison.models, first_algorithm(),
                           [](const ModelResult& m) { return m.algorithm.name; });
    const Model model = refitted_model(table.interactions, comparison, first, parallel, watch);
    const auto taste = &first == best_with_factors(comparison)
                           ? std::optional(palate::taste(model))
                           : taste_of_best(table.interactions, comparison, parallel, watch);
    const std::string json = comparison_json(table, comparison, taste ? &*taste : nullptr);
    save_report(json, report_file);
    if (!common.json) print("{}\n", report_file);

    step("A model of all ratings",
         {"train", read.file(), "--algorithm", first.algorithm.name, "-o", model_file});
    save_model(model, model_file);
    if (!common.json) print("{}\n", model_file);

    const std::string user = model.catalog->users[0];
    step("What user " + user + " has not seen and would like",
         {"recommend", model_file, "--user", user});
    const Scorer& scorer = for_lists(model).scorer;
    const auto list = recommend(scorer, query_of_user(scorer, 0, model.seen_by(0)), {});
    if (!common.json) print(recommendation_table(model, list) + "\n");
    if (common.json) {
      auto document = nlohmann::ordered_json::parse(json);
      document["report"] = report_file;
      document["model"] = model_file;
      print_json(document);
    }
    return kDone;
  }
};

}  // namespace

Run add_demo(FlagSet& flags) {
  const auto demo = std::make_shared<Demo>();
  demo->read.files = {"ml-latest-small"};
  flags.add("FILE", &demo->read.files, "a table of ratings, or the name of a fetched data set");
  flags.add("--to", &demo->folder, "the folder for the page and the model");
  demo->common.add_to(flags);
  demo->common.add_threads_to(flags);
  return [demo] { return demo->run(); };
}

}  // namespace palate::cli
