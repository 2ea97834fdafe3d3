// How somebody new is folded in, as JSON: of a comparison's model and of a model's file.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "palate/model/model.h"

namespace palate {

// null where it is exact, or nobody is folded in
inline nlohmann::ordered_json fold_in_json(const Scorer& scorer,
                                           const std::optional<FoldInMeasurement>& measured) {
  if (!scorer.folds_in_approximately()) return nullptr;
  nlohmann::ordered_json json{
      {"approximate", true}, {"users", nullptr}, {"trained", nullptr}, {"folded_in", nullptr}};
  if (!measured) return json;
  json["users"] = measured->users;
  json["trained"] = measured->trained;
  json["folded_in"] = measured->folded_in;
  return json;
}

}  // namespace palate
