// What was measured as JSON: docs/comparison.schema.json has a comparison.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json_text.h"
#include "experiment/fold_in_json.h"
#include "palate/base/version.h"
#include "palate/data/fetch.h"
#include "palate/json.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

// A float as the double with the same shortest text, so that 3.7F is written 3.7.
double shortest(float value) { return std::stod(fmt::format("{}", value)); }

Json to_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

// A figure without draws has no interval.
Json to_json(const Measured& measured) {
  return measured.draws.empty() ? Json{{"value", measured.interval.value}}
                                : to_json(measured.interval);
}

std::string_view name_of(Metric::Better better) {
  switch (better) {
    case Metric::Better::higher:
      return "higher";
    case Metric::Better::lower:
      return "lower";
    case Metric::Better::neither:
      return "neither";
  }
  return "";
}

Json to_json(const Metric& metric) {
  Json json{{"name", metric.name}, {"better", name_of(metric.better)}};
  if (!metric.description.empty()) json["description"] = metric.description;
  return json;
}

Json to_json(const Quantiles& q) {
  return {{"minimum", q.minimum},     {"lower_quartile", q.lower_quartile},
          {"median", q.median},       {"upper_quartile", q.upper_quartile},
          {"ninetieth", q.ninetieth}, {"maximum", q.maximum}};
}

Json to_json(const Curve& curve) {
  Json json = Json::array();
  for (const auto& [epoch, values] : curve.epochs) {
    json.push_back({{"epoch", epoch}});
    for (std::size_t v = 0; v < values.size(); ++v) json.back()[curve.names[v]] = values[v];
  }
  return json;
}

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::completed:
      return "completed";
    case Ending::early_stopped:
      return "early_stopped";
    case Ending::interrupted:
      return "interrupted";
    case Ending::diverged:
      return "diverged";
  }
  return "";
}

Json to_json(const Spread& spread) {
  return {{"mean", spread.mean}, {"standard_deviation", spread.standard_deviation}};
}

Json to_json(const Breakdown& breakdown) {
  // Values are floats; counts and times are whole numbers.
  const bool of_values = breakdown.by == "value";
  const auto bound = [&](double number) {
    constexpr double kMost = 0x1p63 - 1024;  // the last double of 64 bits
    return of_values ? Json(shortest(static_cast<float>(number)))
                     : Json(static_cast<std::int64_t>(std::min(number, kMost)));
  };
  Json groups = Json::array();
  for (const auto& [group, ratings, rmse, mae] : breakdown.groups) {
    groups.push_back({{"first", bound(group.first)},
                      {"last", group.last ? bound(*group.last) : Json()},
                      {"ratings", ratings},
                      {"rmse", rmse},
                      {"mae", mae}});
  }
  return groups;
}

Json to_json(const GroupPredictions& predictions) {
  const auto value = [](double number) { return shortest(static_cast<float>(number)); };
  const auto& [group, ratings, mean, lower, median, upper] = predictions;
  return {{"first", value(group.first)},
          {"last", value(*group.last)},
          {"ratings", ratings},
          {"mean", mean},
          {"lower", lower},
          {"median", median},
          {"upper", upper}};
}

// Of the preset or the algorithm; a preset with options of its own is still the preset.
std::string_view description_of(const NamedAlgorithm& algorithm) {
  const std::string_view name =
      std::string_view(algorithm.name).substr(0, algorithm.name.find(':'));
  const auto named =
      std::ranges::find(algorithms(), name, [](const auto& a) { return a.about.name; });
  if (named != algorithms().end()) return named->about.description;
  return std::ranges::find(algorithms(), algorithm_name(algorithm.options),
                           [](const auto& a) { return a.about.name; })
      ->about.description;
}

