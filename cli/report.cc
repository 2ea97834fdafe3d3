// palate report FILE | COMPARISON.json
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "flags.h"
#include "palate/error.h"
#include "palate/report.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) throw Error(ErrorCode::io, fmt::format("{}: {}", path, std::strerror(errno)));
  return text.str();
}

struct Report {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment;
  std::string algorithms = "als,sgd,gradient,bias,mean";
  std::string output = "report.html";

  int run() const {
    save_report(read.file().ends_with(".json") ? text_of(read.file()) : measure(), output);
    if (common.json) {
      print(nlohmann::ordered_json{{"report", output}}.dump(2) + "\n");
    } else {
      print("{}\n", output);
    }
    return stop_requested() ? kInterrupted : kDone;
  }

  std::string measure() const {
    const CompareOptions options = experiment.compare_options(experiment.algorithms(comma_separated(algorithms)));
    Parallel parallel(common.threads);
    const RatingsTable table = read.read(parallel);
    tell_reading(table, common.quiet);
    TrainingProgress progress(common.quiet, experiment.folds);
    return comparison_json(table, run_comparison(table, read, experiment, options, parallel, progress.watch()));
  }
};

}  // namespace

Run add_report(CLI::App& verb) {
  const auto report = std::make_shared<Report>();
  report->read.add_to(verb);
  report->read.add_selection_to(verb);
  verb.add_option("-o,--output", report->output, "the page; an existing one is replaced")->capture_default_str();
  verb.add_option("--algorithms", report->algorithms, "names of algorithms and presets, with commas")->capture_default_str();
  report->experiment.add_to(verb);
  report->common.add_to(verb);
  report->common.add_threads_to(verb);
  verb.footer("FILE is a table of ratings, or what `palate compare --json` printed, saved in a file whose name ends in .json.");
  return [report] { return report->run(); };
}

}  // namespace palate::cli
