// palate tune FILE
#include "palate/evaluate/tune.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "comparison_text.h"
#include "experiment_flags.h"
#include "flag_names.h"
#include "flags.h"
#include "palate/base/error.h"
#include "palate/evaluate/final_model.h"
#include "read_flags.h"
#include "signals.h"
#include "table_text.h"
#include "terminal.h"
#include "training_progress.h"
#include "verbs.h"

namespace palate::cli {
namespace {

// Seconds of "90", "90s", "5m" or "1.5h".
double seconds_of(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  const std::string_view letters(unit, static_cast<std::size_t>(end - unit));
  const double scale = letters.empty() || letters == "s" ? 1
                       : letters == "m"                  ? 60
                       : letters == "h"                  ? 3600
                                                         : 0;
  constexpr double kMost = 1e7;
  if (error != std::errc{} || scale == 0 || !(number > 0) || number * scale > kMost) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("--time \"{}\" is not like 90s, 5m or 1.5h", text));
  }
  return number * scale;
}

// "ials:factors=48:unobserved=7.5", as it can be named again.
std::string spelled_out(const AlgorithmOptions& options) {
  std::string text(algorithm_name(options));
  visit_all_fields(options, [&](const Field& field, const auto&) {
    if (field.name != "seed")
      text += fmt::format(":{}={}", field.name, option_text(options, field.name).value());
  });
  return text;
}

// The command that trains with these options, as the search ended: without a validation part.
std::vector<std::string> train_command(const std::string& file, const AlgorithmOptions& options) {
  std::vector<std::string> words{"palate", "train", file, "--algorithm",
                                 std::string(algorithm_name(options))};
  visit_all_fields(options, [&](const Field& field, const auto&) {
    if (field.name == "seed") return;
    words.push_back(hyphened_flag(field.name));
    words.push_back(option_text(options, field.name).value());
  });
  words.insert(words.end(), {"--validation", "0"});
  return words;
}

struct Tune {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment{.validation_share = 0.2};
  std::string algorithm;
  std::optional<Index> trials;
  std::optional<std::string> time;
  std::string log;
  std::string output = "model.safetensors";

  int run() const {
    VerbFiles used = read.verb_files("FILE", true);
    used.reads_table("--test", experiment.test_file);
    used.writes("--output", output);
    if (!log.empty()) used.writes("--log", log);
    used.check();
    const std::optional<double> seconds = time ? std::optional(seconds_of(*time)) : std::nullopt;
    Parallel parallel(common.threads);
    RatingsTable table = read.read(common.quiet, parallel);
    experiment.tell_relevant(table);
    tell_reading(table, common.quiet);
    const NamedAlgorithm chosen = algorithm_of(table);
    const CompareOptions measuring = [&] {
      CompareOptions options = experiment.compare_options({chosen});
      options.validation_share = 0;  // what it measured trains, too
      return options;
    }();
    check_memory(table, measuring, true, common.quiet);

    const double start = now();
    const Tuning tuning = search(table, chosen, measuring, seconds, parallel);
    const double searched = now() - start;
    if (!common.quiet) {
      end_progress_line();
      tell("{} trainings of {} sets of options in {}; the best is trial {}", tuning.trials.size(),
           count_of_options(tuning), duration_text(searched), tuning.trials[tuning.best].number);
    }
    return measure_and_keep(table, chosen, tuning, measuring, searched, parallel);
  }

