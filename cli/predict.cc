// palate predict MODEL --user U --item I | --title T | PAIRS
#include <memory>
#include <nlohmann/json.hpp>

#include "flags.h"
#include "item_flags.h"
#include "palate/base/error.h"
#include "palate/recommend/recommend.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

// A cell of a CSV file, quoted where it has to be.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

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
    const Query query =
        known_user ? query_of_user(model, *known_user) : query_of_unknown_user(model);
    const float predicted = palate::predict(model, query, known_item, !no_clip);
    if (common.json) {
      print_json(
          pair_json(*user, item_id, known_user.has_value(), known_item.has_value(), predicted));
    } else {
      print("{:.4f}\n", predicted);
    }
    return kDone;
  }

  int predict_file(const Model& model) const {
    Parallel parallel(common.threads);
    const RatingsTable pairs =
        read_ratings_with(*model.catalog, read.paths(), read.read_options(), parallel);
    const Interactions& rows = pairs.interactions;
    const std::vector<float> predicted = predict_rows(model, rows, !no_clip);
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    std::string text = "user,item,prediction\n";
    std::uint64_t unknown = 0;
    for (Index row = 0; row < rows.size(); ++row) {
      const std::string user_id = rows.catalog->users[rows.users[row]];
      const std::string item_id = rows.catalog->items[rows.items[row]];
      const bool known_user = rows.users[row] < model.factors.num_users();
      const bool known_item = rows.items[row] < model.factors.num_items();
      if (!known_user || !known_item) ++unknown;
      if (common.json) {
        json.push_back(pair_json(user_id, item_id, known_user, known_item, predicted[row]));
      } else {
        text += fmt::format("{},{},{:.4f}\n", cell(user_id), cell(item_id), predicted[row]);
      }
    }
    if (unknown > 0 && !common.quiet)
      tell("{} pairs have a user or an item that is not in the model: bias-only answers",
           with_commas(unknown));
    if (common.json) {
      print_json(json);
    } else {
      print(text);
    }
    return kDone;
  }

  static nlohmann::ordered_json pair_json(const std::string& user, const std::string& item,
                                          bool known_user, bool known_item, float predicted) {
    return {{"user", user},
            {"item", item},
            {"known_user", known_user},
            {"known_item", known_item},
            {"prediction", predicted}};
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
