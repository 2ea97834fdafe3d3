// What a model answers as JSON, and predictions as CSV, too.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/csv_cell.h"
#include "base/json_text.h"
#include "palate/json.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

Json named(const Model& model, Index item) {
  return {{"item", model.catalog->items[item]}, {"title", model.catalog->item_name(item)}};
}

Json json_of(const Model& model, const Audience& audience) {
  Json json{{"user", audience.user ? Json(*audience.user) : Json()},
            {"known_user", audience.known}};
  if (audience.user) return json;
  json["likes"] = Json::array();
  for (Index t = 0; t < audience.likes.size(); ++t) {
    Json like = named(model, audience.likes.columns[t]);
    like["rating"] = audience.likes.values[t];
    json["likes"].push_back(std::move(like));
  }
  return json;
}

Json json_of(const PairPrediction& prediction) {
  Json json{{"user", prediction.user},
            {"item", prediction.item},
            {"known_user", prediction.known_user},
            {"known_item", prediction.known_item},
            {"prediction", prediction.prediction}};
  if (prediction.columns.empty()) return json;
  // Their names differ: to look each up among those before it would take long where they are many.
  auto& columns = (json["columns"] = Json::object()).get_ref<Json::object_t&>();
  for (const auto& [name, cell] : prediction.columns) columns.emplace_back(name, cell);
  return json;
}

Json json_of(const Fitted& fitted) {
  Json json{{"algorithm", fitted.algorithm.name},
            {"options", parse_ordered_json(options_to_json(fitted.algorithm.options))},
            {"factors", fitted.scorer.factors.num_factors()},
            {"range", nullptr},
            {"epochs", fitted.provenance.epochs},
            {"measured", nullptr}};
  if (fitted.scorer.range) json["range"] = {fitted.scorer.range->low, fitted.scorer.range->high};
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
                    std::span<const Recommendation> list) {
  Json json = json_of(model, audience);
  json["items"] = Json::array();
  for (const auto& [item, score] : list) {
    Json listed = named(model, item);
    listed["score"] = score;
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

std::string predictions_csv_header(const TableFormat& format) {
  std::vector<std::string> names = format.columns;
  if (!format.header) {
    names[format.user] = "user";
    names[format.item] = "item";
  }
  std::string added = "prediction";
  for (int n = 2; std::ranges::find(names, added) != names.end(); ++n)
    added = fmt::format("prediction_{}", n);
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

std::string to_json(const Model& model, Index user, Index item, const Explanation& explanation,
                    float prediction) {
  Json json{{"user", model.catalog->users[user]}};
  json.update(named(model, item));
  json["prediction"] = prediction;
  json["score"] = explanation.score;
  json["global_mean"] = explanation.global_mean;
  json["user_bias"] = explanation.user_bias;
  json["item_bias"] = explanation.item_bias;
  json["taste"] = explanation.taste;
  json["factors"] = explanation.factors;
  json["ratings"] = nullptr;
  if (!explanation.ratings) return json_document(json);
  json["ratings"] = Json::array();
  for (const RatingContribution& rating : *explanation.ratings) {
    Json one = named(model, rating.item);
    one["rating"] = rating.rating;
    one["contribution"] = rating.contribution();
    one["to_bias"] = rating.to_bias;
    one["to_taste"] = rating.to_taste;
    json["ratings"].push_back(std::move(one));
  }
  json["off_optimum"] = explanation.off_optimum;
  return json_document(json);
}

std::string similar_items_to_json(const Model& model, Index item, std::span<const Neighbour> list) {
  Json json = named(model, item);
  json["items"] = Json::array();
  for (const auto& [index, cosine] : list) {
    Json one = named(model, index);
    one["cosine"] = cosine;
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
