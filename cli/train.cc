// palate train FILE
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "comparison_text.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/final_model.h"
#include "signals.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Train {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment{.validation_share = 0.1};
  std::string algorithm{first_algorithm()};
  std::string output = "model.safetensors";
  std::string init;
  bool no_refit = false;
  bool no_history = false;

  // The chosen algorithm and the baselines that stand beside every model.
  std::vector<std::string> names() const {
    std::vector<std::string> all{algorithm};
    for (const AlgorithmInfo& row : algorithms()) {
      if (row.about.is_baseline && row.about.name != algorithm) all.emplace_back(row.about.name);
    }
    return all;
  }

  // The model to start from, if one is named.
  std::optional<Model> initial_model() const {
    return init.empty() ? std::nullopt : std::optional(load_model(init));
  }

  void tell_start(const Model& model, const Comparison& comparison) const {
    if (common.quiet) return;
    const Index epochs = for_ratings(model).provenance.epochs;
    tell("started from {}{}", init,
         epochs > 0 ? fmt::format(", a model of {} epochs", epochs) : "");
    const std::optional<std::uint64_t>& seen = comparison.models.front().seen;
    if (!seen) {
      tell(
          "warning: whether that model was trained on test ratings is not known, since its history "
          "does not tell: the figure may flatter");
    } else if (*seen > 0) {
      tell(
          "warning: {} of {} test ratings are in that model's history: it was trained on them, and "
          "the figure flatters",
          with_commas(*seen), with_commas(comparison.split.tested));
    }
  }

  bool refits() const { return !no_refit && experiment.test_file.empty(); }

  Model final_model(const RatingsTable& table, const Model* initial, const Comparison& comparison,
                    Parallel& parallel, const Watch& watch) const {
    const ModelResult& chosen = comparison.models.front();
    return refits() && !stop_requested()
               ? refitted_model(table.interactions, comparison, chosen, parallel, watch, initial)
               : measured_model(table.interactions, comparison, chosen, initial);
  }

  int run() const {
    CompareOptions options = experiment.compare_options(experiment.algorithms(names()));
    VerbFiles used = read.verb_files("FILE", true);
    used.reads_table("--test", experiment.test_file);
    used.reads("--init", init);
    used.writes("--output", output);
    used.check();
    const std::optional<Model> initial = initial_model();
    if (initial) options.init = &*initial;
    Parallel parallel(common.threads);
    const RatingsTable table = read.read(parallel);
    tell_reading(table, common.quiet);
    check_memory(table, options, refits(), common.quiet);
    TrainingProgress progress(common.quiet, folds_of(options));
    const Comparison comparison = run_comparison(table, read, experiment, options, common.quiet,
                                                 parallel, progress.watch_for_stops());
    if (comparison.models.empty()) return kInterrupted;
    const ModelResult& chosen = comparison.models.front();
    if (chosen.ending == Ending::diverged) {
      throw Error(ErrorCode::diverged, fmt::format("{} {}", chosen.algorithm.name, chosen.advice));
    }
    if (initial) tell_start(*initial, comparison);
    TrainingProgress on_all_rows(common.quiet, 1);
    Model model =
        final_model(table, options.init, comparison, parallel, on_all_rows.watch_for_stops());
    if (no_history) model.seen = nullptr;
    save_model(model, output);
    const Measurement& measured = *for_ratings(model).provenance.measured;
    if (common.json) {
      auto json = nlohmann::ordered_json::parse(comparison_json(table, comparison));
      json["model"] = {{"file", output},
                       {"version", model_version(output)},
                       {"refitted", measured.refitted},
                       {"epochs", for_ratings(model).provenance.epochs}};
      if (initial) {
        json["model"]["init"] = {
            {"file", init}, {"epochs", for_ratings(*initial).provenance.epochs}, {"seen", nullptr}};
        if (chosen.seen) json["model"]["init"]["seen"] = *chosen.seen;
      }
      print_json(json);
    } else {
      print("\n" + comparison_table(comparison));
      print_next_steps(table, measured, comparison.split);
    }
    return stop_requested() ? kInterrupted : kDone;
  }

  void print_next_steps(const RatingsTable& table, const Measurement& measured,
                        const SplitSummary& split) const {
    print("{} test ratings ({}); {} is {}\n", with_commas(measured.test_ratings), measured.split,
          output,
          measured.refitted ? "the first model, refitted on all rows"
                            : "the first model, as measured");
    print(lots_in_words(split.leak, split.method) + "\n");
    const Catalog& catalog = *table.interactions.catalog;
    const auto command = [](const std::vector<std::string>& words) {
      print("  {}\n", quoted_for_shell(words));
    };
    // No flag, whatever the file's name begins with.
    const auto file = [](const std::string& name) {
      return name.starts_with('-') && name != "-" ? "./" + name : name;
    };
    const std::string model = file(output);
    print("next:\n");
    command({"palate", "recommend", model, "--user", catalog.users[0]});
    command({"palate", "predict", model, "--user", catalog.users[0], "--item", catalog.items[0]});
    command({"palate", "inspect", model});
    std::vector<std::string> report{"palate", "report"};
    std::ranges::transform(read.files, std::back_inserter(report), file);
    report.insert(report.end(), {"-o", "report.html"});
    command(report);
  }
};

}  // namespace

Run add_train(FlagSet& flags) {
  const auto train = std::make_shared<Train>();
  train->read.add_to(flags);
  train->read.add_titles_to(flags);
  train->read.add_selection_to(flags);
  flags.add("--algorithm", &train->algorithm, "one of " + algorithm_names());
  flags.add("--init", &train->init,
            "a model to start from, by the same algorithm with the same factors; --epochs are "
            "those that come to its own");
  flags.add("-o,--output", &train->output, "the model's file; an existing one is replaced");
  flags.add("--no-refit", &train->no_refit,
            "keep the model as it was measured, instead of training it again on all rows");
  flags.add("--no-history", &train->no_history,
            "leave out who rated what: seen items are then not left out of lists");
  train->experiment.add_to(flags);
  train->common.add_to(flags);
  train->common.add_threads_to(flags);
  return [train] { return train->run(); };
}

}  // namespace palate::cli
