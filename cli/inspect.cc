// palate inspect FILE | MODEL
#include <memory>

#include "comparison_text.h"
#include "flags.h"
#include "palate/json.h"
#include "read_flags.h"
#include "table_text.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

std::string in_words(const Quantiles& q) {
  return fmt::format("{:g} to {:g}, median {:g}, middle half {:g} to {:g}, 90 % at most {:g}",
                     q.minimum, q.maximum, q.median, q.lower_quartile, q.upper_quartile,
                     q.ninetieth);
}

std::string bar(std::uint64_t count, std::uint64_t most) {
  constexpr std::uint64_t kWidth = 40;
  std::string text;
  for (std::uint64_t n = count * kWidth / std::max<std::uint64_t>(most, 1); n > 0; --n) text += "█";
  return text;
}

void print_format(const RatingsTable& table) {
  const TableFormat& format = table.format;
  const auto column = [&](std::size_t position) {
    return fmt::format("{} ({})", position + 1, format.columns[position]);
  };
  const std::string delimiter =
      format.delimiter == "\t" ? "tab" : fmt::format("\"{}\"", format.delimiter);
  print("file       {}\n", table.path);
  print("format     {}, {}\n", format.compression == "none" ? "plain text" : format.compression,
        format.delimiter == "JSON lines"
            ? format.delimiter
            : fmt::format("delimiter {}, {}", delimiter,
                          format.header ? "the first line names the columns" : "no header"));
  print("columns    user {}, item {}, {} {}, time {}\n", column(format.user), column(format.item),
        format.event ? "event" : "value",
        format.event   ? column(*format.event)
        : format.value ? column(*format.value)
                       : "none: every row counts 1",
        format.time ? column(*format.time) : "none");
  print("feedback   {}\n",
        table.why_weights.empty() ? "ratings" : "implicit: " + table.why_weights);
  if (!table.items_file.empty()) print("titles     {}\n", table.items_file);
}

// ratings: the splits of more take longer than reading them
constexpr std::uint64_t kSoonSplit = 1'000'000;

void print_scale(const RatingsTable& table, const DataSummary& summary) {
  const std::string_view numbers = number_format_name(table.format.numbers);
  print("{:<10} {:g} to {:g}, mean {:.4f}{}{}\n",
        table.interactions.feedback == Feedback::ratings ? "scale" : "weights", summary.lowest,
        summary.highest, summary.mean, numbers.empty() ? "" : ", written with ", numbers);
  std::uint64_t most = 0;
  for (const auto& [value, count] : summary.histogram) most = std::max(most, count);
  for (const auto& [value, count] : summary.histogram) {
    print("{:>9.4g}  {:>11}  {}\n", value, with_commas(count), bar(count, most));
  }
}

void print_summary(const RatingsTable& table, const DataSummary& summary) {
  print_format(table);
  const bool of_ratings = table.interactions.feedback == Feedback::ratings;
  print("counts     {} of {} by {}, {:.3f} % of all pairs, {}\n",
        counted(summary.ratings, of_ratings ? "rating" : "row"), counted(summary.items, "item"),
        counted(summary.users, "user"), 100 * summary.density,
        counted(summary.duplicates, "repeated pair"));
  print("per user   {}\nper item   {}\n", in_words(summary.ratings_per_user),
        in_words(summary.ratings_per_item));
  if (summary.time_span)
    print(
        "time       {} to {}, written as {}\n", date(static_cast<double>(summary.time_span->first)),
        date(static_cast<double>(summary.time_span->second)), time_format_name(table.format.times));
  if (table.interactions.has_values) print_scale(table, summary);
  for (const DataWarning& warning : summary.warnings) {
    print("warning    {}\n", warning_in_words(warning));
  }
  if (!summary.splits.empty()) {
    print("\nwhat the test part of a split would hold\n" + leak_table(summary.splits));
    print("{}\n", kRandomIsOptimistic);
  } else if (summary.ratings > kSoonSplit) {
    print("splits     --splits tells what each would leak\n");
  }
}

// Whether it was trained on ratings, and not on weights.
bool is_of_ratings(const Scorer& scorer) { return !scorer.weighting || scorer.weighting->at_least; }

