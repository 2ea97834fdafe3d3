// palate import --users FILE --items FILE | FILE.npz | FOLDER [--seen FILE] [-o FILE]
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment_flags.h"
#include "flags.h"
#include "help.h"
#include "palate/base/error.h"
#include "palate/model/import.h"
#include "palate/recommend/recommend.h"
#include "read_flags.h"
#include "table_text.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Import {
  CommonFlags common;
  ReadFlags read;  // of --seen
  ExperimentFlags experiment;
  std::string source;  // an .npz, or a folder
  FactorFiles files;
  std::string user_ids;
  std::string item_ids;
  std::string seen;
  std::string titles;
  bool of_ratings = false;
  std::optional<double> regularization;
  std::optional<double> alpha;
  std::string output = "model.safetensors";

  int run() {
    check_flags();
    check_files();
    ExportedFactors factors = read_source();
    const std::shared_ptr<Catalog> catalog = factors.catalog;
    Parallel parallel(common.threads);
    const std::optional<RatingsTable> table = seen_table(parallel, factors.ratings.has_value());
    add_titles(*catalog);
    Imported imported;
    for (const Task task : {Task::ratings, Task::lists}) {
      std::optional<ForeignFactors>& of_task = task_of(factors, task);
      if (!of_task) continue;
      tell_factors(*of_task, task);
      const ImportOptions options{
          .task = task, .regularization = as_float(regularization), .alpha = as_float(alpha)};
      Imported one = import_model(*std::move(of_task), catalog,
                                  table ? &table->interactions : nullptr, options, parallel);
      if (imported.model.ratings) one.model.ratings = std::move(imported.model.ratings);
      imported = std::move(one);
    }
    tell_seen(imported);
    tell_fold_in(imported.model);
    save_model(imported.model, output);
    if (common.json) {
      print_json(json_of(imported));
    } else {
      print_path(output);
    }
    return kDone;
  }

  static std::optional<ForeignFactors>& task_of(ExportedFactors& factors, Task task) {
    return task == Task::ratings ? factors.ratings : factors.lists;
  }

  bool is_folder() const {
    std::error_code error;
    return !source.empty() && std::filesystem::is_directory(source, error);
  }

  ExportedFactors read_source() const {
    if (is_folder()) return read_export(source);
    ExportedFactors made{.catalog = std::make_shared<Catalog>(), .ratings = {}, .lists = {}};
    std::optional<ForeignFactors>& factors =
        task_of(made, of_ratings ? Task::ratings : Task::lists);
    factors = source.empty() ? read_factors(files) : read_implicit(source);
    made.catalog->users = read_ids(user_ids, factors->factors.num_users(), "users");
    made.catalog->items = read_ids(item_ids, factors->factors.num_items(), "items");
    return made;
  }

  void check_flags() const {
    const auto refuse = [](const char* message) {
      throw Error(ErrorCode::invalid_argument, message);
    };
    const bool has_pair = !files.users.empty() && !files.items.empty();
    if (has_pair == !source.empty() || files.users.empty() != files.items.empty()) {
      refuse(
          "import needs --users and --items, two .npy files, or else an .npz that implicit has "
          "saved, or the folder of an export");
    }
    const bool has_parts =
        !files.user_bias.empty() || !files.item_bias.empty() || !files.global_mean.empty();
    if (!has_pair && has_parts)
      refuse("--user-bias, --item-bias and --mean stand beside --users and --items");
    if (is_folder() && (of_ratings || !user_ids.empty() || !item_ids.empty())) {
      refuse(
          "the folder of an export says what its factors mean and whose they are: --ratings, "
          "--user-ids and --item-ids stand beside others");
    }
    if (seen.empty() && experiment.relevant) refuse("--relevant is of the ratings in --seen");
  }

  void check_files() {
    if (!seen.empty()) read.files = {seen};
    if (!titles.empty()) read.options.items_file = titles;
    VerbFiles used = seen.empty() ? VerbFiles() : read.verb_files("--seen", false);
    used.reads(titles.empty() ? "the titles in" : "--titles", file_of_titles().value_or(""));
    used.reads("SOURCE", source);
    for (const std::string& name :
         is_folder() ? exported_files(ExportFormat::npy) : std::vector<std::string>())
      used.reads("SOURCE", (std::filesystem::path(source) / name).string());
    used.reads("--users", files.users);
    used.reads("--items", files.items);
    used.reads("--user-bias", files.user_bias);
    used.reads("--item-bias", files.item_bias);
    used.reads("--mean", files.global_mean);
    used.reads("--user-ids", user_ids);
    used.reads("--item-ids", item_ids);
    used.writes("--output", output);
    used.check();
  }

  std::optional<std::string> file_of_titles() const {
    if (!seen.empty()) return titles_file(read.paths(), read.options);
    return titles.empty() || titles == "none" ? std::nullopt : std::optional(titles);
  }

  static std::optional<float> as_float(std::optional<double> value) {
    return value ? std::optional(static_cast<float>(*value)) : std::nullopt;
  }

  std::optional<RatingsTable> seen_table(Parallel& parallel, bool has_ratings) {
    if (seen.empty()) return {};
    // Factors of choices take what may be both for choices.
    read.options.if_doubtful = has_ratings ? Feedback::ratings : Feedback::weights;
    ReadFlags without_titles = read;  // those of all items are read, and not of these alone
    without_titles.options.items_file = "none";
    RatingsTable table = without_titles.read(common.quiet, parallel);
    if (has_ratings) require_ratings(table);
    experiment.tell_relevant(table);
    tell_reading(table, common.quiet);
    return table;
  }

  void add_titles(Catalog& catalog) const {
    const std::optional<std::string> file = file_of_titles();
    if (!file) return;
    const Index known = read_items_file(*file, catalog);
    if (common.quiet) return;
    if (known == 0) {
      tell("warning: {} knows none of the items: there are no titles", *file);
    } else {
      tell("titles of {} of {} items from {}", with_commas(known),
           with_commas(catalog.items.size()), *file);
    }
  }

  void tell_factors(const ForeignFactors& read_factors, Task task) const {
    if (common.quiet) return;
    const Factors& factors = read_factors.factors;
    tell("{}: {} factors of {} users and {} items{}", task_name(task), factors.num_factors(),
         with_commas(factors.num_users()), with_commas(factors.num_items()),
         read_factors.bias_columns > 0
             ? fmt::format(", and biases from {} column{} whose other side is 1",
                           read_factors.bias_columns, read_factors.bias_columns > 1 ? "s" : "")
             : "");
  }

  void tell_seen(const Imported& imported) const {
    if (common.quiet) return;
    if (seen.empty()) {
      tell(
          "without --seen no item is left out of a list, and nothing tells which items most users "
          "have chosen");
      return;
    }
    const auto tell_left_out = [](std::uint64_t count, const char* whose) {
      if (count > 0) tell("{} rows are {} without factors: left out", with_commas(count), whose);
    };
    tell_left_out(imported.rows_of_unknown_users, "by users");
    tell_left_out(imported.rows_of_unknown_items, "of items");
  }

  void tell_fold_in(const Model& model) const {
    if (common.quiet || !for_lists(model).scorer.folds_in_approximately()) return;
    tell(
        "new users are folded in approximately, since nothing tells how the factors were trained "
        "(--regularization, --alpha)");
  }

  nlohmann::ordered_json json_of(const Imported& imported) const {
    const Model& model = imported.model;
    nlohmann::ordered_json json{{"file", output},
                                {"version", model_version(output)},
                                {"users", model.catalog->users.size()},
                                {"items", model.catalog->items.size()}};
    const auto add = [&](const char* task, const std::optional<Fitted>& fitted) {
      if (!fitted) return;
      json[task] = {{"factors", fitted->scorer.factors.num_factors()},
                    {"folds_in_approximately", fitted->scorer.folds_in_approximately()}};
    };
    add("ratings", model.ratings);
    add("lists", model.lists);
    json["seen"] = nullptr;
    if (model.seen) {
      json["seen"] = {{"pairs", model.seen->size()},
                      {"rows_of_unknown_users", imported.rows_of_unknown_users},
                      {"rows_of_unknown_items", imported.rows_of_unknown_items}};
    }
    return json;
  }
};

}  // namespace