Json to_json(const ModelResult& model, Task task) {
  Json json{{"name", model.algorithm.name},
            {"algorithm", algorithm_name(model.algorithm.options)},
            {"description", description_of(model.algorithm)},
            {"options", parse_ordered_json(options_to_json(model.algorithm.options))},
            {"metrics", Json::object()},
            {"difference_to_best",
             model.difference_to_best ? to_json(*model.difference_to_best) : Json()},
            {"same_as_best", model.same_as_best},
            {"curve", to_json(model.trial.report.curve)},
            {"seconds", model.seconds},
            {"ending", name_of(model.ending)},
            {"epochs_kept", model.trial.report.epochs_kept}};
  for (const Measured& measured : model.metrics)
    json["metrics"][measured.metric.name] = to_json(measured);
  if (model.is_optimistic()) json["seen"] = model.seen ? Json(*model.seen) : Json();
  if (model.p_value) json["p_value"] = *model.p_value;
  if (model.p_value_holm) json["p_value_holm"] = *model.p_value_holm;
  if (model.over_seeds) {
    json["over_seeds"] = {{"seeds", model.over_seeds->seeds}, {"metrics", Json::object()}};
    for (std::size_t m = 0; m < model.metrics.size(); ++m)
      json["over_seeds"]["metrics"][model.metrics[m].metric.name] =
          to_json(model.over_seeds->metrics[m]);
  }
  if (!model.advice.empty()) json["advice"] = model.advice;
  if (model.trial.scorer.folds_in_approximately())
    json["fold_in"] = fold_in_json(model.trial.scorer, model.trial.fold_in_measured());
  if (task == Task::lists) {
    if (model.exposure.empty()) return json;
    for (const Measured& measured : model.exposure)
      json["exposure"][measured.metric.name] = measured.interval.value;
    json["exposure_by_popularity"] = model.exposure_by_popularity;
    return json;
  }
  for (const Breakdown& breakdown : model.breakdowns)
    json["breakdown"][breakdown.by] = to_json(breakdown);
  json["residuals"] = {{"low", model.residuals.low},
                       {"width", model.residuals.width},
                       {"counts", model.residuals.counts}};
  json["predicted"] = Json::array();
  for (const GroupPredictions& group : model.predicted) json["predicted"].push_back(to_json(group));
  return json;
}

Json to_json(const SplitLeak::Cold& part) {
  return {{"tested", part.tested}, {"cold", part.cold}, {"cold_ratings", part.ratings}};
}

Json to_json(const SplitLeak& leak) {
  Json json{{"test", leak.test},
            {"users", to_json(leak.users)},
            {"items", to_json(leak.items)},
            {"cold_pairs", leak.cold_pairs}};
  if (leak.in_train) json["in_train"] = *leak.in_train;
  if (leak.before_own) json["before_own"] = *leak.before_own;
  if (leak.before_half) json["before_half"] = *leak.before_half;
  if (leak.by_lot) json["by_lot"] = *leak.by_lot;
  return json;
}

Json to_json(const ScaleMatch& match) {
  const auto range = [](const Scale& scale) {
    return Json{{"low", shortest(scale.low)}, {"high", shortest(scale.high)}};
  };
  return {{"train", range(match.train)},
          {"test", range(match.test)},
          {"outside", match.outside},
          {"in_doubt", match.in_doubt()}};
}

Json to_json(const SplitSummary& split) {
  Json json{{"method", split.method},
            {"description", split.description},
            {"seed", split.seed},
            {"folds", split.folds},
            {"train", split.train},
            {"validation", split.validation},
            {"test", split.test},
            {"tested", split.tested},
            {"tested_users", split.tested_users},
            {"leak", to_json(split.leak)}};
  if (split.fold_in > 0) json["fold_in"] = split.fold_in;
  if (split.scale) json["scale"] = to_json(*split.scale);
  return json;
}

Json to_json(const SamplePrediction& sample, const std::vector<ModelResult>& models) {
  Json predictions = Json::object();
  for (std::size_t m = 0; m < sample.predicted.size(); ++m)
    predictions[models[m].algorithm.name] = shortest(sample.predicted[m]);
  return {{"user", sample.user},
          {"item", sample.item},
          {"title", sample.title},
          {"actual", shortest(sample.actual)},
          {"predictions", std::move(predictions)}};
}

