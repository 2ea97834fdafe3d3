// palate compare FILE
#include <memory>

#include "comparison_text.h"
#include "experiment_flags.h"
#include "flags.h"
#include "read_flags.h"
#include "signals.h"
#include "table_text.h"
#include "terminal.h"
#include "training_progress.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Compare {
  CommonFlags common;
  ReadFlags read;
  ExperimentFlags experiment;
  std::string algorithms;  // unless given: the default ones of the table's tasks
  bool breakdown = false;

  int run() const {
    VerbFiles used = read.verb_files("FILE", true);
    used.reads_table("--test", experiment.test_file);
    used.check();
    if (!algorithms.empty()) experiment.algorithms(comma_separated(algorithms));  // or refuses them
    Parallel parallel(common.threads);
    RatingsTable table = read.read(common.quiet, parallel);
    experiment.tell_relevant(table);
    tell_reading(table, common.quiet);
    const CompareOptions options = experiment.compare_options(experiment.algorithms(
        comma_separated(algorithms.empty()
                            ? default_algorithms(read.tasks(table), table.interactions.num_items())
                            : algorithms),
        table));
    check_memory(table, options, false, common.quiet);
    TrainingProgress progress(common.quiet, folds_of(options));
    const std::vector<Comparison> comparisons = run_comparison(
        table, read, experiment, options, common.quiet, parallel, progress.watch_for_stops());
    if (common.json) {
      print_document(comparison_json(table, comparisons));
    } else {
      for (const Comparison& comparison : comparisons) {
        print_styled("\n" + comparison_table(comparison), style_of_row);
        print(tested_in_words(comparison));
      }
      print(uncertainty_in_words(comparisons));
      print(leak_in_words(comparisons.front()));
      const Comparison* const of_ratings = find_task(comparisons, Task::ratings);
      if (breakdown && of_ratings != nullptr) print("\n" + breakdown_tables(*of_ratings));
    }
    return stop_requested() ? kInterrupted : kDone;
  }
};

}  // namespace

Run add_compare(FlagSet& flags) {
  const auto compare = std::make_shared<Compare>();
  compare->read.add_to(flags);
  compare->read.add_titles_to(flags);
  compare->read.add_selection_to(flags);
  compare->read.add_task_to(flags);
  flags.add(
      "--algorithms,--algorithm NAME,...", &compare->algorithms,
      fmt::format("names of algorithms and presets, with commas; {}:factors=8:epochs=20 gives "
                  "one its own options",
                  first_algorithm(Task::ratings)));
  flags.add("--folds", &compare->experiment.folds,
            "cross-validate with that many folds; --split kfold does so with 5", {2, 1000});
  flags.add("--seeds", &compare->experiment.seeds,
            "train with that many seeds on the same split, to show how much results vary by chance",
            {1, 1000});
  flags.add("--breakdown", &compare->breakdown,
            "also print the errors by train ratings of the user and of the item, by rating and by "
            "time; --json always has them");
  compare->experiment.add_to(flags);
  compare->common.add_to(flags);
  compare->common.add_threads_to(flags);
  flags.set_examples(
      {"palate compare ratings.csv",
       fmt::format("palate compare ratings.csv --algorithms {0},{0}:factors=8 --folds 5",
                   first_algorithm(Task::ratings)),
       "palate compare events.csv --task lists --json"});
  return [compare] { return compare->run(); };
}

}  // namespace palate::cli
