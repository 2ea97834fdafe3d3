// Flags that several verbs share.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flag_set.h"
#include "palate/algorithms/task.h"
#include "palate/data/inspect.h"
#include "palate/data/read.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/taste.h"
#include "verb_files.h"

namespace palate::cli {

inline constexpr const char* kMaxExpansionHelp =
    "how many times its size a compressed file may become; 0: without bound";

struct CommonFlags {
  unsigned threads = 0;
  bool quiet = false;
  bool json = false;

  void add_to(FlagSet& flags);
  void add_threads_to(FlagSet& flags);
};

// Where a table of ratings lies and how to read it.
struct ReadFlags {
  std::vector<std::string> files;
  ReadOptions options;
  std::vector<std::string> missing;
  std::string most_rejects;
  std::string event_weights;
  std::string feedback;
  // Of a verb that has it: ratings are what values are taken for, and lists settle a doubt.
  std::optional<std::string> task;  // ratings or lists; unless given: what the table is good for
  std::optional<std::string> duplicates;  // unless given: as ReadOptions; of test ratings every row
  std::string header;
  Selection selection;
  std::optional<std::string> since;
  std::optional<std::string> until;

  // With a name of its own for the positional argument, and of the flag for the times' column.
  void add_to(FlagSet& flags, const std::string& what = "FILE",
              const std::string& time_flag = "--time");
  void add_columns_to(FlagSet& flags, const std::string& time_flag = "--time");
  // Where the titles are, for what shows or keeps them.
  void add_titles_to(FlagSet& flags);
  void add_trim_ids_to(FlagSet& flags);
  void add_max_expansion_to(FlagSet& flags);
  // What to train for.
  void add_task_to(FlagSet& flags);
  // What the table is good for, ratings before lists, or what --task says of these.
  std::vector<Task> tasks(const RatingsTable& table) const;
  // What read() selects of the rows.
  void add_selection_to(FlagSet& flags);
  const std::string& file() const { return files.front(); }
  // `files`, of which each may be the name of a known data set, as paths.
  std::vector<std::string> paths() const;
  // Those that reading reads and writes. `what` is the name of the positional argument.
  VerbFiles verb_files(const std::string& what, bool with_titles) const;
  ReadOptions read_options() const;
  // The same for ratings that measure: repeated pairs stay, unless the flag says otherwise.
  ReadOptions test_options() const;
  // Shows how far it is, unless quiet.
  RatingsTable read(bool quiet, Parallel& parallel) const;
};

// How rows are parted and trained on. The defaults of the verbs differ in validation_share.
struct ExperimentFlags {
  std::optional<std::string> split;
  std::optional<double> test_share;
  std::optional<double> fold_in_share;
  std::optional<Index> folds;
  Index seeds = 1;
  std::optional<Index> leave_last;
  std::optional<std::uint32_t> seed;
  std::optional<std::uint32_t> split_seed;
  std::string test_file;
  double validation_share = 0;
  std::optional<Index> patience;
  bool no_clip = false;
  std::optional<std::string> relevant;  // ">=4"
  std::optional<std::string> metric;
  std::optional<std::string> cutoffs;  // "10,20"
  // Values of algorithm options by field name, for every algorithm of the run that has the field.
  std::map<std::string, std::optional<std::string>> fields;

  void add_to(FlagSet& flags);
  // The algorithms of that name with the flags' values. An algorithm may carry values of its own:
  // "als:factors=8:epochs=20". epochs, factors and seed are for all that have them; another option
  // is for one alone, of which the last `beside` of the names, baselines, step back before others.
  std::vector<NamedAlgorithm> algorithms(const std::vector<std::string>& names,
                                         std::size_t beside = 0) const;
  // The same for this table: what its events weigh was stated, and is no count that says less the
  // larger it is. Unless it is given, weight_exponent is then 1.
  std::vector<NamedAlgorithm> algorithms(const std::vector<std::string>& names,
                                         const RatingsTable& table, std::size_t beside = 0) const;
  // Tells the table which ratings are relevant.
  void tell_relevant(RatingsTable& table) const;
  // Refuses flags that would have no effect beside the others.
  CompareOptions compare_options(std::vector<NamedAlgorithm> algorithms) const;
  // Those that were given of the flags that say how rows are parted.
  std::vector<std::string> given_split_flags() const;

 private:
  void refuse_what_has_no_effect(SplitMethod method) const;
};

// How many times a comparison trains each model.
Index folds_of(const CompareOptions& options);

// Refuses a table without a column of ratings.
void require_ratings(const RatingsTable& table);

// Refuses factors that there is no memory for, and tells what large ones take. `refits`: a model is
// trained again on all rows.
void check_memory(const RatingsTable& table, const CompareOptions& options, bool refits,
                  bool quiet);

// Compares on a split of `table`, or reads the test file, where the flags name one, and measures on
// that. Tells what makes the figures other than they seem.
std::vector<Comparison> run_comparison(const RatingsTable& table, const ReadFlags& read,
                                       const ExperimentFlags& experiment,
                                       const CompareOptions& options, bool quiet,
                                       Parallel& parallel, const Watch& watch);

// The document of comparisons: `compare --json` prints it, `train` and `demo` add members to it,
// and `report` makes its page of it.
std::string comparison_json(const RatingsTable& table, std::span<const Comparison> comparisons,
                            const Taste* taste = nullptr);

// "all ratings are 1: they tell who chose what, not who liked it (--value none)"
std::string warning_in_words(const DataWarning& warning);

// Says in a line what was read: counts, which column is what, what was left out and why, where the
// titles came from.
void tell_table(const RatingsTable& table, bool quiet);
// Says beside it what may be wrong about that. Repeated pairs and single ratings, which many sound
// tables have, are told by `inspect` and the page alone.
void tell_reading(const RatingsTable& table, bool quiet);
// The same of pairs that were predicted.
void tell_pairs(const RatingsTable& pairs, bool quiet);

// Now, by the clock.
std::int64_t seconds_since_1970();

// What was typed behind `palate`, kept by main for what tells how it was made.
std::vector<std::string>& command_words();

// Names of the table of algorithms, several with commas between them.
std::string first_algorithm(Task task);  // what `train` takes
std::string algorithm_names();           // all, as --help shows them
std::string preset_algorithms(Task task);
// What a comparison has that names none: of these tasks, with commas, for a table of so many items.
std::string default_algorithms(std::span<const Task> tasks, Index items);

// A list of words from "a,b,c".
std::vector<std::string> comma_separated(const std::string& text);

}  // namespace palate::cli