Run add_import(FlagSet& flags) {
  const auto import = std::make_shared<Import>();
  flags.add("SOURCE", &import->source,
            "a model that implicit has saved, model.npz, or the folder of an export as npy");
  flags.add("--users FILE", &import->files.users,
            "a .npy file of the users' factors: a row for each user, a column for each factor");
  flags.add("--items FILE", &import->files.items, "the same of the items, with as many columns");
  flags.add("--user-ids FILE", &import->user_ids,
            "the users' ids in the order of the rows: one a line, or a .npy file [0, 1, 2, ...]");
  flags.add("--item-ids FILE", &import->item_ids, "the same of the items");
  flags.add("--seen FILE", &import->seen,
            "a table of who chose or rated what: left out of lists, and the reasons in "
            "explanations");
  flags.add("--titles FILE", &import->titles,
            "titles of the items: id, title, further columns, by which --where chooses; none: no "
            "titles [looked for next to --seen]");
  flags.add("-o,--output FILE", &import->output, "the model's file; an existing one is replaced");
  FlagSet scores = flags.group("what the factors mean");
  scores.add("--ratings", &import->of_ratings,
             "they predict ratings; without it they rank items and predict none");
  scores.add("--user-bias FILE", &import->files.user_bias,
             "a .npy file of what each user adds to a score");
  scores.add("--item-bias FILE", &import->files.item_bias, "the same of the items");
  scores.add("--mean FILE", &import->files.global_mean,
             "a .npy file of one number, which all scores begin with");
  scores.add("--regularization NUMBER", &import->regularization,
             "how hard training pulled factors to zero: new users are then folded in as implicit "
             "least squares does, or with --ratings least squares [what the .npz says]");
  scores.add("--alpha NUMBER", &import->alpha,
             "by how much implicit least squares multiplied what was seen [what the .npz says, or "
             "1]");
  import->read.add_columns_to(flags);
  flags.group(kReadingTable)
      .add("--relevant \">=N\"", &import->experiment.relevant,
           "the least rating of --seen by which a user likes an item [the upper half of the "
           "ratings]");
  import->common.add_to(flags);
  import->common.add_threads_to(flags);
  flags.set_examples({"palate import model.npz --seen events.csv",
                      "palate import --users u.npy --items i.npy --item-ids items.txt",
                      "palate import model-npy --seen ratings.csv -o imported.safetensors"});
  return [import] { return import->run(); };
}

}  // namespace palate::cli