Json to_json(const Comparison& comparison) {
  Json json{{"split", to_json(comparison.split)},
            {"metrics", Json::array()},
            {"primary", comparison.metrics[comparison.primary].name},
            {"models", Json::array()}};
  for (const Metric& metric : comparison.metrics) json["metrics"].push_back(to_json(metric));
  for (const ModelResult& model : comparison.models)
    json["models"].push_back(to_json(model, comparison.task));
  if (comparison.task == Task::lists) {
    json["relevant"] = comparison.relevant ? Json(shortest(*comparison.relevant)) : Json();
    json["users_without_relevant"] = comparison.users_without_relevant;
    if (comparison.models.empty() || comparison.models.front().exposure.empty()) return json;
    for (const Measured& measured : comparison.models.front().exposure)
      json["exposure_metrics"].push_back(to_json(measured.metric));
    return json;
  }
  json["clipped"] = comparison.clipped;
  json["samples"] = Json::array();
  for (const SamplePrediction& sample : comparison.samples)
    json["samples"].push_back(to_json(sample, comparison.models));
  return json;
}

Json to_json(const std::vector<CountBin>& bins) {
  Json json = Json::array();
  for (const auto& [first, last, count] : bins)
    json.push_back({{"first", first}, {"last", last}, {"count", count}});
  return json;
}

Json to_json(const DataProfile& profile) {
  Json json{{"users", to_json(profile.users)},
            {"items", to_json(profile.items)},
            {"long_tail", profile.long_tail}};
  if (profile.time) {
    json["time"] = {{"first", profile.time->first},
                    {"last", profile.time->last},
                    {"counts", profile.time->counts}};
  }
  return json;
}

Json item_json(const Catalog& catalog, Index item) {
  return {{"item", catalog.items[item]}, {"title", catalog.item_name(item)}};
}

Json to_json(const UserTaste& user, const Taste& taste, const Catalog& catalog) {
  const char* const value = taste.values_are_ratings ? "rating" : "weight";
  const char* const score = taste.ratings_model ? "rating" : "score";
  Json json{{"user", catalog.users[user.user]},
            {"ratings", user.ratings},
            {"liked", Json::array()},
            {"recommended", Json::array()}};
  for (const LikedItem& liked : user.liked) {
    json["liked"].push_back(item_json(catalog, liked.item));
    json["liked"].back()[value] = shortest(liked.value);
  }
  for (const RecommendedItem& item : user.recommended) {
    Json recommended = item_json(catalog, item.item);
    recommended[score] = shortest(item.score);
    recommended["because"] = Json::array();
    for (const Reason& reason : item.because) {
      recommended["because"].push_back({{"what", reason.what}, {value, shortest(reason.value)}});
      recommended["because"].back()[reason.is_similarity ? "similarity" : "adds"] =
          shortest(reason.adds);
    }
    json["recommended"].push_back(std::move(recommended));
  }
  return json;
}

Json map_json(const Taste& taste, const Catalog& catalog) {
  const ItemMap& map = taste.map;
  // Coordinates to four digits: a page has no more pixels, and the text is half as long.
  const auto rounded = [](const std::vector<float>& places) {
    Json json = Json::array();
    for (const float place : places) json.push_back(std::stod(fmt::format("{:.4g}", place)));
    return json;
  };
  Json json{{"explained", map.explained}, {"items", taste.num_items}, {"x", rounded(map.x)},
            {"y", rounded(map.y)},        {"titles", Json::array()},  {"ratings", map.ratings}};
  for (const Index item : map.items) json["titles"].push_back(catalog.item_name(item));
  if (!taste.genres.empty()) json["genres"] = taste.genres;
  for (const auto& year : taste.years) json["years"].push_back(year ? Json(*year) : Json());
  return json;
}

Json to_json(const Taste& taste, const Catalog& catalog) {
  Json json{{"model", taste.model}, {"task", task_name(taste.task)}};
  if (taste.ratings_model) json["ratings_model"] = *taste.ratings_model;
  if (!taste.map.items.empty()) json["map"] = map_json(taste, catalog);
  json["users"] = Json::array();
  for (const UserTaste& user : taste.users) json["users"].push_back(to_json(user, taste, catalog));
  return json;
}

// The name of the known data set in whose folder the file lies, or the file's own.
std::string name_of_data(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string folder = file.parent_path().filename().string();
  const bool known =
      std::ranges::find(known_data_sets(), folder, &DataSet::name) != known_data_sets().end();
  return known || file.filename().empty() ? folder : file.filename().string();
}

