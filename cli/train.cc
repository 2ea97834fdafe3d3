// palate train FILE
#include <algorithm>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "comparison_text.h"
#include "experiment_flags.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/final_model.h"
#include "palate/recommend/recommend.h"
#include "read_flags.h"
#include "signals.h"
#include "table_text.h"
#include "terminal.h"
#include "training_progress.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Train {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment{.validation_share = 0.1};
  std::string algorithm;  // one of a task, or one of each; unless given: what the table is good for
  std::string output = "model.safetensors";
  std::string init;
  bool no_refit = false;
  bool no_history = false;

  // The algorithms whose models are kept, one of a task, and the baselines that stand beside them.
  std::vector<NamedAlgorithm> algorithms_for(const RatingsTable& table) const {
    std::vector<std::string> all = comma_separated(algorithm);
    if (all.empty()) {
      for (const Task task : read.tasks(table)) all.push_back(first_algorithm(task));
    }
    std::vector<Task> tasks;
    for (const std::string& name : all) {
      const Task task = traits_of(algorithm_named(name).options).task;
      if (std::ranges::count(tasks, task) > 0)
        throw Error(ErrorCode::invalid_argument,
                    fmt::format("--algorithm {} names two for {}, and a model keeps one: palate "
                                "compare shows which is better",
                                algorithm, task_name(task)));
      tasks.push_back(task);
    }
    const auto is_named = [&](std::string_view name) {
      return std::ranges::any_of(all, [&](const std::string& one) {
        return std::string_view(one).substr(0, one.find(':')) == name;
      });
    };
    std::vector<std::string> baselines;
    for (const AlgorithmInfo& row : algorithms()) {
      if (row.about.is_baseline && std::ranges::count(tasks, row.about.task) > 0 &&
          !is_named(row.about.name))
        baselines.emplace_back(row.about.name);
    }
    all.insert(all.end(), baselines.begin(), baselines.end());
    return experiment.algorithms(all, table, baselines.size());
  }

  // The model to start from, if one is named.
  std::optional<Model> initial_model() const {
    return init.empty() ? std::nullopt : std::optional(load_model(init));
  }

  void tell_start(const Model& model, const Comparison& comparison) const {
    if (common.quiet) return;
    const Task task = comparison.task;
    const std::optional<Fitted>& fitted = task == Task::ratings ? model.ratings : model.lists;
    if (!fitted) return;
    const Index epochs = fitted->provenance.epochs;
    tell("{} started from {}{}", task_name(task), init,
         epochs > 0 ? fmt::format(", a model of {} epochs", epochs) : "");
    const std::optional<std::uint64_t>& seen = comparison.models.front().seen;
    if (!seen) {
      tell(
          "warning: it is not known whether that model was trained on {}, since it keeps no full "
          "history: the figure may be too optimistic",
          tested_noun(comparison));
    } else if (*seen > 0) {
      tell(
          "warning: {} of {} {} are in that model's history: it was trained on them, and the "
          "figure is too optimistic",
          with_commas(*seen), with_commas(comparison.split.tested), tested_noun(comparison));
    }
  }

  bool refits() const { return !no_refit && experiment.test_file.empty(); }

  Model final_model(const RatingsTable& table, const Model* initial,
                    std::span<const Comparison> comparisons, Parallel& parallel,
                    const Watch& watch) const {
    std::vector<Chosen> chosen;
    for (const Comparison& comparison : comparisons)
      chosen.push_back({comparison, comparison.models.front()});
    return refits() && !stop_requested()
               ? refitted_model(table.interactions, chosen, parallel, watch, initial)
               : measured_model(table.interactions, chosen, initial);
  }

  int run() const {
    VerbFiles used = read.verb_files("FILE", true);
    used.reads_table("--test", experiment.test_file);
    used.reads_model("--init", init);
    used.writes("--output", output);
    used.check();
    for (const std::string& name : comma_separated(algorithm)) algorithm_named(name);  // or refuses
    const std::optional<Model> initial = initial_model();
    Parallel parallel(common.threads);
    RatingsTable table = read.read(common.quiet, parallel);
    experiment.tell_relevant(table);
    tell_reading(table, common.quiet);
    CompareOptions options = experiment.compare_options(algorithms_for(table));
    if (initial) options.init = &*initial;
    check_memory(table, options, refits(), common.quiet);
    TrainingProgress progress(common.quiet, folds_of(options));
    std::vector<Comparison> comparisons = run_comparison(
        table, read, experiment, options, common.quiet, parallel, progress.watch_for_stops());
    std::erase_if(comparisons, [](const Comparison& one) { return one.models.empty(); });
    if (comparisons.empty()) return kInterrupted;
    for (const Comparison& comparison : comparisons) {
      const ModelResult& chosen = comparison.models.front();
      if (chosen.ending == Ending::diverged)
        throw Error(ErrorCode::diverged,
                    fmt::format("{} {}", chosen.algorithm.name, chosen.advice));
      if (initial) tell_start(*initial, comparison);
    }
    TrainingProgress on_all_rows(common.quiet, 1, "all rows");
    Model model =
        final_model(table, options.init, comparisons, parallel, on_all_rows.watch_for_stops());
    if (no_history) model.seen = nullptr;
    const std::string kept = file_of_result(output);
    save_model(model, kept);
    if (!makes_lists_of_users(model) && !common.quiet) {
      tell(
          "{} makes lists from what users have chosen, which the model does not keep: it makes "
          "them for new users alone (recommend --likes, --history)",
          model.lists->algorithm.name);
    }
    if (common.json) {
      print_json(json_of(table, comparisons, model, options.init, kept));
    } else {
      for (const Comparison& comparison : comparisons) {
        print_styled("\n" + comparison_table(comparison), style_of_row);
        print(tested_in_words(comparison));
        const Trial& trial = comparison.models.front().trial;
        const std::string fold_in = fold_in_in_words(trial.scorer, trial.fold_in_measured());
        if (!fold_in.empty()) print("fold-in: {}\n", fold_in);
      }
      print_next_steps(table, model, comparisons.front().split, kept);
    }
    if (!stop_requested()) return kDone;
    if (!common.quiet) tell("interrupted: {} keeps what was trained until then", kept);
    return kInterrupted;
  }

  nlohmann::ordered_json json_of(const RatingsTable& table, std::span<const Comparison> comparisons,
                                 const Model& model, const Model* initial,
                                 const std::string& kept) const {
    auto json = nlohmann::ordered_json::parse(comparison_json(table, comparisons));
    json["model"] = {{"file", kept}, {"version", model_version(kept)}};
    if (initial != nullptr) json["model"]["init"] = {{"file", init}};
    for (const Comparison& comparison : comparisons) {
      const std::string task(task_name(comparison.task));
      const auto fitted_of = [&](const Model& one) -> const std::optional<Fitted>& {
        return comparison.task == Task::ratings ? one.ratings : one.lists;
      };
      const Provenance& told = fitted_of(model)->provenance;
      json["model"][task] = {{"algorithm", comparison.models.front().algorithm.name},
                             {"refitted", told.measured->refitted},
                             {"epochs", told.epochs}};
      const auto& table_row = json[task]["models"][0];
      if (table_row.contains("fold_in")) json["model"][task]["fold_in"] = table_row["fold_in"];
      if (initial == nullptr || !fitted_of(*initial)) continue;
      auto& start = json["model"]["init"][task];
      start = {{"epochs", fitted_of(*initial)->provenance.epochs}, {"seen", nullptr}};
      if (const auto& seen = comparison.models.front().seen) start["seen"] = *seen;
    }
    return json;
  }

  void print_next_steps(const RatingsTable& table, const Model& model, const SplitSummary& split,
                        const std::string& kept) const {
    const bool refitted =
        (model.ratings ? model.ratings : model.lists)->provenance.measured->refitted;
    std::vector<std::string_view> names;
    for (const std::optional<Fitted>* const fitted : {&model.ratings, &model.lists})
      if (*fitted) names.push_back((*fitted)->algorithm.name);
    print_styled(fmt::format("{} has the {} of the table{} above, {}\n", visible(kept),
                             fmt::join(names, " and the "), names.size() > 1 ? "s" : "",
                             refitted ? "trained again on all rows" : "as it was measured"),
                 [](std::string_view) { return Style::strong; });
    print(lots_in_words(split.leak, split.method) + "\n");
    const Catalog& catalog = *table.interactions.catalog;
    // No flag, whatever the file's name begins with.
    const auto file = [](const std::string& name) {
      return name.starts_with('-') && name != "-" ? "./" + name : name;
    };
    const std::string path = file(kept);
    print("next:\n");
    if (makes_lists_of_users(model)) {
      print_command({"palate", "recommend", path, "--user", catalog.users[0]});
    } else {
      print_command({"palate", "recommend", path, "--likes", catalog.items[0]});
    }
    if (model.ratings)
      print_command(
          {"palate", "predict", path, "--user", catalog.users[0], "--item", catalog.items[0]});
    print_command({"palate", "inspect", path});
    std::vector<std::string> report{"palate", "report"};
    std::ranges::transform(read.files, std::back_inserter(report), file);
    report.insert(report.end(), {"-o", "report.html"});
    print_command(report);
  }
};

}  // namespace

