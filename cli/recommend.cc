// palate recommend MODEL --user U
#include <memory>
#include <nlohmann/json.hpp>

#include "flags.h"
#include "palate/recommend.h"
#include "recommendation_table.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {

std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list) {
  TextTable table({"item", "predicted", "title"});
  table.align_left(2);
  for (const auto& [item, score] : list) {
    const std::string title = model.catalog->item_titles.empty() ? "" : model.catalog->item_titles[item];
    table.add({model.catalog->items[item], fmt::format("{:.3f}", score), title});
  }
  return table.text();
}

namespace {

struct Recommend {
  CommonFlags common;
  std::string model_file;
  std::string user;
  RecommendOptions options;
  bool include_seen = false;

  int run() const {
    const Model model = load_model(model_file);
    const std::optional<Index> known = model.catalog->users.find(user);
    if (!known && !common.quiet) {
      tell("user {} is not in the model: this is the bias-only answer, the items that are liked in general", user);
    }
    if (known && !include_seen && !model.has_history() && !common.quiet) {
      tell("the model has no history: items that user {} has rated are not left out", user);
    }
    const Query query = known ? query_of_user(model, *known) : query_of_unknown_user(model);
    const bool leave_out_seen = known && !include_seen && model.has_history();
    const auto seen = leave_out_seen ? model.history.row(*known).columns : std::span<const Index>{};
    const std::vector<Recommendation> list = palate::recommend(model, query, options, seen);
    if (list.empty() && !common.quiet) {
      tell("nothing to recommend: no item outside the user's history has {} ratings (--min-support)", options.min_support);
    }
    if (common.json) {
      print(as_json(model, known.has_value(), list).dump(2) + "\n");
    } else {
      print(recommendation_table(model, list));
    }
    return kDone;
  }

  nlohmann::ordered_json as_json(const Model& model, bool known, const std::vector<Recommendation>& list) const {
    nlohmann::ordered_json json{{"user", user}, {"known_user", known}, {"items", nlohmann::ordered_json::array()}};
    for (const auto& [item, score] : list) {
      json["items"].push_back({{"item", model.catalog->items[item]},
                               {"title", model.catalog->item_name(item)},
                               {"score", score},
                               {"support", model.item_support[item]}});
    }
    return json;
  }
};

}  // namespace

Run add_recommend(CLI::App& verb) {
  const auto recommend = std::make_shared<Recommend>();
  verb.add_option("MODEL", recommend->model_file, "a model's file")->required();
  verb.add_option("--user", recommend->user, "the user's id, as in the data")->required();
  verb.add_option("-k,--count", recommend->options.count, "length of the list")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb.add_option("--min-support", recommend->options.min_support, "leave out items with fewer ratings than this")
      ->capture_default_str();
  verb.add_flag("--include-seen", recommend->include_seen, "recommend items that the user has rated, too");
  recommend->common.add_to(verb);
  return [recommend] { return recommend->run(); };
}

}  // namespace palate::cli
