// Flags that say where a table of ratings lies and how it is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flag_set.h"
#include "palate/algorithms/task.h"
#include "palate/data/read.h"
#include "palate/data/select.h"
#include "verb_files.h"

namespace palate::cli {

inline constexpr const char* kMaxExpansionHelp =
    "how many times its size a compressed file may become; 0: without bound";

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

}  // namespace palate::cli
