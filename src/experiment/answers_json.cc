// What a model answers as JSON, and predictions as CSV, too.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/csv_cell.h"
#include "base/json_text.h"
#include "experiment/fold_in_json.h"
#include "palate/json.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

Json named(const Model& model, Index item) {
  return {{"item", model.catalog->items[item]}, {"title", model.catalog->item_name(item)}};
}

Json json_of(const Model& model, const Audience& audience) {
  Json json{{"user", audience.user ? Json(*audience.user) : Json()},
            {"known_user", audience.known},
            {"most_chosen", audience.most_chosen}};
  if (audience.user) return json;
  json["approximate"] = audience.approximate;
  json["likes"] = Json::array();
  const std::span<const Index> rated = audience.rated.columns;
  for (const Index item : audience.likes.columns) {
    Json like = named(model, item);
    const auto found = std::ranges::lower_bound(rated, item);
    const bool has_rating = found != rated.end() && *found == item;
    like["rating"] =
        has_rating ? Json(audience.rated.values[static_cast<std::size_t>(found - rated.begin())])
                   : Json();
    json["likes"].push_back(std::move(like));
  }
  return json;
}

Json json_of(const PairPrediction& prediction) {
  return {{"user", prediction.user},
          {"item", prediction.item},
          {"known_user", prediction.known_user},
          {"known_item", prediction.known_item},
          {"prediction", prediction.prediction}};
}

Json json_of(const Fitted& fitted) {
  Json json{{"algorithm", fitted.algorithm.name},
            {"options", parse_ordered_json(options_to_json(fitted.algorithm.options))},
            {"factors", fitted.scorer.factors.num_factors()},
            {"item_weights", nullptr},
            {"range", nullptr},
            {"relevant", nullptr},
            {"epochs", fitted.provenance.epochs},
            {"measured", nullptr},
            {"fold_in", fold_in_json(fitted.scorer, fitted.provenance.fold_in)}};
  if (fitted.scorer.item_weights) json["item_weights"] = fitted.scorer.item_weights->size();
  if (fitted.scorer.range) json["range"] = {fitted.scorer.range->low, fitted.scorer.range->high};
  if (fitted.scorer.weighting && fitted.scorer.weighting->at_least)
    json["relevant"] = *fitted.scorer.weighting->at_least;
  if (const auto& measured = fitted.provenance.measured) {
    Json& told = json["measured"] = Json::object();
    for (const auto& [metric, value] : measured->values) told[metric] = value;
    told["test_ratings"] = measured->test_ratings;
    told["split"] = measured->split;
    told["refitted"] = measured->refitted;
    told["seen"] = measured->seen ? Json(*measured->seen) : Json();
  }
  return json;
}

// `value` is what the user gave to an item.
Json json_of(const Model& model, const Explanation& explanation, const std::string& value) {
  Json json{{"score", explanation.score},
            {"global_mean", explanation.global_mean},
            {"user_bias", explanation.user_bias},
            {"item_bias", explanation.item_bias},
            {"taste", explanation.taste},
            {"factors", explanation.factors},
            {"contributions", nullptr}};
  if (!explanation.ratings) return json;
  json["contributions"] = Json::array();
  for (const RatingContribution& rating : *explanation.ratings) {
    Json one = named(model, rating.item);
    one[value] = rating.rating;
    one["contribution"] = rating.contribution();
    one["to_bias"] = rating.to_bias;
    one["to_taste"] = rating.to_taste;
    json["contributions"].push_back(std::move(one));
  }
  json["off_optimum"] = explanation.off_optimum;
  json["approximate"] = explanation.approximate;
  return json;
}

}  // namespace

std::string to_json(const Model& model, const std::string& path, const std::string& version) {
  Json json{{"file", path},
            {"version", version},
            {"users", model.catalog->users.size()},
            {"items", model.catalog->items.size()},
            {"seen", model.seen ? model.seen->size() : 0},
            {"titles", !model.catalog->item_titles.empty()},
            {"data_digest", model.data_digest},
            {"data_selection", model.data_selection},
            {"ratings", model.ratings ? json_of(*model.ratings) : Json()},
            {"lists", model.lists ? json_of(*model.lists) : Json()}};
  return json_document(json);
}

std::string to_json(const Model& model, const Audience& audience,
                    std::span<const Recommendation> list, std::span<const float> ratings) {
  Json json = json_of(model, audience);
  json["items"] = Json::array();
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto& [item, score] = list[n];
    Json listed = named(model, item);
    listed["score"] = score;
    if (!ratings.empty()) listed["rating"] = ratings[n];
    listed["support"] = for_lists(model).scorer.item_support[item];
    json["items"].push_back(std::move(listed));
  }
  return json_document(json);
}

