// palate demo: the whole tour.
#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "comparison_text.h"
#include "experiment_flags.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/final_model.h"
#include "palate/evaluate/report.h"
#include "palate/evaluate/taste.h"
#include "palate/recommend/recommend.h"
#include "read_flags.h"
#include "recommendation_table.h"
#include "table_text.h"
#include "terminal.h"
#include "training_progress.h"
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
    constexpr std::array kBothTasks{Task::ratings, Task::lists};
    const std::string model_file = path_of("model.safetensors");
    const std::string report_file = path_of("report.html");
    VerbFiles used = read.verb_files("FILE", true);
    used.writes("--to", report_file);
    used.writes("--to", model_file);
    used.check();
    Parallel parallel(common.threads);

    step("The data: who rated what", {"inspect", read.file()});
    const RatingsTable table = read.read(common.quiet, parallel);
    tell_reading(table, common.quiet);
    require_ratings(table);
    const std::string algorithms = preset_algorithms(Task::ratings) + "," +
                                   default_algorithms(kBothTasks, table.interactions.num_items());

    step("The notebook's split, its two methods, fast SGD, ALS and two baselines, on the same rows",
         {"compare", read.file(), "--split", "notebook", "--algorithms", algorithms});
    ExperimentFlags experiment;
    experiment.split = "notebook";
    CompareOptions options =
        experiment.compare_options(experiment.algorithms(comma_separated(algorithms)));
    options.cutoffs.assign(kReportCutoffs.begin(), kReportCutoffs.end());  // the page has them
    TrainingProgress progress(common.quiet, 1);
    const Watch watch = progress.watch();
    const std::vector<Comparison> comparisons =
        compare(table.interactions, options, parallel, watch);
    for (const Comparison& comparison : comparisons) {
      if (!common.json)
        print_styled("\n" + comparison_table(comparison) + tested_in_words(comparison),
                     style_of_row);
    }

    step("The loss curves and sample predictions, as a page",
         {"report", read.file(), "--split", "notebook", "--algorithms", algorithms, "-o",
          report_file});
    std::vector<Chosen> chosen;
    for (const Comparison& comparison : comparisons) {
      const std::string name = first_algorithm(comparison.task);
      chosen.push_back(
          {comparison, *std::ranges::find(comparison.models, name, [](const ModelResult& model) {
             return model.algorithm.name;
           })});
    }
    const Model model = refitted_model(table.interactions, chosen, parallel, watch);
    const Taste taste = palate::taste(model);
    const std::string json = comparison_json(table, comparisons, &taste);
    save_report(json, report_file);
    if (!common.json) print("{}\n", report_file);

    step("A model of all ratings",
         {"train", read.file(), "--split", "notebook", "--validation", "0", "-o", model_file});
    save_model(model, model_file);
    if (!common.json) print("{}\n", model_file);

    const std::string user = model.catalog->users[0];
    step("What user " + user + " has not seen and would like",
         {"recommend", model_file, "--user", user});
    const Scorer& scorer = for_lists(model).scorer;
    const Scorer& rates = for_ratings(model).scorer;
    const auto list = recommend(scorer, list_query(model, 0), default_rules(scorer));
    const std::vector<float> ratings = ratings_of(rates, query_of_user(rates, 0), list);
    if (!common.json) print(recommendation_table(model, list, ratings) + "\n");
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
  flags.add("--to FOLDER", &demo->folder, "the folder for the page and the model");
  demo->common.add_to(flags);
  demo->common.add_threads_to(flags);
  flags.set_examples(
      {"palate demo", "palate demo ml-latest-small --to tour", "palate demo ratings.csv"});
  return [demo] { return demo->run(); };
}

}  // namespace palate::cli
