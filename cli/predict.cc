// palate predict MODEL --user U --item I | --title T
//                MODEL PAIRS [--user COLUMN] [--item COLUMN] [-o FILE]
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "flags.h"
#include "item_flags.h"
#include "palate/base/atomic_file.h"
#include "palate/base/error.h"
#include "palate/data/pairs.h"
#include "palate/json.h"
#include "palate/model/query.h"
#include "read_flags.h"
#include "table_text.h"
#include "terminal.h"
#include "twins.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Predict {
  CommonFlags common;
  std::string model_file;
  ReadFlags read;
  std::optional<std::string> user;
  ItemFlags item;
  bool no_clip = false;
  bool strict = false;
  std::string output;

  int run() const {
    const bool is_file = !read.files.empty();
    if (is_file ? item.title.has_value() : !user || !item.given()) {
      throw Error(ErrorCode::invalid_argument,
                  "predict needs either --user and --item or --title, or a file of pairs");
    }
    if (!is_file && !output.empty()) {
      throw Error(ErrorCode::invalid_argument,
                  "--output needs a file of pairs; one prediction goes to standard output");
    }
    VerbFiles used = read.verb_files("PAIRS", false);
    used.reads_model("MODEL", model_file);
    if (has_output_file()) used.writes("--output", output);
    used.check();
    const Model model = load_model(model_file);
    if (!model.ratings) {
      const bool is_trained = traits_of(model.lists->algorithm.options).is_trained;
      throw Error(ErrorCode::invalid_argument,
                  is_trained
                      ? fmt::format("{} does not predict ratings: it was trained for lists alone, "
                                    "which palate recommend makes. Train a model on a table with "
                                    "ratings",
                                    model_file)
                      : fmt::format("{} does not predict ratings: its factors were imported to "
                                    "make lists. If they predict ratings, import them with "
                                    "--ratings",
                                    model_file));
    }
    return is_file ? predict_file(model) : predict_pair(model);
  }

  bool has_output_file() const { return !output.empty() && output != "-"; }

  int predict_pair(const Model& model) const {
    const std::optional<Index> known_user =
        strict ? cli::known_user(model, *user) : model.catalog->users.find(*user);
    const std::optional<Index> known_item =
        strict ? item.find_known(model, common.quiet) : item.find(model, common.quiet);
    const std::string item_id = known_item ? model.catalog->items[*known_item] : *item.id;
    if (!known_user && !common.quiet)
      tell("user {} is not in the model: the prediction is made from biases alone{}", *user,
           did_you_mean(model.catalog->users, *user));
    if (!known_item && !common.quiet)
      tell("item {} is not in the model: the prediction is made from biases alone{}", item_id,
           did_you_mean(model.catalog->items, item_id));
    const float predicted = predict(model, known_user, known_item);
    if (common.json) {
      print_document(to_json(PairPrediction{*user, item_id, known_user.has_value(),
                                            known_item.has_value(), predicted}));
    } else {
      print("{:.4f}\n", predicted);
    }
    return kDone;
  }

  int predict_file(const Model& model) const {
    constexpr std::size_t kPrinted = std::size_t{1} << 16;  // bytes at a time
    ReadOptions options = read.read_options();
    options.user_column = user;
    options.item_column = item.id;
    std::string text;                // not printed yet
    std::vector<std::string> names;  // of the cells, for JSON
    bool begun = false;
    std::uint64_t unknown = 0;
    LookedUpIds users;
    LookedUpIds items;
    std::optional<AtomicFile> file;
    if (has_output_file()) file.emplace(output);
    const bool as_json = file ? output.ends_with(".json") : common.json;
    const auto print_rows = [&](const std::string& rows) {
      if (file) return file->write(rows);
      as_json ? print_part(rows) : print_csv(rows);
    };
    const auto answer = [&](const TableFormat& format, const PairRow& row) {
      const std::optional<Index> known_user = model.catalog->users.find(row.user);
      const std::optional<Index> known_item = model.catalog->items.find(row.item);
      users.add(row.user, known_user.has_value());
      items.add(row.item, known_item.has_value());
      if (!known_user || !known_item) {
        ++unknown;
        if (strict) {
          throw Error(ErrorCode::invalid_argument,
                      fmt::format("{} {} is not in the model (--strict)",
                                  known_user ? "item" : "user", known_user ? row.item : row.user));
        }
      }
      const float predicted = predict(model, known_user, known_item);
      const bool is_first = !std::exchange(begun, true);
      if (as_json) {
        if (is_first) names = short_names_of_cells(format);
        text += is_first ? "[\n  " : ",\n  ";
        text += to_json({std::string(row.user), std::string(row.item), known_user.has_value(),
                         known_item.has_value(), predicted},
                        format, row, names);
      } else {
        if (is_first) text = predictions_csv_header(format);
        text += predictions_csv_row(row, predicted);
      }
      if (text.size() < kPrinted) return;
      print_rows(text);
      text.clear();
    };
    const RatingsTable pairs = for_each_pair(read.paths(), options, answer);
    tell_pairs(pairs, common.quiet);
    if (unknown > 0 && !common.quiet)
      tell("{} with a user or an item that is not in the model: predicted from biases alone",
           counted(unknown, "pair"));
    if (!common.quiet) {
      tell_twins(pairs.path, "users", users, model.catalog->users);
      tell_twins(pairs.path, "items", items, model.catalog->items);
    }
    if (as_json) text += begun ? "\n]\n" : "[]\n";
    print_rows(text);
    if (file) {
      file->commit();
      if (common.json) {
        print_json(nlohmann::ordered_json{{"file", output}, {"pairs", pairs.rows_read}});
      } else {
        print_path(output);
      }
    }
    return kDone;
  }

  // They are repeated for each pair.
  static std::vector<std::string> short_names_of_cells(const TableFormat& format) {
    constexpr std::size_t kMostBytes = 1000;
    std::vector<std::string> names = names_of_cells(format);
    for (const std::string& name : names) {
      if (name.size() <= kMostBytes) continue;
      throw Error(ErrorCode::bad_data,
                  fmt::format("a column has a name of {} bytes, more than the {} that are repeated "
                              "for each pair: leave it out, or --json",
                              name.size(), kMostBytes));
    }
    return names;
  }

  float predict(const Model& model, std::optional<Index> known_user,
                std::optional<Index> known_item) const {
    const Scorer& scorer = model.ratings->scorer;
    const QueryView query =
        known_user ? query_of_user(scorer, *known_user) : query_of_unknown_user(scorer);
    return palate::predict(scorer, query, known_item, !no_clip);
  }
};

}  // namespace

