// palate evaluate MODEL TEST
#include <memory>

#include "comparison_text.h"
#include "flags.h"
#include "palate/json.h"
#include "palate/recommend/recommend.h"
#include "progress_bar.h"
#include "read_flags.h"
#include "table_text.h"
#include "terminal.h"
#include "text_table.h"
#include "twins.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Evaluate {
  CommonFlags common;
  std::string model_file;
  ReadFlags read;
  bool no_clip = false;

  int run() const {
    VerbFiles used = read.verb_files("TEST", true);
    used.reads_model("MODEL", model_file);
    used.check();
    const Model model = load_model(model_file);
    Parallel parallel(common.threads);
    ReadOptions options = read.test_options();
    ProgressBar bar(common.quiet);
    bar.watch(options);
    const RatingsTable test = read_ratings_with(*model.catalog, read.paths(), options, parallel);
    tell_reading(test, common.quiet);
    if (!model.lists) require_ratings(test);
    tell_twins(test, *model.catalog, common.quiet);
    const Evaluation result = palate::evaluate(model, test.interactions, !no_clip, parallel);
    if (!common.quiet) tell_what_it_measures(model, result);
    if (common.json) {
      print_document(to_json(result, model_file, test.path));
    } else {
      if (result.ratings) print_ratings(model, result);
      if (result.ratings && result.lists) print("\n");
      if (result.lists) print_lists(model, *result.lists);
    }
    return kDone;
  }

  // A table of one row: the algorithm, its metrics, and how many measured them.
  static std::string table_of(const Fitted& fitted, const std::vector<Measured>& metrics,
                              const std::string& mark, const std::string& what,
                              std::uint64_t count) {
    std::vector<Cell> header{"model"};
    std::vector<Cell> row{fitted.algorithm.name};
    for (const Measured& measured : metrics) {
      if (!in_tables(measured.metric)) continue;
      header.push_back(metric_heading(measured));
      const Cell cell = metric_cell(measured);
      row.emplace_back(cell.text + mark, cell.brief + mark);
    }
    header.push_back(what);
    row.push_back(with_commas(count));
    TextTable table(header);
    for (std::size_t m = row.size() - 2; m > 0; --m) table.narrow_by(m, TextTable::Narrow::brief);
    for (std::size_t m = row.size() - 2; m > 1; --m)
      table.narrow_by(m, TextTable::Narrow::left_out);
    table.add(row);
    return table.text();
  }

  static void print_ratings(const Model& model, const Evaluation& result) {
    const Familiarity& familiarity = result.familiarity;
    const bool is_optimistic = familiarity.seen > 0U;
    print(table_of(*model.ratings, result.ratings->metrics,
                   is_optimistic ? fmt::format(" {}", kOptimistic) : "", "ratings",
                   familiarity.ratings));
    if (is_optimistic) {
      print("{} the model was trained on {} of the {} ratings: the figure is too optimistic\n",
            kOptimistic, with_commas(*familiarity.seen), with_commas(familiarity.ratings));
    }
  }

  static void print_lists(const Model& model, const EvaluatedLists& lists) {
    print(table_of(*model.lists, lists.metrics, "", "users", lists.users));
    print("by {} test {} of items that the users had not seen{}\n", with_commas(lists.tested),
          lists.relevant ? fmt::format("ratings of at least {:g}", *lists.relevant) : "rows",
          lists.users_without_relevant > 0
              ? fmt::format("; left out: {} without one",
                            counted(lists.users_without_relevant, "user"))
              : "");
  }

  static void tell_what_it_measures(const Model& model, const Evaluation& result) {
    const Familiarity& familiarity = result.familiarity;
    const auto answers = [&](const char* listed) {
      return fmt::format("{}{}{}", result.ratings ? "predicted from biases alone" : "",
                         result.ratings && result.lists ? ", and " : "",
                         result.lists ? listed : "");
    };
    if (familiarity.unknown_users > 0)
      tell("{} {} are by users the model does not know: {}", with_commas(familiarity.unknown_users),
           row_noun(result), answers("lists of the items that most users have chosen"));
    if (familiarity.unknown_items > 0)
      tell("{} {} are of items the model does not know: {}", with_commas(familiarity.unknown_items),
           row_noun(result), answers("no list can hold them"));
    if (model.lists && !result.lists) {
      tell("lists are not measured: {}",
           makes_lists_of_users(model)
               ? "no user has anything relevant that the model has not seen"
               : "the model does not keep who rated what, from which they are made (--no-history)");
    }
    if (result.lists && !model.seen)
      tell("the model has no history: lists also hold what their users have seen");
    for (const std::string& warning : warnings_of(result)) tell(warning);
  }
};

}  // namespace

Run add_evaluate(FlagSet& flags) {
  const auto evaluate = std::make_shared<Evaluate>();
  flags.add_required("MODEL", &evaluate->model_file, "a model's file");
  evaluate->read.add_to(flags, "TEST");
  flags.add(
      "--no-clip", &evaluate->no_clip,
      "do not clip predictions to the range of the train ratings; those of presets never are");
  evaluate->common.add_to(flags);
  evaluate->common.add_threads_to(flags);
  flags.set_examples({"palate evaluate model.safetensors new-ratings.csv",
                      "palate evaluate model.safetensors new-ratings.csv --json",
                      "palate evaluate model.safetensors test.csv --user reader --item book"});
  return [evaluate] { return evaluate->run(); };
}

}  // namespace palate::cli