  NamedAlgorithm algorithm_of(const RatingsTable& table) const {
    const std::string name =
        algorithm.empty() ? first_algorithm(read.tasks(table).back()) : algorithm;
    NamedAlgorithm one = experiment.algorithms({name}, table).front();
    if (one.preset)
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("{} is a preset, whose options are fixed", name));
    return one;
  }

  // Those that a flag or the algorithm's name gives.
  std::vector<std::string> fixed_fields() const {
    std::vector<std::string> fixed;
    for (const auto& [field, value] : experiment.fields) {
      if (value) fixed.push_back(field);
    }
    for (std::size_t at = algorithm.find(':'); at < algorithm.size();) {
      const std::size_t end = std::min(algorithm.find(':', at + 1), algorithm.size());
      const std::string option = algorithm.substr(at + 1, end - at - 1);
      fixed.push_back(option.substr(0, option.find('=')));
      at = end;
    }
    return fixed;
  }

  Tuning search(const RatingsTable& table, const NamedAlgorithm& chosen,
                const CompareOptions& measuring, std::optional<double> seconds,
                Parallel& parallel) const {
    constexpr Index kTrials = 36;
    TuneOptions options{.algorithm = chosen,
                        .fixed = fixed_fields(),
                        .split = measuring.split,
                        .validation_share = experiment.validation_share,
                        .trials = trials,
                        .seconds = seconds,
                        .seed = experiment.seed.value_or(1),
                        .metric = experiment.metric};
    if (!experiment.test_file.empty()) options.split.reset();
    if (!trials && !seconds) options.trials = kTrials;
    std::ofstream file;
    if (!log.empty()) file.open(log);
    const double start = now();
    const TuneWatch watch{.on_trial =
                              [&](const Tuning& so_far) {
                                if (!log.empty()) write_trial(file, so_far);
                                if (!common.quiet) tell_trial(so_far, options, now() - start);
                              },
                          .stop_requested = stop_requested};
    let_first_signal(FirstSignal::asks);
    return tune(table.interactions, options, parallel, watch);
  }

  void write_trial(std::ofstream& file, const Tuning& so_far) const {
    const TunedTrial& trial = so_far.trials.back();
    std::vector<std::string> names{"trial"};
    std::vector<std::string> cells{fmt::format("{}", trial.number)};
    visit_all_fields(trial.options, [&](const Field& field, const auto&) {
      names.emplace_back(field.name);
      cells.push_back(option_text(trial.options, field.name).value());
    });
    names.insert(names.end(), {"epochs_kept", so_far.metric.name, "seconds"});
    cells.push_back(fmt::format("{}", trial.epochs_kept));
    cells.push_back(trial.value ? fmt::format("{}", *trial.value) : "");
    cells.push_back(fmt::format("{:.3f}", trial.seconds));
    if (so_far.trials.size() == 1) file << fmt::format("{}\n", fmt::join(names, ","));
    file << fmt::format("{}\n", fmt::join(cells, ",")) << std::flush;
    if (!file) throw Error(ErrorCode::io, fmt::format("{}: a trial could not be written", log));
  }

  static void tell_trial(const Tuning& so_far, const TuneOptions& options, double passed) {
    const TunedTrial& last = so_far.trials.back();
    const TunedTrial& best = so_far.trials[so_far.best];
    std::string line = fmt::format("trial {}", last.number);
    if (options.trials) line += fmt::format(" of {}", *options.trials);
    line += last.value ? fmt::format(": {} {:.4f}", metric_label(so_far.metric), *last.value)
                       : ": diverged";
    if (best.value) line += fmt::format(", best {:.4f} (trial {})", *best.value, best.number);
    if (options.seconds) line += fmt::format(", {} left", duration_text(*options.seconds - passed));
    show_line(line);
  }

  static std::size_t count_of_options(const Tuning& tuning) {
    std::vector<Index> numbers;
    for (const TunedTrial& trial : tuning.trials) numbers.push_back(trial.number);
    std::ranges::sort(numbers);
    const auto again = std::ranges::unique(numbers);
    return numbers.size() - again.size();
  }

  // Trains the best on all of the train part, measures it once beside what it began with, and keeps
  // it, trained again on all rows.
  int measure_and_keep(const RatingsTable& table, const NamedAlgorithm& chosen,
                       const Tuning& tuning, CompareOptions options, double searched,
                       Parallel& parallel) const {
    const std::string own(algorithm_name(chosen.options));
    options.algorithms = {{.name = own + ":tuned", .options = tuning.algorithm.options},
                          {.name = own, .options = chosen.options}};
    // A stop of the search is not one of what comes after it.
    const bool was_stopped = stop_requested();
    const auto watch = [&](TrainingProgress& progress) {
      return was_stopped ? progress.watch() : progress.watch_for_stops();
    };
    TrainingProgress progress(common.quiet, folds_of(options));
    const std::vector<Comparison> comparisons =
        run_comparison(table, read, experiment, options, common.quiet, parallel, watch(progress));
    if (comparisons.front().models.empty()) return kInterrupted;
    const Comparison& comparison = comparisons.front();
    const ModelResult& tuned = comparison.models.front();
    if (tuned.ending == Ending::diverged)
      throw Error(ErrorCode::diverged, fmt::format("{} {}", tuned.algorithm.name, tuned.advice));
    TrainingProgress on_all_rows(common.quiet, 1, "all rows");
    const std::vector<Chosen> kept{{comparison, tuned}};
    const bool refits = experiment.test_file.empty() && (was_stopped || !stop_requested());
    const Model model = refits
                            ? refitted_model(table.interactions, kept, parallel, watch(on_all_rows))
                            : measured_model(table.interactions, kept);
    const std::string saved = file_of_result(output);
    save_model(model, saved);
    const Provenance& told = (model.ratings ? model.ratings : model.lists)->provenance;
    if (common.json) {
      auto json = nlohmann::ordered_json::parse(comparison_json(table, comparisons));
      const TunedTrial& best = tuning.trials[tuning.best];
      json["tune"] = {{"trainings", tuning.trials.size()},
                      {"options", count_of_options(tuning)},
                      {"seconds", searched},
                      {"metric", tuning.metric.name},
                      {"best", spelled_out(tuning.algorithm.options)},
                      {"best_trial", best.number},
                      {"best_on_validation", *best.value},
                      {"told_apart", is_told_apart(comparison)}};
      json["model"] = {{"file", saved}, {"version", model_version(saved)}};
      print_json(json);
    } else {
      print_styled("\n" + comparison_table(comparison), style_of_row);
      print(tested_in_words(comparison));
      print(gain_in_words(comparison));
      print("{} is the tuned model, {}\n\n", saved,
            told.measured->refitted ? "trained again on all rows" : "as measured");
      print("to train it again:\n");
      print_command(train_command(read.file(), tuning.algorithm.options));
    }
    if (!stop_requested()) return kDone;
    if (!common.quiet) tell("interrupted: {} keeps the best so far", saved);
    return kInterrupted;
  }

  static bool is_told_apart(const Comparison& comparison) {
    return std::ranges::any_of(comparison.models, [](const ModelResult& model) {
      return model.difference_to_best && !model.same_as_best;
    });
  }

  static std::string gain_in_words(const Comparison& comparison) {
    const ModelResult& tuned = comparison.models[0];
    const ModelResult& before = comparison.models[1];
    const std::string label = metric_label(comparison.metrics[comparison.primary]);
    const bool is_better = !tuned.difference_to_best;
    const ModelResult& worse = is_better ? before : tuned;
    if (!worse.difference_to_best) return "";
    constexpr double kShown = 5e-5;  // as much as four digits show
    const double difference = worse.difference_to_best->value;
    if (std::abs(difference) < kShown) return fmt::format("tuning changed nothing in {}\n", label);
    const double gain = (is_better ? -1 : 1) * difference;
    if (!is_told_apart(comparison)) {
      return fmt::format("the gain of {:+.4f} in {} cannot be told from chance (p = {:.3f})\n",
                         gain, label, *worse.p_value_holm);
    }
    return is_better ? fmt::format("tuning gained {:+.4f} in {} (p = {:.3f})\n", gain, label,
                                   *worse.p_value_holm)
                     : fmt::format(
                           "tuning lost: {:+.4f} in {} (p = {:.3f}); the defaults are "
                           "better here: palate train\n",
                           gain, label, *worse.p_value_holm);
  }
};

}  // namespace

