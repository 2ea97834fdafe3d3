// palate recommend MODEL --user U | --likes "Toy Story:5, Heat:4" | --history FILE [--item I | --title T]
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "flags.h"
#include "item_flags.h"
#include "likes.h"
#include "palate/error.h"
#include "palate/item_files.h"
#include "palate/recommend.h"
#include "recommendation_table.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {

std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list) {
  TextTable table({"item", "predicted", "title"});
  table.align_left(2);
  for (const auto& [item, score] : list) {
    table.add({model.catalog->items[item], fmt::format("{:.3f}", score), title_of(model, item)});
  }
  return table.text();
}

namespace {

// For whom the list is.
struct Reader {
  Query query;
  SparseRow rated;                   // by the user, as far as that is known
  nlohmann::ordered_json described;  // how the JSON document begins
  RatedItems likes{};                // what `rated` refers to, of a user who is not in the model
  FoldedUser folded{};               // what `query` refers to, of the same
};

struct Recommend {
  CommonFlags common;
  std::string model_file;
  std::optional<std::string> user;
  std::optional<std::string> likes;
  std::optional<std::string> history_file;
  ItemFlags item;
  RecommendOptions options;
  bool include_seen = false;

  int run() const {
    if (user.has_value() == (likes || history_file)) {
      throw Error(ErrorCode::invalid_argument, "recommend needs either --user, or --likes or --history of a new user");
    }
    const Model model = load_model(model_file);
    const std::unique_ptr<const Reader> reader = user ? user_of(model) : new_user(model);
    const std::span<const Index> excluded = include_seen ? std::span<const Index>{} : reader->rated.columns;
    return item.given() ? tell_standing(model, *reader, excluded) : tell_list(model, *reader, excluded);
  }

  std::unique_ptr<const Reader> user_of(const Model& model) const {
    const std::optional<Index> known = model.catalog->users.find(*user);
    if (!known && !common.quiet) {
      tell("user {} is not in the model: this is the bias-only answer, the items that are liked in general", *user);
    }
    if (known && !include_seen && !model.has_history() && !common.quiet) {
      tell("the model has no history: items that user {} has rated are not left out", *user);
    }
    auto reader = std::make_unique<Reader>();
    reader->query = known ? query_of_user(model, *known) : query_of_unknown_user(model);
    if (known && model.has_history()) reader->rated = model.history.row(*known);
    reader->described = {{"user", *user}, {"known_user", known.has_value()}};
    return reader;
  }

  std::unique_ptr<const Reader> new_user(const Model& model) const {
    auto reader = std::make_unique<Reader>();
    std::vector<std::pair<Index, float>> ratings;
    std::uint64_t unknown = 0;
    if (history_file) {
      const RatedItems history = read_rated_items(*history_file, *model.catalog);
      unknown = history.unknown;
      for (Index t = 0; t < history.items.size(); ++t) ratings.emplace_back(history.items[t], history.values[t]);
    }
    if (likes) std::ranges::copy(parse_likes(*likes, model), std::back_inserter(ratings));
    reader->likes = rated_items(std::move(ratings));
    reader->rated = reader->likes.row();
    reader->folded = fold_in(model, reader->rated);
    reader->query = query_of_folded_user(model, reader->folded);
    reader->described = {{"user", nullptr}, {"known_user", false}, {"likes", nlohmann::ordered_json::array()}};
    for (Index t = 0; t < reader->rated.size(); ++t) {
      const Index rated = reader->rated.columns[t];
      reader->described["likes"].push_back({{"item", model.catalog->items[rated]},
                                            {"title", model.catalog->item_name(rated)},
                                            {"rating", reader->rated.values[t]}});
    }
    if (!common.quiet) tell_likes(model, reader->rated, unknown);
    return reader;
  }

