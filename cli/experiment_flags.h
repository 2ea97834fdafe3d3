// Flags that say how rows are split, trained on and measured, and the comparison that they ask for.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flag_set.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/taste.h"
#include "read_flags.h"

namespace palate::cli {

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

}  // namespace palate::cli
