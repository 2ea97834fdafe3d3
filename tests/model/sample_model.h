// A small model that has everything a model can have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/model_codec.h"
#include "palate/model/model.h"

namespace palate {

// Two factors; the values are awkward floats.
inline Fitted sample_ratings() {
  Fitted fitted;
  fitted.algorithm = {"gradient", GradientOptions{.factors = 2, .learning_rate = 0.01F}};
  Factors& factors = fitted.scorer.factors;
  factors = Factors(3, 4, 2);
  factors.global_mean = 3.5299999F;
  factors.user_bias = {0.1F, -0.0F, 1e-38F};
  factors.item_bias = {0.25F, -1.0F / 3, 1e38F, 1e-45F};
  for (Index u = 0; u < 3; ++u)
    factors.user_factors.row(u)[u % 2] = 0.1F * static_cast<float>(u + 1);
  for (Index i = 0; i < 4; ++i)
    factors.item_factors.row(i)[i % 2] = -0.7F * static_cast<float>(i + 1);
  fitted.scorer.row = RowObjective{
      {.factors = 0.1F, .exponent = 1.0F / 3, .bias = 3e38F, .bias_exponent = 1e-45F}, false};
  fitted.scorer.range = {0.5F, 5.1F};
  fitted.scorer.item_support = {1, 1, 0, 1};
  Provenance& told = fitted.provenance;
  told.measured = Measurement{{{"rmse", 0.1 + 0.2}, {"mae", 1.0 / 3}, {"größe", -5e-324}},
                              20168,
                              "random, 20 % test, seed 1",
                              true};
  told.curve = {{"train_loss", "validation_loss", "test_loss"},
                {{0, {12.4791, 0.1, -0.0}}, {1, {1e-300, 0.1, 1}}, {7, {5e-324, 0.2, 1.0 / 7}}}};
  told.epochs = 8;
  OptimizerState optimizer{
      .steps = 8, .first_moment = Factors(3, 4, 2), .second_moment = Factors(3, 4, 2)};
  optimizer.first_moment.user_factors.row(1)[0] = -0.125F;
  optimizer.second_moment.user_factors.row(1)[0] = 1e-45F;
  optimizer.second_moment.item_bias = {0, 0.1F, 0, 3e38F};
  told.optimizer = std::move(optimizer);
  return fitted;
}

// A preset, with options of its own: one factor, and no range.
inline Fitted sample_lists() {
  Fitted fitted;
  fitted.algorithm = algorithm_named("notebook-sgd:factors=1");
  fitted.algorithm.name = "notebook-sgd";
  Factors& factors = fitted.scorer.factors;
  factors = Factors(3, 4, 1);
  factors.global_mean = -1.0F / 3;
  factors.user_bias = {1, 2, 1e-45F};
  factors.item_factors.row(3)[0] = -0.0F;
  fitted.scorer.item_support = {1, 1, 0, 1};
  fitted.provenance.curve = {{"train_loss"}, {{4294967295, {0.7}}}};
  return fitted;
}

// Three users with text ids, four items with integer ids, and what is known of both.
inline Model sample_model() {
  Model model;
  Catalog catalog;
  catalog.users = Ids::texts("annüber Ω007", {0, 3, 11, 14});
  catalog.items = Ids::integers({5, -9223372036854775807 - 1, 0, 9223372036854775807});
  catalog.item_titles = {"Heat (1995)", "", "Amélie, \"le\" film", "😀"};
  catalog.item_metadata = {{"genres", {"Action|Crime", "", "Comedy", "x"}},
                           {"länge", {"", "", "", ""}}};
  model.catalog = std::make_shared<const Catalog>(catalog);
  model.seen = std::make_shared<const SparseMatrix>(
      SparseMatrix{4, {0, 2, 2, 3}, {0, 3, 1}, {0.5F, 4.7F, 5.1F}});
  model.ratings = sample_ratings();
  model.lists = sample_lists();
  model.data_selection = "users with 2 ratings or more";
  model.data_digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  return model;
}

// Item weights, at most two of an item.
inline Fitted sample_item_weights() {
  Fitted fitted;
  fitted.algorithm = algorithm_named("item-knn:neighbours=2");
  fitted.algorithm.name = "item-knn";
  fitted.scorer.factors = Factors(3, 4, 0);
  fitted.scorer.weighting = Weighting{.at_least = 4, .lower = 0.2F};
  fitted.scorer.item_support = {0, 1, 0, 1};
  fitted.scorer.item_weights =
      SparseMatrix{4, {0, 2, 3, 3, 4}, {1, 3, 0, 0}, {0.1F, 1e-45F, -1.0F / 3, 3e38F}};
  fitted.provenance.curve = {{"train_loss"}, {{0, {0.7}}}};
  return fitted;
}

// Factors into which somebody new is folded in approximately, and what that loses.
inline Fitted sample_approximate() {
  Fitted fitted;
  fitted.algorithm = algorithm_named("ials:factors=1");
  fitted.algorithm.name = "ials";
  fitted.scorer.factors = Factors(3, 4, 1);
  fitted.scorer.factors.item_factors.row(3)[0] = -1.0F / 3;
  fitted.scorer.row = RowObjective{.ridge = {.factors = 0.1F, .exponent = 0.5F, .offset = 1e-45F},
                                   .bias = false,
                                   .unobserved = 1.0F / 3,
                                   .target = 0.7F,
                                   .approximate = true};
  fitted.scorer.weighting = Weighting{.at_least = 4, .lower = 0.2F};
  fitted.scorer.item_support = {0, 1, 0, 1};
  fitted.provenance.curve = {{"train_loss"}, {{0, {0.7}}}};
  fitted.provenance.fold_in = {.users = 412, .trained = 1.0 / 3, .folded_in = 0.1 + 0.2};
  return fitted;
}

// The sample with lists that are made of item weights.
inline Model sample_model_of_item_weights() {
  Model model = sample_model();
  model.lists = sample_item_weights();
  return model;
}

// The least model that there is.
inline Model empty_model() {
  Model model;
  model.ratings = Fitted{{"mean", MeanOptions{}}, {}, {}};
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