std::string to_json(const Model& model, const Audience& audience, Index item,
                    const Standing& standing, std::optional<float> rating) {
  Json json = json_of(model, audience);
  Json& place = json["standing"] = named(model, item);
  place["rank"] = standing.rank;
  place["score"] = standing.score;
  place["seen"] = rating.has_value();
  place["rating"] = rating ? Json(*rating) : Json();
  place["support"] = for_lists(model).scorer.item_support[item];
  return json_document(json);
}

std::string to_json(const PairPrediction& prediction) { return json_document(json_of(prediction)); }

std::vector<std::string> names_of_cells(const TableFormat& format) {
  std::map<std::string, int, std::less<>> last_of;  // numbers behind names
  std::vector<std::string> names;
  for (std::size_t column = 0; column < format.columns.size(); ++column) {
    std::string& name = names.emplace_back(format.columns[column]);
    if (column == format.user || column == format.item) continue;
    while (!last_of.try_emplace(name, 1).second)
      name = fmt::format("{}_{}", format.columns[column], ++last_of[format.columns[column]]);
  }
  return names;
}

// As an element of an array. Put together as text: an ordered object of nlohmann-json takes time
// with the square of its size.
std::string to_json(const PairPrediction& prediction, const TableFormat& format, const PairRow& row,
                    std::span<const std::string> names) {
  std::string text = json_document(json_of(prediction));
  const char* before = ",\n  \"columns\": {\n    ";
  for (std::size_t column = 0; column < row.cells.size(); ++column) {
    if (column == format.user || column == format.item) continue;
    if (text.ends_with("\n}")) text.resize(text.size() - 2);
    text += std::exchange(before, ",\n    ");
    text += json_document(names[column]) + ": " + json_document(std::string(row.cells[column]));
  }
  if (!text.ends_with("\n}")) text += "\n  }\n}";
  std::string indented;
  for (const char c : text) indented += c == '\n' ? "\n  " : std::string_view(&c, 1);
  return indented;
}

std::string predictions_csv_header(const TableFormat& format) {
  std::vector<std::string> names = format.columns;
  if (!format.header) {
    names[format.user] = "user";
    names[format.item] = "item";
  }
  const std::set<std::string_view> taken(names.begin(), names.end());
  std::string added = "prediction";
  for (int n = 2; taken.contains(added); ++n) added = fmt::format("prediction_{}", n);
  std::string csv;
  for (const std::string& name : names) {
    append_csv_cell(csv, name);
    csv += ',';
  }
  return csv + added + '\n';
}

std::string predictions_csv_row(const PairRow& row, float prediction) {
  std::string csv;
  for (const std::string_view cell : row.cells) {
    append_csv_cell(csv, cell);
    csv += ',';
  }
  return csv + fmt::format("{:.4f}\n", prediction);
}

std::string to_json(const Model& model, Index user, Index item, const PairExplanation& explained) {
  Json json{{"user", model.catalog->users[user]}};
  json.update(named(model, item));
  json["ratings"] = nullptr;
  json["lists"] = nullptr;
  if (const auto& ratings = explained.ratings) {
    json["ratings"] = {{"prediction", explained.prediction}};
    json["ratings"].update(json_of(model, *ratings, "rating"));
  }
  if (const auto& lists = explained.lists) {
    json["lists"] = {{"most_chosen", explained.most_chosen},
                     {"support", model.lists->scorer.item_support[item]}};
    json["lists"].update(json_of(model, *lists, "value"));
  }
  return json_document(json);
}

std::string similar_items_to_json(const Model& model, Index item,
                                  std::span<const Recommendation> list) {
  Json json = named(model, item);
  json["items"] = Json::array();
  for (const auto& [index, score] : list) {
    Json one = named(model, index);
    one["score"] = score;
    one["support"] = for_lists(model).scorer.item_support[index];
    json["items"].push_back(std::move(one));
  }
  return json_document(json);
}

std::string similar_users_to_json(const Model& model, Index user, std::span<const Neighbour> list) {
  Json json{{"user", model.catalog->users[user]}, {"users", Json::array()}};
  for (const auto& [index, cosine] : list) {
    json["users"].push_back(
        {{"user", model.catalog->users[index]},
         {"cosine", cosine},
         {"support", model.seen ? Json(model.seen->row(index).size()) : Json()}});
  }
  return json_document(json);
}

}  // namespace palate