// What an algorithm made for a task.
void print_fitted(Task task, const Fitted& fitted) {
  const auto& [algorithm, scorer, told] = fitted;
  print("\ntask       {}\n", task_name(task));
  print("algorithm  {} {}\n", algorithm.name, options_to_json(algorithm.options));
  if (told.epochs > 0)
    print("epochs     {}{}\n", told.epochs,
          told.optimizer ? ", with what the optimizer remembers" : "");
  if (scorer.factors.num_factors() > 0) print("factors    {}\n", scorer.factors.num_factors());
  if (scorer.item_weights)
    print("weights    {} of items\n", with_commas(scorer.item_weights->size()));
  if (scorer.range) print("range      {:g} to {:g}\n", scorer.range->low, scorer.range->high);
  if (scorer.weighting && scorer.weighting->at_least)
    print("relevant   ratings of at least {:g}\n", *scorer.weighting->at_least);
  const std::string fold_in = fold_in_in_words(scorer, told.fold_in);
  if (!fold_in.empty()) print("fold-in    {}\n", fold_in);
  if (told.measured) {
    std::string values;
    for (const auto& [metric, value] : told.measured->values) {
      const Metric named{.name = metric};
      if (in_tables(named))
        values +=
            fmt::format("{}{} {:.4f}", values.empty() ? "" : ", ", metric_label(named), value);
    }
    if (values.empty()) {
      values = "not: no test user had anything relevant";
    } else {
      const bool of_ratings = is_of_ratings(scorer);
      values += fmt::format(" on {} {}test {}", with_commas(told.measured->test_ratings),
                            task == Task::lists && of_ratings ? "relevant " : "",
                            of_ratings ? "ratings" : "rows");
    }
    print("measured   {} ({}){}\n", values, told.measured->split,
          told.measured->refitted ? "; then refitted on all rows" : "");
    if (!told.measured->seen) {
      print(
          "seen       not known of a model that it started from: the figures may be too "
          "optimistic\n");
    } else if (*told.measured->seen > 0) {
      print(
          "seen       {} of these by a model that it started from: the figures are too "
          "optimistic\n",
          with_commas(*told.measured->seen));
    }
  }
}

// "760 rows of history"
std::string history_in_words(const Model& model) {
  if (!model.seen) return "no history";
  const bool of_ratings = model.ratings || is_of_ratings(model.lists->scorer);
  return counted(model.seen->size(), of_ratings ? "rating" : "row") + " of history";
}

void print_model(const Model& model, const std::string& path) {
  print("file       {}\nversion    {}\n", path, model_version(path));
  print("holds      {}, {}, {}, {}\n", counted(model.catalog->users.size(), "user"),
        counted(model.catalog->items.size(), "item"), history_in_words(model),
        model.catalog->item_titles.empty() ? "no titles" : "titles");
  if (!model.data_digest.empty()) print("data       SHA-256 {}\n", model.data_digest);
  if (!model.data_selection.empty()) print("selected   {}\n", model.data_selection);
  if (model.ratings) print_fitted(Task::ratings, *model.ratings);
  if (model.lists) print_fitted(Task::lists, *model.lists);
}

struct Inspect {
  CommonFlags common;
  ReadFlags read;
  bool splits = false;

  int run() const {
    VerbFiles used = read.verb_files("FILE", true);
    used.allow_any_kind();
    used.check();
    if (read.file().ends_with(".safetensors") || is_model_file(read.file())) {
      const Model model = load_model(read.file());
      if (common.json) {
        print_document(to_json(model, read.file(), model_version(read.file())));
      } else {
        print_model(model, read.file());
      }
      return kDone;
    }
    Parallel parallel(common.threads);
    const RatingsTable table = read.read(common.quiet, parallel);
    tell_table(table, common.quiet);
    DataSummary summary = summarize(table, seconds_since_1970());
    if (splits || summary.ratings <= kSoonSplit)
      summary.splits = preview_splits(table.interactions);
    if (common.json) {
      print_document(to_json(table, summary));
    } else {
      print_summary(table, summary);
    }
    return kDone;
  }
};

}  // namespace

Run add_inspect(FlagSet& flags) {
  const auto inspect = std::make_shared<Inspect>();
  inspect->read.add_to(flags);
  inspect->read.options.if_doubtful = Feedback::ratings;  // it is told, and nothing is trained
  inspect->read.add_titles_to(flags);
  inspect->read.add_selection_to(flags);
  flags.add("--splits", &inspect->splits,
            "tell what splits would leak even for a table with more than a million ratings");
  inspect->common.add_to(flags);
  inspect->common.add_threads_to(flags);
  flags.set_examples({"palate inspect ratings.csv", "palate inspect model.safetensors",
                      "palate inspect \"part-*.csv.gz\" --min-user-ratings 5"});
  return [inspect] { return inspect->run(); };
}

}  // namespace palate::cli