  void tell_likes(const Model& model, SparseRow rated, std::uint64_t unknown) const {
    constexpr Index kMost = 10;
    if (rated.size() == 0) tell("no rating of an item of the model: this is the bias-only answer");
    for (Index t = 0; t < std::min(rated.size(), kMost); ++t) {
      tell("{:g}  {} (item {})", rated.values[t], model.catalog->item_name(rated.columns[t]),
           model.catalog->items[rated.columns[t]]);
    }
    if (rated.size() > kMost) tell("and {} more", rated.size() - kMost);
    if (unknown > 0) tell("{} ratings are of items that are not in the model: left out", with_commas(unknown));
    const auto outside =
        std::ranges::find_if(rated.values, [&](float value) { return value < model.range.low || value > model.range.high; });
    if (outside != rated.values.end()) {
      tell("warning: {:g} is outside of the scale that the model was trained on, {:g} to {:g}", *outside, model.range.low,
           model.range.high);
    }
  }

  int tell_list(const Model& model, const Reader& reader, std::span<const Index> excluded) const {
    const std::vector<Recommendation> list = palate::recommend(model, reader.query, options, excluded);
    if (list.empty() && !common.quiet) {
      tell("nothing to recommend: no item outside the user's history has {} ratings (--min-support)", options.min_support);
    }
    if (!common.json) {
      print(recommendation_table(model, list));
      return kDone;
    }
    nlohmann::ordered_json json = reader.described;
    json["items"] = nlohmann::ordered_json::array();
    for (const auto& [listed, score] : list) {
      json["items"].push_back({{"item", model.catalog->items[listed]},
                               {"title", model.catalog->item_name(listed)},
                               {"score", score},
                               {"support", model.item_support[listed]}});
    }
    print(json.dump(2) + "\n");
    return kDone;
  }

  // Where one item stands in the list.
  int tell_standing(const Model& model, const Reader& reader, std::span<const Index> excluded) const {
    const Index wanted = item.find_known(model, common.quiet);
    const auto [rank, score] = standing(model, reader.query, wanted, options, excluded);
    const std::optional<float> rating = rating_of(reader.rated, wanted);
    const Index support = model.item_support[wanted];
    if (support < options.min_support && !common.quiet) {
      tell("item {} has {} ratings: it is listed only with --min-support {} or less", model.catalog->items[wanted], support,
           support);
    }
    if (common.json) {
      nlohmann::ordered_json json = reader.described;
      json["standing"] = {{"item", model.catalog->items[wanted]},
                          {"title", model.catalog->item_name(wanted)},
                          {"rank", rank},
                          {"score", score},
                          {"seen", rating.has_value()},
                          {"rating", rating ? nlohmann::ordered_json(*rating) : nullptr},
                          {"support", support}};
      print(json.dump(2) + "\n");
      return kDone;
    }
    TextTable table({"item", "rank", "predicted", "seen", "title"});
    table.align_left(4);
    table.add({model.catalog->items[wanted], with_commas(rank), fmt::format("{:.3f}", score),
               rating ? fmt::format("rated {:g}", *rating) : "no", title_of(model, wanted)});
    print(table.text());
    return kDone;
  }

  static std::optional<float> rating_of(SparseRow row, Index item) {
    const auto found = std::ranges::lower_bound(row.columns, item);
    if (found == row.columns.end() || *found != item) return std::nullopt;
    return row.values[static_cast<std::size_t>(found - row.columns.begin())];
  }
};

}  // namespace

Run add_recommend(CLI::App& verb) {
  const auto recommend = std::make_shared<Recommend>();
  verb.add_option("MODEL", recommend->model_file, "a model's file")->required();
  verb.add_option("--user", recommend->user, "the user's id, as in the data");
  verb.add_option("--likes", recommend->likes,
                  "ratings of a new user: titles or ids, as in \"Toy Story:5, Matrix, The (1999):4\"");
  verb.add_option("--history", recommend->history_file, "a file with ratings of a new user: columns item and rating");
  verb.add_option("-k,--count", recommend->options.count, "length of the list")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  verb.add_option("--min-support", recommend->options.min_support, "leave out items with fewer ratings than this")
      ->capture_default_str();
  verb.add_flag("--include-seen", recommend->include_seen, "recommend items that the user has rated, too");
  recommend->item.add_to(*verb.add_option_group("one item", "where it stands in the user's list, instead of the list"));
  recommend->common.add_to(verb);
  return [recommend] { return recommend->run(); };
}

}  // namespace palate::cli