Run add_tune(FlagSet& flags) {
  const auto tune = std::make_shared<Tune>();
  tune->read.add_to(flags, "FILE", "--time-column");  // --time is how long
  tune->read.add_titles_to(flags);
  tune->read.add_selection_to(flags);
  tune->read.add_task_to(flags);
  flags.add("--algorithm NAME", &tune->algorithm,
            fmt::format("one of {}; options that are given are not searched [{}]",
                        algorithm_names(), first_algorithm(Task::lists)));
  flags.add("--trials", &tune->trials,
            "how many sets of options are tried [36, unless there is a --time]", {1, 1'000'000});
  flags.add("--time TIME", &tune->time, "how long to search, as in 90s, 5m or 1.5h");
  flags.add("--log FILE", &tune->log, "a CSV of all trials");
  flags.add("-o,--output FILE", &tune->output, "the model's file; an existing one is replaced");
  tune->experiment.add_to(flags);
  tune->common.add_to(flags);
  tune->common.add_threads_to(flags);
  flags.set_examples({"palate tune ratings.csv --time 5m",
                      fmt::format("palate tune ratings.csv --algorithm {} --trials 50",
                                  first_algorithm(Task::ratings)),
                      "palate tune events.csv --factors 64 --log trials.csv"});
  return [tune] { return tune->run(); };
}

}  // namespace palate::cli
