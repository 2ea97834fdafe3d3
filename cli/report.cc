// palate report FILE | COMPARISON.json
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiment_flags.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/report.h"
#include "palate/evaluate/taste.h"
#include "read_flags.h"
#include "table_text.h"
#include "terminal.h"
#include "training_progress.h"
#include "verbs.h"

namespace palate::cli {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    throw Error(ErrorCode::io, fmt::format("{}: {}", path, std::strerror(errno)));
  return text.str();
}

struct Report {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment;
  std::string algorithms;  // unless given: those of a comparison that names none
  std::string output = "report.html";

  int run() const {
    std::vector<std::string> given = experiment.given_split_flags();
    if (experiment.metric) given.emplace_back("--metric");
    if (experiment.cutoffs) given.emplace_back("--cutoffs");
    if (is_comparison() && !given.empty()) {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("{} has no effect on {}, which was measured already", given.front(),
                              read.file()));
    }
    VerbFiles used = read.verb_files("FILE", !is_comparison());
    used.reads_table("--test", experiment.test_file);
    used.writes("--output", output);
    used.check();
    save_report(is_comparison() ? text_of(read.file()) : measure(), output);
    if (common.json) {
      print_json(nlohmann::ordered_json{{"report", output}});
    } else {
      print_path(output);
    }
    return kDone;
  }

  bool is_comparison() const { return read.file().ends_with(".json"); }

  std::string measure() const {
    if (!algorithms.empty()) experiment.algorithms(comma_separated(algorithms));  // or refuses them
    Parallel parallel(common.threads);
    RatingsTable table = read.read(common.quiet, parallel);
    experiment.tell_relevant(table);
    tell_reading(table, common.quiet);
    CompareOptions options = experiment.compare_options(experiment.algorithms(
        comma_separated(algorithms.empty()
                            ? default_algorithms(read.tasks(table), table.interactions.num_items())
                            : algorithms),
        table));
    if (!experiment.cutoffs) options.cutoffs.assign(kReportCutoffs.begin(), kReportCutoffs.end());
    check_memory(table, options, true, common.quiet);
    TrainingProgress progress(common.quiet, folds_of(options));
    const std::vector<Comparison> comparisons =
        run_comparison(table, read, experiment, options, common.quiet, parallel, progress.watch());
    TrainingProgress on_all_rows(common.quiet, 1, "all rows");
    const auto taste =
        taste_of_best(table.interactions, comparisons, parallel, on_all_rows.watch());
    return comparison_json(table, comparisons, taste ? &*taste : nullptr);
  }
};

}  // namespace

Run add_report(FlagSet& flags) {
  const auto report = std::make_shared<Report>();
  report->read.add_to(flags);
  report->read.add_titles_to(flags);
  report->read.add_selection_to(flags);
  report->read.add_task_to(flags);
  flags.add("-o,--output FILE", &report->output, "the page; an existing one is replaced");
  flags.add("--algorithms,--algorithm NAME,...", &report->algorithms,
            "names of algorithms and presets, with commas");
  report->experiment.add_to(flags);
  report->common.add_to(flags);
  report->common.add_threads_to(flags);
  flags.set_note(
      "FILE is a table of ratings, or what `palate compare --json` printed, in a file whose name "
      "ends in .json.");
  flags.set_examples({"palate report ratings.csv",
                      "palate report ratings.csv --task ratings -o page.html",
                      "palate report comparison.json"});
  return [report] { return report->run(); };
}

}  // namespace palate::cli
