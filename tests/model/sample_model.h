// A small model that has everything a model can have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "model/model_codec.h"
#include "palate/model/model.h"

namespace palate {

// Three users with text ids, four items with integer ids, two factors; the values are awkward
// floats.
inline Model sample_model() {
  Model model;
  model.factors = Factors(3, 4, 2);
  Factors& factors = model.factors;
  factors.global_mean = 3.5299999F;
  factors.user_bias = {0.1F, -0.0F, 1e-38F};
  factors.item_bias = {0.25F, -1.0F / 3, 3e38F, 1e-45F};
  for (Index u = 0; u < 3; ++u)
    factors.user_factors.row(u)[u % 2] = 0.1F * static_cast<float>(u + 1);
  for (Index i = 0; i < 4; ++i)
    factors.item_factors.row(i)[i % 2] = -0.7F * static_cast<float>(i + 1);
  Catalog catalog;
  catalog.users = Ids::texts("annüber Ω007", {0, 3, 11, 14});
  catalog.items = Ids::integers({5, -9223372036854775807 - 1, 0, 9223372036854775807});
  catalog.item_titles = {"Heat (1995)", "", "Amélie, \"le\" film", "😀"};
  catalog.item_metadata = {{"genres", {"Action|Crime", "", "Comedy", "x"}},
                           {"länge", {"", "", "", ""}}};
  model.catalog = std::make_shared<const Catalog>(catalog);
  model.algorithm = "notebook-adam";
  model.options = algorithm_named("notebook-adam").options;
  model.range = {0.5F, 5.1F};
  model.history = {4, {0, 2, 2, 3}, {0, 3, 1}, {0.5F, 4.7F, 5.1F}};
  model.item_support = {1, 1, 0, 1};
  model.data_selection = "users with 2 ratings or more";
  model.data_digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  model.measured = Measurement{0.1 + 0.2, 1.0 / 3, 20168, "random, 20 % test, seed 1", true};
  model.curve = {{0, 12.4791, std::nullopt, std::nullopt},
                 {1, 1e-300, 0.1, std::nullopt},
                 {7, 5e-324, 0.2, 1.0 / 7}};
  model.epochs = 8;
  OptimizerState optimizer{
      .steps = 8, .first_moment = Factors(3, 4, 2), .second_moment = Factors(3, 4, 2)};
  optimizer.first_moment.user_factors.row(1)[0] = -0.125F;
  optimizer.second_moment.user_factors.row(1)[0] = 1e-45F;
  optimizer.second_moment.item_bias = {0, 0.1F, 0, 3e38F};
  model.optimizer = std::move(optimizer);
  return model;
}

// The least model that there is.
inline Model empty_model() {
  Model model;
  model.algorithm = "mean";
  model.options = MeanOptions{};
  return model;
}

inline std::string encoded(const Model& model) {
  std::string bytes;
  encode_model(model, [&](std::span<const std::byte> piece) {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return bytes;
}

// decode_model asks for aligned bytes.
inline Model decoded(const std::string& file) {
  std::vector<std::uint64_t> words(file.size() / 8 + 1);
  std::memcpy(words.data(), file.data(), file.size());
  return decode_model(std::as_bytes(std::span(words)).first(file.size()));
}

}  // namespace palate
