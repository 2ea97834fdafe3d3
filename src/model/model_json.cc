#include "model/model_json.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/parse.h"
#include "model/strict_json.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

// All but a curve, which grows with its epochs, is shorter.
constexpr std::size_t kLongestJson = 1 << 14;

[[noreturn]] void fail_metadata(std::string_view name, std::string_view problem) {
  fail(ErrorCode::bad_model, "metadata \"{}\" {}", name, problem);
}

nlohmann::json json_of(std::string_view name, std::string_view text) {
  if (text.size() > kLongestJson) fail_metadata(name, "is too long");
  nlohmann::json value = parse_json(text);
  if (value.is_discarded()) fail_metadata(name, "is not valid JSON");
  return value;
}

// [{"epoch": 0, "train_loss": 1.5, "validation_loss": 1.6, "test_loss": 1.7}, ...]; the last two
// may be missing.
class CurveParser final : public StrictJson {
 public:
  CurveParser() : StrictJson("metadata \"curve\"") {}

  bool start_array(std::size_t) override {
    if (in_list_) refuse("a list");
    return in_list_ = true;
  }
  bool start_object(std::size_t) override {
    if (!in_list_ || in_record_) refuse("an object");
    curve.emplace_back();
    has_epoch_ = has_train_loss_ = false;
    return in_record_ = true;
  }
  bool key(string_t& name) override {
    name_ = std::move(name);
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (!in_record_ || name_ != "epoch") return set_loss(static_cast<double>(value));
    if (has_epoch_ || value > std::numeric_limits<Index>::max()) refuse("an epoch");
    curve.back().epoch = static_cast<Index>(value);
    return has_epoch_ = true;
  }
  bool number_float(number_float_t value, const string_t&) override { return set_loss(value); }
  bool end_object() override {
    if (!has_epoch_ || !has_train_loss_)
      fail_metadata("curve", "has a record without epoch or train_loss");
    in_record_ = false;
    return true;
  }
  bool end_array() override { return true; }

  std::vector<EpochRecord> curve;

 private:
  bool set_loss(double value) {
    if (!in_record_) refuse("a number");
    EpochRecord& record = curve.back();
    if (name_ == "train_loss" && !has_train_loss_) {
      record.train_loss = value;
      has_train_loss_ = true;
    } else if (name_ == "validation_loss" && !record.validation_loss) {
      record.validation_loss = value;
    } else if (name_ == "test_loss" && !record.test_loss) {
      record.test_loss = value;
    } else {
      refuse("a number");
    }
    return true;
  }

  bool in_list_ = false;
  bool in_record_ = false;
  bool has_epoch_ = false;
  bool has_train_loss_ = false;
  std::string name_;
};

}  // namespace

std::string range_to_json(const RatingRange& range) {
  Json pair = Json::array();
  pair.push_back(range.low);
  pair.push_back(range.high);
  return json_text(pair);
}

// Member by member: GCC 12 forgets the first ones of a list in braces when there is no memory for a
// later one.
std::string measured_to_json(const Measurement& measured) {
  Json json = Json::object();
  json["rmse"] = measured.rmse;
  json["mae"] = measured.mae;
  json["test_ratings"] = measured.test_ratings;
  json["split"] = measured.split;
  json["refitted"] = measured.refitted;
  return json_text(json);
}

std::string curve_to_json(std::span<const EpochRecord> curve) {
  Json records = Json::array();
  for (const EpochRecord& epoch : curve) {
    Json record = Json::object();
    record["epoch"] = epoch.epoch;
    record["train_loss"] = epoch.train_loss;
    if (epoch.validation_loss) record["validation_loss"] = *epoch.validation_loss;
    if (epoch.test_loss) record["test_loss"] = *epoch.test_loss;
    records.push_back(std::move(record));
  }
  return json_text(records);
}

RatingRange range_from_json(std::string_view text) {
  const nlohmann::json pair = json_of("rating_range", text);
  const auto is_float = [](const nlohmann::json& value) {
    return value.is_number() &&
           std::abs(value.get<double>()) <= double{std::numeric_limits<float>::max()};
  };
  if (!pair.is_array() || pair.size() != 2 || !is_float(pair[0]) || !is_float(pair[1])) {
    fail_metadata("rating_range", "is not a list of two numbers");
  }
  return {pair[0].get<float>(), pair[1].get<float>()};
}

Measurement measured_from_json(std::string_view text) {
  const nlohmann::json object = json_of("measured", text);
  const auto member = [&](const char* name) {
    return object.is_object() ? object.value(name, nlohmann::json()) : object;
  };
  const bool complete = object.size() == 5 && member("rmse").is_number() &&
                        member("mae").is_number() && member("test_ratings").is_number_unsigned() &&
                        member("split").is_string() && member("refitted").is_boolean();
  if (!complete)
    fail_metadata("measured", "does not have exactly rmse, mae, test_ratings, split and refitted");
  return {member("rmse").get<double>(), member("mae").get<double>(),
          member("test_ratings").get<std::uint64_t>(), member("split").get<std::string>(),
          member("refitted").get<bool>()};
}

std::vector<EpochRecord> curve_from_json(std::string_view text) {
  CurveParser parser;
  parser.parse(text);
  return std::move(parser.curve);
}

Index epochs_from_json(std::string_view text) {
  const nlohmann::json epochs = json_of("epochs", text);
  if (!epochs.is_number_unsigned() || epochs == 0 ||
      epochs.get<std::uint64_t>() > std::numeric_limits<Index>::max()) {
    fail_metadata("epochs", "is not a number of epochs");
  }
  return epochs.get<Index>();
}

AlgorithmOptions options_of_model(std::string_view algorithm, std::string_view text) {
  if (text.size() > kLongestJson) fail_metadata("options", "is too long");
  try {
    const AlgorithmOptions result = options_from_json(algorithm, text);
    if (algorithm_name(result) == algorithm) return result;
  } catch (const Error& error) {
    fail(ErrorCode::bad_model, "metadata \"options\": {}", error.what());
  }
  fail_metadata("algorithm",
                fmt::format("{} is a preset's name, not an algorithm's", excerpt(algorithm)));
}

}  // namespace palate
