// palate predict MODEL --user U --item I | --title T | PAIRS
#include <memory>

#include "flags.h"
#include "item_flags.h"
#include "palate/base/error.h"
#include "palate/json.h"
#include "palate/model/query.h"
#include "terminal.h"
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

  int run() const {
    const bool one_pair = user && item.given();
    if (one_pair == !read.files.empty() || user.has_value() != item.given()) {
      throw Error(ErrorCode::invalid_argument,
                  "predict needs either --user and --item or --title, or a file of pairs");
    }
    const Model model = load_model(model_file);
    return one_pair ? predict_pair(model) : predict_file(model);
  }

  int predict_pair(const Model& model) const {
    const std::optional<Index> known_user = model.catalog->users.find(*user);
    const std::optional<Index> known_item = item.find(model, common.quiet);
    const std::string item_id = known_item ? model.catalog->items[*known_item] : *item.id;
    if (!known_user && !common.quiet)
      tell("user {} is not in the model: this is the bias-only answer", *user);
    if (!known_item && !common.quiet)
      tell("item {} is not in the model: this is the bias-only answer", item_id);
    const Scorer& scorer = for_ratings(model).scorer;
    const QueryView query =
        known_user ? query_of_user(scorer, *known_user) : query_of_unknown_user(scorer);
    const float predicted = palate::predict(scorer, query, known_item, !no_clip);
    if (common.json) {
      print_document(to_json(PairPrediction{*user, item_id, known_user.has_value(),
                                            known_item.has_value(), predicted}));
    } else {
      print("{:.4f}\n", predicted);
    }
    return kDone;
  }

  int predict_file(const Model& model) const {
    Parallel parallel(common.threads);
    const RatingsTable pairs =
        read_ratings_with(*model.catalog, read.paths(), read.read_options(), parallel);
    tell_table(pairs, common.quiet);
    const Interactions& rows = pairs.interactions;
    const std::vector<float> predicted =
        predict_pairs(for_ratings(model).scorer, rows.users, rows.items, !no_clip);
    std::vector<PairPrediction> predictions;
    std::uint64_t unknown = 0;
    for (Index row = 0; row < rows.size(); ++row) {
      const bool known_user = rows.users[row] < model.catalog->users.size();
      const bool known_item = rows.items[row] < model.catalog->items.size();
      if (!known_user || !known_item) ++unknown;
      predictions.push_back({rows.catalog->users[rows.users[row]],
                             rows.catalog->items[rows.items[row]], known_user, known_item,
                             predicted[row]});
    }
    if (unknown > 0 && !common.quiet)
      tell("{} pairs have a user or an item that is not in the model: bias-only answers",
           with_commas(unknown));
    if (common.json) {
      print_document(to_json(predictions));
    } else {
      print(to_csv(predictions));
    }
    return kDone;
  }
};

}  // namespace

Run add_predict(FlagSet& flags) {
  const auto predict = std::make_shared<Predict>();
  flags.add_required("MODEL", &predict->model_file, "a model's file");
  flags.add("PAIRS", &predict->read.files, "files of (user, item) pairs, - for standard input");
  flags.add("--user", &predict->user, "the user's id, as in the data");
  predict->item.add_to(flags);
  flags.add(
      "--no-clip", &predict->no_clip,
      "do not clip predictions to the range of the train ratings; those of presets never are");
  predict->common.add_to(flags);
  predict->common.add_threads_to(flags);
  return [predict] { return predict->run(); };
}

}  // namespace palate::cli