Json data_json(const RatingsTable& table, const DataSummary& summary) {
  Json json{{"name", name_of_data(table.path)},
            {"file", table.path},
            {"users", summary.users},
            {"items", summary.items},
            {"ratings", summary.ratings},
            {"density", summary.density},
            {"duplicates", summary.duplicates},
            {"feedback", table.interactions.feedback == Feedback::ratings ? "ratings" : "weights"},
            {"mean", Json()},
            {"lowest", Json()},
            {"highest", Json()},
            {"histogram", Json::array()},
            {"ratings_per_user", to_json(summary.ratings_per_user)},
            {"ratings_per_item", to_json(summary.ratings_per_item)},
            {"time_span", Json()},
            {"time_format", Json()},
            {"number_format", Json()},
            {"digest", digest(table.interactions)},
            {"left_out", Json::array()},
            {"warnings", Json::array()}};
  if (table.interactions.has_values) {
    json["mean"] = summary.mean;
    json["lowest"] = shortest(summary.lowest);
    json["highest"] = shortest(summary.highest);
  }
  if (!summary.profile.long_tail.empty()) json["profile"] = to_json(summary.profile);
  for (const auto& [value, count] : summary.histogram) json["histogram"].push_back({value, count});
  if (summary.time_span) json["time_span"] = {summary.time_span->first, summary.time_span->second};
  if (table.format.time) json["time_format"] = time_format_name(table.format.times);
  if (const auto name = number_format_name(table.format.numbers); !name.empty())
    json["number_format"] = name;
  for (const LeftOut& left_out : table.left_out) {
    json["left_out"].push_back({{"condition", left_out.condition}, {"ratings", left_out.ratings}});
  }
  for (const DataWarning& warning : summary.warnings) {
    json["warnings"].push_back({{"message", warning.message}, {"option", warning.option}});
  }
  for (const SplitPreview& preview : summary.splits)
    json["splits"][std::string(split_name(preview.method))] = to_json(preview.leak);
  return json;
}

}  // namespace

std::string to_json(const RatingsTable& table, const DataSummary& summary) {
  return json_document(data_json(table, summary));
}

std::string to_json(std::span<const Comparison> comparisons, const RatingsTable& table,
                    const DataSummary& summary, const std::string& command, const Taste* taste) {
  Json json{{"palate", kVersion}, {"command", command}, {"data", data_json(table, summary)}};
  json["models"] = Json::array();
  for (const Comparison& comparison : comparisons) {
    Json block = to_json(comparison);
    for (const Json& model : block["models"]) {
      json["models"].push_back({{"task", task_name(comparison.task)},
                                {"name", model["name"]},
                                {"metrics", model["metrics"]}});
    }
    json[std::string(task_name(comparison.task))] = std::move(block);
  }
  if (taste != nullptr) json["taste"] = to_json(*taste, *table.interactions.catalog);
  return json_document(json);
}

std::string to_json(const Evaluation& evaluation, const std::string& model_path,
                    const std::string& test_path) {
  const Familiarity& familiarity = evaluation.familiarity;
  Json json{{"model", model_path},
            {"test", test_path},
            {"test_ratings", familiarity.ratings},
            {"unknown_users", familiarity.unknown_users},
            {"unknown_items", familiarity.unknown_items},
            {"unknown_pairs", familiarity.unknown_pairs},
            {"seen", familiarity.seen ? Json(*familiarity.seen) : Json()},
            {"ratings", nullptr},
            {"lists", nullptr}};
  const auto metrics_json = [](const std::vector<Measured>& metrics) {
    Json object = Json::object();
    for (const Measured& measured : metrics) object[measured.metric.name] = to_json(measured);
    return object;
  };
  if (const auto& ratings = evaluation.ratings) {
    Json& told = json["ratings"];
    told["metrics"] = metrics_json(ratings->metrics);
    told["clipped"] = ratings->clipped;
    told["optimistic"] = familiarity.seen ? Json(*familiarity.seen > 0) : Json();
    if (ratings->scale) told["scale"] = to_json(*ratings->scale);
  }
  if (const auto& lists = evaluation.lists) {
    Json& told = json["lists"];
    told["metrics"] = metrics_json(lists->metrics);
    told["relevant"] = lists->relevant ? Json(shortest(*lists->relevant)) : Json();
    told["users"] = lists->users;
    told["tested"] = lists->tested;
    told["users_without_relevant"] = lists->users_without_relevant;
  }
  return json_document(json);
}

}  // namespace palate