Run add_train(FlagSet& flags) {
  const auto train = std::make_shared<Train>();
  train->read.add_to(flags);
  train->read.add_titles_to(flags);
  train->read.add_selection_to(flags);
  train->read.add_task_to(flags);
  flags.add(
      "--algorithm,--algorithms NAME[,NAME]", &train->algorithm,
      fmt::format("one for ratings, one for lists, or one of each with a comma, of {} [{},{}]",
                  algorithm_names(), first_algorithm(Task::ratings), first_algorithm(Task::lists)));
  flags.add("--init MODEL", &train->init,
            "a model to start from, by the same algorithm with the same factors; --epochs come on "
            "top of its own");
  flags.add("-o,--output FILE", &train->output, "the model's file; an existing one is replaced");
  flags.add("--no-refit", &train->no_refit,
            "keep the model as it was measured, and do not train it again on all rows");
  flags.add("--no-history", &train->no_history,
            "do not keep who rated what in the model: its lists then hold items that users have "
            "seen, too, and item weights make lists for new users alone");
  train->experiment.add_to(flags);
  train->common.add_to(flags);
  train->common.add_threads_to(flags);
  flags.set_examples({"palate train ratings.csv",
                      "palate train events.csv --weights view=1,buy=5 -o events.safetensors",
                      fmt::format("palate train ratings.csv --algorithm {} --factors 64 --seed 7",
                                  first_algorithm(Task::ratings))});
  return [train] { return train->run(); };
}

}  // namespace palate::cli