Run add_predict(FlagSet& flags) {
  const auto predict = std::make_shared<Predict>();
  flags.add_required("MODEL", &predict->model_file, "a model's file");
  flags.add("PAIRS", &predict->read.files, "files of (user, item) pairs, - for standard input");
  flags.add("--user ID|COLUMN", &predict->user,
            "the user's id, as in the data; with PAIRS the users' column [guessed]");
  predict->item.add_to(flags,
                       "the item's id, as in the data; with PAIRS the items' column [guessed]");
  flags.add(
      "--no-clip", &predict->no_clip,
      "do not clip predictions to the range of the train ratings; those of presets never are");
  flags.add("--strict", &predict->strict,
            "make users and items that the model does not know an error");
  flags.add("-o,--output FILE", &predict->output,
            "of PAIRS: a file for the predictions, JSON where it ends in .json, else CSV [standard "
            "output]");
  FlagSet group = flags.group("reading PAIRS");
  group.add("--delimiter CHARACTER", &predict->read.options.delimiter,
            "what stands between two columns [guessed]");
  group.add("--header yes|no", &predict->read.header,
            "whether the first line names the columns [guessed]");
  predict->read.add_trim_ids_to(group);
  predict->read.add_max_expansion_to(group);
  predict->common.add_to(flags);
  predict->common.add_threads_to(flags);
  flags.set_examples({"palate predict model.safetensors --user 1 --item 50",
                      "palate predict model.safetensors pairs.csv -o predictions.csv",
                      "palate predict model.safetensors --user 1 --title heat"});
  return [predict] { return predict->run(); };
}

}  // namespace palate::cli
